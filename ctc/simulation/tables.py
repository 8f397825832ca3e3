"""The biology of a run as the tables that kernels read: classes, beds, clocks, cell sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import (
    BedLaw,
    bed_records,
    logarithm,
    size_classes,
    transit_quantiles,
)
from ctc.backends.records import (
    BED,
    BED_RECORD,
    CLASS_RECORD,
    CLOCK_BITS,
    CLOCK_RECORD,
    N_CLOCK_STATES,
    SURVIVAL_BITS,
    TICK_BITS,
)
from ctc.body.organ import Capillaries
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.biology import Biology, OrganClocks
from ctc.simulation.hop_table import NANOSECONDS, HopTable

# Per nanosecond and in units of the budget, from 1/s.
_HAZARD_SCALE = 2.0**SURVIVAL_BITS / NANOSECONDS
# Per tick and in units of the clock budget, from 1/s.
_RATE_SCALE = 2.0**CLOCK_BITS * 2.0**TICK_BITS / NANOSECONDS
# Slower than once in 1e12 years is never: keeps float32 hazards clear of subnormals.
_SLOWEST = 1e-20
_WORD = 2.0**32
_SMALLEST_CHANCE = 1e-18
# [1/s] A tick at this rate spends 2^56.1 of a budget below 2^63.3: their sum fits 64 bits.
_FASTEST = 4e3


@dataclass(frozen=True)
class Tables:
    """What kernels read beside the segment records.

    Attributes
    ----------
    classes : (n_classes,) CLASS_RECORD
        By class number.
    beds : (n_beds * n_size_classes,) BED_RECORD
        Beds by size class.
    bed_quantiles : (n_laws * (N_QUANTILES + 1),) float32
        Unit-mean transit times, law by law.
    clocks : (3 * n_organs,) CLOCK_RECORD
        By state and organ.
    cell_radius : (n_size_classes,) float32 [m]
        Diameter classes of plain cells, then the same of adhesive ones.
    n_diameters : int
        Half of the size classes.
    adhesive_chance : int
        Chance of a cell to be adhesive, in 2^-32.
    margination : float
        1 / (1 - chance to marginate), in the classes where cells do.
    """

    classes: npt.NDArray[np.void]
    beds: npt.NDArray[np.void]
    bed_quantiles: npt.NDArray[np.float32]
    clocks: npt.NDArray[np.void]
    cell_radius: npt.NDArray[np.float32]
    n_diameters: int
    adhesive_chance: int
    margination: float

    @property
    def n_size_classes(self) -> int:
        """Diameter classes, plain and adhesive."""
        return int(self.cell_radius.size)


def build_tables(
    hops: HopTable,
    biology: Biology,
    *,
    organ_names: tuple[str, ...],
    capillaries: Mapping[str, Capillaries],
    transit_shapes: Mapping[str, float],
) -> Tables:
    """Translate a biology into kernel tables.

    Parameters
    ----------
    hops : HopTable
        Classes and organs of the network.
    biology : Biology
        Plain SI numbers.
    organ_names : tuple of str
        Of the network, in the order of its indices.
    capillaries : mapping of str to Capillaries
        Of every organ that has beds.
    transit_shapes : mapping of str to float
        Shape of the Weibull law of the transit times of every organ that has beds; of those in
        no organ under the empty name.

    Returns
    -------
    Tables
        Chances in 2^-64, hazards in 2^-45 per ns, clock rates in 2^-58 per tick.
    """
    radius = _cell_radii(biology)
    names = (*organ_names, "")
    organs = sorted({c.organ for c in hops.classes if c.behaviour == BED})
    shapes = [transit_shapes[names[organ]] for organ in organs]
    laws = sorted(set(shapes)) or [1.0]
    bed_rows = [
        _bed(biology, radius, capillaries[names[organ]]) if names[organ] else _open_bed(radius.size)
        for organ in organs
    ]
    for bed, shape in zip(bed_rows, shapes, strict=True):
        bed["law"] = laws.index(shape)
    return Tables(
        classes=_classes(hops, biology, bed_numbers={organ: i for i, organ in enumerate(organs)}),
        beds=np.concatenate(bed_rows) if bed_rows else np.zeros(radius.size, dtype=BED_RECORD),
        bed_quantiles=np.concatenate([transit_quantiles(shape) for shape in laws]),
        clocks=_clocks([biology.clocks(name) for name in names]),
        cell_radius=radius.astype(np.float32),
        n_diameters=radius.size // 2,
        adhesive_chance=min(round(biology.adhesive_fraction * _WORD), 2**32 - 1),
        margination=min(1.0 / max(1.0 - biology.margination.probability, 2.0**-24), 2.0**24),
    )


def _cell_radii(biology: Biology) -> FloatArray:
    if biology.diameter_median == 0.0:
        return np.zeros(2 * biology.n_size_classes)
    radius = size_classes(
        0.5 * biology.diameter_median, sigma=biology.diameter_sigma, count=biology.n_size_classes
    )
    return np.concatenate([radius, radius])


def _open_bed(n_size_classes: int) -> npt.NDArray[np.void]:
    """Return a bed that stops nothing and slows nothing."""
    bed = np.zeros(n_size_classes, dtype=BED_RECORD)
    bed["slowness"] = 1.0
    return bed


def _bed(biology: Biology, radius: FloatArray, capillaries: Capillaries) -> npt.NDArray[np.void]:
    if biology.is_inert:
        return _open_bed(radius.size)
    law = BedLaw(
        bore=capillaries.bore,
        bore_deviation=capillaries.bore_deviation,
        n_in_series=float(capillaries.segments_in_series),
        stiffness_ratio=biology.effective_diameter_ratio,
        midpoint=biology.arrest_midpoint,
        width=biology.arrest_width,
        passing_slowness=biology.passing_slowness,
    )
    half = radius.size // 2
    plain = bed_records(law, radius[:half], adhesion=biology.weak_adhesion_probability)
    adhesive = bed_records(law, radius[half:], adhesion=biology.adhesion_probability)
    return np.concatenate([plain, adhesive])


def _classes(
    hops: HopTable, biology: Biology, *, bed_numbers: Mapping[int, int]
) -> npt.NDArray[np.void]:
    # A certain attachment costs more than any budget that is drawn.
    passing = max(1.0 - biology.attach_probability, _SMALLEST_CHANCE)
    toll = -float(logarithm(passing)) * 2.0**SURVIVAL_BITS
    records = np.zeros(1 + max(c.number for c in hops.classes), dtype=CLASS_RECORD)
    for each in hops.classes:
        record = records[each.number]
        shear = biology.shear_sensitivity * each.square_stress
        causes = np.array([shear, biology.immune_hazard, biology.anoikis_hazard])
        hazard = float(causes.sum())
        shares = np.cumsum(causes) / hazard if hazard > 0 else np.ones(3)
        if each.is_vessel:
            record["hazard"] = hazard * _HAZARD_SCALE if hazard > _SLOWEST else 0.0
            record["toll"] = toll if each.holds else 0.0
        record["organ"] = each.organ
        record["behaviour"] = each.behaviour
        record["bed"] = bed_numbers[each.organ] if each.behaviour == BED else 0
        thresholds = np.minimum(np.rint(shares * _WORD), _WORD - 1)
        for name, threshold in zip(("shear", "immune", "anoikis"), thresholds, strict=True):
            record[f"to_{name}"] = int(threshold)
    return records


def _clocks(organs: list[OrganClocks]) -> npt.NDArray[np.void]:
    """Return the clocks of arrested, extravasated and dormant cells, organ by organ."""
    none = 0.0
    rates = np.array(
        [
            [
                (
                    clocks.release_rate,
                    clocks.extravasation_rate,
                    clocks.immune_death_rate,
                    clocks.other_death_rate,
                ),
                (clocks.dormancy_rate, clocks.colony_rate, none, clocks.tissue_death_rate),
                (none, clocks.escape_rate, none, clocks.dormant_death_rate),
            ]
            for clocks in organs
        ]
    )
    fastest = float(rates.sum(axis=2).max())
    if not fastest <= _FASTEST:
        message = (
            f"rates of one state must sum to <= {_FASTEST:g} 1/s, got {fastest:g} 1/s. "
            "Lower the rates, shares or factors below tissue.organ."
        )
        raise InputError(message, key="tissue.organ")
    steps = np.rint(rates * _RATE_SCALE).astype(np.uint64).transpose(1, 0, 2)
    steps = np.cumsum(steps.reshape(N_CLOCK_STATES * len(organs), 4), axis=1)
    records = np.zeros(steps.shape[0], dtype=CLOCK_RECORD)
    for column, name in enumerate(("to_first", "to_second", "to_immune", "total")):
        records[name] = steps[:, column]
    return records
