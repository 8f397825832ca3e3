"""Where the chunks of a growing dataset lie: the blocks that say so, and those that a kill tore.

HDF5 File Format Specification 3.0: object headers (IV.A.1.b), layout messages (IV.A.2.i), and
extensible arrays (VII.D), whose blocks hold an element for each chunk and end in a checksum.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import h5py
import numpy as np

from ctc.record.lookup3 import lookup3, lookup3_of_each

# A kill ends a write between two pages of the system; 4096 bytes are the least that any has.
SYSTEM_PAGE = 4096
_UNDEFINED = 2**64 - 1
_MOST_BLOCKS = 100_000  # of one index; those of 10^8 chunks are fewer
_MOST_PARTS = 64  # of a header
_CHECKSUM = 4
_ADDRESS = 8
_LAYOUT, _CONTINUATION = 0x08, 0x10  # kinds of messages
_CHUNKED, _EXTENSIBLE_ARRAY = 2, 4  # classes of layout, kinds of index
_HAS_ORDER, _HAS_LIMITS, _HAS_TIMES = 0x04, 0x10, 0x20  # flags of object headers

Read = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Block:
    """A block of an index.

    Attributes
    ----------
    offset, size : int
        Where it begins in the file, and its bytes up to the checksum.
    first, width : int
        Where its elements begin in the file, and the bytes of each.
    """

    offset: int
    size: int
    first: int
    width: int

    @property
    def crosses_a_page(self) -> bool:
        """Whether a kill can divide it."""
        end = self.offset + self.size + _CHECKSUM - 1
        return self.offset // SYSTEM_PAGE != end // SYSTEM_PAGE


def torn_blocks(file: h5py.File) -> dict[int, bytes]:
    """Return what makes whole the blocks of indices that a kill tore.

    Such a block is new up to a page of the system and old behind it. Elements of chunks that
    count are the same in both, as each chunk is written once; only the checksum does not fit.

    Parameters
    ----------
    file : h5py.File
        Open; no living process writes it.

    Returns
    -------
    dict of int to bytes
        What must be at which places of the file.
    """
    with Path(file.filename).open("rb") as plain:
        end = os.fstat(plain.fileno()).st_size

        def read(offset: int, size: int) -> bytes:
            if offset + size > end:
                message = f"index of chunks must lie in the file, got a block at {offset}"
                raise ValueError(message)
            return os.pread(plain.fileno(), size, offset)

        blocks: dict[int, list[Block]] = defaultdict(list)
        for address in _growing_datasets(file):
            for block in islice(index_blocks(read, address), _MOST_BLOCKS):
                if block.crosses_a_page:
                    blocks[block.size].append(block)
        mended: dict[int, bytes] = {}
        for size, alike in blocks.items():
            mended |= _mended(read, alike, size=size, end=end)
    return mended


def index_blocks(read: Read, header: int) -> Iterator[Block]:
    """Return the blocks of a dataset's index that hold elements, where it is an extensible array.

    Parameters
    ----------
    read : function
        Returns bytes of the file by offset and size.
    header : int
        Where the header of the dataset lies.
    """
    array = _index_address(read, header)
    if array != _UNDEFINED:
        yield from _Array(read, array).blocks()


class _Array:
    """An extensible array: a header, an index block, and data blocks under it, some in pages."""

    def __init__(self, read: Read, address: int) -> None:
        self._read = read
        head = read(address, 72)
        _require(head, b"EAHD")
        self._width, bits, self._n_own, self._least, least_pointers, page_bits = head[6:12]
        self._page = 1 << page_bits
        self._offset_size = (bits + 7) // 8
        self._n_super = 1 + bits - (self._least.bit_length() - 1)
        self._n_in_index = 2 * (least_pointers.bit_length() - 1)
        self._n_direct = 2 * (least_pointers - 1)
        self._index = int.from_bytes(head[60:68], "little")

    def blocks(self) -> Iterator[Block]:
        """Return all blocks with elements."""
        if self._index == _UNDEFINED:
            return
        prefix = 6 + _ADDRESS
        own = self._n_own * self._width
        pointers = self._n_direct + self._n_super - self._n_in_index
        size = prefix + own + pointers * _ADDRESS
        content = self._read(self._index, size)
        _require(content, b"EAIB")
        yield Block(self._index, size, self._index + prefix, self._width)
        addresses = np.frombuffer(content[prefix + own :], dtype="<u8").tolist()
        direct = iter(addresses[: self._n_direct])
        for level in range(self._n_in_index):
            for address in islice(direct, _n_data_blocks(level)):
                yield from self._data_block(address, self._n_elements(level))
        for level, address in enumerate(addresses[self._n_direct :], start=self._n_in_index):
            if address != _UNDEFINED:
                yield from self._under_super_block(address, level)

    def _n_elements(self, level: int) -> int:
        return self._least << (level + 1) // 2

    def _under_super_block(self, address: int, level: int) -> Iterator[Block]:
        n_blocks, n_elements = _n_data_blocks(level), self._n_elements(level)
        n_pages = n_elements // self._page if n_elements > self._page else 0
        # A bit for each page that was ever written, block after block; each takes whole bytes.
        start = 6 + _ADDRESS + self._offset_size
        middle = start + n_blocks * ((n_pages + 7) // 8)
        content = self._read(address, middle + n_blocks * _ADDRESS)
        _require(content, b"EASB")
        bits = np.unpackbits(np.frombuffer(content[start:middle], dtype=np.uint8))
        has_page = bits[: n_blocks * n_pages].reshape(n_blocks, n_pages)
        pointers = np.frombuffer(content[middle:], dtype="<u8")
        for data, pages in zip(pointers.tolist(), has_page.tolist(), strict=True):
            yield from self._data_block(data, n_elements, pages=pages)

    def _data_block(
        self, address: int, n_elements: int, *, pages: list[int] | None = None
    ) -> Iterator[Block]:
        if address == _UNDEFINED:
            return
        prefix = 6 + _ADDRESS + self._offset_size
        _require(self._read(address, 4), b"EADB")
        if not pages:
            size = prefix + n_elements * self._width
            yield Block(address, size, address + prefix, self._width)
            return
        size = self._page * self._width
        start = address + prefix + _CHECKSUM
        for number, is_written in enumerate(pages):
            if is_written:
                place = start + number * (size + _CHECKSUM)
                yield Block(place, size, place, self._width)


def _n_data_blocks(level: int) -> int:
    return 1 << level // 2


def _require(content: bytes, signature: bytes) -> None:
    if content[:4] != signature:
        message = f"index of chunks must have a block {signature.decode()}, got {content[:4]!r}"
        raise ValueError(message)


def _growing_datasets(file: h5py.File) -> list[int]:
    """Return where the headers of all datasets lie that can grow."""
    found = []

    def note(_name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks and None in item.maxshape:
            found.append(h5py.h5o.get_info(item.id).addr)

    file.visititems(note)
    return found


def _index_address(read: Read, header: int) -> int:
    """Return where the extensible array of a dataset lies, `_UNDEFINED` if it has none."""
    for kind, content in _messages(read, header):
        # version, class, flags, dimensions, bytes of each length
        if kind == _LAYOUT and content[0] == 4 and content[1] == _CHUNKED:
            place = 5 + content[3] * content[4]
            if content[place] == _EXTENSIBLE_ARRAY:
                return int.from_bytes(content[place + 6 : place + 6 + _ADDRESS], "little")
    return _UNDEFINED


def _messages(read: Read, header: int) -> Iterator[tuple[int, bytes]]:
    """Return kind and content of the messages of an object's header, version 2."""
    start = read(header, 34)
    _require(start, b"OHDR")
    flags = start[5]
    place = 6 + 16 * bool(flags & _HAS_TIMES) + 4 * bool(flags & _HAS_LIMITS)
    width = 1 << (flags & 3)
    parts = [(header + place + width, int.from_bytes(start[place : place + width], "little"))]
    head = 6 if flags & _HAS_ORDER else 4
    for _ in range(_MOST_PARTS):
        if not parts:
            return
        offset, size = parts.pop()
        content, at = read(offset, size), 0
        while at + head <= size:
            kind, length = content[at], int.from_bytes(content[at + 1 : at + 3], "little")
            message = content[at + head : at + head + length]
            if kind == _CONTINUATION:
                further, whole = np.frombuffer(message[:16], dtype="<u8").tolist()
                # Signature before and checksum behind are not of the messages.
                parts.append((further + 4, whole - 4 - _CHECKSUM))
            yield kind, message
            at += head + length


