"""Chunked datasets whose chunks we pack ourselves, texts and arrays that never change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import little_endian
from ctc.record.columns import Column
from ctc.record.layout import Compression, Field
from ctc.record.packing import LEVEL
from ctc.record.unpacking import read_rows


def create_growing(
    group: h5py.Group,
    field: Field,
    *,
    rows: int,
    compression: Compression,
    tail: tuple[int, ...] = (),
) -> h5py.Dataset:
    """Create an empty dataset that grows along its first axis, with its unit and meaning.

    Parameters
    ----------
    group : h5py.Group
        Where it goes.
    field : Field
        Name, dtype, unit and meaning.
    rows : int
        Rows a chunk.
    compression : Compression
        Whether its chunks are packed.
    tail : tuple of int
        Shape of one row.
    """
    filters: dict[str, Any] = {}
    if compression is Compression.GZIP:
        filters = {"compression": "gzip", "compression_opts": LEVEL, "shuffle": True}
    dataset = group.create_dataset(
        field.name,
        shape=(0, *tail),
        maxshape=(None, *room(tail)),
        chunks=(rows, *(max(length, 1) for length in tail)),
        dtype=field.dtype,
        **filters,
    )
    describe(dataset, field)
    return dataset


def room(shape: tuple[int, ...]) -> tuple[int | None, ...]:
    """Return the largest shape to declare: HDF5 wants room in an axis of no items."""
    return tuple(length or None for length in shape)


def describe(dataset: h5py.Dataset, field: Field) -> None:
    """Attach the unit and the meaning of a field to its dataset."""
    # The name is "units": MDAnalysis takes "unit" for one of its own four lengths and refuses.
    dataset.attrs["units"] = np.bytes_(field.unit)
    dataset.attrs["meaning"] = np.bytes_(field.meaning)


def store_text(group: h5py.Group, name: str, text: str | Sequence[str]) -> None:
    """Create a dataset that holds a text, or a list of texts, in UTF-8 of fixed length.

    Texts of variable length lie in a heap on which the HDF5 library can loop without end once a
    byte of it is damaged; these are plain data.
    """
    texts = [text] if isinstance(text, str) else list(text)
    encoded = [each.encode() for each in texts]
    kind = h5py.string_dtype("utf-8", max([1, *map(len, encoded)]))
    array = np.array(encoded, dtype=kind)
    group.create_dataset(name, data=array.reshape(()) if isinstance(text, str) else array)


def load_text(group: h5py.Group, name: str) -> str:
    """Return a text that `store_text` stored."""
    return str(bytes(read_rows(group[name])[()]), "utf-8")


def load_texts(group: h5py.Group, name: str) -> tuple[str, ...]:
    """Return a list of texts that `store_text` stored."""
    return tuple(str(text, "utf-8") for text in read_rows(group[name]).tolist())


def store_array(
    group: h5py.Group, name: str, array: npt.NDArray[Any], *, compression: Compression
) -> h5py.Dataset:
    """Create a dataset that holds a whole array and never changes, packed as `Column.packing` does.

    Parameters
    ----------
    group : h5py.Group
        Where it goes.
    name : str
        Its name.
    array : (n, ...) array
        The values; stored little-endian.
    compression : Compression
        Whether to pack it.

    Returns
    -------
    h5py.Dataset
        The new dataset.
    """
    array = little_endian(array)
    if compression is Compression.NONE or array.size == 0 or array.ndim == 0:
        return group.create_dataset(name, data=array)
    rows = min(array.shape[0], 65536)
    dataset = group.create_dataset(
        name,
        shape=array.shape,
        dtype=array.dtype,
        chunks=(rows, *array.shape[1:]),
        compression="gzip",
        compression_opts=LEVEL,
        shuffle=True,
    )
    column = Column(dataset)
    for start in range(0, array.shape[0], rows):
        column.put_chunk(start, column.packing(array[start : start + rows])())
    return dataset
