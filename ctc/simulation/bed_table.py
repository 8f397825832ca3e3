"""Capillary beds and lymph nodes as the table of chances that kernels read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import BedLaw, BellBed, bed_records, bell_adhesion, power
from ctc.backends.records import BED_RECORD
from ctc.body.organ import Capillaries
from ctc.checks import FloatArray
from ctc.scenario.adhesion import Adhesion
from ctc.scenario.biology import Biology, organ_key
from ctc.simulation.size_classes import SizeClasses

_SMALLEST_CHANCE = 1e-18
_WORD = 2.0**64
_LARGEST = 2.0**64 - 2.0**11  # that float64 holds below it


def open_bed(n_size_classes: int) -> npt.NDArray[np.void]:
    """Return a bed that stops nothing and slows nothing, (n_size_classes,) BED_RECORD."""
    bed = np.zeros(n_size_classes, dtype=BED_RECORD)
    bed["slowness"] = 1.0
    return bed


def capillary_bed(
    biology: Biology,
    cells: SizeClasses,
    *,
    organ: str,
    capillaries: Capillaries,
    wall_shear_stress: float,
) -> npt.NDArray[np.void]:
    """Return who stops in an organ's beds, and who is slow.

    Parameters
    ----------
    biology : Biology
        Size, stiffness, adhesion.
    cells : SizeClasses
        What is shed.
    organ : str
        Its name, for its ligands.
    capillaries : Capillaries
        Its bores.
    wall_shear_stress : float [Pa]
        In its capillaries.

    Returns
    -------
    (n_size_classes,) BED_RECORD
        ``law`` is still to be set.
    """
    if biology.is_inert:
        return open_bed(cells.weight.size)
    law = BedLaw(
        bore=capillaries.bore,
        bore_deviation=capillaries.bore_deviation,
        n_in_series=float(capillaries.segments_in_series),
        stiffness_ratio=biology.effective_diameter_ratio,
        midpoint=biology.arrest_midpoint,
        width=biology.arrest_width,
        passing_slowness=biology.passing_slowness,
        chain_exponent=biology.clusters.chain_exponent,
    )
    n_cells = cells.n_cells.astype(np.float64)
    if biology.adhesion is None:
        weak, strong = biology.weak_adhesion_probability, biology.adhesion_probability
        adhesion: FloatArray = np.where(cells.is_adhesive, strong, weak)
    else:
        slowness = bed_records(law, cells.chain_radius, adhesion=0.0)["slowness"]
        adhesion = bell_adhesion(
            _bell_bed(biology.adhesion, organ, capillaries, wall_shear_stress=wall_shear_stress),
            cells.chain_radius,
            slowness=slowness,
            receptors=np.where(cells.is_adhesive, 1.0, biology.adhesion.weak_receptors),
        )
    return bed_records(law, cells.chain_radius, adhesion=adhesion, n_cells=n_cells)


def _bell_bed(
    adhesion: Adhesion, organ: str, capillaries: Capillaries, *, wall_shear_stress: float
) -> BellBed:
    key = organ_key(organ)
    pairs = [
        (bond.off_rate, bond.bond_length, bond.on_rate * adhesion.ligand(key, pair))
        for pair, bond in adhesion.bonds.items()
    ]
    return BellBed(
        wall_shear_stress=wall_shear_stress,
        bore=capillaries.bore,
        capillary_time=capillaries.transit_time / capillaries.segments_in_series,
        n_in_series=float(capillaries.segments_in_series),
        hold_time=adhesion.hold_time,
        pairs=np.array(pairs),
    )


def lymph_node(biology: Biology, cells: SizeClasses) -> npt.NDArray[np.void]:
    """Return a station of lymph nodes: each cell of a cluster is held with the same chance."""
    bed = open_bed(cells.weight.size)
    if not biology.is_inert:
        held = biology.lymph.node_arrest_probability
        passing = power(max(1.0 - held, _SMALLEST_CHANCE), cells.n_cells.astype(np.float64))
        bed["arrest"] = np.minimum((1.0 - passing) * _WORD, _LARGEST).astype(np.uint64)
    return bed
