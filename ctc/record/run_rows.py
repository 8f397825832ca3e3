"""RunRows: an open run file, and the rows of its logs, read when asked for."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.bounds import Bounds
from ctc.record.counters import Counters
from ctc.record.failure import DAMAGE
from ctc.record.files import RunFiles
from ctc.record.following import read_settled_log
from ctc.record.layout import FORMAT_VERSION, LOGS, Field, dtype_of
from ctc.record.opening import open_for_reading
from ctc.record.sums import read_sums, require_counts, require_rows


class RunRows:
    """The part of `ctc.record.reader.Run` that is about logs; counts are those of its `refresh`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._files = RunFiles.of(path)
        self._file = open_for_reading(self._files)
        self._counters = Counters()
        # The sums of epochs, and of which counters they are: events may be asked for one by one.
        self._known_sums: tuple[Counters, npt.NDArray[Any] | None] | None = None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The run file."""
        return self._files.run

    @property
    def format_version(self) -> tuple[int, int]:
        """Major and minor number of the file's format."""
        major, minor = (int(part) for part in self._file.attrs["format_version"])
        return major, minor

    def n_rows(self, log: str) -> int:
        """Return how many complete rows one of `layout.LOGS` has."""
        n_rows: int = getattr(self._counters, log).rows
        return n_rows

    @property
    def n_events(self) -> int:
        """Number of complete events."""
        return self._counters.events.rows

    @property
    def n_lesion_rows(self) -> int:
        """Number of complete rows of lesions."""
        return self._counters.lesions.rows

    @property
    def n_litters(self) -> int:
        """Number of complete litters."""
        return self._counters.litters.rows

    def events(self, start: int = 0, stop: int | None = None) -> npt.NDArray[Any]:
        """Return events in order of (time, cell, number).

        Parameters
        ----------
        start, stop : int
            First event and the one after the last; all by default.

        Returns
        -------
        (n,) structured array
            `layout.EVENT_DTYPE`.
        """
        return self._log("events", LOGS["events"], start=start, stop=stop)

    def log_column(self, log: str, name: str, *, start: int, stop: int) -> npt.NDArray[Any]:
        """Return one column of one of `layout.LOGS`, rows start .. stop-1."""
        chosen = tuple(field for field in LOGS[log] if field.name == name)
        column: npt.NDArray[Any] = self._log(log, chosen, start=start, stop=stop)[name]
        return column

    def has_column(self, log: str, name: str) -> bool:
        """Whether the file stores a column of one of `layout.LOGS`; older ones lack some."""
        return log in self._file and name in self._file[log]

    def lesion_history(self, start: int = 0) -> npt.NDArray[Any]:
        """Return the rows of the lesions from one on, `layout.LESION_DTYPE`, in order written.

        Parameters
        ----------
        start : int
            First row; all of them by default.
        """
        return self._log("lesions", LOGS["lesions"], start=start, stop=None)

    def litters(self) -> npt.NDArray[Any]:
        """Return what was born, (n,) of `layout.LITTER_DTYPE`; none in a file of format 1.0."""
        return self._whole_log("litters")

    def examinations(self) -> npt.NDArray[Any]:
        """Return how the patient was examined, (n,) of `layout.EXAMINATION_DTYPE`.

        This and the other logs of the clinic are in order of time, and have no rows in a run
        without a calendar and in a file older than format 1.4.
        """
        return self._whole_log("examinations")

    def findings(self) -> npt.NDArray[Any]:
        """Return what examinations showed, (n,) of `layout.FINDING_DTYPE`."""
        return self._whole_log("findings")

    def treatments(self) -> npt.NDArray[Any]:
        """Return what was treated, (n,) of `layout.TREATMENT_DTYPE`."""
        return self._whole_log("treatments")

    def milestones(self) -> npt.NDArray[Any]:
        """Return what happened once, (n,) of `layout.MILESTONE_DTYPE`."""
        return self._whole_log("milestones")

    def effects(self) -> npt.NDArray[Any]:
        """Return what treatment did to cells, (n,) of `layout.EFFECT_DTYPE`, epoch by epoch.

        None in a file older than format 1.5.
        """
        return self._whole_log("effects")

    def lesions(self) -> npt.NDArray[Any]:
        """Return the newest row of each lesion, (n,) of `layout.LESION_DTYPE`, by lesion."""
        rows = self.lesion_history()[::-1]
        newest: npt.NDArray[Any] = rows[np.unique(rows["lesion"], return_index=True)[1]]
        return newest

    def _whole_log(self, name: str) -> npt.NDArray[Any]:
        return self._log(name, LOGS[name], start=0, stop=None)

    def _log(
        self, name: str, fields: tuple[Field, ...], *, start: int, stop: int | None
    ) -> npt.NDArray[Any]:
        n_known = getattr(self._counters, name).rows
        first, last, _ = slice(start, stop).indices(n_known)
        self._require_columns(name)
        if name not in self._file:
            return np.zeros(0, dtype=dtype_of(fields))
        with self._reading(name):
            rows = read_settled_log(self._file, name, fields=fields, start=first, stop=last)
            for field in fields:
                self._bounds.check(
                    field.name,
                    rows[field.name],
                    table=name,
                    first_row=first,
                    has_junctions=name == "events",
                )
            is_all = fields == LOGS[name] and all(f.name in self._file[name] for f in fields)
            sums = self._sums() if is_all else None
            if sums is not None:
                require_rows(name, rows, sums, first_row=first)
        return rows

    def _sums(self) -> npt.NDArray[Any] | None:
        """Return the sums of all complete epochs, which fit the counters."""
        if self._known_sums is None or self._known_sums[0] != self._counters:
            sums = read_sums(self._file, self._counters.epochs)
            if sums is not None:
                require_counts(sums, {log: getattr(self._counters, log).rows for log in LOGS})
            self._known_sums = (self._counters, sums)
        return self._known_sums[1]

    def _require_columns(self, log: str) -> None:
        """Refuse a file that lacks what its format has; older ones lack what came later."""
        with self._reading(log):
            if tuple(self._file.attrs["format_version"].tolist()) < FORMAT_VERSION:
                return
            for field in LOGS[log]:
                if field.name not in self._file[log]:
                    message = f"{log} must have the column {field.name}, got none"
                    raise ValueError(message)

    @functools.cached_property
    def _bounds(self) -> Bounds:
        return Bounds.of(self._file)

    @contextlib.contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            raise error.at(file=str(self.path)) from error.__cause__
        except DAMAGE as error:
            message = f"run must be whole, its {what} could not be read ({error}). Copy it again."
            raise InputError(message, file=str(self.path)) from error
