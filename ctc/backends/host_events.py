"""Events put in order, counted and made rows by the host library."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.backends.host_growth import default_threads
from ctc.backends.records import EVENT

_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32
_ALIGNMENT = 16


def sort_events(
    blocks: Sequence[npt.NDArray[Any]], *, threads: int | None = None
) -> npt.NDArray[Any]:
    """Return the events of all blocks sorted by (time, cell, number).

    Parameters
    ----------
    blocks : sequence of (n,) EVENT
        In any order, within and among them.
    threads : int, optional
        All cores when left out; no result depends on it.

    Returns
    -------
    (n_all,) EVENT
        In an array of its own.
    """
    given = [_checked(block) for block in blocks]
    counts = np.array([block.size for block in given], dtype=np.uint64)
    places = np.array([block.ctypes.data for block in given], dtype=np.uint64)
    found = np.empty(int(counts.sum()), dtype=EVENT)
    function = host_library().ctc_sort_events
    function.argtypes = [_POINTER, _POINTER, _COUNT, _POINTER, _NUMBER]
    function.restype = None
    function(
        places.ctypes.data,
        counts.ctypes.data,
        counts.size,
        found.ctypes.data,
        threads or default_threads(),
    )
    return found


def count_events(
    events: npt.NDArray[Any],
    organ_of: npt.NDArray[np.int16],
    *,
    ending_kinds: Iterable[int],
    counted_cell: int,
    by_kind: npt.NDArray[np.int64],
    by_cause: npt.NDArray[np.int64],
    ended: npt.NDArray[np.int64],
) -> npt.NDArray[np.int16]:
    """Add events to sums and return the organ row of each.

    Parameters
    ----------
    events : (n,) EVENT
        To be counted.
    organ_of : (n_records,) int16
        Row of the organ tables by segment record.
    ending_kinds : iterable of int
        Kinds of events that end a cell.
    counted_cell : int
        Stands for the identity of cells that have none; they are not in ``ended``.
    by_kind : (n_kinds, n_organs) int64
        Events by kind and organ row; added to.
    by_cause : (n_causes,) int64
        Deaths by cause; added to.
    ended : (n_records,) int64
        Cells that ended, by segment record; added to.

    Returns
    -------
    (n,) int16
        Row of the organ tables.
    """
    events = _checked(events)
    organ = np.empty(events.size, dtype=np.int16)
    sums = [_writable(array, np.int64) for array in (by_kind, by_cause, ended)]
    function = host_library().ctc_count_events
    function.argtypes = [_POINTER, _COUNT, _POINTER, _NUMBER, _NUMBER, _COUNT, *[_POINTER] * 4]
    function.restype = None
    function(
        events.ctypes.data,
        events.size,
        _writable(organ_of, np.int16),
        by_kind.shape[1],
        _bits(ending_kinds),
        counted_cell,
        organ.ctypes.data,
        *sums,
    )
    return organ


def event_rows(
    events: npt.NDArray[Any],
    organ: npt.NDArray[np.int16],
    *,
    segment_of: npt.NDArray[np.int32],
    between_organs: int,
    kinds: Iterable[int],
    dtype: np.dtype[Any],
) -> npt.NDArray[Any]:
    """Return the events of some kinds as rows of a run file.

    Parameters
    ----------
    events : (n,) EVENT
        In the order wanted.
    organ : (n,) int16
        Row of the organ tables of each.
    segment_of : (n_records,) int32
        Segment of the network by record, negative for none.
    between_organs : int
        The row that means no organ.
    kinds : iterable of int
        Which events are wanted.
    dtype : numpy.dtype
        Of the rows; the fields are those of ``EventRow`` in ``kernels/host/events.cpp``.

    Returns
    -------
    (m,) structured array
        -1 stands for no organ, 2^32 - 1 for no segment.
    """
    events, wanted = _checked(events), _bits(kinds)
    is_wanted = np.array([wanted >> kind & 1 for kind in range(256)], dtype=bool)
    # One more: the library writes a row before it knows whether it counts.
    rows = np.empty(int(np.count_nonzero(is_wanted[events["kind"]])) + 1, dtype=dtype)
    function = host_library().ctc_event_rows
    function.argtypes = [
        _POINTER,
        _COUNT,
        _POINTER,
        ctypes.c_int16,
        _POINTER,
        _NUMBER,
        _POINTER,
    ]
    function.restype = _COUNT
    n_rows = function(
        events.ctypes.data,
        events.size,
        _writable(organ, np.int16),
        between_organs,
        _writable(segment_of, np.int32),
        wanted,
        rows.ctypes.data,
    )
    return rows[:n_rows]


def _bits(kinds: Iterable[int]) -> int:
    return sum(1 << int(kind) for kind in set(kinds))


def _checked(events: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if events.dtype != EVENT or events.ndim != 1:
        message = f"events must be one-dimensional of dtype {EVENT}, got {events.dtype}"
        raise TypeError(message)
    events = np.ascontiguousarray(events)
    # The library takes records for aligned; what another process sent may begin anywhere.
    return events if events.ctypes.data % _ALIGNMENT == 0 else events.copy()


def _writable(array: npt.NDArray[Any], dtype: type[np.generic]) -> int:
    """Return the address of an array that the library may use as it lies."""
    if array.dtype != dtype or not array.flags.c_contiguous:
        message = f"array must be contiguous of dtype {np.dtype(dtype)}, got {array.dtype}"
        raise TypeError(message)
    return int(array.ctypes.data)
