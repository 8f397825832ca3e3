"""The consistency flag that a killed writer leaves in an HDF5 file, and how to clear it.

A file that is open for writing carries a flag in its superblock (version 2 or 3, 48 bytes with
8-byte addresses: HDF5 File Format Specification 3.0, II.A). After a kill nothing clears it and
every plain open is refused. The superblock ends in a lookup3 checksum of its first 44 bytes.
"""

from __future__ import annotations

import os
from pathlib import Path

from ctc.errors import InputError, OutputError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SIZE = 48
_CHECKED = 44
_FLAGS = 11
_END_OF_FILE = slice(28, 36)
# Space left free behind the file when a killed one is opened again: what the dead writer had
# reserved but not yet recorded must not be handed out twice (as `h5clear --increment`).
_MARGIN = 1 << 20
_WORD = 0xFFFFFFFF


def is_marked_open(path: Path) -> bool:
    """Return whether the file says that a writer has it (now, or when it was killed).

    Raises
    ------
    InputError
        If it is no HDF5 file with such a superblock.
    """
    return _read(path)[_FLAGS] != 0


def clear_consistency_flag(path: Path) -> bool:
    """Clear the flag of a file whose writer is dead, in place.

    The caller must know that no writer lives: see `ctc.record.files.is_locked`.

    Parameters
    ----------
    path : Path
        An HDF5 file with superblock version 2 or 3.

    Returns
    -------
    bool
        Whether the flag was set.

    Raises
    ------
    InputError
        If it is no such file, or its superblock is damaged.
    OutputError
        If it cannot be written.
    """
    block = bytearray(_read(path))
    if block[_FLAGS] == 0:
        return False
    block[_FLAGS] = 0
    recorded = int.from_bytes(block[_END_OF_FILE], "little")
    end = max(recorded, path.stat().st_size) + _MARGIN
    block[_END_OF_FILE] = end.to_bytes(8, "little")
    block[_CHECKED:] = lookup3(bytes(block[:_CHECKED])).to_bytes(4, "little")
    try:
        with path.open("r+b") as file:
            file.truncate(end)  # longer, never shorter: a hole that takes no space
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        message = f"{path}: consistency flag could not be cleared ({error.strerror})."
        raise OutputError(message) from error
    return True


def lookup3(data: bytes) -> int:
    """Return Jenkins' lookup3 hash ``hashlittle(data, 0)`` as HDF5 uses it for its checksums.

    Source: Bob Jenkins 2006, lookup3.c, public domain.
    """
    a = b = c = (0xDEADBEEF + len(data)) & _WORD
    start, left = 0, len(data)
    while left > 12:
        a, b, c = _add(a, b, c, data[start : start + 12])
        a, b, c = _mix(a, b, c)
        start, left = start + 12, left - 12
    if left == 0:
        return c
    a, b, c = _add(a, b, c, data[start:].ljust(12, b"\0"))
    return _finish(a, b, c)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            block = file.read(_SIZE)
    except OSError as error:
        message = f"file must be readable ({error.strerror})."
        raise InputError(message, file=str(path)) from None
    if not block.startswith(_SIGNATURE):
        message = "file must be an HDF5 file, got something else. Name a file that ctc wrote."
        raise InputError(message, file=str(path))
    if len(block) < _SIZE or block[8] not in (2, 3) or block[9] != 8:
        message = "file must be an HDF5 file as ctc writes it, got another kind. Name one of ctc's."
        raise InputError(message, file=str(path))
    if lookup3(block[:_CHECKED]) != int.from_bytes(block[_CHECKED:], "little"):
        message = "file must be whole, got a damaged first block. Copy it or make it again."
        raise InputError(message, file=str(path))
    return block


def _add(a: int, b: int, c: int, part: bytes) -> tuple[int, int, int]:
    words = [int.from_bytes(part[i : i + 4], "little") for i in (0, 4, 8)]
    return (a + words[0]) & _WORD, (b + words[1]) & _WORD, (c + words[2]) & _WORD


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _WORD


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in ((4, 6, 8), (16, 19, 4)):
        a, c = ((a - c) & _WORD) ^ _rotate(c, bits[0]), (c + b) & _WORD
        b, a = ((b - a) & _WORD) ^ _rotate(a, bits[1]), (a + c) & _WORD
        c, b = ((c - b) & _WORD) ^ _rotate(b, bits[2]), (b + a) & _WORD
    return a, b, c


def _finish(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - _rotate(b, 14)) & _WORD
    a = ((a ^ c) - _rotate(c, 11)) & _WORD
    b = ((b ^ a) - _rotate(a, 25)) & _WORD
    c = ((c ^ b) - _rotate(b, 16)) & _WORD
    a = ((a ^ c) - _rotate(c, 4)) & _WORD
    b = ((b ^ a) - _rotate(a, 14)) & _WORD
    return ((c ^ b) - _rotate(b, 24)) & _WORD
