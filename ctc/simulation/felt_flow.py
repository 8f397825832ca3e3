"""FeltFlow: what cells feel of the vessels and the flow around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.scenario.surroundings import Margination, Microvessels
from ctc.vessels.network import SegmentKind, VesselNetwork

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FeltFlow:
    """What cells feel in every segment.

    Attributes
    ----------
    lumen_radius : (n_segments,) float64 [m]
        Of the vessel that a cell of this segment is in.
    stress : (n_segments,) float64 [Pa]
        Wall shear stress of it, >= 0.
    is_marginal : (n_segments,) bool
        Where red cells push a cell to the wall.
    """

    lumen_radius: FloatArray
    stress: FloatArray
    is_marginal: BoolArray


def plain_flow(network: VesselNetwork, flow: FlowField) -> FeltFlow:
    """Return vessels and flow as they are, without margination."""
    nowhere = np.zeros(network.n_segments, dtype=np.bool_)
    return FeltFlow(network.lumen_radius, flow.wall_shear_stress, nowhere)


def felt_flow(
    network: VesselNetwork,
    flow: FlowField,
    *,
    microvessels: Microvessels,
    margination: Margination,
) -> FeltFlow:
    """Return what cells feel: the vessel's own calibre and flow, but for stand-ins and chambers.

    An arteriole or a venule that is wider than any stands for many vessels below the finest
    branches of a tree, and cells feel one of these: calibre, stress and haematocrit of its class.
    A heart chamber is no tube and has a stress of its own.

    Parameters
    ----------
    network, flow : VesselNetwork, FlowField
        Turned with the flow.
    microvessels : Microvessels
        What stand-ins stand for, and the stress in a chamber.
    margination : Margination
        Limits of radius, wall shear rate and tube haematocrit; nowhere if its probability is 0,
        and never in a bed, where a bore is as wide as the cell, in the heart or in lymph.

    Returns
    -------
    FeltFlow
        One row a segment.

    Raises
    ------
    InputError
        If cells are to marginate in a flow that was solved without its haematocrit.
    """
    is_arteriole = network.is_kind(SegmentKind.ARTERIOLE)
    is_arteriole &= network.lumen_radius > microvessels.arteriole_radius
    is_venule = network.is_kind(SegmentKind.VENULE)
    is_venule &= network.lumen_radius > microvessels.venule_radius
    stands_in = is_arteriole | is_venule
    radius = np.where(stands_in, microvessels.lumen_radius, network.lumen_radius)
    stress = np.where(is_arteriole, microvessels.arteriole_stress, flow.wall_shear_stress)
    stress = np.where(is_venule, microvessels.venule_stress, stress)
    is_chamber = network.is_kind(SegmentKind.HEART_CHAMBER)
    stress = np.where(is_chamber, microvessels.chamber_stress, stress)
    if margination.probability == 0.0:
        return FeltFlow(radius, stress, np.zeros(network.n_segments, dtype=np.bool_))

    haematocrit = np.where(
        stands_in,
        flow.discharge_haematocrit * microvessels.haematocrit_ratio,
        flow.tube_haematocrit,
    )
    if np.isnan(haematocrit).any():
        message = (
            f"value must be 0 where the flow has no haematocrit, got {margination.probability:g} "
            f"(none at segment {int(np.flatnonzero(np.isnan(haematocrit))[0])}). Leave it at 0, or "
            "take a flow that was solved with its rheology."
        )
        raise InputError(message, key="tumour_cell.margination_probability")
    is_blood_tube = ~network.is_kind(
        SegmentKind.CAPILLARY_BED,
        SegmentKind.HEART_CHAMBER,
        SegmentKind.LYMPHATIC,
        SegmentKind.LYMPH_NODE,
    )
    is_marginal = is_blood_tube & (radius <= margination.lumen_radius)
    is_marginal &= stress <= margination.shear_rate * flow.apparent_viscosity
    is_marginal &= haematocrit >= margination.lowest_haematocrit
    is_marginal &= haematocrit <= margination.highest_haematocrit
    return FeltFlow(radius, stress, is_marginal)
