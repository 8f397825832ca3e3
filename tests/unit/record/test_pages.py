"""Where HDF5 places headers of objects: a kill divides writes between pages, and no header."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import h5py

_PAGE = 4096
_HAS_TIMES, _HAS_LIMITS, _WIDTH_OF_SIZE = 0x20, 0x10, 0x03


def _header_size(content: bytes) -> int:
    """Return the bytes of an object's header, of version 2 of HDF5's format, first part."""
    assert content[:4] == b"OHDR"
    flags = content[5]
    place = 6 + 16 * bool(flags & _HAS_TIMES) + 4 * bool(flags & _HAS_LIMITS)
    width = 1 << (flags & _WIDTH_OF_SIZE)
    checksum = 4
    return place + width + int.from_bytes(content[place : place + width], "little") + checksum


def test_no_header_crosses_a_page(samples: ModuleType, tmp_path: Path) -> None:
    """Without pages of HDF5's own one in fourteen did."""
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 3)
        writer.close(digest="d" * 64)
    content = path.read_bytes()
    headers: dict[str, tuple[int, int]] = {}

    def note(name: str, item: h5py.Group | h5py.Dataset) -> None:
        start = h5py.h5o.get_info(item.id).addr
        headers[name] = start, start + _header_size(content[start : start + 64]) - 1

    with h5py.File(path, "r") as file:
        file.visititems(note)
    assert len(headers) > 200
    crossing = [name for name, (first, last) in headers.items() if first // _PAGE != last // _PAGE]
    assert not crossing
