"""Named repairs of vessel tables, each recorded, and the check that needs none."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters
from ctc.vessels.network import Repair
from ctc.vessels.tables import BOUNDARIES, NODE_FILE, SEGMENT_FILE, VesselTables

REMEDY = "Correct the table, or allow repairs."


def require_boundaries(tables: VesselTables) -> None:
    """Raise InputError unless the tables name every place where the loop is to be closed."""
    for index, name in enumerate(BOUNDARIES):
        if not (tables.boundary == index).any():
            message = f"boundary must name a '{name}' node, got none. Mark one."
            raise InputError(message, file=f"{tables.folder}/{NODE_FILE}", key="boundary")


def require_sound(tables: VesselTables) -> None:
    """Raise InputError if the tables need a repair without which no flow can be solved.

    Raises
    ------
    InputError
        If a radius or length is not positive, a segment joins a node to itself, or a part is
        not joined to the heart; names file, segment, value and remedy.
    """
    file = f"{tables.folder}/{SEGMENT_FILE}"
    for name, values in (("radius_mm", tables.radius), ("length_mm", tables.length)):
        bad = np.flatnonzero(~(values > 0))
        if bad.size:
            message = (
                f"{name} must be > 0 mm, got {values[bad[0]] * 1e3:g} at segment "
                f"'{tables.segment_id[bad[0]]}' ({bad.size} of {values.size} segments). {REMEDY}"
            )
            raise InputError(message, file=file)
    looped = np.flatnonzero(tables.start_node == tables.end_node)
    if looped.size:
        message = (
            f"segment must join two nodes, got '{tables.node_id[tables.start_node[looped[0]]]}' "
            f"twice at segment '{tables.segment_id[looped[0]]}' ({looped.size} of "
            f"{tables.n_segments} segments). {REMEDY}"
        )
        raise InputError(message, file=file)
    loose = np.flatnonzero(_is_loose(tables))
    if loose.size:
        message = (
            f"every node must be joined to the heart, got node '{tables.node_id[loose[0]]}' in a "
            f"loose part ({loose.size} of {tables.n_nodes} nodes). {REMEDY}"
        )
        raise InputError(message, file=f"{tables.folder}/{NODE_FILE}")


def repair_tables(tables: VesselTables) -> tuple[VesselTables, tuple[Repair, ...]]:
    """Mend tables by named rules, in a fixed order.

    ``self_loop``, ``repeated_segment``: dropped. ``zero_radius``: median radius of the
    neighbours. ``zero_length``: distance of the ends. ``coincident_nodes``: the ends of a vessel
    of no extent become one node. ``outlier_radius``: a vessel much wider than the median of its
    neighbours takes that median. ``island``, ``dead_end``: dropped. ``loop``, ``high_degree``:
    kept, and counted.

    Parameters
    ----------
    tables : VesselTables
        As read.

    Returns
    -------
    tables : VesselTables
        Fit for `require_sound`.
    repairs : tuple of Repair
        The rules that applied.
    """
    repairs: list[Repair] = []

    def note(rule: str, count: int, detail: str) -> None:
        if count:
            repairs.append(Repair(rule, count, detail))

    all_nodes = np.ones(tables.n_nodes, dtype=bool)
    looped = tables.start_node == tables.end_node
    note("self_loop", int(looped.sum()), "segments from a node to itself, dropped")
    tables = tables.keep(all_nodes, ~looped)
    repeated = _is_repeated(tables)
    note("repeated_segment", int(repeated.sum()), "same ends, radius and length, dropped")
    tables = tables.keep(all_nodes, ~repeated)
    tables, count = _fill_radius(tables)
    note("zero_radius", count, "radius set to the median of the adjoining segments")
    tables, count = _fill_length(tables)
    note("zero_length", count, "length set to the distance between the ends")
    tables, count = _merge_coincident(tables)
    note("coincident_nodes", count, "vessels of no extent, their ends made one node")
    ratio = load_parameters("imported_network").value("outlier_ratio")
    median = _neighbour_median(tables, ~tables.is_link)
    outlier = ~tables.is_link & (tables.radius > ratio * median)
    if outlier.any():
        widest = float(tables.radius[outlier].max()) * 1e3
        detail = (
            f"vessels more than {ratio:g} times as wide as the median of their neighbours "
            f"(up to {widest:.3g} mm), set to that median"
        )
        note("outlier_radius", int(outlier.sum()), detail)
        tables = dataclasses.replace(tables, radius=np.where(outlier, median, tables.radius))
    loose = _is_loose(tables)
    note("island", int(loose.sum()), "nodes in parts that no heart drives, dropped")
    tables = tables.keep(~loose, ~loose[tables.start_node])
    dead = _is_dead_end(tables)
    note("dead_end", int(dead.sum()), "vessels that lead nowhere, dropped from their tip")
    tables = _without_segments(tables, dead)
    note("loop", _n_loops(tables), "independent loops among the vessels of one tree, kept")
    degree = _degree(tables)
    note(
        "high_degree",
        int((degree > 3).sum()),
        f"nodes where more than three segments meet (up to {int(degree.max(initial=0))}), kept",
    )
    return tables, tuple(repairs)


def _degree(tables: VesselTables) -> npt.NDArray[np.int64]:
    ends = np.concatenate([tables.start_node, tables.end_node])
    return np.bincount(ends, minlength=tables.n_nodes)


def _is_repeated(tables: VesselTables) -> npt.NDArray[np.bool_]:
    """Mark segments that repeat an earlier one in every respect."""
    low = np.minimum(tables.start_node, tables.end_node).astype(np.float64)
    high = np.maximum(tables.start_node, tables.end_node).astype(np.float64)
    rows = np.column_stack([low, high, tables.radius, tables.length, tables.is_link])
    first = np.unique(rows, axis=0, return_index=True)[1]
    repeated = np.ones(tables.n_segments, dtype=bool)
    repeated[first] = False
    return repeated


def _neighbour_median(tables: VesselTables, counted: npt.NDArray[np.bool_]) -> FloatArray:
    """Median radius of the counted segments that share a node with each; inf with none."""
    members: list[list[int]] = [[] for _ in range(tables.n_nodes)]
    chosen = np.flatnonzero(counted)
    start, end = tables.start_node.tolist(), tables.end_node.tolist()
    for segment in chosen.tolist():
        members[start[segment]].append(segment)
        members[end[segment]].append(segment)
    radius = tables.radius.tolist()
    median = np.full(tables.n_segments, math.inf)
    for segment in chosen.tolist():
        beside = members[start[segment]] + members[end[segment]]
        values = sorted(radius[i] for i in beside if i != segment)
        if values:
            middle = len(values) // 2
            median[segment] = (values[middle] + values[-middle - 1]) / 2
    return median


def _fill_radius(tables: VesselTables) -> tuple[VesselTables, int]:
    bad = ~(tables.radius > 0)
    if not bad.any():
        return tables, 0
    sound = tables.radius[~bad]
    if sound.size == 0:
        message = "radius_mm must be > 0 mm somewhere, got none. Correct the table."
        raise InputError(message, file=f"{tables.folder}/{SEGMENT_FILE}")
    # Bad radii hide from each other by being counted as missing, not as zero.
    hidden = dataclasses.replace(tables, radius=np.where(bad, np.inf, tables.radius))
    median = _neighbour_median(hidden, np.ones(tables.n_segments, dtype=bool))
    median = np.where(np.isfinite(median), median, np.median(sound))
    return dataclasses.replace(tables, radius=np.where(bad, median, tables.radius)), int(bad.sum())


def _fill_length(tables: VesselTables) -> tuple[VesselTables, int]:
    bad = ~(tables.length > 0)
    if not bad.any():
        return tables, 0
    distance = _extent(tables)
    # Where the ends coincide too, a vessel is contracted later and a link needs some length.
    sound = tables.length[~bad]
    smallest = float(sound.min()) if sound.size else float(tables.radius.min())
    length = np.where(bad, np.where(distance > 0, distance, smallest), tables.length)
    return dataclasses.replace(tables, length=length), int(bad.sum())


def _extent(tables: VesselTables) -> FloatArray:
    ends = tables.node_position[tables.end_node] - tables.node_position[tables.start_node]
    extent: FloatArray = np.sqrt(np.add.reduce(ends * ends, axis=1))
    return extent


def _merge_coincident(tables: VesselTables) -> tuple[VesselTables, int]:
    flat = ~tables.is_link & (_extent(tables) == 0)
    if not flat.any():
        return tables, 0
    n_nodes = tables.n_nodes
    ends = (tables.start_node[flat], tables.end_node[flat])
    graph = coo_array((np.ones(int(flat.sum())), ends), shape=(n_nodes, n_nodes))
    _, group = connected_components(graph, directed=False)
    first = np.unique(group, return_index=True)[1]
    survivor = first[group]
    boundary = tables.boundary.copy()
    near = list(tables.near_organs)
    for node in np.flatnonzero(survivor != np.arange(n_nodes)).tolist():
        boundary[survivor[node]] = max(boundary[survivor[node]], boundary[node])
        near[survivor[node]] = near[survivor[node]] | near[node]
    merged = dataclasses.replace(
        tables,
        boundary=boundary,
        near_organs=tuple(near),
        start_node=survivor[tables.start_node].astype(np.int32),
        end_node=survivor[tables.end_node].astype(np.int32),
    )
    kept = survivor == np.arange(n_nodes)
    return merged.keep(kept, merged.start_node != merged.end_node), int(flat.sum())


def _is_loose(tables: VesselTables) -> npt.NDArray[np.bool_]:
    """Mark nodes of parts without both an inlet and an outlet of the heart."""
    n_nodes = tables.n_nodes
    ends = (tables.start_node, tables.end_node)
    graph = coo_array((np.ones(tables.n_segments), ends), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(graph, directed=False)
    # Aortic and pulmonary roots feed; cava and pulmonary vein outlets drain.
    fed, drained = np.zeros(n_parts, dtype=bool), np.zeros(n_parts, dtype=bool)
    fed[part[np.isin(tables.boundary, (0, 2))]] = True
    drained[part[np.isin(tables.boundary, (1, 3))]] = True
    driven = fed & drained
    loose: npt.NDArray[np.bool_] = ~driven[part]
    return loose


def _is_dead_end(tables: VesselTables) -> npt.NDArray[np.bool_]:
    """Mark segments that fall when free tips are cut off again and again."""
    alive = np.ones(tables.n_segments, dtype=bool)
    may_end = tables.boundary >= 0
    while True:
        ends = np.concatenate([tables.start_node[alive], tables.end_node[alive]])
        tip = (np.bincount(ends, minlength=tables.n_nodes) == 1) & ~may_end
        fallen = alive & (tip[tables.start_node] | tip[tables.end_node])
        if not fallen.any():
            return ~alive
        alive &= ~fallen


def _without_segments(tables: VesselTables, dropped: npt.NDArray[np.bool_]) -> VesselTables:
    if not dropped.any():
        return tables
    used = np.zeros(tables.n_nodes, dtype=bool)
    used[tables.start_node[~dropped]] = True
    used[tables.end_node[~dropped]] = True
    return tables.keep(used, ~dropped)


def _n_loops(tables: VesselTables) -> int:
    vessels = ~tables.is_link
    n_nodes = tables.n_nodes
    ends = (tables.start_node[vessels], tables.end_node[vessels])
    graph = coo_array((np.ones(int(vessels.sum())), ends), shape=(n_nodes, n_nodes))
    n_parts, _ = connected_components(graph, directed=False)
    return int(vessels.sum()) - n_nodes + int(n_parts)
