"""Repair of the file of a killed run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ctc.record.checkpoint import has_checkpoints, remove_checkpoints
from ctc.record.counters import RecordPosition, stored_counters
from ctc.record.failure import output_errors
from ctc.record.files import RunFiles, RunLock
from ctc.record.h5md import write_h5md
from ctc.record.layout import RunStatus
from ctc.record.left_open import close_after_kill
from ctc.record.superblock import is_marked_open
from ctc.record.writer import RunWriter


def repair_run(path: str | os.PathLike[str]) -> RecordPosition:
    """Make the file of a killed run readable for every tool; it can still be resumed.

    Parameters
    ----------
    path : path
        ``RUN.vtkhdf``; one that needs no repair is left as it is.

    Returns
    -------
    RecordPosition
        What is complete in it.

    Raises
    ------
    InputError
        If it is no run file, or a living process is writing it.
    OutputError
        If it cannot be written.
    """
    files = RunFiles.of(path)
    found = stored_counters(files)
    if found.status is RunStatus.RUNNING:
        RunWriter.reopen(path).close(status=RunStatus.STOPPED)
    elif not complete_end(path) and is_marked_open(files.run):
        with output_errors(files.run), _locked(files):
            close_after_kill(files.run)
    return found.position


def complete_end(path: str | os.PathLike[str]) -> bool:
    """Do what a run that was killed after its last epoch left undone.

    Its checkpoints go last, so those of a finished run say that something is left: the H5MD view,
    or they themselves.

    Parameters
    ----------
    path : path
        ``RUN.vtkhdf``.

    Returns
    -------
    bool
        Whether anything was to be done; never for a run that is not finished.

    Raises
    ------
    InputError
        If it is no run file, or a living process is writing it.
    OutputError
        If it cannot be written.
    """
    files = RunFiles.of(path)
    if not _is_left_undone(files):
        return False
    with output_errors(files.run), _locked(files):
        # Before the lock was ours another program may have ended it, or begun another run.
        if not _is_left_undone(files):
            return False
        close_after_kill(files.run)
        write_h5md(files.run)
        remove_checkpoints(files)
    return True


def _is_left_undone(files: RunFiles) -> bool:
    found = stored_counters(files)
    return found.status is RunStatus.FINISHED and has_checkpoints(files)


@contextlib.contextmanager
def _locked(files: RunFiles) -> Iterator[None]:
    lock = RunLock(files)
    try:
        yield
    finally:
        lock.release()
