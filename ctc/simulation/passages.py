"""How many cells entered every vessel: counted at a few, and known at all the others.

Counting at every hop would cost more than the hop. Kernels count entries of capillary beds, and of
the few vessels by which the rest still has loops; what then remains is a forest, in which cells
that arrive at a node and cells that go on are as many. So every vessel's passages follow, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import (
    breadth_first_order,
    connected_components,
    minimum_spanning_tree,
)

from ctc.backends.host_passages import Counts, settle_passages
from ctc.checks import FloatArray, IntArray
from ctc.errors import CtcError
from ctc.vessels.network import SegmentKind, VesselNetwork

BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PassagePlan:
    """Where a network's passages are counted, and in which order the others follow.

    Edges are the network's segments and then one from each open end to a node outside.

    Attributes
    ----------
    n_segments, n_nodes : int
        Of the network; of the graph, with the node outside.
    start, end : (n_edges,) int32
        Nodes of the edges.
    is_counted : (n_edges,) bool
        Edges that kernels count; those that no cell enters count as counted, with zero.
    node, edge : (n,) int32
        As `ctc.backends.host_passages.settle_passages` takes them.
    """

    n_segments: int
    n_nodes: int
    start: IntArray
    end: IntArray
    is_counted: BoolArray
    node: IntArray
    edge: IntArray

    def settle(
        self,
        counted: npt.NDArray[np.uint64],
        *,
        record: IntArray,
        born: Counts,
        here: Counts,
        ended: Counts,
    ) -> npt.NDArray[np.uint64]:
        """Return the cells that entered each segment, births included, (n_segments,) uint64.

        Parameters
        ----------
        counted : (n_records,) uint64
            What kernels counted, where they do.
        record : (n_segments,) int32
            The record of each segment.
        born, here, ended : (n_records,) int64
            Cells that began there; that are there now; that met their fate there.

        Raises
        ------
        CtcError
            If cells were lost on the way: a bug.
        """
        entered, is_balanced = settle_passages(
            self.start,
            self.end,
            is_counted=self.is_counted,
            record=record,
            node=self.node,
            edge=self.edge,
            n_nodes=self.n_nodes,
            counted=counted,
            born=born,
            here=here,
            ended=ended,
        )
        if not is_balanced:
            message = (
                "cells must go on from every node at which they arrive, got a node or vessel where"
                " they do not. This is a bug in ctc; please report it."
            )
            raise CtcError(message)
        return entered[: self.n_segments]


def plan_passages(
    network: VesselNetwork, flow_rate: FloatArray, *, is_open: BoolArray
) -> PassagePlan:
    """Choose where passages are counted.

    Parameters
    ----------
    network : VesselNetwork
        Turned with its flow.
    flow_rate : (n_segments,) float64 [m^3/s]
        Of the loops that are left without the beds, the segment of least flow is counted.
    is_open : (n_segments,) bool
        Segments that cells enter.
    """
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    n_out = np.bincount(network.start_node[is_open], minlength=network.n_nodes)
    is_reached = np.zeros(network.n_nodes, dtype=bool)
    is_reached[network.end_node[is_open]] = True
    open_ends = np.flatnonzero(is_reached & (n_out == 0))
    outside = network.n_nodes
    start = np.concatenate([network.start_node, open_ends]).astype(np.int64)
    end = np.concatenate([network.end_node, np.full(open_ends.size, outside)]).astype(np.int64)
    # Edges in the order in which they join the forest: ways out, then the largest flows.
    way_out = network.n_segments + np.arange(open_ends.size)
    joining = np.flatnonzero(is_open & ~is_bed)
    joining = joining[np.argsort(-flow_rate[joining], kind="stable")]
    joining = np.concatenate([way_out, joining])
    forest = _forest(start[joining], end[joining], n_nodes=outside + 1)
    node, edge = _inwards(start, end, edges=joining[forest], n_nodes=outside + 1)
    is_counted = np.ones(start.size, dtype=bool)
    is_counted[edge] = False
    return PassagePlan(
        network.n_segments,
        outside + 1,
        start.astype(np.int32),
        end.astype(np.int32),
        is_counted,
        node.astype(np.int32),
        edge.astype(np.int32),
    )


def _forest(start: IndexArray, end: IndexArray, *, n_nodes: int) -> IndexArray:
    """Return which edges a forest takes that prefers earlier ones; unique, so the same anywhere."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    _, first = np.unique(low * n_nodes + high, return_index=True)
    first = first[low[first] != high[first]]
    rank = (first + 1).astype(np.float64)
    graph = coo_matrix((rank, (low[first], high[first])), shape=(n_nodes, n_nodes)).tocsr()
    return np.sort(minimum_spanning_tree(graph).data.astype(np.int64) - 1)


def _inwards(
    start: IndexArray, end: IndexArray, *, edges: IndexArray, n_nodes: int
) -> tuple[IndexArray, IndexArray]:
    """Return the nodes of a forest, farthest from its roots first, and the edge of each inwards.

    The last node, outside, is the root of its tree, and each other tree has the first of its own.
    """
    ones = np.ones(edges.size)
    forest = coo_matrix((ones, (start[edges], end[edges])), shape=(n_nodes, n_nodes)).tocsr()
    n_trees, tree = connected_components(forest, directed=False)
    root = np.zeros(n_trees, dtype=np.int64)
    root[tree[::-1]] = np.arange(n_nodes)[::-1]
    root[tree[-1]] = n_nodes - 1
    # One node more, from which all roots are a step away.
    size = n_nodes + 1
    rows = np.concatenate([start[edges], np.full(n_trees, n_nodes)])
    columns = np.concatenate([end[edges], root])
    joined = coo_matrix((np.ones(rows.size), (rows, columns)), shape=(size, size)).tocsr()
    order, inner = breadth_first_order(joined, n_nodes, directed=False)
    edge_of = np.full(size, -1, dtype=np.int64)
    is_outer = inner[start[edges]] == end[edges]
    edge_of[np.where(is_outer, start[edges], end[edges])] = edges
    node = order[::-1].astype(np.int64)
    node = node[edge_of[node] >= 0]
    return node, edge_of[node]
