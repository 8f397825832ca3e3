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
    record: IntArray,
    node: IntArray,
    edge: IntArray,
    n_nodes: int,
    counted: npt.NDArray[np.uint64],
    born: Counts,
    here: Counts,
    ended: Counts,
) -> tuple[npt.NDArray[np.uint64], bool]:
    """Return what entered each edge, and whether cells go on wherever they arrive.

    Parameters
    ----------
    start, end : (n_edges,) int32
        Nodes of the edges. The last node lies outside the network: cells may end there.
    is_counted : (n_edges,) bool
        Edges whose entries are known; the others form a forest.
    record : (n_segments,) int32
        Record of the first edges, the segments; no cell stops in the others.
    node, edge : (n,) int32
        Nodes of the forest but its roots, each after all that lie farther out, and the edge that
        joins each to the next node inwards.
    n_nodes : int
        Of the graph.
    counted : (n_records,) uint64
        Entries, births included, of the counted edges.
    born, here, ended : (n_records,) int64
        Cells that began in a record; that are in it; that met their fate there.

    Returns
    -------
    entered : (n_edges,) uint64
        Entries of all edges, births included.
    is_balanced : bool
        False where cells were lost on the way, or made up.
    """
    entered = np.zeros(start.size, dtype=np.int64)
    balance = np.zeros(n_nodes, dtype=np.int64)
    graph = [np.ascontiguousarray(each, dtype=np.int32) for each in (start, end)]
    order = [np.ascontiguousarray(each, dtype=np.int32) for each in (node, edge)]
    records = np.ascontiguousarray(record, dtype=np.int32)
    flags = np.ascontiguousarray(is_counted, dtype=np.bool_)
    entries = np.ascontiguousarray(counted, dtype=np.uint64)
    sums = [np.ascontiguousarray(each, dtype=np.int64) for each in (born, here, ended)]
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    function = host_library().ctc_settle_passages
    function.argtypes = [
        *[pointer] * 3,
        count,
        pointer,
        count,
        *[pointer] * 2,
        count,
        *[pointer] * 6,
        count,
    ]
    function.restype = ctypes.c_int
    is_balanced = function(
        *[each.ctypes.data for each in graph],
        flags.ctypes.data,
        flags.size,
        records.ctypes.data,
        records.size,
        *[each.ctypes.data for each in order],
        order[0].size,
        entries.ctypes.data,
        *[each.ctypes.data for each in sums],
        entered.ctypes.data,
        balance.ctypes.data,
        n_nodes,
    )
    return entered.view(np.uint64), bool(is_balanced)
