"""Vessels as straight pieces, and what their colour says."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.vessels.blood import Blood, classify_blood
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.colour_scale import ColourScale, colour_table
from ctc.viewer.colouring import Legend, colour, scale_legend
from ctc.viewer.drawables import ByteArray, VesselTubes
from ctc.viewer.palette import BLOOD_COLOURS, SHELLS

PASSAGES = "passages"  # name of the tally of cells that entered each segment
DRAWN_KINDS = (
    SegmentKind.ARTERY,
    SegmentKind.ARTERIOLE,
    SegmentKind.VENULE,
    SegmentKind.VEIN,
    SegmentKind.LYMPHATIC,
)
_BLOOD_NAMES = {
    "artery": Blood.ARTERIAL,
    "vein": Blood.VENOUS,
    "portal vein": Blood.PORTAL,
    "lymph": Blood.LYMPH,
}
# Vessels of organs without a shell (muscle, fat, bone) are faint, for they lie in front: the
# less so the wider they are, up to this radius [m].
_SPREAD_OPACITY, _SPREAD_RADIUS = 0.14, 5.0e-3
_PASCAL_PER_MMHG = 133.322
_ML_PER_MIN = 1e6 * 60.0


class VesselColouring(StrEnum):
    """What the colour of a vessel says."""

    KIND = "kind"
    RADIUS = "radius"
    FLOW = "flow"
    PRESSURE = "pressure"
    HAEMATOCRIT = "haematocrit"
    SHEAR = "shear"
    PASSAGES = PASSAGES


# Unit of each quantity at the edge, that over SI, and whether its scale is logarithmic.
_UNITS: dict[VesselColouring, tuple[str, float, bool]] = {
    VesselColouring.RADIUS: ("mm", 1e3, True),
    VesselColouring.FLOW: ("ml/min", _ML_PER_MIN, True),
    VesselColouring.PRESSURE: ("mmHg", 1.0 / _PASCAL_PER_MMHG, False),
    VesselColouring.HAEMATOCRIT: ("", 1.0, False),
    VesselColouring.SHEAR: ("Pa", 1.0, True),
    VesselColouring.PASSAGES: ("cells", 1.0, True),
}


def vessel_tubes(
    network: VesselNetwork,
    colouring: VesselColouring,
    *,
    flow: Callable[[], FlowField],
    passages: Callable[[], npt.NDArray[np.uint64] | None],
    size: float = 1.0,
) -> tuple[VesselTubes, Legend]:
    """Return what is to be drawn of the vessels, beds and heart chambers left out.

    Parameters
    ----------
    network : VesselNetwork
        Turned with its flow.
    colouring : VesselColouring
        What the colours say.
    flow : callable
        Returns the flow; asked for only where it is coloured.
    passages : callable
        Returns cells that entered each segment (n_segments,), or nothing where none are stored.
    size : float
        Of the body over a person's; vessels are as wide as they are for it.

    Raises
    ------
    InputError
        If passages are asked for and not stored.
    """
    drawn = np.flatnonzero(network.is_kind(*DRAWN_KINDS))
    if colouring is VesselColouring.KIND:
        tint, legend = _by_kind(network, drawn)
    else:
        values = quantity(network, colouring, flow=flow, passages=passages)[drawn]
        unit, factor, is_log = _UNITS[colouring]
        scale = ColourScale.spanning(values, is_log=is_log)
        tint = colour_table()[scale.codes(values)]
        rungs = (f"{number_text(value * factor)} {unit}" for value in scale.rungs())
        labels = [f"{colouring.value} {rung}".rstrip() for rung in rungs]
        legend = scale_legend(scale, labels)
    radius = network.lumen_radius[drawn]
    tint[:, 3] = np.round(255.0 * _opacity(network, drawn, size=size)).astype(np.uint8)
    ends = network.node_position.astype(np.float32)
    tubes = VesselTubes(
        start=ends[network.start_node[drawn]],
        end=ends[network.end_node[drawn]],
        radius=radius.astype(np.float32),
        colour=tint,
        segment=drawn.astype(np.int32),
    )
    return tubes, legend


def quantity(
    network: VesselNetwork,
    colouring: VesselColouring,
    *,
    flow: Callable[[], FlowField],
    passages: Callable[[], npt.NDArray[np.uint64] | None],
) -> FloatArray:
    """Return what a colouring shows of each segment, (n_segments,) float64 in SI."""
    match colouring:
        case VesselColouring.RADIUS:
            return network.lumen_radius
        case VesselColouring.FLOW:
            return flow().flow_rate
        case VesselColouring.PRESSURE:
            pressure = flow().pressure
            mean: FloatArray = 0.5 * (pressure[network.start_node] + pressure[network.end_node])
            return mean
        case VesselColouring.HAEMATOCRIT:
            return flow().discharge_haematocrit
        case VesselColouring.SHEAR:
            return flow().wall_shear_stress
        case VesselColouring.PASSAGES:
            counts = passages()
            if counts is None:
                message = (
                    "vessel colouring must be of something that the run stores, got 'passages' "
                    "of a run without that tally. Choose another."
                )
                raise InputError(message)
            return counts.astype(np.float64)
        case _:
            message = f"colouring must be of a quantity, got {colouring.value}"
            raise ValueError(message)


def number_text(value: float) -> str:
    """Return a number with two or three digits that count, without an exponent if it can be."""
    text = f"{value:.2g}"
    return f"{float(f'{value:.3g}'):.0f}" if "e+" in text and abs(value) < 1e6 else text


def _by_kind(network: VesselNetwork, drawn: npt.NDArray[np.int64]) -> tuple[ByteArray, Legend]:
    blood = classify_blood(network)[drawn]
    table = np.array([colour(BLOOD_COLOURS[kind]) for kind in Blood], dtype=np.uint8)
    legend = tuple(
        (name, colour(BLOOD_COLOURS[kind]))
        for name, kind in _BLOOD_NAMES.items()
        if (blood == kind).any()
    )
    return table[blood], legend


def _opacity(network: VesselNetwork, drawn: npt.NDArray[np.int64], *, size: float) -> FloatArray:
    # Index -1, of vessels between organs, finds the last entry.
    is_spread = np.array([name not in SHELLS for name in network.organ_names] + [False])
    opacity = np.clip(network.lumen_radius[drawn] / (_SPREAD_RADIUS * size), _SPREAD_OPACITY, 1.0)
    opacity[~is_spread[network.organ[drawn]]] = 1.0
    return opacity
