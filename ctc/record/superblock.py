"""The first block of an HDF5 file: the flag that a killed writer leaves, and a block without it.

A file that is open for writing carries a flag in its superblock (version 2 or 3, 48 bytes with
8-byte addresses: HDF5 File Format Specification 3.0, II.A). After a kill nothing clears it and
every plain open is refused. The superblock ends in a lookup3 checksum of its first 44 bytes.
"""

from __future__ import annotations

import os
from pathlib import Path

from ctc.errors import InputError, OutputError
from ctc.record.lookup3 import lookup3

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SIZE = 48
_CHECKED = 44
_FLAGS = 11
_END_OF_FILE = slice(28, 36)
# Space left free behind the file when a killed one is opened again: what the dead writer had
# reserved but not yet recorded must not be handed out twice (as `h5clear --increment`).
_MARGIN = 1 << 20
# Space that HDF5 had reserved behind what is in the file; one that claims more is damaged.
_MOST_RESERVED = 1 << 30


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
    if not is_marked_open(path):
        return False
    block, end = closed_superblock(_read(path), path.stat().st_size, margin=_MARGIN)
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


def closed_superblock(first: bytes, size: int, *, margin: int = 0) -> tuple[bytes, int]:
    """Return the first block of a file as its writer would have closed it, and where it ends.

    Parameters
    ----------
    first : bytes
        The file, its first 48 bytes at least.
    size : int [bytes]
        How long it is.
    margin : int [bytes]
        Free space behind all that there is.

    Raises
    ------
    InputError
        If it ends far beyond that.
    """
    block = bytearray(first[:_SIZE])
    recorded = int.from_bytes(block[_END_OF_FILE], "little")
    if recorded > size + _MOST_RESERVED:
        message = f"file must end near byte {size:,}, got a first block that says {recorded:,}. "
        raise InputError(message + "It is damaged: copy it or make it again.")
    end = max(recorded, size) + margin
    block[_FLAGS] = 0
    block[_END_OF_FILE] = end.to_bytes(8, "little")
    block[_CHECKED:] = lookup3(bytes(block[:_CHECKED])).to_bytes(4, "little")
    return bytes(block), end


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
