"""RowLogs: the tables of a run file that only grow, all together."""

from __future__ import annotations

from typing import Any

import h5py
import numpy.typing as npt

from ctc.record.counters import Counters
from ctc.record.layout import LOGS, Compression, dtype_of, log_chunk_rows
from ctc.record.row_log import LogPosition, RowLog, create_log
from ctc.record.sums import sum_of_rows


class RowLogs:
    """Writer of `layout.LOGS` in an open run file; `create_logs` made their groups.

    Parameters
    ----------
    file : h5py.File
        A run file. One that an older version began lacks the logs that came later.
    start : Counters
        Where each log goes on; what lies beyond is written over.
    """

    def __init__(self, file: h5py.File, start: Counters) -> None:
        self._file = file
        self._start: dict[str, LogPosition] = {
            name: getattr(start, name) for name in LOGS if name in file
        }
        # A log is opened with its first rows: HDF5 looks at all that is open in every flush.
        self._logs: dict[str, RowLog] = {}
        self._sums: dict[str, int] = {}
        for name, position in self._start.items():
            if position.rows:
                self._open(name)

    def has(self, log: str) -> bool:
        """Whether the file has a log; one that an older version began lacks some."""
        return log in self._start

    def check(self, log: str, rows: npt.NDArray[Any]) -> None:
        """Raise ValueError unless rows may be added to a log."""
        dtype = dtype_of(LOGS[log])
        if rows.dtype != dtype or rows.ndim != 1:
            message = f"{log} must be one-dimensional of dtype {dtype}, got {rows.dtype}"
            raise ValueError(message)
        if rows.size and log not in self._start:
            message = f"{log} must be empty in a file of an older format, got {rows.size} rows"
            raise ValueError(message)

    def append(self, log: str, rows: npt.NDArray[Any]) -> None:
        """Add rows to a log; they count after the next `commit`."""
        self.check(log, rows)
        if rows.size:
            if log not in self._logs:
                self._open(log)
            self._logs[log].append(rows)
            self._sums[log] = sum_of_rows(rows, self._sums.get(log, 0))

    def take_sums(self, logs: dict[str, LogPosition]) -> dict[str, tuple[int, int]]:
        """Return of each log the sum of its rows since this was last asked, and all its rows."""
        found, self._sums = self._sums, {}
        return {log: (found.get(log, 0), position.rows) for log, position in logs.items()}

    def commit(self) -> dict[str, LogPosition]:
        """Write the tails and return the positions that make all rows count."""
        return self._start | {name: log.commit() for name, log in self._logs.items()}

    def finish(self) -> dict[str, LogPosition]:
        """Move the tails into the columns; rows added after the last commit do not count."""
        return self._start | {name: log.finish() for name, log in self._logs.items()}

    def _open(self, name: str) -> None:
        position = self._start[name]
        self._logs[name] = RowLog(self._file[name], LOGS[name], position=position)


def create_logs(file: h5py.File, compression: Compression) -> None:
    """Create the empty logs of a new run file."""
    for name, fields in LOGS.items():
        group = file.create_group(name)
        create_log(group, fields, chunk_rows=log_chunk_rows(name), compression=compression)
