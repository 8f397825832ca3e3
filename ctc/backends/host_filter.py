"""The shuffle filter of HDF5 by the host library."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library

WIDTHS = (1, 2, 4, 8)


def shuffled(items: npt.NDArray[Any], n_places: int) -> npt.NDArray[np.uint8]:
    """Return the first bytes of all items, then the second bytes, and so on.

    Parameters
    ----------
    items : (n,) array
        Of 1, 2, 4 or 8 bytes each; they may lie apart, as a column of records does.
    n_places : int
        Items of a full chunk, >= n; bytes of those that are not there are zero.

    Returns
    -------
    (n_bytes, n_places) uint8
        One row a byte of an item.
    """
    width = items.dtype.itemsize
    if width not in WIDTHS or items.ndim != 1 or items.size > n_places:
        message = (
            f"items must be at most {n_places} of {WIDTHS} bytes in one dimension, "
            f"got {items.dtype} {items.shape}"
        )
        raise TypeError(message)
    planes = np.empty((width, n_places), dtype=np.uint8)
    function = host_library().ctc_shuffle
    function.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_uint32,
        ctypes.c_uint64,
        ctypes.c_uint64,
        ctypes.c_void_p,
    ]
    function.restype = None
    stride = items.strides[0] if items.size else width
    function(items.ctypes.data, stride, width, items.size, n_places, planes.ctypes.data)
    return planes
