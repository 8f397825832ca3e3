"""Which way blood runs in trees: away from the root in arteries, to it in veins."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from ctc.formats.mending import parts_of
from ctc.formats.source_graph import NodeIndex, SourceGraph
from ctc.vessels.network import Repair, SegmentKind

_TO_ROOT = (SegmentKind.VENULE, SegmentKind.VEIN, SegmentKind.LYMPHATIC)
BoolArray = npt.NDArray[np.bool_]


def direct(graph: SourceGraph, kind: npt.NDArray[np.uint8]) -> SourceGraph:
    """Turn the segments of trees so that blood runs along them; parts with loops are left alone.

    A tree whose segments all run as its vessels do keeps them. In any other the root is the free
    end of the widest segment (repair ``direction``).

    Parameters
    ----------
    graph : SourceGraph
        Mended.
    kind : (n_segments,) uint8
        A `SegmentKind`; venules, veins and lymphatics run to the root.

    Returns
    -------
    SourceGraph
        With the same segments in the same order.
    """
    start, end = graph.start_node, graph.end_node
    drains = _drains(kind)
    if graph.is_rooted:
        return _turned(graph, drains, note=False)
    n_parts, part = parts_of(graph)
    of_segment = part[start]
    n_edges = np.bincount(of_segment, minlength=n_parts)
    is_tree = n_edges == np.bincount(part, minlength=n_parts) - 1
    fans_out = _holds(part, np.bincount(end, minlength=graph.n_nodes) <= 1, n_parts)
    fans_in = _holds(part, np.bincount(start, minlength=graph.n_nodes) <= 1, n_parts)
    n_drains = np.bincount(of_segment, weights=drains, minlength=n_parts)
    wants_in = 2 * n_drains > n_edges
    is_right = np.where(wants_in, fans_in, fans_out)
    mixed = is_tree & ~is_right
    if not mixed.any():
        return graph
    away = _away_from(graph, _widest_tips(graph, part, mixed))
    turn = mixed[of_segment] & (away == wants_in[of_segment])
    return _turned(graph, turn, note=True)


def root_of(graph: SourceGraph, kind: npt.NDArray[np.uint8]) -> int:
    """Return the root of a single tree: where all runs from or to, else its widest free end."""
    n_in = np.bincount(graph.end_node, minlength=graph.n_nodes)
    n_out = np.bincount(graph.start_node, minlength=graph.n_nodes)
    is_drain = 2 * int(_drains(kind).sum()) > kind.size
    for degree in (n_out, n_in) if is_drain else (n_in, n_out):
        if (degree <= 1).all():
            return int(np.argmin(degree))
    part = np.zeros(graph.n_nodes, dtype=np.int32)
    return int(_widest_tips(graph, part, np.ones(1, dtype=bool))[0])


def breadth_first(graph: SourceGraph, root: int) -> tuple[NodeIndex, NodeIndex]:
    """Return the nodes of a tree, parents first, and the parent of each node (-1 at the root)."""
    n = graph.n_nodes
    ends = (graph.start_node, graph.end_node)
    matrix = csr_array((np.ones(graph.n_segments), ends), shape=(n, n))
    order, before = breadth_first_order(matrix, root, directed=False, return_predecessors=True)
    return order.astype(np.int64), np.where(before < 0, -1, before).astype(np.int64)


def _drains(kind: npt.NDArray[np.uint8]) -> BoolArray:
    return np.isin(kind, [int(each) for each in _TO_ROOT])


def _turned(graph: SourceGraph, turn: BoolArray, *, note: bool) -> SourceGraph:
    repairs = graph.repairs
    if note and turn.any():
        detail = "segments turned so that all of a tree run from its root, or to it"
        repairs = (*repairs, Repair("direction", int(turn.sum()), detail))
    return dataclasses.replace(
        graph,
        start_node=np.where(turn, graph.end_node, graph.start_node),
        end_node=np.where(turn, graph.start_node, graph.end_node),
        repairs=repairs,
    )


def _holds(part: npt.NDArray[np.int32], is_so: BoolArray, n_parts: int) -> BoolArray:
    """Return for every part whether something holds at all of its nodes."""
    holds = np.ones(n_parts, dtype=bool)
    holds[part[~is_so]] = False
    return holds


def _widest_tips(graph: SourceGraph, part: npt.NDArray[np.int32], wanted: BoolArray) -> NodeIndex:
    """Return the free end with the widest segment of each wanted part (the lowest such node)."""
    ends = np.concatenate([graph.start_node, graph.end_node])
    radius = np.concatenate([graph.lumen_radius, graph.lumen_radius])
    at_tip = (np.bincount(ends, minlength=graph.n_nodes) == 1)[ends] & wanted[part[ends]]
    tips, widths = ends[at_tip], radius[at_tip]
    order = np.lexsort((tips, -widths, part[tips]))
    first = np.unique(part[tips][order], return_index=True)[1]
    roots: NodeIndex = tips[order][first]
    return roots


def _away_from(graph: SourceGraph, roots: NodeIndex) -> BoolArray:
    """Mark the segments that run away from the root of their tree."""
    n = graph.n_nodes
    # One more node joined to all roots lets one search reach every tree.
    rows = np.concatenate([graph.start_node, np.full(roots.size, n)])
    columns = np.concatenate([graph.end_node, roots])
    matrix = csr_array((np.ones(rows.size), (rows, columns)), shape=(n + 1, n + 1))
    before = breadth_first_order(matrix, n, directed=False, return_predecessors=True)[1]
    away: BoolArray = before[graph.end_node] == graph.start_node
    return away
