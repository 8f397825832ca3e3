"""What cells feel of the flow: wall shear stress, and where red cells push them to the wall."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.flow.field import FlowField
from ctc.scenario.surroundings import Margination, Microvessels
from ctc.vessels.network import SegmentKind, VesselNetwork

BoolArray = npt.NDArray[np.bool_]


def felt_stress(
    network: VesselNetwork, flow: FlowField, *, microvessels: Microvessels
) -> FloatArray:
    """Wall shear stress that acts on the cells of every segment.

    The segment's own stress, with three exceptions that `Microvessels` describes: an arteriole or
    a venule that is wider than any stands for many vessels below the finest branches of the tree
    and has the stress of its class; a heart chamber is no tube.

    Parameters
    ----------
    network, flow : VesselNetwork, FlowField
        Turned with the flow.
    microvessels : Microvessels
        Stress of these three, and how wide arterioles and venules are at most.

    Returns
    -------
    (n_segments,) float64 [Pa]
        >= 0.
    """
    is_arteriole, is_venule = _bundles(network, microvessels)
    stress = np.where(is_arteriole, microvessels.arteriole_stress, flow.wall_shear_stress)
    stress = np.where(is_venule, microvessels.venule_stress, stress)
    is_chamber = network.is_kind(SegmentKind.HEART_CHAMBER)
    felt: FloatArray = np.where(is_chamber, microvessels.chamber_stress, stress)
    return felt


def margination_sites(
    network: VesselNetwork,
    flow: FlowField,
    *,
    margination: Margination,
    microvessels: Microvessels,
) -> BoolArray:
    """Where cells marginate: narrow vessels of slow flow and middling haematocrit.

    Parameters
    ----------
    network, flow : VesselNetwork, FlowField
        Turned with the flow.
    margination : Margination
        Limits of radius, wall shear rate and tube haematocrit; nowhere if its probability is 0.
    microvessels : Microvessels
        What an arteriole or a venule that stands for many is like.

    Returns
    -------
    (n_segments,) bool
        Never in a bed, where one bore is as wide as the cell, or in the heart.
    """
    if margination.probability == 0.0:
        return np.zeros(network.n_segments, dtype=np.bool_)
    is_arteriole, is_venule = _bundles(network, microvessels)
    is_tube = ~network.is_kind(
        SegmentKind.CAPILLARY_BED,
        SegmentKind.HEART_CHAMBER,
        SegmentKind.LYMPHATIC,
        SegmentKind.LYMPH_NODE,
    )
    stress = felt_stress(network, flow, microvessels=microvessels)
    shear_rate = stress / flow.apparent_viscosity
    haematocrit = np.where(
        is_arteriole | is_venule,
        flow.discharge_haematocrit * microvessels.haematocrit_ratio,
        flow.tube_haematocrit,
    )
    is_narrow = is_arteriole | is_venule | (network.lumen_radius <= margination.lumen_radius)
    is_middling = (haematocrit >= margination.lowest_haematocrit) & (
        haematocrit <= margination.highest_haematocrit
    )
    sites: BoolArray = is_tube & is_narrow & (shear_rate <= margination.shear_rate) & is_middling
    return sites


def _bundles(network: VesselNetwork, microvessels: Microvessels) -> tuple[BoolArray, BoolArray]:
    """Return which arterioles and which venules stand for many."""
    is_arteriole = network.is_kind(SegmentKind.ARTERIOLE)
    is_arteriole &= network.lumen_radius > microvessels.arteriole_radius
    is_venule = network.is_kind(SegmentKind.VENULE)
    is_venule &= network.lumen_radius > microvessels.venule_radius
    return is_arteriole, is_venule
