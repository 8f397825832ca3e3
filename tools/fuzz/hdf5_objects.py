"""Changes of HDF5 files through the library: files that are sound and say what is not so."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import h5py
import numpy as np

ObjectChange = Callable[[h5py.File, Random], None]

# Where links, virtual datasets and external storage lead: a reader that follows them has lost.
# From a file beside the folder, and from one that lies in a folder beside it.
OUTSIDE = (
    "outside/secret.h5", "outside/pipe", "outside/new", "../outside/secret.h5", "../outside/pipe",
    "../outside/new", "/proc/version",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, -(2**63), 2**64 - 1)
_REALS = (float("nan"), float("inf"), -float("inf"), -1.0, 0.0, 1e308, -1e308, 5e-324, 1e-30, 1e30)


def datasets(file: h5py.File) -> list[str]:
    """Return the names of all datasets, in order."""
    found: list[str] = []
    file.visititems(
        lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None
    )
    return sorted(found)


def change_values(file: h5py.File, draw: Random) -> None:
    """Put numbers into a dataset that no writer would."""
    dataset = file[_some(file, draw, filled=True)]
    values = dataset[()] if dataset.size < 2**24 else dataset[:9]
    dataset[()] = _spoilt(np.array(values), draw)


def change_attribute(file: h5py.File, draw: Random) -> None:
    """Give an attribute another value, type or shape, or none."""
    names = ["", *datasets(file)]
    holders = [file[name] if name else file for name in names]
    holders += [
        file[name] for name in ("status", "vessels/flow", "counts", "VTKHDF") if name in file
    ]
    holder = draw.choice([each for each in holders if len(each.attrs)] or [file])
    if not len(holder.attrs):
        return
    name = draw.choice(sorted(holder.attrs))
    odd = draw.choice((*_NUMBERS[:9], *_REALS, b"", b"\xff\xfe", "caf\u00e9", b"x" * 5000, None))
    del holder.attrs[name]
    if odd is None:
        return
    if draw.random() < 0.3:
        holder.attrs[name] = np.array([1, 2, 3, 4])
    elif isinstance(odd, int):
        holder.attrs[name] = np.int64(odd)
    elif isinstance(odd, float | str):
        holder.attrs[name] = odd
    else:
        holder.attrs.create(name, odd, dtype=f"S{max(len(odd), 1)}")


def change_counter(file: h5py.File, draw: Random) -> None:
    """Let a count be larger or smaller than what there is."""
    if "counters" in file:
        row = file["counters"][0]
        name = draw.choice(row.dtype.names)
        row[name] = _count(int(row[name]), row.dtype[name], draw)
        file["counters"][0] = row
    elif "counts" in file:
        attributes = file["counts"].attrs
        name = draw.choice(sorted(attributes))
        attributes[name] = np.int64(_count(int(attributes[name]), np.dtype("i8"), draw))
    else:
        change_values(file, draw)


def change_dtype(file: h5py.File, draw: Random) -> None:
    """Store a dataset in another type."""
    name = _some(file, draw)
    shape = file[name].shape
    kind = draw.choice(("f8", "f2", "i1", "u1", ">i4", "u8", "S3", "c16", "?", "V7", "f4,i8"))
    _replace(file, name, np.zeros(shape if np.prod(shape, dtype=float) < 1e6 else (1,), dtype=kind))


def change_shape(file: h5py.File, draw: Random) -> None:
    """Store a dataset in another shape."""
    name = _some(file, draw)
    values = np.asarray(file[name][()]) if file[name].size < 1_000_000 else np.zeros(3)
    rows = values.shape[0] if values.ndim else 1
    odd = draw.choice(
        (
            np.zeros((), values.dtype),
            np.zeros((0, *values.shape[1:]), values.dtype),
            values[..., np.newaxis],
            np.zeros((rows + 1, *values.shape[1:]), values.dtype),
            np.zeros((max(rows - 1, 0), *values.shape[1:]), values.dtype),
            values.T,
            values.reshape(-1),
            np.zeros((1,) * 20, values.dtype),
        )
    )
    _replace(file, name, odd)


def empty_dataset(file: h5py.File, draw: Random) -> None:
    """Store a dataset without a dataspace."""
    name = _some(file, draw)
    dtype = file[name].dtype
    del file[name]
    file.create_dataset(name, data=h5py.Empty(dtype))


def remove(file: h5py.File, draw: Random) -> None:
    """Take a dataset or a group away."""
    del file[draw.choice(datasets(file) + sorted(file))]


def add(file: h5py.File, draw: Random) -> None:
    """Put a dataset where none is expected."""
    place = draw.choice(["", *(each + "/" for each in file if isinstance(file[each], h5py.Group))])
    name = draw.choice(
        ("extra", "cell_extra", "caf\u00e9", "a b", "name", "\x1b[31m", "..", "x" * 3000)
    )
    if name != ".." and place + name not in file:
        file[place + name] = np.arange(draw.choice((0, 1, 9)))


def dataset_as_group(file: h5py.File, draw: Random) -> None:
    """Make a dataset a group."""
    name = _some(file, draw)
    del file[name]
    file.create_group(name)


def group_as_dataset(file: h5py.File, draw: Random) -> None:
    """Make a group a dataset."""
    groups = [name for name in file if isinstance(file[name], h5py.Group)]
    if groups:
        name = draw.choice(groups)
        del file[name]
        file[name] = np.arange(3)


def swap(file: h5py.File, draw: Random) -> None:
    """Let two datasets of one shape and type change names."""
    first = _some(file, draw)
    like = [
        name
        for name in datasets(file)
        if name != first
        and (file[name].shape, file[name].dtype) == (file[first].shape, file[first].dtype)
    ]
    if like:
        second = draw.choice(like)
        file.move(first, "aside")
        file.move(second, first)
        file.move("aside", second)


def huge(file: h5py.File, draw: Random) -> None:
    """Let a dataset claim 2^40 rows, which cost nothing on the disk."""
    name = _some(file, draw)
    dtype, tail = file[name].dtype, file[name].shape[1:]
    del file[name]
    rows = draw.choice((2**30, 2**40, 2**31))
    if draw.random() < 0.5:
        file.create_dataset(name, (rows, *tail), dtype, chunks=(1024, *(max(n, 1) for n in tail)))
        return
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    space = h5py.h5s.create_simple((rows, *tail))
    kind = h5py.h5t.py_create(dtype)
    h5py.h5d.create(file.id, name.encode(), kind, space, dcpl=creation)


def bomb(file: h5py.File, draw: Random) -> None:
    """Pack a gigabyte of zeros into a chunk."""
    name = _some(file, draw)
    dtype = file[name].dtype
    del file[name]
    rows = 2**30 // dtype.itemsize
    made = file.create_dataset(
        name, (rows,), dtype, chunks=(min(rows, 2**26),), compression="gzip", maxshape=(None,)
    )
    made.id.write_direct_chunk((0,), _packed_zeros())


def link_outside(file: h5py.File, draw: Random) -> None:
    """Let a name stand for an object of another file."""
    name = draw.choice(datasets(file) + sorted(file))
    del file[name]
    file[name] = h5py.ExternalLink(draw.choice(OUTSIDE), draw.choice(("/", "/x", name)))


def link_softly(file: h5py.File, draw: Random) -> None:
    """Let names stand for each other in a circle, or for nothing."""
    name = draw.choice(datasets(file) + sorted(file))
    target = draw.choice((name, "/nowhere", "/", "/circle"))
    del file[name]
    file[name] = h5py.SoftLink("/" + target.lstrip("/"))
    if target == "/circle":
        file["circle"] = h5py.SoftLink("/" + name)


def circle(file: h5py.File, draw: Random) -> None:
    """Put a group into itself."""
    groups = [name for name in file if isinstance(file[name], h5py.Group)]
    if groups:
        group = file[draw.choice(groups)]
        group["itself"] = group


def virtual(file: h5py.File, draw: Random) -> None:
    """Make a dataset of the content of another file."""
    name = _some(file, draw)
    shape, dtype = file[name].shape or (1,), file[name].dtype
    del file[name]
    layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
    layout[...] = h5py.VirtualSource(draw.choice(OUTSIDE), "x", shape=shape)
    file.create_virtual_dataset(name, layout)


def external_storage(file: h5py.File, draw: Random) -> None:
    """Let the bytes of a dataset lie in any file of the machine."""
    name = _some(file, draw)
    shape, dtype = file[name].shape or (1,), file[name].dtype
    del file[name]
    size = int(np.prod(shape)) * dtype.itemsize
    file.create_dataset(name, shape, dtype, external=[(draw.choice(OUTSIDE), 0, max(size, 1))])


def odd_type(file: h5py.File, draw: Random) -> None:
    """Store what we never store: references, texts of variable length, records, texts of bytes."""
    name = _some(file, draw)
    n = max(int(file[name].shape[0]) if file[name].shape else 1, 1)
    n = min(n, 10_000)
    del file[name]
    kind = draw.randrange(6)
    if kind == 0:
        file.create_dataset(name, data=["text"] * n, dtype=h5py.string_dtype())
    elif kind == 1:
        file.create_dataset(name, (n,), dtype=h5py.vlen_dtype(np.int32))[0] = [1, 2, 3]
    elif kind == 2:
        file.create_dataset(name, data=np.array([file.ref] * n, dtype=h5py.ref_dtype))
    elif kind == 3:
        file.create_dataset(name, (n,), dtype=h5py.regionref_dtype)
    elif kind == 4:
        file[name] = np.full(n, b"\xff\xfe\xed\xa0\x80")
    else:
        file[name] = np.zeros(n, dtype=[("a", "f8"), ("b", [("c", "S3"), ("d", "f4", (2, 2))])])


def unknown_filter(file: h5py.File, draw: Random) -> None:
    """Pack a dataset with a filter that is not there to be read with."""
    name = _some(file, draw)
    shape, dtype = file[name].shape, file[name].dtype
    del file[name]
    made = file.create_dataset(
        name, shape or (1,), dtype, chunks=True, scaleoffset=0 if dtype.kind in "iu" else None,
        compression=None if dtype.kind in "iu" else "lzf",
    )  # fmt: skip
    made[...] = np.zeros(shape or (1,), dtype)


def deep(file: h5py.File, draw: Random) -> None:
    """Put groups into groups into groups."""
    group = file
    for _ in range(draw.choice((20, 200, 2000))):
        group = group.create_group("g")


def crowd(file: h5py.File, draw: Random) -> None:
    """Add many small objects or attributes."""
    groups = [file, *(file[name] for name in file if isinstance(file[name], h5py.Group))]
    group = draw.choice(groups)
    if draw.random() < 0.5:
        for number in range(draw.choice((100, 2000))):
            group.attrs[f"a{number}"] = number
    else:
        for number in range(draw.choice((100, 2000))):
            group[f"d{number}"] = number


def giant_attribute(file: h5py.File, draw: Random) -> None:
    """Add an attribute of megabytes."""
    holder = draw.choice([file, *(file[name] for name in datasets(file)[:20])])
    name = draw.choice([*holder.attrs, "giant"])
    if name in holder.attrs:
        del holder.attrs[name]
    holder.attrs[name] = np.zeros(draw.choice((2**14, 2**20)), dtype="f8")


def other_version(file: h5py.File, draw: Random) -> None:
    """Claim another format, or one of the future."""
    if draw.random() < 0.3:
        file.attrs["format"] = np.bytes_(draw.choice((b"", b"ctc-run", b"ctc-network", b"\xff")))
    odd = draw.choice(((9, 9), (1, 2**40), (0, 0), (-1, 5), (1,), (), (1, 4, 7), (1.5, 2)))
    file.attrs["format_version"] = np.array(odd)


OBJECTS: tuple[ObjectChange, ...] = (
    change_values, change_values, change_values, change_values, change_attribute, change_attribute,
    change_counter, change_counter, change_dtype, change_shape, change_shape, empty_dataset, remove,
    add, dataset_as_group, group_as_dataset, swap, huge, bomb, link_outside, link_softly, circle,
    virtual, external_storage, odd_type, unknown_filter, deep, crowd, giant_attribute,
    other_version,
)  # fmt: skip

_ZEROS: list[bytes] = []


def _packed_zeros() -> bytes:
    if not _ZEROS:
        _ZEROS.append(zlib.compress(bytes(2**26), 9))
    return _ZEROS[0]


def _some(file: h5py.File, draw: Random, *, filled: bool = False) -> str:
    """Return the name of a dataset; those of all groups are equally likely."""
    names = datasets(file)
    if filled:
        names = [name for name in names if file[name].size] or names
    groups = sorted({name.rpartition("/")[0] for name in names})
    group = draw.choice(groups)
    return draw.choice([name for name in names if name.rpartition("/")[0] == group])


def _count(now: int, dtype: np.dtype[Any], draw: Random) -> int:
    info = np.iinfo(dtype)
    odd = draw.choice((0, now + 1, now - 1, now * 2 + 3, 2**20, 2**40, info.max, info.max // 2))
    return int(min(max(odd, info.min), info.max))


def _spoilt(values: Any, draw: Random) -> Any:
    flat = values.reshape(-1)
    if values.dtype.names is not None:
        for name in values.dtype.names:
            if draw.random() < 0.2:
                values[name] = _spoilt(np.array(values[name]), draw)
        return values
    if not flat.size:
        return values
    n = draw.choice((1, 1, 3, flat.size))
    at = [draw.randrange(flat.size) for _ in range(min(n, 50))] if n < flat.size else slice(None)
    if values.dtype.kind == "f":
        flat[at] = draw.choice(_REALS)
    elif values.dtype.kind in "iu":
        info = np.iinfo(values.dtype)
        odd = draw.choice((*_NUMBERS, info.min, info.max, info.max - 1, int(flat[0]) + 1))
        flat[at] = min(max(odd, int(info.min)), int(info.max))
    elif values.dtype.kind == "S":
        word = draw.choice(
            (b"", b"\xff\xfe", b"x" * values.dtype.itemsize, b"{}", b"[1, 2]", b"nan")
        )
        flat[at] = word[: values.dtype.itemsize]
    return flat.reshape(values.shape)


def _replace(file: h5py.File, name: str, values: Any) -> None:
    attributes = dict(file[name].attrs)
    del file[name]
    made = file.create_dataset(name, data=values)
    for key, value in attributes.items():
        made.attrs[key] = value
