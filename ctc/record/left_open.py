"""Files that a writer has, or had when it was killed: followed, and whole in spite of the kill."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import io
import os
import time
from pathlib import Path
from typing import Any

import h5py

from ctc.errors import InputError
from ctc.record.failure import DAMAGE, damage_told
from ctc.record.files import RunFiles, is_locked
from ctc.record.superblock import clear_consistency_flag, closed_superblock, is_marked_open
from ctc.record.torn_block import torn_block

_VERSION = h5py.h5f.LIBVER_V110  # as `ctc.record.opening.LIBRARY_VERSION`
# A part that does not fit its checksum is read again where a writer may be at work on it. HDF5
# waits twice as long each time, the last of these half a second, and takes 100 if not told.
_READ_ATTEMPTS = 30
_SECOND_LOOK = 0.2  # [s]


def open_followed(path: Path) -> h5py.File:
    """Open a file that a writer has, or had when it was killed; raises what h5py does."""
    return _open(path, h5py.h5f.ACC_RDONLY | h5py.h5f.ACC_SWMR_READ, _READ_ATTEMPTS)


def open_to_go_on(path: Path) -> h5py.File:
    """Open a file after `close_after_kill`, to be written while others follow.

    Raises
    ------
    InputError
        If another program has it, or it is damaged.
    OSError
        If the system refuses.
    """
    try:
        return _open(path, h5py.h5f.ACC_RDWR | h5py.h5f.ACC_SWMR_WRITE, 1)
    except BlockingIOError:
        message = "run must not be open in another program. Close it there (a viewer?)."
        raise InputError(message, file=str(path)) from None
    except DAMAGE:
        with damage_told(path):
            raise


def whole_after_kill(file: h5py.File, path: Path) -> h5py.File:
    """Return an open file, or one that reads as if its writer had not been killed inside a write.

    Parameters
    ----------
    file : h5py.File
        Closed if another one is returned.
    path : Path
        Of the file, which is not changed.

    Raises
    ------
    InputError, OSError
        If it can be read as neither.
    """
    if not file.swmr_mode or is_locked(RunFiles.of(path)):
        return file
    torn = _torn(file)
    if torn is None:
        return file
    time.sleep(_SECOND_LOOK)  # a writer on another machine is not seen, and at work on it
    if _torn(file) != torn:
        return file
    try:
        whole = h5py.File(_Whole(file, path, *torn), "r")
    except BlockingIOError:  # a writer goes on with it
        return file
    file.close()
    return whole


def close_after_kill(path: Path) -> None:
    """Do in place what its killed writer left undone; the caller knows that no writer lives.

    Raises
    ------
    InputError
        If it is no HDF5 file as ctc writes them.
    OutputError, OSError
        If it cannot be written.
    """
    if not is_marked_open(path):
        return
    with damage_told(path), open_followed(path) as file:
        torn = _torn(file)
    if torn is not None:
        place, block = torn
        with path.open("r+b") as plain:
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
    """A killed writer's file as that writer would have closed it, with one block in place."""

    def __init__(self, file: h5py.File, path: Path, place: int, block: bytes) -> None:
        super().__init__(path, "r")
        there = os.fstat(self.fileno())
        if not os.path.samestat(there, os.fstat(file.id.get_vfd_handle())):
            message = "file was replaced while it was opened"
            raise OSError(message)
        try:  # as HDF5 locks what it reads, so that nobody goes on with the run meanwhile
            fcntl.flock(self.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:  # a file system without locks
            pass
        first, self._end = closed_superblock(os.pread(self.fileno(), 64, 0), there.st_size)
        self._blocks = ((0, first), (place, block))

    def __del__(self) -> None:
        self.close()  # h5py drops what it was given; Python would warn of an open file

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            offset, whence = self._end + offset, os.SEEK_SET
        return super().seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        """Read what is there, zeros behind its end, and the blocks as they must be."""
        room, start, found = memoryview(buffer).cast("B"), self.tell(), 0
        while part := super().readinto(room[found:]):
            found += part
        room[found:] = bytes(len(room) - found)
        for place, block in self._blocks:
            first, last = max(place, start), min(place + len(block), start + len(room))
            if first < last:
                room[first - start : last - start] = block[first - place : last - place]
        return len(room)


def _torn(file: h5py.File) -> tuple[int, bytes] | None:
    with contextlib.suppress(*DAMAGE, MemoryError):
        return torn_block(file)
    return None  # damage of another kind, which whoever reads there is told
