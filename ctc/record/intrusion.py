"""What other programs do to a run file while it is written: told at once, not at the end."""

from __future__ import annotations

import os

import h5py

from ctc.errors import InputError, OutputError
from ctc.record.files import RunFiles, RunLock

_ANEW = "Start it anew with ctc run --overwrite."


class RunWatch:
    """Notices that a run file was removed, replaced or cut, or that its lock was taken away.

    Five calls to the system for each piece of work: three look at the file, two at the lock.

    Parameters
    ----------
    files : RunFiles
        Of the run.
    file : h5py.File
        Open for writing.
    lock : RunLock
        Of the run.
    """

    def __init__(self, files: RunFiles, file: h5py.File, lock: RunLock) -> None:
        self._files = files
        self._descriptor = file.id.get_vfd_handle()
        self._lock = lock
        self._size = 0

    def check(self) -> None:
        """Raise OutputError unless the file is where and as long as this program left it."""
        ours = os.fstat(self._descriptor)
        try:
            there = self._files.run.stat()
        except OSError as error:
            message = "run file must stay where it is while it is written, got none there "
            message += f"({error.strerror}). What it held is lost. {_ANEW}"
            raise self._error(message) from None
        if not os.path.samestat(ours, there):
            message = "run file must stay where it is while it is written, got another in its "
            message += f"place, which is left alone. What the run held is lost. {_ANEW}"
            raise self._error(message)
        if ours.st_size < self._size:
            message = (
                f"run file must be left alone while it is written, got {ours.st_size:,} of "
                f"{self._size:,} bytes: another program cut it. {_ANEW}"
            )
            raise self._error(message)
        try:
            self._lock.keep()
        except InputError as error:
            message = f"lock must be left alone while the run is written: {error.message}"
            raise self._error(message) from None

    def note(self) -> None:
        """Remember how long the file is now; while it is open it never gets shorter."""
        self._size = max(self._size, os.fstat(self._descriptor).st_size)

    def _error(self, message: str) -> OutputError:
        return OutputError(f"{self._files.run}: {message}")
