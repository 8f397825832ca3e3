"""Changes of the bytes of HDF5 files: as disks and copies make them, and as an enemy would.

Blocks of metadata carry a checksum, so most changes of their bytes end at the door of the HDF5
library. `reseal` mends the checksums afterwards: then the library has to look at what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from ctc.record.lookup3 import lookup3
from tools.fuzz.changes import ByteChange

PAGE = 4096
_SUPERBLOCK = 48
_SIGNATURES = re.compile(rb"OHDR|OCHK|FRHP|FHDB|FHIB|BTHD|BTIN|BTLF|FAHD|FADB|EAHD|EAIB|EADB|EASB")
# Farther than this from its signature no checksum is looked for.
_LONGEST_BLOCK = 2048


def flip_first_block(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Turn one bit of the superblock over."""
    return _flip(data, draw.randrange(min(len(data), _SUPERBLOCK) or 1), draw)


def flip_metadata(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Turn bits near the head of a block of metadata over."""
    return _flip(data, _metadata_byte(data, draw), draw)


def flip_anywhere(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Turn one bit anywhere over, as a disk does."""
    return _flip(data, draw.randrange(len(data) or 1), draw)


def truncate(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Keep nothing, a few bytes, whole pages, all but a few bytes."""
    length = draw.choice(
        (
            0,
            draw.randint(1, 96),
            PAGE * draw.randint(0, len(data) // PAGE),
            draw.randint(0, len(data)),
            len(data) - draw.randint(1, 64),
        )
    )
    return data[: max(length, 0)]


def append_junk(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Write noise, zeros or a second file behind it."""
    kind = draw.randrange(3)
    length = draw.choice((1, 8, PAGE, 10 * PAGE))
    return data + (draw.randbytes(length), bytes(length), data[: 50 * PAGE])[kind]


def zero_page(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Lose a page or a sector."""
    size = draw.choice((512, PAGE))
    at = size * draw.randint(0, len(data) // size)
    return data[:at] + bytes(len(data[at : at + size])) + data[at + size :]


def swap_pages(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Write two pages in each other's place."""
    n_pages = len(data) // PAGE
    if n_pages < 2:
        return data
    found = bytearray(data)
    first, second = (slice(PAGE * n, PAGE * (n + 1)) for n in draw.sample(range(n_pages), 2))
    found[first], found[second] = found[second], found[first]
    return bytes(found)


def stale_page(data: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    """Put a page of another such file in, as after a write that never reached the disk."""
    other = draw.choice([data, *others])
    at = PAGE * draw.randint(0, len(data) // PAGE)
    return data[:at] + other[at : at + PAGE] + data[at + PAGE :]


def enemy_metadata(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Change metadata and mend the checksum of its block, so that the library must look at it."""
    at = _metadata_byte(data, draw)
    found = bytearray(data)
    if at + 8 > len(found):
        return data
    kind = draw.randrange(4)
    if kind == 0:
        found[at] ^= 1 << draw.randrange(8)
    elif kind == 1:
        found[at] = draw.randrange(256)
    else:
        width = draw.choice((1, 2, 4, 8))
        value = draw.choice((0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), len(data)))
        found[at : at + width] = (value % 2 ** (8 * width)).to_bytes(width, "little")
    return reseal(data, bytes(found), at)


def enemy_superblock(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Change the superblock and mend its checksum."""
    if len(data) < _SUPERBLOCK:
        return data
    found = bytearray(_flip(data[:_SUPERBLOCK], draw.randrange(8, 44), draw))
    found[44:48] = lookup3(bytes(found[:44])).to_bytes(4, "little")
    return bytes(found) + data[_SUPERBLOCK:]


def left_open(data: bytes) -> bytes:
    """Return a file as its writer would leave it if it were killed now."""
    found = bytearray(data[:_SUPERBLOCK])
    found[11] = 0b101  # open for writing, and others may follow
    found[44:48] = lookup3(bytes(found[:44])).to_bytes(4, "little")
    return bytes(found) + data[_SUPERBLOCK:]


def reseal(before: bytes, after: bytes, at: int) -> bytes:
    """Return a changed file with the checksum of the block around a byte made right.

    Parameters
    ----------
    before : bytes
        The file, whole.
    after : bytes
        The same with one block changed, as long as before.
    at : int
        The first byte that was changed.
    """
    starts = [match.start() for match in _SIGNATURES.finditer(before, max(at - 8192, 0), at + 4)]
    for start in reversed(starts):
        # Where the block ends is not read off: it is where its old checksum fits.
        for end in range(max(at + 1, start + 8), min(start + 8192, len(before) - 4)):
            if end - start > _LONGEST_BLOCK and before[start : start + 4] == b"OHDR":
                break
            if int.from_bytes(before[end : end + 4], "little") == _checksum(before, start, end):
                new = lookup3(after[start:end]).to_bytes(4, "little")
                return after[:end] + new + after[end + 4 :]
        break
    return after


def _checksum(data: bytes, start: int, end: int) -> int:
    # Almost all ends are wrong: only those are hashed whose last bytes are no zeros.
    if data[end : end + 4] == b"\0\0\0\0" or end - start > _LONGEST_BLOCK:
        return -1
    return lookup3(data[start:end])


def _metadata_byte(data: bytes, draw: Random) -> int:
    found = [match.start() for match in _SIGNATURES.finditer(data)]
    if not found:
        return draw.randrange(len(data) or 1)
    return min(draw.choice(found) + draw.choice((5, 16, 64, 256, 512)) * draw.random().__ceil__()
               + draw.randint(0, 200), len(data) - 1)  # fmt: skip


def _flip(data: bytes, at: int, draw: Random) -> bytes:
    found = bytearray(data)
    if at < len(found):
        found[at] ^= 1 << draw.randrange(8)
    return bytes(found)


# What disks, copies and full file systems do, and what an enemy does.
DAMAGE: tuple[ByteChange, ...] = (
    flip_first_block, flip_metadata, flip_anywhere, flip_anywhere, truncate, append_junk,
    zero_page, swap_pages, stale_page,
)  # fmt: skip
ENEMY: tuple[ByteChange, ...] = (enemy_metadata, enemy_metadata, enemy_metadata, enemy_superblock)
