"""Where the chunks of a growing dataset lie: HDF5's extensible arrays, block by block.

HDF5 File Format Specification 3.0: object headers (IV.A.1.b), layout messages (IV.A.2.i), and
extensible arrays (VII.D), whose blocks hold an element for each chunk and end in a checksum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ctc.record.lookup3 import lookup3

UNDEFINED = 2**64 - 1  # address of what is not there
ADDRESS = 8  # [bytes]
CHECKSUM = 4  # [bytes]
_LAYOUT, _CONTINUATION = 0x08, 0x10  # kinds of messages
_CHUNKED, _EXTENSIBLE_ARRAY = 2, 4  # classes of layout, kinds of index
_HAS_ORDER, _HAS_LIMITS, _HAS_TIMES = 0x04, 0x10, 0x20  # flags of object headers
_MOST_OF_HEADER = 1 << 20  # [bytes]
# HDF5 makes all indices of chunks alike: bits of a number of elements, elements of the index block
# and of the smallest data block, least pointers of a super block, bits of the elements of a page.
_BITS, _OWN, _SMALLEST, _POINTERS, _PAGE_BITS = _SHAPE = (32, 4, 16, 4, 10)
_OFFSET_SIZE = _BITS // 8
_N_SUPER = 1 + _BITS - (_SMALLEST.bit_length() - 1)
_N_SUPER_IN_INDEX = 2 * (_POINTERS.bit_length() - 1)
_N_DIRECT = 2 * (_POINTERS - 1)

Read = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Block:
    """A block of an index; a page of a data block counts as one.

    Attributes
    ----------
    offset, size : int [bytes]
        Where it begins in the file, and its length up to the checksum.
    first, width : int [bytes]
        Where its elements begin in the file, and the length of each: an address and, of packed
        chunks, their size and filters.
    n_elements : int
        How many.
    """

    offset: int
    size: int
    first: int
    width: int
    n_elements: int


def index_blocks(read: Read, header: int) -> Iterator[Block]:
    """Return the blocks of a dataset's index, where it is an extensible array.

    Parameters
    ----------
    read : function
        Returns bytes of the file by offset and size; ValueError where it has none.
    header : int
        Where the header of the dataset lies.

    Raises
    ------
    ValueError
        If they are not as HDF5 writes them.
    """
    array = _index_address(read, header)
    if array != UNDEFINED:
        yield from _Array(read, array).blocks()


class _Array:
    """An extensible array: a header, an index block, and data blocks under it, some in pages."""

    def __init__(self, read: Read, address: int) -> None:
        self._read = read
        head = read(address, 72)
        _require(head, b"EAHD")
        bits, own, smallest, pointers, page_bits = head[7:12]
        is_sealed = lookup3(head[:68]) == int.from_bytes(head[68:], "little")
        self._width = head[6]
        wide = range(ADDRESS + 5, ADDRESS + 13)  # with a size of 1 to 8 bytes, and filters
        has_width = self._width in wide if head[5] else self._width == ADDRESS
        if not is_sealed or not has_width or (bits, own, smallest, pointers, page_bits) != _SHAPE:
            message = f"index of chunks must be as HDF5 makes it, got another at {address}"
            raise ValueError(message)
        self._index = int.from_bytes(head[60:68], "little")

    def blocks(self) -> Iterator[Block]:
        """Return all blocks but the header."""
        if self._index == UNDEFINED:
            return
        start = 6 + ADDRESS
        middle = start + _OWN * self._width
        size = middle + (_N_DIRECT + _N_SUPER - _N_SUPER_IN_INDEX) * ADDRESS
        content = self._read(self._index, size)
        _require(content, b"EAIB")
        yield Block(self._index, size, self._index + start, self._width, _OWN)
        addresses = np.frombuffer(content[middle:], dtype="<u8").tolist()
        direct = iter(addresses[:_N_DIRECT])
        for level in range(_N_SUPER_IN_INDEX):
            for address in islice(direct, _n_data_blocks(level)):
                yield from self._data_block(address, _n_elements(level))
        for level, address in enumerate(addresses[_N_DIRECT:], start=_N_SUPER_IN_INDEX):
            if address != UNDEFINED:
                yield from self._under_super_block(address, level)

    def _under_super_block(self, address: int, level: int) -> Iterator[Block]:
        n_blocks, n_pages = _n_data_blocks(level), _n_elements(level) >> _PAGE_BITS
        if n_pages == 1:
            n_pages = 0  # not divided
        # A bit for each page that was ever written, block after block; each takes whole bytes.
        start = 6 + ADDRESS + _OFFSET_SIZE
        middle = start + n_blocks * ((n_pages + 7) // 8)
        size = middle + n_blocks * ADDRESS
        content = self._read(address, size)
        _require(content, b"EASB")
        yield Block(address, size, address + middle, ADDRESS, n_blocks)
        bits = np.unpackbits(np.frombuffer(content[start:middle], dtype=np.uint8))
        has_page = bits[: n_blocks * n_pages].reshape(n_blocks, n_pages)
        pointers = np.frombuffer(content[middle:], dtype="<u8")
        for data, pages in zip(pointers.tolist(), has_page, strict=True):
            yield from self._data_block(data, _n_elements(level), pages=pages.tolist())

    def _data_block(
        self, address: int, n_elements: int, *, pages: list[int] | None = None
    ) -> Iterator[Block]:
        if address == UNDEFINED:
            return
        prefix = 6 + ADDRESS + _OFFSET_SIZE
        _require(self._read(address, 4), b"EADB")
        if not pages:
            size = prefix + n_elements * self._width
            yield Block(address, size, address + prefix, self._width, n_elements)
            return
        n_elements = 1 << _PAGE_BITS
        size = n_elements * self._width
        start = address + prefix + CHECKSUM
        for number, is_written in enumerate(pages):
            if is_written:
                place = start + number * (size + CHECKSUM)
                yield Block(place, size, place, self._width, n_elements)


def _n_data_blocks(level: int) -> int:
    """Return the data blocks under a super block, of the index block's own ones too."""
    return 1 << level // 2


