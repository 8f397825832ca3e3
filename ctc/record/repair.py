"""Repair of the file of a killed run."""

from __future__ import annotations

import os

from ctc.record.counters import RecordPosition, read_counters
from ctc.record.failure import output_errors
from ctc.record.files import RunFiles, RunLock
from ctc.record.layout import RunStatus
from ctc.record.opening import open_for_reading
from ctc.record.superblock import clear_consistency_flag, is_marked_open
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
    with open_for_reading(files) as file:
        found = read_counters(file)
    if found.status is RunStatus.RUNNING:
        RunWriter.reopen(path).close(status=RunStatus.STOPPED)
    elif is_marked_open(files.run):  # killed in the last moment, when all was written
        with output_errors(files.run):
            lock = RunLock(files)
            clear_consistency_flag(files.run)
            lock.release()
    return found.position
