"""The biology of a run as the tables that kernels read: classes, beds, clocks, cell sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import logarithm, transit_quantiles
from ctc.backends.records import (
    BED,
    BED_RECORD,
    CLASS_RECORD,
    N_CLOCK_STATES,
    NODE,
    SIZE_RECORD,
    SURVIVAL_BITS,
)
from ctc.body.organ import Capillaries
from ctc.scenario.biology import Biology
from ctc.simulation.bed_table import capillary_bed, lymph_node, open_bed
from ctc.simulation.clock_table import clock_records
from ctc.simulation.entry_sites import thresholds
from ctc.simulation.hop_table import NANOSECONDS, HopTable
from ctc.simulation.size_classes import SizeClasses, classify_cells

# Per nanosecond and in units of the budget, from 1/s.
_HAZARD_SCALE = 2.0**SURVIVAL_BITS / NANOSECONDS
# Slower than once in 1e12 years is never: keeps float32 hazards clear of subnormals.
_SLOWEST = 1e-20
_WORD = 2.0**32
_SMALLEST_CHANCE = 1e-18


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
    clocks : (n_kinds * 3 * (n_organs + 1),) CLOCK_RECORD
        By kind of cell, state and place: the organs, none, the nodes of the lymph.
    sizes : (n_size_classes,) SIZE_RECORD
        Single cells, plain and adhesive, then clusters, kind by kind.
    size_threshold : (n_size_classes,) uint64
        Cumulative chance of a newborn to be of each class, in 2^-64.
    margination : float
        1 / (1 - chance to marginate), in the classes where cells do.
    """

    classes: npt.NDArray[np.void]
    beds: npt.NDArray[np.void]
    bed_quantiles: npt.NDArray[np.float32]
    clocks: npt.NDArray[np.void]
    sizes: npt.NDArray[np.void]
    size_threshold: npt.NDArray[np.uint64]
    margination: float

    @property
    def n_size_classes(self) -> int:
        """Classes of size, kind and adhesion."""
        return int(self.sizes.size)


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
    cells = classify_cells(biology)
    n_classes = cells.weight.size
    names = (*organ_names, "")
    places = list(_bed_numbers(hops))
    shapes = [transit_shapes[names[organ]] for _, organ in places]
    laws = sorted(set(shapes)) or [1.0]
    bed_rows = []
    for behaviour, organ in places:
        if behaviour == NODE:
            bed_rows.append(lymph_node(biology, cells))
        elif not names[organ]:
            bed_rows.append(open_bed(n_classes))
        else:
            bed_rows.append(
                capillary_bed(
                    biology,
                    cells,
                    organ=names[organ],
                    capillaries=capillaries[names[organ]],
                    wall_shear_stress=_bed_stress(hops, organ),
                )
            )
    for bed, shape in zip(bed_rows, shapes, strict=True):
        bed["law"] = laws.index(shape)
    return Tables(
        classes=_classes(hops, biology, bed_numbers=_bed_numbers(hops)),
        beds=np.concatenate(bed_rows) if bed_rows else np.zeros(n_classes, dtype=BED_RECORD),
        bed_quantiles=np.concatenate([transit_quantiles(shape) for shape in laws]),
        clocks=_clocks(biology, cells, organ_names=organ_names),
        sizes=_sizes(cells, n_places=len(names) + 1),
        size_threshold=thresholds(cells.weight),
        margination=min(1.0 / max(1.0 - biology.margination.probability, 2.0**-24), 2.0**24),
    )


def other_rates(
    tables: Tables, hops: HopTable, biology: Biology, *, organ_names: tuple[str, ...]
) -> Tables:
    """Return tables for cells that differ in nothing but hazards and rates.

    Parameters
    ----------
    tables : Tables
        Of cells of the same sizes, kinds and adhesion.
    hops : HopTable
        Of the network.
    biology : Biology
        Whose hazards in blood and clocks at rest hold.
    organ_names : tuple of str
        Of the network.
    """
    return replace(
        tables,
        classes=_classes(hops, biology, bed_numbers=_bed_numbers(hops)),
        clocks=_clocks(biology, classify_cells(biology), organ_names=organ_names),
    )


def _bed_numbers(hops: HopTable) -> dict[tuple[int, int], int]:
    """Return the rows of the bed table by behaviour and organ, rising."""
    places = {(c.behaviour, c.organ) for c in hops.classes if c.behaviour in {BED, NODE}}
    return {place: row for row, place in enumerate(sorted(places))}


def _clocks(
    biology: Biology, cells: SizeClasses, *, organ_names: tuple[str, ...]
) -> npt.NDArray[np.void]:
    names = (*organ_names, "")
    places = [*(biology.clocks(name) for name in names), biology.node_clocks()]
    return clock_records(cells.kinds, places, names=names)


def _sizes(cells: SizeClasses, *, n_places: int) -> npt.NDArray[np.void]:
    records = np.zeros(cells.weight.size, dtype=SIZE_RECORD)
    records["radius"] = cells.radius
    records["chain_radius"] = cells.chain_radius
    records["clocks"] = cells.kind * N_CLOCK_STATES * n_places
    records["n_cells"] = cells.n_cells
    return records


def _bed_stress(hops: HopTable, organ: int) -> float:
    """Return the root mean square over the classes of an organ's beds [Pa]."""
    square = [c.square_stress for c in hops.classes if c.behaviour == BED and c.organ == organ]
    return math.sqrt(math.fsum(square) / len(square))


def _classes(
    hops: HopTable, biology: Biology, *, bed_numbers: Mapping[tuple[int, int], int]
) -> npt.NDArray[np.void]:
    # A certain attachment costs more than any budget that is drawn.
    passing = max(1.0 - biology.attach_probability, _SMALLEST_CHANCE)
    toll = -float(logarithm(passing)) * 2.0**SURVIVAL_BITS
    records = np.zeros(1 + max(c.number for c in hops.classes), dtype=CLASS_RECORD)
    for each in hops.classes:
        record = records[each.number]
        shear = biology.shear_sensitivity * each.square_stress
        causes = [shear, biology.immune_hazard, biology.anoikis_hazard, biology.treatment_hazard]
        hazard = float(np.sum(causes))
        shares = np.cumsum(causes)[:-1] / hazard if hazard > 0 else np.ones(3)
        if each.is_vessel:
            record["hazard"] = hazard * _HAZARD_SCALE if hazard > _SLOWEST else 0.0
            record["toll"] = toll if each.holds else 0.0
        record["organ"] = each.organ
        record["behaviour"] = each.behaviour
        record["bed"] = bed_numbers.get((each.behaviour, each.organ), 0)
        thresholds = np.minimum(np.rint(shares * _WORD), _WORD - 1)
        for name, threshold in zip(("shear", "immune", "anoikis"), thresholds, strict=True):
            record[f"to_{name}"] = int(threshold)
    return records