def _n_elements(level: int) -> int:
    """Return the elements of each of them."""
    return _SMALLEST << (level + 1) // 2


def _require(content: bytes, signature: bytes) -> None:
    if content[:4] != signature:
        message = f"index of chunks must have a block {signature.decode()}, got {content[:4]!r}"
        raise ValueError(message)


def _index_address(read: Read, header: int) -> int:
    """Return where the extensible array of a dataset lies, `UNDEFINED` if it has none."""
    for kind, content in _messages(read, header):
        # version, class, flags, dimensions, bytes of each length
        if kind == _LAYOUT and content[0] == 4 and content[1] == _CHUNKED:
            place = 5 + content[3] * content[4]
            if content[place] == _EXTENSIBLE_ARRAY:
                return int.from_bytes(content[place + 6 : place + 6 + ADDRESS], "little")
    return UNDEFINED


def _messages(read: Read, header: int) -> Iterator[tuple[int, bytes]]:
    """Return kind and content of the messages of an object's header, version 2."""
    start = read(header, 34)
    _require(start, b"OHDR")
    flags = start[5]
    place = 6 + 16 * bool(flags & _HAS_TIMES) + 4 * bool(flags & _HAS_LIMITS)
    width = 1 << (flags & 3)
    parts = [(header + place + width, int.from_bytes(start[place : place + width], "little"))]
    head = 6 if flags & _HAS_ORDER else 4
    n_read = 0
    while parts:
        offset, size = parts.pop()
        n_read += size + head
        if n_read > _MOST_OF_HEADER:
            message = f"header of a dataset must have at most {_MOST_OF_HEADER:,} bytes, got more"
            raise ValueError(message)
        content, at = read(offset, size), 0
        while at + head <= size:
            kind, length = content[at], int.from_bytes(content[at + 1 : at + 3], "little")
            message_text = content[at + head : at + head + length]
            if kind == _CONTINUATION:
                further, whole = np.frombuffer(message_text[:16], dtype="<u8").tolist()
                # Signature before and checksum behind are not of the messages.
                parts.append((further + 4, max(whole - 4 - CHECKSUM, 0)))
            yield kind, message_text
            at += head + length
