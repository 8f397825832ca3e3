"""Exact conservation of mass: rounding errors of a solve are pushed along a spanning forest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from ctc.checks import FloatArray, IntArray


def balance_flow(
    start_node: IntArray,
    end_node: IntArray,
    *,
    flow_rate: FloatArray,
    conductance: FloatArray,
    inflow: FloatArray,
    is_open: npt.NDArray[np.bool_],
) -> FloatArray:
    """Return the flow nearest to a given one that conserves mass at every closed node.

    The segments of largest conductance that hold the network together (a maximum spanning
    forest) get the flow that the others leave over, summed from the leaves to the open nodes.
    A node's imbalance is then the rounding of one sum, whatever the span of conductances, and
    the corrected segments are those where a rounding of the pressure matters most.

    Parameters
    ----------
    start_node, end_node : (n_segments,) int32
        Ends of the segments.
    flow_rate : (n_segments,) float64 [m^3/s]
        Along each segment; values on the forest do not matter.
    conductance : (n_segments,) float64
        Order of preference for the forest; infinite for a pump.
    inflow : (n_nodes,) float64 [m^3/s]
        Flow that enters each node from outside; ignored at open nodes.
    is_open : (n_nodes,) bool
        Nodes that may take up any flow. A part of the network without one must balance of
        itself: its inflows sum to zero.

    Returns
    -------
    (n_segments,) float64 [m^3/s]
        Signed along each segment.
    """
    n_nodes = inflow.size
    ground = n_nodes
    roots = _roots(start_node, end_node, is_open)
    tail = np.concatenate([roots, start_node]).astype(np.int64)
    head = np.concatenate([np.full(roots.size, ground), end_node]).astype(np.int64)
    forest = _maximum_forest(
        tail, head, np.concatenate([np.full(roots.size, np.inf), conductance]), n_nodes + 1
    )
    in_forest = np.zeros(tail.size, dtype=bool)
    in_forest[forest] = True
    chord_flow = np.where(in_forest[roots.size :], 0.0, flow_rate)
    excess = np.append(inflow, 0.0)
    excess += _sum_at(end_node, chord_flow, n_nodes + 1)
    excess -= _sum_at(start_node, chord_flow, n_nodes + 1)
    total, edge = _sums_towards(ground, tail, head, forest=forest, excess=excess)
    node = np.flatnonzero(edge >= roots.size)
    segment = edge[node] - roots.size
    balanced = chord_flow
    balanced[segment] = np.where(start_node[segment] == node, total[node], -total[node])
    return balanced


def mass_residual(
    start_node: IntArray,
    end_node: IntArray,
    *,
    flow_rate: FloatArray,
    is_closed: npt.NDArray[np.bool_],
    inflow: FloatArray | None = None,
) -> float:
    """Largest |sum Q| / sum |Q| over the closed nodes that anything flows through."""
    n_nodes = is_closed.size
    arriving = _sum_at(end_node, flow_rate, n_nodes)
    leaving = _sum_at(start_node, flow_rate, n_nodes)
    net = arriving - leaving
    through = _sum_at(end_node, np.abs(flow_rate), n_nodes)
    through += _sum_at(start_node, np.abs(flow_rate), n_nodes)
    if inflow is not None:
        net += inflow
        through += np.abs(inflow)
    used = is_closed & (through > 0)
    return float(np.max(np.abs(net[used]) / through[used], initial=0.0))


def _sum_at(node: IntArray, values: FloatArray, n_nodes: int) -> FloatArray:
    return np.asarray(np.bincount(node, weights=values, minlength=n_nodes), dtype=np.float64)


def _roots(
    start_node: IntArray, end_node: IntArray, is_open: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Open nodes, and the first node of every connected part that has none."""
    n_nodes = is_open.size
    graph = coo_array((np.ones(start_node.size), (start_node, end_node)), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(graph, directed=False)
    has_open = np.zeros(n_parts, dtype=bool)
    has_open[part[is_open]] = True
    first = np.unique(part, return_index=True)[1]
    return np.union1d(np.flatnonzero(is_open), first[~has_open])


def _graph(
    weight: FloatArray,
    tail: npt.NDArray[np.int64],
    *,
    head: npt.NDArray[np.int64],
    n_nodes: int,
) -> csr_array:
    """Return a graph in the index type that every supported SciPy takes."""
    ends = tail.astype(np.int32), head.astype(np.int32)
    return coo_array((weight, ends), shape=(n_nodes, n_nodes)).tocsr()


def _maximum_forest(
    tail: npt.NDArray[np.int64],
    head: npt.NDArray[np.int64],
    conductance: FloatArray,
    n_nodes: int,
) -> npt.NDArray[np.int64]:
    """Choose the edges of a maximum spanning forest; ties go to the lower index."""
    rank = np.empty(tail.size)
    rank[np.argsort(-conductance, kind="stable")] = np.arange(1, tail.size + 1)
    pair = np.minimum(tail, head) * n_nodes + np.maximum(tail, head)
    order = np.lexsort((rank, pair))
    best = order[np.concatenate([[True], np.diff(pair[order]) > 0])]
    graph = _graph(rank[best], tail[best], head=head[best], n_nodes=n_nodes)
    kept_rank = np.sort(minimum_spanning_tree(graph).data)
    edge_of_rank = np.argsort(rank, kind="stable")
    return edge_of_rank[kept_rank.astype(np.int64) - 1]


def _sums_towards(
    root: int,
    tail: npt.NDArray[np.int64],
    head: npt.NDArray[np.int64],
    *,
    forest: npt.NDArray[np.int64],
    excess: FloatArray,
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Excess of the branch beyond each node, and the edge by which it leaves (-1 for the root)."""
    n_nodes = excess.size
    graph = _graph(np.ones(forest.size), tail[forest], head=head[forest], n_nodes=n_nodes)
    order, parent = breadth_first_order(graph, root, directed=False)
    edge = np.full(n_nodes, -1, dtype=np.int64)
    below = order[1:]
    # The edge to the parent is looked up by the unordered pair of nodes.
    pair = np.minimum(tail[forest], head[forest]) * n_nodes + np.maximum(tail[forest], head[forest])
    by_pair = np.argsort(pair)
    up = parent[below].astype(np.int64)
    wanted = np.minimum(below, up) * n_nodes + np.maximum(below, up)
    edge[below] = forest[by_pair[np.searchsorted(pair[by_pair], wanted)]]
    total = excess.tolist()
    for node, above in zip(below[::-1].tolist(), up[::-1].tolist(), strict=True):
        total[above] += total[node]
    return np.asarray(total), edge
