"""How many cells entered every vessel, from counts at a few, by the host library."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.checks import IntArray

Counts = npt.NDArray[np.int64]


def settle_passages(
    start: IntArray,
    end: IntArray,
    *,
    is_counted: npt.NDArray[np.bool_],
    node: IntArray,
    edge: IntArray,
    n_nodes: int,
    born: Counts,
    stopped: Counts,
    counted: Counts,
) -> tuple[Counts, Counts]:
    """Return what entered each edge, and what is left over at each node.

    Parameters
    ----------
    start, end : (n_edges,) int32
        Nodes of the edges.
    is_counted : (n_edges,) bool
        Edges whose entries are known; the others form a forest.
    node, edge : (n,) int32
        Nodes of the forest but its roots, each after all that lie farther out, and the edge that
        joins each to the next node inwards.
    n_nodes : int
        Of the graph.
    born, stopped : (n_edges,) int64
        Cells that began in an edge; that are in it or ended there.
    counted : (n_edges,) int64
        Entries, births included, of the counted edges.

    Returns
    -------
    entered : (n_edges,) int64
        Entries of all edges, births included.
    balance : (n_nodes,) int64
        Zero but at the roots, where it must be zero too unless cells leave there.
    """
    entered = counted.copy()
    balance = np.zeros(n_nodes, dtype=np.int64)
    integers = [np.ascontiguousarray(a, dtype=np.int32) for a in (start, end, node, edge)]
    flags = np.ascontiguousarray(is_counted, dtype=np.uint8)
    sums = [np.ascontiguousarray(a, dtype=np.int64) for a in (born, stopped)]
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library = host_library()
    library.ctc_settle_passages.argtypes = [
        *[pointer] * 3,
        count,
        *[pointer] * 2,
        count,
        *[pointer] * 4,
    ]
    library.ctc_settle_passages(
        integers[0].ctypes.data,
        integers[1].ctypes.data,
        flags.ctypes.data,
        flags.size,
        integers[2].ctypes.data,
        integers[3].ctypes.data,
        integers[2].size,
        sums[0].ctypes.data,
        sums[1].ctypes.data,
        entered.ctypes.data,
        balance.ctypes.data,
    )
    return entered, balance
