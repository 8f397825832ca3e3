"""Named repairs of what a file of another program says, each recorded, or refused where asked."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.formats.source_graph import NodeIndex, SourceGraph
from ctc.vessels.network import Repair

_REMEDY = "Correct the file, or allow repairs."
BoolArray = npt.NDArray[np.bool_]


def mend(graph: SourceGraph, *, repair: bool) -> SourceGraph:
    """Mend a graph by named rules in a fixed order, or refuse what needs one.

    ``coincident_nodes``: nodes at one place become one. ``self_loop``: segments from a node to
    itself are dropped. ``repeated_segment``: the same ends, radius and length as an earlier one,
    dropped. ``zero_radius``: median of the adjoining segments. ``zero_length``: distance of the
    ends. ``lone_node``: nodes without a segment are dropped. ``loose_parts``, ``loop``: kept, and
    counted.

    Parameters
    ----------
    graph : SourceGraph
        With finite coordinates, radii and lengths.
    repair : bool
        Whether to mend; if false, the first need of a repair is refused.

    Returns
    -------
    SourceGraph
        Without what the rules mend; its `repairs` names those that applied.

    Raises
    ------
    InputError
        If repairs are not allowed and one is needed, if no segment is left, or if no radius is
        > 0.
    """
    repairs: list[Repair] = list(graph.repairs)

    def note(bad: BoolArray, rule: str, detail: str, *, place: Callable[[int], str]) -> None:
        count = int(bad.sum())
        if not count:
            return
        if not repair:
            message = f"file must need no repair, got {count} of rule '{rule}' ({detail}), "
            message += f"the first at {place(int(np.flatnonzero(bad)[0]))}. {_REMEDY}"
            raise InputError(message, file=str(graph.path))
        repairs.append(Repair(rule, count, detail))

    survivor = _first_at_place(graph.node_position)
    merged = survivor != np.arange(graph.n_nodes)
    note(merged, "coincident_nodes", "nodes at one place made one", place=graph.name_node)
    graph = dataclasses.replace(
        graph, start_node=survivor[graph.start_node], end_node=survivor[graph.end_node]
    )
    looped = graph.start_node == graph.end_node
    note(looped, "self_loop", "segments of one node, dropped", place=graph.name_segment)
    graph = keep_segments(graph, ~looped)
    if graph.n_segments == 0:
        message = "file must hold segments between different places, got none. Check the file."
        raise InputError(message, file=str(graph.path))
    repeated = _is_repeated(graph)
    detail = "segments with the ends, radius and length of another, dropped"
    note(repeated, "repeated_segment", detail, place=graph.name_segment)
    graph = keep_segments(graph, ~repeated)
    thin = ~(graph.lumen_radius > 0)
    detail = "radius set to the median of the adjoining segments"
    note(thin, "zero_radius", detail, place=graph.name_segment)
    graph = dataclasses.replace(graph, lumen_radius=_filled_radius(graph, thin))
    if graph.length is not None:
        short = ~(graph.length > 0)
        detail = "length set to the distance between the ends"
        note(short, "zero_length", detail, place=graph.name_segment)
        length = np.where(short, graph.distance(), graph.length)
        graph = dataclasses.replace(graph, length=length)
    is_used = np.zeros(graph.n_nodes, dtype=bool)
    is_used[graph.start_node] = is_used[graph.end_node] = True
    lone = ~is_used & ~merged
    note(lone, "lone_node", "nodes without a segment, dropped", place=graph.name_node)
    graph = _keep_nodes(graph, is_used)
    n_parts, part = parts_of(graph)
    others = _first_of_each(part) & (part > 0)
    detail = f"parts that nothing joins to the first (of {n_parts}), kept"
    note(others, "loose_parts", detail, place=graph.name_node)
    n_loops = graph.n_segments - graph.n_nodes + n_parts
    if n_loops:
        repairs.append(Repair("loop", n_loops, "independent loops, kept"))
    return dataclasses.replace(graph, repairs=tuple(repairs))


def parts_of(graph: SourceGraph) -> tuple[int, npt.NDArray[np.int32]]:
    """Return the number of connected parts and the part of every node."""
    n_nodes = graph.n_nodes
    ends = (graph.start_node, graph.end_node)
    matrix = coo_array((np.ones(graph.n_segments), ends), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(matrix, directed=False)
    return int(n_parts), part


def keep_segments(graph: SourceGraph, kept: BoolArray) -> SourceGraph:
    """Return the graph with some of its segments."""
    if kept.all():
        return graph
    rows = np.flatnonzero(kept)
    name = graph.name_segment
    return dataclasses.replace(
        graph,
        start_node=graph.start_node[kept],
        end_node=graph.end_node[kept],
        lumen_radius=graph.lumen_radius[kept],
        length=None if graph.length is None else graph.length[kept],
        kind=None if graph.kind is None else graph.kind[kept],
        name_segment=lambda i: name(int(rows[i])),
    )


def _keep_nodes(graph: SourceGraph, kept: BoolArray) -> SourceGraph:
    """Return the graph with the nodes that its segments use."""
    if kept.all():
        return graph
    index = np.cumsum(kept) - 1
    rows = np.flatnonzero(kept)
    name = graph.name_node
    return dataclasses.replace(
        graph,
        node_position=graph.node_position[kept],
        start_node=index[graph.start_node],
        end_node=index[graph.end_node],
        name_node=lambda i: name(int(rows[i])),
    )


def _first_at_place(position: FloatArray) -> NodeIndex:
    """Return for every node the first node with the same coordinates."""
    # Adding zero makes -0.0 a 0.0: the same place.
    order = np.lexsort((position[:, 2] + 0.0, position[:, 1] + 0.0, position[:, 0] + 0.0))
    ordered = position[order]
    begins = np.ones(order.size, dtype=bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    # lexsort is stable, so the first of each run is its lowest index.
    first = np.empty(order.size, dtype=np.int64)
    first[order] = order[begins][np.cumsum(begins) - 1]
    return first


def _is_repeated(graph: SourceGraph) -> BoolArray:
    """Mark segments that repeat an earlier one in every respect."""
    low = np.minimum(graph.start_node, graph.end_node)
    high = np.maximum(graph.start_node, graph.end_node)
    length = np.zeros(graph.n_segments) if graph.length is None else graph.length
    keys = (length, graph.lumen_radius, high, low)
    order = np.lexsort(keys)
    same = np.ones(max(order.size - 1, 0), dtype=bool)
    for key in keys:
        same &= key[order][1:] == key[order][:-1]
    repeated = np.zeros(order.size, dtype=bool)
    repeated[order[1:][same]] = True
    return repeated


def _filled_radius(graph: SourceGraph, bad: BoolArray) -> FloatArray:
    if not bad.any():
        return graph.lumen_radius
    if bad.all():
        message = "radius must be > 0 somewhere, got none. Name the radius with --radius-name."
        raise InputError(message, file=str(graph.path))
    nodes = np.concatenate([graph.start_node, graph.end_node])
    order = np.argsort(nodes, kind="stable")
    first = np.searchsorted(nodes[order], np.arange(graph.n_nodes + 1))
    segment = order % graph.n_segments
    overall = float(np.median(graph.lumen_radius[~bad]))
    radius = graph.lumen_radius.copy()
    for i in np.flatnonzero(bad).tolist():
        beside = [
            int(j)
            for node in (graph.start_node[i], graph.end_node[i])
            for j in segment[first[node] : first[node + 1]]
            if not bad[j]
        ]
        values = sorted(float(graph.lumen_radius[j]) for j in beside)
        radius[i] = _median(values) if values else overall
    return radius


def _median(values: list[float]) -> float:
    middle = len(values) // 2
    return (values[middle] + values[-middle - 1]) / 2.0 if values else math.nan


def _first_of_each(part: npt.NDArray[np.int32]) -> BoolArray:
    """Mark the first node of every part."""
    is_first = np.zeros(part.size, dtype=bool)
    is_first[np.unique(part, return_index=True)[1]] = True
    return is_first
