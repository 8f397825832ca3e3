"""Vessels that overlap in a network: arteries against veins too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_neighbours import count_overlaps
from ctc.checks import IntArray
from ctc.vessels.network import SegmentKind, VesselNetwork

_DIVERGING = (SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
_CONVERGING = (SegmentKind.VEIN, SegmentKind.VENULE)


@dataclass(frozen=True)
class CollisionCount:
    """Pairs of vessels that overlap.

    Attributes
    ----------
    far : int
        Pairs that share no ancestor within three hops: two vessels in one place.
    near : int
        Pairs that do: mostly segments shorter than their radius, next to a junction.
    far_segments : int
        Segments that take part in a far collision.
    n_junctions : int
        Nodes of trees with two daughters, which `near` is compared with.
    """

    far: int
    near: int
    far_segments: int
    n_junctions: int


def count_collisions(
    network: VesselNetwork,
    *,
    within: npt.NDArray[np.bool_] | None = None,
    threads: int | None = None,
) -> CollisionCount:
    """Count the vessels of a network that overlap.

    Vessels are round tubes with round ends; those that meet at a node do not collide. Capillary
    beds, heart chambers and lymphatics are left out.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow.
    within : (n_segments,) bool, optional
        Only among these segments; among those of organ trees when left out. Named trunks are
        drawn as straight pieces between few points and pass through each other.
    threads : int, optional
        All cores when left out; no result depends on it.

    Returns
    -------
    CollisionCount
        Exact.
    """
    tubes = network.is_kind(*_DIVERGING, *_CONVERGING)
    tubes &= (network.region >= 0) if within is None else within
    own = np.flatnonzero(tubes)
    line, n_junctions = _upstream(network, own)
    far, near, segments = count_overlaps(
        network.node_position,
        network.start_node[own],
        network.end_node[own],
        radius=network.lumen_radius[own],
        line=line,
        threads=threads,
    )
    return CollisionCount(far, near, segments, n_junctions)


def _upstream(network: VesselNetwork, own: npt.NDArray[np.int64]) -> tuple[IntArray, int]:
    """Return for each segment the one nearer to its tree's root (-1: none), and the forks.

    In arteries and portal branches that is the one before it, in veins the one behind it: where
    two segments meet one, that one is theirs.
    """
    start, end = network.start_node[own], network.end_node[own]
    venous = np.isin(network.kind[own], [int(kind) for kind in _CONVERGING])
    n = network.n_nodes
    line = np.full(own.size, -1, dtype=np.int32)
    place = np.arange(own.size, dtype=np.int32)
    n_junctions = 0
    for is_venous in (False, True):
        side = np.equal(venous, is_venous)
        own_side = place[side]
        leaving = np.bincount(start[side], minlength=n)
        arriving = np.bincount(end[side], minlength=n)
        before = np.full(n, -1, dtype=np.int32)
        before[end[side]] = own_side
        behind = np.full(n, -1, dtype=np.int32)
        behind[start[side]] = own_side
        forks, joins = (arriving == 1) & (leaving == 2), (arriving == 2) & (leaving == 1)
        n_junctions += int(forks.sum() + joins.sum())
        # Of a passage (one in, one out) the side says which is nearer to the root.
        passage = (arriving == 1) & (leaving == 1)
        up, down = (forks, joins | passage) if is_venous else (forks | passage, joins)
        line[own_side] = np.where(down[end[own_side]], behind[end[own_side]], -1)
        divides = up[start[own_side]]
        line[own_side] = np.where(divides, before[start[own_side]], line[own_side])
    return line, n_junctions