def _mended(read: Read, blocks: list[Block], *, size: int, end: int) -> dict[int, bytes]:
    """Return what makes those of some blocks of one size whole that are not."""
    contents = [read(block.offset, size + _CHECKSUM) for block in blocks]
    held = np.frombuffer(b"".join(contents), dtype=np.uint8).reshape(len(blocks), -1)
    stored = held[:, size:].copy().view("<u4")[:, 0]
    mended: dict[int, bytes] = {}
    for number in np.flatnonzero(lookup3_of_each(held[:, :size]) != stored).tolist():
        block, content = blocks[number], bytearray(contents[number])
        for place in _divided_elements(block):
            at = place - block.offset
            # Half new and half old, it says nothing, and its chunk did not count yet.
            if int.from_bytes(content[at : at + _ADDRESS], "little") >= end:
                content[at : at + block.width] = _no_chunk(block.width)
        content[size:] = lookup3(bytes(content[:size])).to_bytes(_CHECKSUM, "little")
        mended[block.offset] = bytes(content)
    return mended


def _divided_elements(block: Block) -> Iterator[int]:
    """Return where the elements begin that lie on both sides of a page of the system."""
    first_page = block.first // SYSTEM_PAGE + 1
    last_page = (block.offset + block.size - 1) // SYSTEM_PAGE
    for page in range(first_page, last_page + 1):
        behind = page * SYSTEM_PAGE - block.first
        if behind % block.width:
            yield block.first + behind // block.width * block.width


def _no_chunk(width: int) -> bytes:
    """Return the element of a chunk that is not there: no address, and no size where it has one."""
    return b"\xff" * _ADDRESS + bytes(width - _ADDRESS)
