"""The biological parameters that a run reads: name, dimension, range. Holds no value."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.errors import InputError, near_name
from ctc.scenario.adhesion import ADHESION_ORGAN_PREFIX, PAIRS


@dataclass(frozen=True)
class Rule:
    """What one parameter must be.

    Attributes
    ----------
    dimension : str
        A key of `ctc.units.DIMENSIONS`.
    lowest, highest : float
        In SI; the range includes both.
    is_open : bool
        Whether ``lowest`` itself is excluded.
    """

    dimension: str
    lowest: float = 0.0
    highest: float = math.inf
    is_open: bool = False

    def check(self, value: float) -> None:
        """Raise InputError unless the value, in SI, lies in the range."""
        above = value > self.lowest if self.is_open else value >= self.lowest
        if not (above and value <= self.highest and math.isfinite(value)):
            sign = ">" if self.is_open else ">="
            upper = f" and <= {self.highest:g}" if math.isfinite(self.highest) else ""
            message = f"value must be {sign} {self.lowest:g}{upper} in SI, got {value:g}."
            raise InputError(message)


_SHARE = Rule("number", highest=1.0)
# Faster than a millisecond no clock of a cell at rest can tell: they tick every 65.5 us, and the
# sum of four rates must fit the 64 bits that the kernels add in.
_RATE = Rule("rate", highest=1e3)
_TIME = Rule("time", lowest=1e-3)

_OF_A_BOND = {
    "off_rate": Rule("rate", highest=1e6, is_open=True),
    "bond_length": Rule("length", highest=1e-8),
    "on_rate": Rule("rate", highest=1e6),
}
_BOND_PARAMETERS = {
    f"adhesion.{pair}.{key}": rule for pair in PAIRS for key, rule in _OF_A_BOND.items()
}

PARAMETERS: dict[str, Rule] = {
    "tumour_cell.diameter": Rule("length", highest=1e-3, is_open=True),
    "tumour_cell.diameter_spread": Rule("number", highest=2.0),
    "tumour_cell.effective_diameter_ratio": Rule("number", highest=1.0, is_open=True),
    "tumour_cell.arrest_midpoint": Rule("number", is_open=True),
    "tumour_cell.arrest_width": Rule("number", is_open=True),
    "tumour_cell.adhesive_fraction": _SHARE,
    "tumour_cell.adhesion_probability": _SHARE,
    "tumour_cell.weak_adhesion_probability": _SHARE,
    "tumour_cell.passing_slowness": Rule("number", lowest=1.0),
    "tumour_cell.margination_probability": _SHARE,
    "tumour_cell.margination_vessel_diameter": Rule("length", is_open=True),
    "tumour_cell.margination_shear_rate": Rule("rate", is_open=True),
    "tumour_cell.margination_haematocrit_low": _SHARE,
    "tumour_cell.margination_haematocrit_high": _SHARE,
    "tumour_cell.size_classes": Rule("number", lowest=1.0, highest=16384.0),
    "blood_hazards.shear_reference_hazard": _RATE,
    "blood_hazards.shear_reference_stress": Rule("pressure", is_open=True),
    "blood_hazards.chamber_stress": Rule("pressure"),
    "blood_hazards.arteriole_stress": Rule("pressure"),
    "blood_hazards.venule_stress": Rule("pressure"),
    "blood_hazards.arteriole_diameter": Rule("length", is_open=True),
    "blood_hazards.venule_diameter": Rule("length", is_open=True),
    "blood_hazards.microvessel_diameter": Rule("length", is_open=True),
    "blood_hazards.microvessel_haematocrit_ratio": _SHARE,
    "blood_hazards.immune_hazard": _RATE,
    "blood_hazards.anoikis_hazard": _RATE,
    "blood_hazards.platelet_protection": Rule("number", lowest=1.0),
    "clusters.homotypic_fraction": _SHARE,
    "clusters.neutrophil_fraction": _SHARE,
    "clusters.platelet_fraction": _SHARE,
    "clusters.size_exponent": Rule("number", highest=10.0),
    "clusters.largest": Rule("number", lowest=2.0, highest=500.0),
    "clusters.packing": Rule("number", highest=1.0, is_open=True),
    "clusters.chain_exponent": _SHARE,
    "clusters.release_exponent": Rule("number", highest=3.0),
    "clusters.death_factor": Rule("number"),
    "clusters.immune_factor": Rule("number"),
    "clusters.platelet_immune_factor": Rule("number"),
    "clusters.colony_factor": Rule("number"),
    "clusters.neutrophil_colony_factor": Rule("number"),
    "adhesion.hold_time": _TIME,
    "adhesion.weak_receptors": _SHARE,
    **_BOND_PARAMETERS,
    "lymph.entry_share": _SHARE,
    "lymph.node_arrest_probability": _SHARE,
    "lymph.node_exit_rate": _RATE,
    "shedding.rate": Rule("rate_per_mass"),
    "tissue.colony_factor": Rule("number"),
    "tissue.lesion_capacity": Rule("number", is_open=True),
    "tumour.cells_per_mass": Rule("per_mass", is_open=True),
    "tumour.density": Rule("density", is_open=True),
    "tumour.doubling_time": _TIME,
    "tumour.growth_exponent": Rule("number", highest=0.99),
    "tumour.reference_cells": Rule("number", lowest=1.0),
    "tumour.cell_speed": Rule("speed"),
    "tumour.cell_persistence": Rule("time"),
    "tumour.collective_factor": Rule("number"),
    "tumour.avascular_diameter": Rule("length"),
    "tumour.rest_ratio": Rule("number", is_open=True),
    "tumour.rest_begin": Rule("time", highest=86400.0),
    "tumour.rest_duration": Rule("time", highest=86400.0),
    "tumour.lesion_shedding_factor": Rule("number"),
    "tumour.balance_share": _SHARE,
    "tumour.balance_diameter": Rule("length", is_open=True),
    "tumour.balance_half_life": _TIME,
    "tumour.cell_loss_factor": Rule("number", highest=0.999),
    "tumour.lesion_loss_rate": _RATE,
    "tumour.surveillance_diameter": Rule("length"),
}

# Each below tissue.organ.<organ>; an organ that lacks one takes that of tissue.organ.default.
ORGAN_PARAMETERS: dict[str, Rule] = {
    "release_rate": _RATE,
    "immune_death_rate": _RATE,
    "exit_or_death_rate": _RATE,
    "extravasation_half_time": _TIME,
    "decision_time": _TIME,
    "death_share": _SHARE,
    "dormancy_share": _SHARE,
    "colony_share": _SHARE,
    "colony_factor": Rule("number"),
    "escape_half_life": _TIME,
    "dormant_half_life": _TIME,
    "doubling_time": _TIME,
    "intravascular_rate": _RATE,
}

TOPICS = ("tumour_cell", "clusters", "adhesion", "blood_hazards", "lymph", "tissue", "tumour")
ORGAN_PREFIX = "tissue.organ."


def rule_of(name: str) -> Rule:
    """Return the rule of a parameter by its full dotted name.

    Raises
    ------
    InputError
        If no run reads a parameter of that name; suggests the near one.
    """
    if name in PARAMETERS:
        return PARAMETERS[name]
    if name.startswith(ADHESION_ORGAN_PREFIX):
        organ, pair = ligand_of(name)
        if organ and pair in PAIRS:
            return _SHARE
    known = list(PARAMETERS)
    if name.startswith(ORGAN_PREFIX):
        organ, _, key = name[len(ORGAN_PREFIX) :].rpartition(".")
        if organ and key in ORGAN_PARAMETERS:
            return ORGAN_PARAMETERS[key]
        known = [f"{ORGAN_PREFIX}{organ or 'default'}.{key}" for key in ORGAN_PARAMETERS]
    hint = near_name(name, known)
    message = f"parameter must be one that a run reads, got '{name}'. {hint}"
    raise InputError(message)


def organ_of(name: str) -> str | None:
    """Return the organ in a name like ``tissue.organ.liver.doubling_time``, else None."""
    if not name.startswith(ORGAN_PREFIX):
        return None
    return name[len(ORGAN_PREFIX) :].rpartition(".")[0]


def ligand_of(name: str) -> tuple[str, str]:
    """Return organ and pair of a name like ``adhesion.organ.liver.integrin``; empty for others."""
    if not name.startswith(ADHESION_ORGAN_PREFIX):
        return "", ""
    organ, _, pair = name[len(ADHESION_ORGAN_PREFIX) :].rpartition(".")
    return organ, pair
