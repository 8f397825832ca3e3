"""What an HDF5 file may hold before anything in it is read.

A file can name other files (external links, external storage, virtual datasets, drivers), claim
datasets that no memory holds, and ask for filters that are loaded from elsewhere. Everything in
it is looked at by its description alone, without following a link or reading a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import h5py

from ctc.errors import InputError

# Limits of files that are read; `ctc/README.md` states them.
MOST_OBJECTS = 20_000
MOST_DEPTH = 16  # groups in groups
MOST_ATTRIBUTES = 1_000  # of one object
LARGEST_ATTRIBUTE = 1 << 20  # [bytes]
# All datasets together may claim this many bytes, and so many for each byte of the file: deflate
# packs at most 1032 to 1, and a small file may hold one value that many rows share.
PLENTY = 10_000_000
MOST_PACKED = 1032
# All datasets together may have this many chunks, and one for so many bytes of the file: what
# says where a chunk lies takes as many.
MOST_CHUNKS = 100_000
CHUNK_BYTES = 8

_FILTERS = {
    h5py.h5z.FILTER_DEFLATE: "gzip",
    h5py.h5z.FILTER_SHUFFLE: "shuffle",
}
_LINKS = {
    h5py.h5l.TYPE_SOFT: "a soft link",
    h5py.h5l.TYPE_EXTERNAL: "a link to another file",
}
_PLAIN = {h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM}
# Older files of ours hold units as texts of variable length, which nothing reads.
_UNREAD = b"units"


@dataclass
class _Tally:
    objects: int = 0
    claimed: int = 0
    chunks: int = 0


def check_contents(file: h5py.File, *, is_own: bool = True) -> None:
    """Refuse a file that reaches beyond itself or claims more than it can hold.

    Parameters
    ----------
    file : h5py.File
        Open; nothing of it has been read.
    is_own : bool
        Whether only ctc writes such files; then texts of variable length, references and other
        values that lie apart from their dataset are refused too.

    Raises
    ------
    InputError
        Names the object and what it must be.

    Notes
    -----
    Looking is left to the HDF5 library: the files of ctc carry a checksum on every block of
    metadata, so that what it looks at is what some program wrote.
    """
    size = Path(file.filename).stat().st_size
    most, most_chunks = PLENTY + MOST_PACKED * size, MOST_CHUNKS + size // CHUNK_BYTES
    tally = _Tally()
    seen: set[Any] = set()
    _check_attributes(file.id, "/", is_own=is_own)
    groups = [(h5py.h5o.open(file.id, b"/"), "", 0)]
    while groups:
        group, place, depth = groups.pop()
        for child, path in _children(group, place, tally=tally):
            address = h5py.h5o.get_info(child).addr
            if address in seen:
                continue
            seen.add(address)
            _check_attributes(child, path, is_own=is_own)
            if isinstance(child, h5py.h5g.GroupID):
                if depth >= MOST_DEPTH:
                    raise _error(path, f"lie in at most {MOST_DEPTH} groups", "more")
                groups.append((child, path, depth + 1))
            elif isinstance(child, h5py.h5d.DatasetID):
                claimed, n_chunks = _claimed(child, path, is_own=is_own)
                tally.claimed, tally.chunks = tally.claimed + claimed, tally.chunks + n_chunks
                if tally.claimed > most:
                    rule = f"fit the file, which can hold {most:,} bytes at most"
                    raise _error(path, rule, f"{tally.claimed:,} bytes with those before it")
                if tally.chunks > most_chunks:
                    rule = f"fit the file, which can hold {most_chunks:,} chunks at most"
                    raise _error(path, rule, f"{tally.chunks:,} with those before it")


def _children(group: Any, place: str, *, tally: _Tally) -> Iterator[tuple[Any, str]]:
    tally.objects += group.get_num_objs()
    if tally.objects > MOST_OBJECTS:
        raise _error(place or "/", f"bring the file to at most {MOST_OBJECTS:,} objects", "more")
    for name in group:
        path = f"{place}/{name.decode(errors='replace')}"
        kind = group.links.get_info(name).type
        if kind != h5py.h5l.TYPE_HARD:
            raise _error(path, "lie in the file itself", _LINKS.get(kind, "a link of another kind"))
        yield h5py.h5o.open(group, name), path


def _claimed(dataset: Any, path: str, *, is_own: bool) -> tuple[int, int]:
    """Return the bytes that a dataset claims, a whole chunk at least, and its number of chunks.

    Refuses what it may not be.
    """
    creation = dataset.get_create_plist()
    if creation.get_external_count():
        raise _error(path, "hold its values in the file itself", "one in other files")
    layout = creation.get_layout()
    if layout == h5py.h5d.VIRTUAL:
        raise _error(path, "hold its values itself", "a virtual one, made of other datasets")
    filters = [creation.get_filter(index)[0] for index in range(creation.get_nfilters())]
    for code in filters:
        if code not in _FILTERS or filters.count(code) > 1:
            name = _FILTERS.get(code, f"number {code}")
            once = f"be packed by {', '.join(_FILTERS.values())}, each at most once"
            raise _error(path, once, f"filter {name}")
    kind = dataset.get_type()
    if is_own and not _is_plain(kind):
        raise _error(path, "hold plain numbers or texts of fixed length", _name_of(kind))
    size = int(kind.get_size())
    space = dataset.get_space()
    if is_own and space.get_simple_extent_type() == h5py.h5s.NULL:
        raise _error(path, "have a shape", "none")
    n_values = int(space.get_simple_extent_npoints())
    if layout != h5py.h5d.CHUNKED:
        return size * n_values, 0
    lengths = creation.get_chunk()
    shape = space.get_simple_extent_dims()
    n_chunks = prod(-(-n // each) for n, each in zip(shape, lengths, strict=True))
    return size * max(n_values, prod(lengths)), n_chunks


def _check_attributes(thing: Any, path: str, *, is_own: bool) -> None:
    count = h5py.h5a.get_num_attrs(thing)
    if count > MOST_ATTRIBUTES:
        raise _error(path, f"have at most {MOST_ATTRIBUTES:,} attributes", f"{count:,}")
    for index in range(count):
        attribute = h5py.h5a.open(thing, index=index)
        name, kind = attribute.name, attribute.get_type()
        place = f"{path}@{name.decode(errors='replace')}"
        if is_own and not _is_plain(kind) and name != _UNREAD:
            raise _error(place, "be a plain number or a text of fixed length", _name_of(kind))
        space = attribute.get_space()
        if is_own and space.get_simple_extent_type() == h5py.h5s.NULL:
            raise _error(place, "have a value", "none")
        size = int(kind.get_size()) * int(space.get_simple_extent_npoints())
        if size > LARGEST_ATTRIBUTE:
            raise _error(place, f"be at most {LARGEST_ATTRIBUTE:,} bytes", f"{size:,}")


def _is_plain(kind: Any) -> bool:
    """Return whether values of a type lie where their dataset lies, all of one length."""
    code = kind.get_class()
    if code == h5py.h5t.STRING:
        return not kind.is_variable_str()
    if code == h5py.h5t.ARRAY:
        return _is_plain(kind.get_super())
    if code == h5py.h5t.COMPOUND:
        members = range(kind.get_nmembers())
        return all(_is_plain(kind.get_member_type(index)) for index in members)
    return code in _PLAIN


def _name_of(kind: Any) -> str:
    return {
        h5py.h5t.STRING: "a text of variable length",
        h5py.h5t.VLEN: "values of variable length",
        h5py.h5t.REFERENCE: "a reference",
        h5py.h5t.OPAQUE: "opaque bytes",
        h5py.h5t.COMPOUND: "a record with such a value",
    }.get(kind.get_class(), "values of another kind")


def _error(path: str, rule: str, got: str) -> InputError:
    message = f"'{path}' must {rule}, got {got}. The file is damaged, or no program of this kind "
    return InputError(message + "wrote it: make it again.")
