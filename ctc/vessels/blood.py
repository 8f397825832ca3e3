"""Which blood each vessel carries, from where its flow comes and goes; needs no vessel names."""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from ctc.vessels.network import SegmentKind, VesselNetwork

_ARTERIAL = (SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
_VENOUS = (SegmentKind.VEIN, SegmentKind.VENULE)
_PULMONARY_ORGAN = "lung"


class Blood(enum.IntEnum):
    """What runs in a vessel, which is how it is coloured."""

    ARTERIAL = 0
    VENOUS = 1
    PORTAL = 2
    LYMPH = 3
    PULMONARY_ARTERY = 4
    PULMONARY_VEIN = 5


def classify_blood(network: VesselNetwork) -> npt.NDArray[np.uint8]:
    """Return the `Blood` of every segment.

    Arteries on the way to the lung's beds are pulmonary arteries, veins on the way from them
    pulmonary veins. A vein that leads to another capillary bed is portal.

    Parameters
    ----------
    network : VesselNetwork
        Turned with its flow.

    Returns
    -------
    (n_segments,) uint8
        Beds and heart chambers count as the arterial side; they are not drawn.
    """
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    is_stop = is_bed | network.is_kind(SegmentKind.HEART_CHAMBER)
    ahead = _follow(_one_by_node(network.start_node, network)[network.end_node], is_stop)
    behind = _follow(_one_by_node(network.end_node, network)[network.start_node], is_stop)
    is_vein = network.is_kind(*_VENOUS)
    is_artery = network.is_kind(*_ARTERIAL)
    blood = np.full(network.n_segments, Blood.ARTERIAL, dtype=np.uint8)
    blood[is_vein] = Blood.VENOUS
    blood[is_vein & is_bed[ahead]] = Blood.PORTAL
    blood[network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)] = Blood.LYMPH
    if _PULMONARY_ORGAN in network.organ_names:
        lung = network.organ_names.index(_PULMONARY_ORGAN)
        in_lung = is_bed & (network.organ == lung)
        blood[is_artery & in_lung[ahead]] = Blood.PULMONARY_ARTERY
        blood[is_vein & in_lung[behind]] = Blood.PULMONARY_VEIN
    return blood


def _one_by_node(node: npt.NDArray[np.int32], network: VesselNetwork) -> npt.NDArray[np.int64]:
    """Return for each node one segment that has it as that end (the first), or -1."""
    found = np.full(network.n_nodes, -1, dtype=np.int64)
    found[node[::-1]] = np.arange(node.size, dtype=np.int64)[::-1]
    return found


def _follow(step: npt.NDArray[np.int64], is_stop: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return where each segment comes to, taking steps until a stop or a dead end."""
    here = np.arange(step.size, dtype=np.int64)
    target = np.where(is_stop | (step < 0), here, step)
    # Each round doubles the steps taken, so 2^k steps need k rounds.
    for _ in range(int(step.size).bit_length()):
        further = target[target]
        if np.array_equal(further, target):
            break
        target = further
    return target
