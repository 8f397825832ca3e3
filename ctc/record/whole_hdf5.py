"""HDF5 files that are written whole or not at all, and do not take the process with them.

The HDF5 library can crash as it lets go of a file to which a write has failed: a full disk would
end the process by a signal. So it never learns of a failure: writes go through a file that takes
everything, remembers what the system refused first, and raises it once the library is done.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from ctc.record.opening import LIBRARY_VERSION


class _TakesAll(io.FileIO):
    """A new file that takes every write; `failure` is the first that the system refused."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x+")
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        whole = memoryview(data).cast("B")
        done = 0
        while done < len(whole) and self.failure is None:
            try:
                done += super().write(whole[done:]) or 0
            except OSError as error:
                self.failure = error
        return len(whole)

    def truncate(self, size: int | None = None) -> int:
        if self.failure is None:
            try:
                return super().truncate(size)
            except OSError as error:
                self.failure = error
        return size or 0

    def readinto(self, buffer: Any) -> int:
        """Give zeros for what was refused, as a file does for a hole."""
        room = memoryview(buffer).cast("B")
        found = super().readinto(room) or 0
        room[found:] = bytes(len(room) - found)
        return len(room)

    def raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure


@contextlib.contextmanager
def whole_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open a new HDF5 file to be written in the block.

    Parameters
    ----------
    path : Path
        Must not exist.

    Raises
    ------
    OSError
        If the system refuses the file, or anything that was written to it; at the end of the block
        at the latest. What is there then is not whole.
    """
    with _TakesAll(path) as disk:
        try:
            with h5py.File(disk, "w", libver=LIBRARY_VERSION) as file:
                yield file
        except Exception:
            disk.raise_failure()  # of which anything else may be a consequence
            raise
        disk.raise_failure()
