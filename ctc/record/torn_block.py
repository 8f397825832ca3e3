"""A block of a chunk index that a kill tore, and what makes it whole.

The system looks for a kill between two pages of a write: the block is new up to there and old
behind. Each chunk is written once, so that elements of chunks that count are the same in both,
and only the checksum does not fit.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence

import h5py
import numpy as np

from ctc.record.chunk_index import ADDRESS, CHECKSUM, UNDEFINED, Block, Read, index_blocks
from ctc.record.lookup3 import lookup3, lookup3_of_each

SYSTEM_PAGE = 4096  # [bytes]; the least that any system has
_AT_ONCE = 256  # blocks whose checksums are taken together


def crosses_a_page(block: Block) -> bool:
    """Return whether a kill can divide a block."""
    last = block.offset + block.size + CHECKSUM - 1
    return block.offset // SYSTEM_PAGE != last // SYSTEM_PAGE


def torn_block(file: h5py.File) -> tuple[int, bytes] | None:
    """Return where the block lies that a kill tore and what must be there; None without one.

    Parameters
    ----------
    file : h5py.File
        Open, on disk; no living process writes it.

    Raises
    ------
    ValueError, OSError, RuntimeError, LookupError
        If the file is damaged otherwise: a kill tears one block at most.
    """
    descriptor = file.id.get_vfd_handle()
    end = os.fstat(descriptor).st_size

    def read(offset: int, size: int) -> bytes:
        found = os.pread(descriptor, size, offset) if offset + size <= end else b""
        if len(found) < size:
            message = f"index of chunks must lie in the file, got a block at {offset}"
            raise ValueError(message)
        return found

    by_size: dict[int, list[Block]] = defaultdict(list)
    seen: set[int] = set()
    for address in _growing_datasets(file):
        for block in index_blocks(read, address):
            if block.offset in seen:
                message = f"index of chunks must have blocks of its own, got one at {block.offset}"
                raise ValueError(message)
            seen.add(block.offset)
            if crosses_a_page(block):
                by_size[block.size].append(block)
    torn = [block for alike in by_size.values() for block in _not_sealed(read, alike)]
    if len(torn) > 1:
        message = f"at most one block of an index may be torn, got {len(torn)}"
        raise ValueError(message)
    return (torn[0].offset, _mended(read, torn[0], end=end)) if torn else None


def _growing_datasets(file: h5py.File) -> list[int]:
    """Return where the headers of all datasets lie that can grow."""
    found = []

    def note(_name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks and None in item.maxshape:
            found.append(h5py.h5o.get_info(item.id).addr)

    file.visititems(note)
    return found


def _not_sealed(read: Read, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield those of some blocks of one size whose checksums do not fit."""
    size = blocks[0].size
    for start in range(0, len(blocks), _AT_ONCE):
        some = blocks[start : start + _AT_ONCE]
        contents = b"".join(read(block.offset, size + CHECKSUM) for block in some)
        held = np.frombuffer(contents, dtype=np.uint8).reshape(len(some), -1)
        stored = held[:, size:].copy().view("<u4")[:, 0]
        for number in np.flatnonzero(lookup3_of_each(held[:, :size]) != stored).tolist():
            yield some[number]


def _mended(read: Read, block: Block, *, end: int) -> bytes:
    content = bytearray(read(block.offset, block.size + CHECKSUM))
    # Half new and half old, an address says nothing; its chunk did not count yet.
    divided = set(_divided_elements(block))
    for place in range(block.first, block.first + block.n_elements * block.width, block.width):
        at = place - block.offset
        address = int.from_bytes(content[at : at + ADDRESS], "little")
        if end <= address < UNDEFINED:
            if place not in divided:
                message = f"index of chunks must lead into the file, got {address} in it"
                raise ValueError(message)
            content[at : at + block.width] = b"\xff" * ADDRESS + bytes(block.width - ADDRESS)
    content[block.size :] = lookup3(bytes(content[: block.size])).to_bytes(CHECKSUM, "little")
    return bytes(content)


def _divided_elements(block: Block) -> Iterator[int]:
    """Yield where the elements begin that lie on both sides of a page of the system."""
    last = block.first + block.n_elements * block.width - 1
    for page in range(block.first // SYSTEM_PAGE + 1, last // SYSTEM_PAGE + 1):
        behind = page * SYSTEM_PAGE - block.first
        if behind % block.width:
            yield block.first + behind // block.width * block.width
