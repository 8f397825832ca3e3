"""Files that a writer has, or had when it was killed: followed, and whole in spite of the kill."""

from __future__ import annotations

import ctypes
import fcntl
import io
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

from ctc.record.chunk_index import torn_blocks
from ctc.record.superblock import clear_consistency_flag, closed_superblock, is_marked_open

_VERSION = h5py.h5f.LIBVER_V110  # as `ctc.record.opening.LIBRARY_VERSION`
# A part that does not fit its checksum is read again where a writer may be at work on it. HDF5
# waits twice as long each time, the last of these half a second, and takes 100 if not told.
_READ_ATTEMPTS = 30
_SECOND_LOOK = 0.2  # [s]


def open_followed(path: Path) -> h5py.File:
    """Open a file that a writer has, or had when it was killed."""
    return _open(path, h5py.h5f.ACC_RDONLY | h5py.h5f.ACC_SWMR_READ, _READ_ATTEMPTS)


def open_to_go_on(path: Path) -> h5py.File:
    """Open a file that was closed, or by `close_after_kill`, to be written while others follow."""
    return _open(path, h5py.h5f.ACC_RDWR | h5py.h5f.ACC_SWMR_WRITE, 1)


def whole_after_kill(file: h5py.File, path: Path) -> h5py.File:
    """Return a file as it is, or one that reads as if the kill had torn no block.

    Parameters
    ----------
    file : h5py.File
        From `open_followed`, for a file that no process of this machine writes; closed if another
        one is returned.
    path : Path
        Of the file, which is not changed.
    """
    torn = _torn(file)
    if torn:
        time.sleep(_SECOND_LOOK)  # a writer on another machine is not seen, and at work on it
        if _torn(file) != torn:
            torn = {}
    if not torn:
        return file
    whole = h5py.File(_Whole(path, torn), "r")
    file.close()
    return whole


def close_after_kill(path: Path) -> None:
    """Do in place what its killed writer left undone; the caller knows that no writer lives.

    Raises
    ------
    InputError
        If it is no HDF5 file as ctc writes them.
    OutputError
        If it cannot be written.
    OSError
        As that, of blocks of an index.
    """
    if not is_marked_open(path):
        return
    with open_followed(path) as file:
        torn = _torn(file)
    if torn:
        with path.open("r+b") as plain:
            for place, block in torn.items():
                plain.seek(place)
                plain.write(block)
            plain.flush()
            os.fsync(plain.fileno())
    # Last: as long as it is marked, all of this is done again after a kill.
    clear_consistency_flag(path)


def _open(path: Path, flags: int, n_attempts: int) -> h5py.File:
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(_VERSION, _VERSION)
    # h5py has no word for it; its own module is bound to the library that it uses.
    limit = ctypes.CDLL(h5py.h5p.__file__).H5Pset_metadata_read_attempts
    limit.argtypes = [ctypes.c_int64, ctypes.c_uint]
    limit(access.id, n_attempts)
    return h5py.File(h5py.h5f.open(os.fsencode(path), flags, fapl=access))


class _Whole(io.FileIO):
    """A killed writer's file as that writer would have closed it, with some blocks mended."""

    def __init__(self, path: Path, blocks: Mapping[int, bytes]) -> None:
        super().__init__(path, "r")
        # As HDF5 locks what it reads, so that nobody goes on with the run meanwhile.
        fcntl.flock(self.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        first, self._end = closed_superblock(path)
        self._blocks = {**blocks, 0: first}

    def __del__(self) -> None:
        self.close()  # h5py lets go of it, no more

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            offset, whence = self._end + offset, os.SEEK_SET
        return super().seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        """Read what is there, zeros behind its end, and the blocks as they must be."""
        room, start = memoryview(buffer).cast("B"), self.tell()
        found = super().readinto(room) or 0
        room[found:] = bytes(len(room) - found)
        for place, block in self._blocks.items():
            first, last = max(place, start), min(place + len(block), start + len(room))
            if first < last:
                room[first - start : last - start] = block[first - place : last - place]
        return len(room)


def _torn(file: h5py.File) -> dict[int, bytes]:
    try:
        return torn_blocks(file)
    except (OSError, LookupError, RuntimeError, ValueError):
        return {}  # damage of another kind, which whoever reads there is told
