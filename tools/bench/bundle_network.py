"""Grown trees of one organ as a network, artery and vein joined by beds."""

from __future__ import annotations

import numpy as np

from ctc.backends.host_growth import GrownTrees
from ctc.vessels.network import SegmentKind, VesselNetwork, tube_volume

_BED_RADIUS, _BED_LENGTH, _BED_VOLUME = 3e-6, 5e-4, 1e-13


def network_of(grown: GrownTrees) -> VesselNetwork:
    """Return the two members of a bundle, directed with the flow; beds are nominal."""
    n_nodes = grown.parent.size
    child = np.arange(1, n_nodes, dtype=np.int64)
    above = grown.parent[1:].astype(np.int64)
    leaf = np.flatnonzero(grown.first_daughter < 0)
    is_leaf = grown.first_daughter[1:] < 0
    artery, vein = grown.members
    start = np.concatenate([above, leaf, child + n_nodes])
    end = np.concatenate([child, leaf + n_nodes, above + n_nodes])
    beds = leaf.size
    radius = [artery.lumen_radius[1:], np.full(beds, _BED_RADIUS), vein.lumen_radius[1:]]
    length = [artery.length[1:], np.full(beds, _BED_LENGTH), vein.length[1:]]
    volume = tube_volume(np.concatenate(radius), np.concatenate(length))
    volume[child.size : child.size + beds] = _BED_VOLUME
    kind = np.concatenate(
        [
            np.where(is_leaf, SegmentKind.ARTERIOLE, SegmentKind.ARTERY),
            np.full(beds, SegmentKind.CAPILLARY_BED),
            np.where(is_leaf, SegmentKind.VENULE, SegmentKind.VEIN),
        ]
    )
    nothing = np.zeros(start.size, dtype=np.int16)
    return VesselNetwork(
        node_position=np.concatenate([artery.position, vein.position]),
        start_node=start,
        end_node=end,
        lumen_radius=np.concatenate(radius),
        length=np.concatenate(length),
        volume=volume,
        resistance_factor=np.ones(start.size),
        kind=kind,
        organ=nothing,
        region=nothing,
        name=nothing - 1,
        organ_names=("organ",),
        region_names=("organ",),
        vessel_names=(),
        origin="grown for a benchmark",
    )
