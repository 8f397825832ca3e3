"""One dataset that grows row by row, written past the slow parts of h5py."""

from __future__ import annotations

from functools import partial
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.record.packing import pack


class Column:
    """Writer of a chunked dataset that nobody else changes meanwhile.

    A write through ``dataset[...] = values`` takes 0.1 ms whatever its size, and an epoch makes a
    hundred of them.

    Parameters
    ----------
    dataset : h5py.Dataset
        Open for writing.
    dtype, tail : str, tuple of int, optional
        Dtype, and lengths beside that of the rows, that it must have.

    Raises
    ------
    ValueError
        If it is no dataset that can grow, or of another dtype.
    """

    def __init__(
        self,
        dataset: h5py.Dataset,
        *,
        dtype: str | None = None,
        tail: tuple[int, ...] | None = None,
    ) -> None:
        if not isinstance(dataset, h5py.Dataset) or dataset.chunks is None:
            message = f"'{dataset.name}' must be a column that can grow"
            raise ValueError(message)
        if dtype is not None and dataset.dtype != np.dtype(dtype):
            message = f"'{dataset.name}' must be of {dtype}, got {dataset.dtype.str}"
            raise ValueError(message)
        if tail is not None and dataset.shape[1:] != tail:
            message = f"'{dataset.name}' must have rows of shape {tail}, got {dataset.shape[1:]}"
            raise ValueError(message)
        self._id = dataset.id
        self._length = dataset.shape[0]
        self._is_packed = dataset.compression is not None
        self.tail = tuple(dataset.shape[1:])
        self.chunks = tuple(dataset.chunks)
        self.dtype: np.dtype[Any] = dataset.dtype
        self._type = h5py.h5t.py_create(self.dtype)
        # Two spaces that are used again and again: to make one takes as long as the write.
        self._place = self._id.get_space()
        self._values = h5py.h5s.create_simple(self.tail or (1,))
        self._shape: tuple[int, ...] = ()

    @property
    def chunk_rows(self) -> int:
        """Rows a chunk."""
        return int(self.chunks[0])

    def extend(self, n_rows: int) -> None:
        """See to it that the dataset has so many rows at least."""
        if n_rows > self._length:
            self._id.set_extent((n_rows, *self.tail))
            self._length = n_rows
            self._place.set_extent_simple((n_rows, *self.tail))

    def put(self, start: int, rows: npt.ArrayLike) -> None:
        """Write rows, (n, *tail), from row `start` on; the dataset must have them.

        Not for datasets that are packed: HDF5 would pack the chunk itself.
        """
        values = np.ascontiguousarray(rows, dtype=self.dtype)
        if values.size == 0:
            return
        if values.shape != self._shape:
            self._values.set_extent_simple(values.shape)
            self._shape = values.shape
        self._place.select_hyperslab((start,) + (0,) * len(self.tail), values.shape)
        self._id.write(self._values, self._place, values, self._type)

    def put_row(self, index: int, row: npt.ArrayLike) -> None:
        """Write one row, and extend the dataset to it."""
        self.put_rows(index, np.asarray(row)[np.newaxis])

    def put_rows(self, start: int, rows: npt.NDArray[Any]) -> None:
        """Write rows, (n, *tail), from row `start` on, and extend the dataset to them."""
        are_new = start >= self._length
        self.extend(start + rows.shape[0])
        # New rows are zero as they are.
        if not are_new or rows.any():
            self.put(start, rows)

    def packing(self, rows: npt.NDArray[Any]) -> partial[bytes]:
        """Return the job that makes the bytes of a chunk whose first rows these are."""
        if self._is_packed:
            return partial(pack, rows, shape=self.chunks)
        return partial(_whole_chunk, rows, self.chunks)

    def put_chunk(self, start: int, packed: bytes) -> None:
        """Write the bytes of a chunk past the filters of HDF5; the dataset must have the row."""
        self._id.write_direct_chunk((start,) + (0,) * len(self.tail), packed)


def _whole_chunk(rows: npt.NDArray[Any], shape: tuple[int, ...]) -> bytes:
    full = np.zeros(shape, dtype=rows.dtype)
    full[: rows.shape[0]] = rows
    return full.tobytes()
