"""The biological parameters that a run reads: name, dimension, range. Holds no value."""

from __future__ import annotations

from ctc.errors import InputError, near_name
from ctc.input_files import shown
from ctc.scenario import diagnosis_rules, prognosis_rules, treatment_rules
from ctc.scenario.adhesion import ADHESION_ORGAN_PREFIX, PAIRS
from ctc.scenario.quantities import FASTEST_SHEDDING
from ctc.scenario.rule import Rule

_SHARE = Rule("number", highest=1.0)
# Faster than a millisecond no clock of a cell at rest can tell: they tick every 65.5 us, and the
# sum of four rates must fit the 64 bits that the kernels add in. 1e15 s are 30 million years.
_CLOCKS = "clocks of cells at rest tick every 65.5 us"
_RATE = Rule("rate", highest=1e3, why=_CLOCKS)
_TIME = Rule("time", lowest=1e-3, highest=1e15, why=_CLOCKS)
_HAZARD = Rule("rate", highest=1e3)
# Copying a human genome takes hours, the quickest divisions of any embryo minutes.
_DOUBLING = Rule("time", lowest=60.0, highest=1e15, why="no cell doubles within a minute")
# Beyond these no number of a body means anything, and products of a few still fit float32.
_FACTOR = Rule("number", highest=1e6)
_STRESS = Rule("pressure", highest=1e6)
_WIDTH = Rule("length", highest=1.0, is_open=True)
# Lesions are whole numbers of 64 bits; 60 doublings of one cell.
_CELLS = Rule("number", lowest=1.0, highest=1e18)

_OF_A_BOND = {
    "off_rate": Rule("rate", lowest=1e-9, highest=1e6),
    "bond_length": Rule("length", highest=1e-8),
    "on_rate": Rule("rate", highest=1e6),
}
_BOND_PARAMETERS = {
    f"adhesion.{pair}.{key}": rule for pair in PAIRS for key, rule in _OF_A_BOND.items()
}

