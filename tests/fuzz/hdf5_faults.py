"""HDF5 files that once broke a reader, each made by one change of a good one."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

Change = Callable[[h5py.File, str], None]


def link_out(file: h5py.File, name: str) -> None:
    """Let it lie in another file."""
    del file[name]
    file[name] = h5py.ExternalLink("secret.h5", "/x")


def link_in_a_circle(file: h5py.File, name: str) -> None:
    """Let it stand for another that stands for it."""
    del file[name]
    file[name] = h5py.SoftLink("/circle")
    file["circle"] = h5py.SoftLink("/" + name)


def virtual(file: h5py.File, name: str) -> None:
    """Make it of the rows of another file."""
    shape, dtype = file[name].shape, file[name].dtype
    del file[name]
    layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
    layout[...] = h5py.VirtualSource("secret.h5", "x", shape=shape)
    file.create_virtual_dataset(name, layout)


def stored_outside(file: h5py.File, name: str) -> None:
    """Let its bytes be those of any file."""
    secret = str(Path(file.filename).with_name("secret.h5"))
    shape, dtype = file[name].shape, file[name].dtype
    del file[name]
    file.create_dataset(name, shape, dtype, external=[(secret, 0, 10**6)])


def huge(file: h5py.File, name: str) -> None:
    """Let it claim 2^40 rows."""
    dtype, tail = file[name].dtype, file[name].shape[1:]
    del file[name]
    file.create_dataset(name, (2**40, *tail), dtype, chunks=(1024, *tail))


def many_chunks(file: h5py.File, name: str) -> None:
    """Let it have a chunk a row."""
    dtype = file[name].dtype
    del file[name]
    file.create_dataset(name, (10**6,), dtype, chunks=(1,), maxshape=(None,))


def short_chunk(file: h5py.File, name: str) -> None:
    """Let a packed chunk unpack to less than it should, on which the HDF5 library crashes."""
    _packed(file, name, have=1000)


def long_chunk(file: h5py.File, name: str) -> None:
    """Let a packed chunk unpack to 64 times what it should."""
    _packed(file, name, have=2**26)


def _packed(file: h5py.File, name: str, *, have: int) -> None:
    dtype = file[name].dtype
    del file[name]
    rows = 2**20 // dtype.itemsize
    made = file.create_dataset(name, (rows,), dtype, chunks=(rows,), compression="gzip")
    made.id.write_direct_chunk((0,), zlib.compress(bytes(have), 9))


def twice_packed(file: h5py.File, name: str) -> None:
    """Ask for gzip of gzip, a million to one."""
    dtype = file[name].dtype
    del file[name]
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((1000,))
    for _ in range(2):
        creation.set_deflate(9)
    space = h5py.h5s.create_simple((1000,))
    h5py.h5d.create(file.id, name.encode(), h5py.h5t.py_create(dtype), space, dcpl=creation)


def other_filter(file: h5py.File, name: str) -> None:
    """Ask for a filter that we never use."""
    shape, dtype = file[name].shape, file[name].dtype
    del file[name]
    file.create_dataset(name, shape, dtype, chunks=True, compression="lzf")


def texts_in_a_heap(file: h5py.File, name: str) -> None:
    """Make it texts of variable length, whose heap can keep the HDF5 library busy for ever."""
    del file[name]
    file.create_dataset(name, data=["a", "b"], dtype=h5py.string_dtype())


def references(file: h5py.File, name: str) -> None:
    """Make it references."""
    del file[name]
    file.create_dataset(name, data=np.array([file.ref], dtype=h5py.ref_dtype))


def without_shape(file: h5py.File, name: str) -> None:
    """Let it have no shape, not even that of one number."""
    dtype = file[name].dtype
    del file[name]
    file.create_dataset(name, data=h5py.Empty(dtype))


def empty_attribute(file: h5py.File, name: str) -> None:
    """Add an attribute without a value."""
    file[name].attrs["empty"] = h5py.Empty("f8")


def group_instead(file: h5py.File, name: str) -> None:
    """Make it a group."""
    del file[name]
    file.create_group(name)


def deep(file: h5py.File, name: str) -> None:
    """Add groups in groups."""
    assert name in file
    group = file
    for _ in range(200):
        group = group.create_group("g")


def giant_attribute(file: h5py.File, name: str) -> None:
    """Add an attribute of 8 MB."""
    file[name].attrs["giant"] = np.zeros(2**20)


FAULTS: dict[Change, str] = {
    link_out: "must lie in the file itself, got a link to another file",
    link_in_a_circle: "must lie in the file itself, got a soft link",
    virtual: "must hold its values itself, got a virtual one",
    stored_outside: "must hold its values in the file itself, got one in other files",
    huge: "must fit the file, which can hold",
    many_chunks: "chunks at most, got",
    short_chunk: "must",
    long_chunk: "must",
    twice_packed: "must be packed by gzip, shuffle, each at most once",
    other_filter: "must be packed by gzip, shuffle, each at most once",
    texts_in_a_heap: "must hold plain numbers or texts of fixed length",
    without_shape: "must",
    empty_attribute: "must have a value, got none",
    references: "must hold plain numbers or texts of fixed length",
    group_instead: "must",
    deep: "must lie in at most 16 groups",
    giant_attribute: "must be at most 1,048,576 bytes",
}
