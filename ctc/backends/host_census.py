"""Cells of a population counted by place, and sifted by state, by the host library."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.backends.host_growth import default_threads

_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32
_N_STATES = 256
_WIDTHS = (1, 2, 4, 8)


def count_cells(
    state: npt.NDArray[np.uint8],
    record: npt.NDArray[np.uint32],
    *,
    organ_of: npt.NDArray[np.int16],
    counts: npt.NDArray[np.int64],
    here: npt.NDArray[np.int64],
) -> None:
    """Add cells to their numbers by state and organ, and by segment record.

    Parameters
    ----------
    state : (n,) uint8
        The lower four bits count.
    record : (n,) uint32
        Segment record of each cell.
    organ_of : (n_records,) int16
        Row of the organ tables by record.
    counts : (n_states, n_organs) int64
        Added to.
    here : (n_records,) int64
        Added to.
    """
    function = host_library().ctc_count_cells
    function.argtypes = [_POINTER, _POINTER, _COUNT, _POINTER, _NUMBER, _POINTER, _POINTER]
    function.restype = None
    function(
        _address(state, np.uint8),
        _address(record, np.uint32),
        record.size,
        _address(organ_of, np.int16),
        counts.shape[1],
        _address(counts, np.int64),
        _address(here, np.int64),
    )


def sift_cells(
    fields: Mapping[str, npt.NDArray[Any]],
    count: int,
    *,
    dropped: Iterable[int] = (),
    taken: Iterable[int] = (),
    threads: int | None = None,
) -> tuple[int, dict[str, npt.NDArray[Any]]]:
    """Drop cells of some states and take out those of others; cells from the end fill the holes.

    What the arrays hold then depends on nothing but what they held.

    Parameters
    ----------
    fields : mapping of str to (capacity,) arrays
        Items of 1, 2, 4 or 8 bytes; changed in place. One is ``state``, uint8.
    count : int
        Cells that the arrays hold.
    dropped, taken : iterable of int
        States, as stored in the whole byte.
    threads : int, optional
        All cores when left out; no result depends on it.

    Returns
    -------
    n_kept : int
        Cells that the arrays hold now.
    found : dict of str to (n_taken,) arrays
        Copies of the cells taken out, in order.
    """
    widths = np.array([array.dtype.itemsize for array in fields.values()], dtype=np.uint32)
    if not set(widths.tolist()) <= set(_WIDTHS):
        message = f"fields must have items of {_WIDTHS} bytes, got {widths.tolist()}"
        raise TypeError(message)
    state = fields["state"]
    n_states = np.zeros(_N_STATES, dtype=np.uint64)
    library = host_library()
    library.ctc_count_states.argtypes = [_POINTER, _COUNT, _POINTER]
    library.ctc_count_states.restype = None
    library.ctc_count_states(_address(state, np.uint8), count, n_states.ctypes.data)
    is_dropped, is_taken = (np.zeros(_N_STATES, dtype=np.uint8) for _ in range(2))
    is_dropped[list(dropped)] = 1
    is_taken[list(taken)] = 1
    n_taken = int(n_states[is_taken == 1].sum())
    n_kept = count - int(n_states[(is_dropped | is_taken) == 1].sum())
    found = {name: np.empty(n_taken, dtype=array.dtype) for name, array in fields.items()}
    if n_kept == count:
        return count, found
    function = library.ctc_sift_cells
    function.argtypes = [
        *[_POINTER] * 2,
        _NUMBER,
        _POINTER,
        _COUNT,
        *[_POINTER] * 2,
        _COUNT,
        _POINTER,
        _NUMBER,
    ]
    function.restype = ctypes.c_int
    places, goals = (
        np.array([_address(a, a.dtype.type) for a in each.values()], dtype=np.uint64)
        for each in (fields, found)
    )
    is_done = function(
        places.ctypes.data,
        widths.ctypes.data,
        widths.size,
        state.ctypes.data,
        count,
        is_dropped.ctypes.data,
        is_taken.ctypes.data,
        n_kept,
        goals.ctypes.data,
        threads or default_threads(),
    )
    if not is_done:
        raise MemoryError
    return n_kept, found


def _address(array: npt.NDArray[Any], dtype: type[np.generic]) -> int:
    """Return the address of an array that the library may use as it lies."""
    if array.dtype != dtype or not array.flags.c_contiguous:
        message = f"array must be contiguous of dtype {np.dtype(dtype)}, got {array.dtype}"
        raise TypeError(message)
    return int(array.ctypes.data)