PARAMETERS: dict[str, Rule] = {
    "tumour_cell.diameter": Rule("length", lowest=1e-7, highest=1e-3),
    "tumour_cell.diameter_spread": Rule("number", highest=2.0),
    "tumour_cell.effective_diameter_ratio": Rule("number", highest=1.0, is_open=True),
    "tumour_cell.arrest_midpoint": Rule("number", highest=1e3, is_open=True),
    "tumour_cell.arrest_width": Rule("number", lowest=1e-6, highest=1e3),
    "tumour_cell.adhesive_fraction": _SHARE,
    "tumour_cell.adhesion_probability": _SHARE,
    "tumour_cell.weak_adhesion_probability": _SHARE,
    "tumour_cell.passing_slowness": Rule("number", lowest=1.0, highest=1e6),
    "tumour_cell.margination_probability": _SHARE,
    "tumour_cell.margination_vessel_diameter": _WIDTH,
    "tumour_cell.margination_shear_rate": Rule("rate", highest=1e9, is_open=True),
    "tumour_cell.margination_haematocrit_low": _SHARE,
    "tumour_cell.margination_haematocrit_high": _SHARE,
    "tumour_cell.size_classes": Rule("number", lowest=1.0, highest=16384.0, is_whole=True),
    "blood_hazards.shear_reference_hazard": _HAZARD,
    "blood_hazards.shear_reference_stress": Rule("pressure", lowest=1e-3, highest=1e6),
    "blood_hazards.chamber_stress": _STRESS,
    "blood_hazards.arteriole_stress": _STRESS,
    "blood_hazards.venule_stress": _STRESS,
    "blood_hazards.arteriole_diameter": _WIDTH,
    "blood_hazards.venule_diameter": _WIDTH,
    "blood_hazards.microvessel_diameter": _WIDTH,
    "blood_hazards.microvessel_haematocrit_ratio": _SHARE,
    "blood_hazards.immune_hazard": _HAZARD,
    "blood_hazards.anoikis_hazard": _HAZARD,
    "blood_hazards.platelet_protection": Rule("number", lowest=1.0, highest=1e6),
    "clusters.homotypic_fraction": _SHARE,
    "clusters.neutrophil_fraction": _SHARE,
    "clusters.platelet_fraction": _SHARE,
    "clusters.size_exponent": Rule("number", highest=10.0),
    "clusters.largest": Rule("number", lowest=2.0, highest=500.0, is_whole=True),
    "clusters.packing": Rule("number", lowest=1e-3, highest=1.0),
    "clusters.chain_exponent": _SHARE,
    "clusters.release_exponent": Rule("number", highest=3.0),
    "clusters.death_factor": _FACTOR,
    "clusters.immune_factor": _FACTOR,
    "clusters.platelet_immune_factor": _FACTOR,
    "clusters.colony_factor": _FACTOR,
    "clusters.neutrophil_colony_factor": _FACTOR,
    "adhesion.hold_time": Rule("time", lowest=1e-3, highest=1e6),
    "adhesion.weak_receptors": _SHARE,
    **_BOND_PARAMETERS,
    "lymph.entry_share": _SHARE,
    "lymph.node_arrest_probability": _SHARE,
    "lymph.node_exit_rate": _RATE,
    "lymph.overt_share": _SHARE,
    "shedding.rate": Rule("rate_per_mass", highest=FASTEST_SHEDDING),
    "tissue.colony_factor": _FACTOR,
    "tissue.lesion_capacity": _CELLS,
    "tumour.cells_per_mass": Rule("per_mass", lowest=1e3, highest=1e15),
    "tumour.density": Rule("density", lowest=1.0, highest=1e5),
    "tumour.doubling_time": _DOUBLING,
    "tumour.growth_exponent": Rule("number", highest=0.99),
    "tumour.reference_cells": _CELLS,
    "tumour.cell_speed": Rule("speed", highest=1e-3),
    "tumour.cell_persistence": Rule("time", highest=1e9),
    "tumour.collective_factor": _FACTOR,
    "tumour.avascular_diameter": Rule("length", highest=1.0),
    "tumour.rest_ratio": Rule("number", lowest=1e-6, highest=1e6),
    "tumour.rest_begin": Rule("time", highest=86400.0),
    "tumour.rest_duration": Rule("time", highest=86400.0),
    "tumour.lesion_shedding_factor": _FACTOR,
    "tumour.balance_share": _SHARE,
    "tumour.balance_diameter": Rule("length", lowest=1e-6, highest=1.0),
    "tumour.balance_half_life": Rule("time", lowest=1.0, highest=1e15),
    "tumour.cell_loss_factor": Rule("number", highest=0.999),
    "tumour.lesion_loss_rate": _HAZARD,
    "tumour.surveillance_diameter": Rule("length", highest=1.0),
    "tumour.overt_share": _SHARE,
    **diagnosis_rules.PARAMETERS,
    **treatment_rules.PARAMETERS,
    **prognosis_rules.PARAMETERS,
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
    "colony_factor": _FACTOR,
    "escape_half_life": _TIME,
    "dormant_half_life": _TIME,
    "doubling_time": _DOUBLING,
    "intravascular_rate": _RATE,
}

# A source may say these itself.
SOURCE_PARAMETERS = ("shedding.rate",)
TOPICS = (
    *("tumour_cell", "clusters", "adhesion", "blood_hazards", "lymph", "tissue", "tumour"),
    *("diagnosis", "treatment", "prognosis"),
)
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
    if prognosis_rules.lethal_organ_of(name):
        return prognosis_rules.LETHAL_CELLS
    known = list(PARAMETERS)
    if name.startswith(ORGAN_PREFIX):
        organ, _, key = name[len(ORGAN_PREFIX) :].rpartition(".")
        if organ and key in ORGAN_PARAMETERS:
            return ORGAN_PARAMETERS[key]
        known = [f"{ORGAN_PREFIX}{organ or 'default'}.{key}" for key in ORGAN_PARAMETERS]
    hint = near_name(name, known)
    message = f"parameter must be one that a run reads, got {shown(name)}. {hint}"
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
