"""One side of a network's trees (arteries, veins, portal veins), seen from its roots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.vessels.network import SegmentKind, VesselNetwork

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

ARTERIAL = (SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
VENOUS = (SegmentKind.VEIN, SegmentKind.VENULE)


@dataclass(frozen=True)
class TreeSide:
    """Segments that branch away from one or more roots; veins are turned round.

    Attributes
    ----------
    name : str
        ``arteries``, ``veins`` or ``portal veins``.
    segment : (n,) int64
        Index of each in its network.
    start, end : (n,) int64
        Nodes, away from the root.
    n_nodes : int
        Of the network.
    lumen_radius, length : (n,) float64 [m]
        Of the segments.
    levels : tuple of (k,) int64
        Places in these arrays, such that all that a segment leads to lies in earlier levels;
        segments on a cycle, and what lies upstream of one, are in none.
    """

    name: str
    segment: LongArray
    start: LongArray
    end: LongArray
    n_nodes: int
    lumen_radius: FloatArray
    length: FloatArray
    levels: tuple[LongArray, ...]

    @property
    def is_leaf(self) -> BoolArray:
        """(n,) bool, true where nothing of this side follows."""
        leads_on = np.zeros(self.n_nodes, dtype=bool)
        leads_on[self.start] = True
        return ~leads_on[self.end]


def tree_sides(network: VesselNetwork) -> tuple[TreeSide, ...]:
    """Return the sides that a network has.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow.

    Returns
    -------
    tuple of TreeSide
        Arteries, veins and portal veins; veins whose blood still reaches a bed of their own
        region are portal.
    """
    arteries = np.flatnonzero(network.is_kind(*ARTERIAL))
    veins = network.is_kind(*VENOUS)
    portal = _leads_to_own_bed(network, veins)
    sides = (
        ("arteries", arteries, False),
        ("veins", np.flatnonzero(veins & ~portal), True),
        ("portal veins", np.flatnonzero(portal), False),
    )
    return tuple(
        make_side(name, network, segment, is_turned=is_turned)
        for name, segment, is_turned in sides
        if segment.size
    )


def make_side(
    name: str, network: VesselNetwork, segment: LongArray, *, is_turned: bool
) -> TreeSide:
    """Return some segments of a network as a side; turned where blood flows to the root."""
    start = network.start_node[segment].astype(np.int64)
    end = network.end_node[segment].astype(np.int64)
    if is_turned:
        start, end = end, start
    return TreeSide(
        name,
        segment,
        start,
        end,
        network.n_nodes,
        network.lumen_radius[segment],
        network.length[segment],
        levels_from_leaves(start, end, n_nodes=network.n_nodes),
    )


def levels_from_leaves(start: LongArray, end: LongArray, *, n_nodes: int) -> tuple[LongArray, ...]:
    """Order segments so that all that one leads to comes before it.

    Parameters
    ----------
    start, end : (n,) int64
        Away from the root.
    n_nodes : int
        Number of nodes.

    Returns
    -------
    tuple of (k,) int64
        Leaves first; level i holds the segments whose longest way to a leaf has i more.
    """
    waiting = np.bincount(start, minlength=n_nodes)
    by_end = np.argsort(end, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(end, minlength=n_nodes))])
    is_end = np.zeros(n_nodes, dtype=bool)
    is_end[end] = True
    ready = np.flatnonzero((waiting == 0) & is_end)
    seen = np.empty(n_nodes, dtype=np.int64)
    levels = []
    while ready.size:
        begin, count = first[ready], first[ready + 1] - first[ready]
        offset = np.cumsum(count) - count
        place = np.repeat(begin - offset, count) + np.arange(int(count.sum()))
        level = by_end[place]
        # Roots are nodes where nothing ends.
        if level.size:
            levels.append(level)
        mother = start[level]
        np.subtract.at(waiting, mother, 1)
        ready = _once(mother[waiting[mother] == 0], seen)
    return tuple(levels)


def path_lengths(side: TreeSide) -> FloatArray:
    """Return the length of the vessels from the root to the end of each segment.

    Parameters
    ----------
    side : TreeSide
        Any; where ways join again, the shortest counts.

    Returns
    -------
    (n,) float64 [m]
        NaN on cycles and upstream of them.
    """
    to_node = np.full(side.n_nodes, np.inf)
    is_inner = np.zeros(side.n_nodes, dtype=bool)
    is_inner[side.end] = True
    to_node[side.start[~is_inner[side.start]]] = 0.0
    path = np.full(side.segment.size, np.nan)
    for level in reversed(side.levels):
        path[level] = to_node[side.start[level]] + side.length[level]
        np.minimum.at(to_node, side.end[level], path[level])
    path[~np.isfinite(path)] = np.nan
    return path


def _leads_to_own_bed(network: VesselNetwork, veins: BoolArray) -> BoolArray:
    """Mark the veins of a region whose blood reaches a bed."""
    found = np.zeros(network.n_segments, dtype=bool)
    own = np.flatnonzero(veins & (network.region >= 0))
    end = network.end_node[own].astype(np.int64)
    by_end = np.argsort(end, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(end, minlength=network.n_nodes))])
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    seen = np.empty(network.n_nodes, dtype=np.int64)
    node = _once(network.start_node[beds].astype(np.int64), seen)
    while node.size:
        begin, count = first[node], first[node + 1] - first[node]
        offset = np.cumsum(count) - count
        place = np.repeat(begin - offset, count) + np.arange(int(count.sum()))
        segment = own[by_end[place]]
        segment = segment[~found[segment]]
        found[segment] = True
        node = _once(network.start_node[segment].astype(np.int64), seen)
    return found


def _once(nodes: LongArray, seen: LongArray) -> LongArray:
    """Return each node once, without a sort; `seen` is scratch over all nodes."""
    place = np.arange(nodes.size)
    seen[nodes] = place
    once: LongArray = nodes[seen[nodes] == place]
    return once
