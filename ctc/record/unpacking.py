"""Rows of datasets, unpacked by ourselves: the HDF5 library believes the length of packed chunks.

A chunk that unpacks to less than its dataset says is read by the library beyond its end, up to a
crash of the process, and one that unpacks to more fills the memory first. Here a chunk is
unpacked no farther than its length, and must have exactly that.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.packing import gzip_library

_DEFLATE, _SHUFFLE = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE
# A packed chunk is hardly longer than it was: stored blocks have five bytes for each 65535.
_HEAD = 1024


def read_rows(dataset: h5py.Dataset, start: int = 0, stop: int | None = None) -> npt.NDArray[Any]:
    """Return rows of a dataset as `dataset[start:stop]` does; all of it when both are left out.

    Parameters
    ----------
    dataset : h5py.Dataset
        Of plain values, packed by gzip and shuffle or not at all.
    start, stop : int
        First row and the row after the last; those that are not there are left out.

    Raises
    ------
    ValueError
        If it is no such dataset, or a chunk does not unpack to its length.
    """
    if not isinstance(dataset, h5py.Dataset):
        message = f"'{dataset.name}' must be a dataset, got a group"
        raise ValueError(message)
    shape = dataset.shape
    if shape is None or dataset.dtype.hasobject:
        message = f"'{dataset.name}' must hold plain values, got none or other objects"
        raise ValueError(message)
    filters = _filters(dataset)
    if not filters:
        whole = dataset[()] if not shape or (start == 0 and stop is None) else dataset[start:stop]
        return np.asarray(whole)
    first, last, _ = slice(start, stop).indices(shape[0])
    last = max(first, last)
    _require_plain_type(dataset)
    rows = np.full((last - first, *shape[1:]), dataset.fillvalue, dtype=dataset.dtype)
    if rows.size == 0:
        return rows
    lengths = dataset.chunks
    begin = first // lengths[0] * lengths[0]
    axes = [range(begin, last, lengths[0])]
    axes += [range(0, n, each) for n, each in zip(shape[1:], lengths[1:], strict=True)]
    for offset in itertools.product(*axes):
        chunk = _chunk(dataset, offset, filters)
        if chunk is None:
            continue
        place, part = [], []
        for axis, at in enumerate(offset):
            low = first if axis == 0 else 0
            high = last if axis == 0 else shape[axis]
            place.append(slice(max(at, low) - low, min(at + lengths[axis], high) - low))
            part.append(slice(max(low - at, 0), min(high - at, lengths[axis])))
        rows[tuple(place)] = chunk[tuple(part)]
    return rows


def _filters(dataset: h5py.Dataset) -> tuple[int, ...]:
    creation = dataset.id.get_create_plist()
    codes = tuple(creation.get_filter(index)[0] for index in range(creation.get_nfilters()))
    if not set(codes) <= {_DEFLATE, _SHUFFLE}:
        message = f"'{dataset.name}' must be packed by gzip and shuffle alone"
        raise ValueError(message)
    return codes


def _require_plain_type(dataset: h5py.Dataset) -> None:
    kind = dataset.dtype
    is_number = kind.kind in "iuf"
    if is_number and not h5py.h5t.py_create(kind).equal(dataset.id.get_type()):
        message = f"'{dataset.name}' must hold numbers of this machine's kinds, got others"
        raise ValueError(message)


def _chunk(
    dataset: h5py.Dataset, offset: tuple[int, ...], filters: tuple[int, ...]
) -> npt.NDArray[Any] | None:
    """Return the values of a chunk, or None where none was written."""
    n_values = math.prod(dataset.chunks)
    width = dataset.dtype.itemsize
    try:
        stored = dataset.id.get_chunk_info_by_coord(offset)
    except RuntimeError as error:
        if "errno = " in str(error):  # the system refused
            raise
        message = f"'{dataset.name}' must have its chunks in the file, their index is damaged. "
        raise InputError(message + "Copy it or make it again.") from error
    if stored.byte_offset is None:
        return None
    if stored.size > 2 * n_values * width + _HEAD:
        message = f"'{dataset.name}' must have chunks no longer than their values"
        raise ValueError(message)
    mask, data = dataset.id.read_direct_chunk(offset)
    for index in reversed(range(len(filters))):
        if mask >> index & 1:
            continue
        data = _UNDO[filters[index]](data, n_values, width)
    if len(data) != n_values * width:
        message = (
            f"'{dataset.name}' must unpack to {n_values * width} bytes at {offset}, got {len(data)}"
        )
        raise ValueError(message)
    return np.frombuffer(data, dtype=dataset.dtype).reshape(dataset.chunks)


def _inflated(data: Any, n_values: int, width: int) -> bytes:
    stream = gzip_library.decompressobj()
    try:
        unpacked: bytes = stream.decompress(data, n_values * width + 1)
    except gzip_library.error as error:
        message = f"packed values must be whole ({error})"
        raise ValueError(message) from None
    if not stream.eof:
        message = "packed values must end with their checksum"
        raise ValueError(message)
    return unpacked


def _unshuffled(data: Any, n_values: int, width: int) -> bytes:
    if len(data) != n_values * width:
        message = f"chunk must be of {n_values * width} bytes, got {len(data)}"
        raise ValueError(message)
    return np.frombuffer(data, dtype=np.uint8).reshape(width, n_values).T.tobytes()


_UNDO = {_DEFLATE: _inflated, _SHUFFLE: _unshuffled}
