"""Series and lesions of a run: a look at a run that goes on reads only what has come since."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import LESION_DTYPE
from ctc.record.reader import Run


class RunTables:
    """Series and rows of lesions, kept, and read on from where they ended.

    Parameters
    ----------
    run : Run
        Open.
    lock : lock
        Taken to read the run.
    """

    def __init__(self, run: Run, *, lock: threading.RLock) -> None:
        self._run = run
        self._lock = lock
        self._series: dict[str, npt.NDArray[Any]] = {}
        self._lesion_rows: npt.NDArray[Any] = np.zeros(0, dtype=LESION_DTYPE)
        self._has_all_series = self._has_all_lesion_rows = False

    @property
    def series(self) -> dict[str, npt.NDArray[Any]]:
        """The series of the run, as of the last `read_on`."""
        if not self._has_all_series:
            known = self._series
            with self._lock:
                new = self._run.series(start=known["time"].size if known else 0)
            self._series = {
                name: np.concatenate([known[name], rows]) if known else rows
                for name, rows in new.items()
            }
            self._has_all_series = True
        return self._series

    @property
    def lesion_rows(self) -> npt.NDArray[Any]:
        """Every row of the lesions, as of the last `read_on`."""
        if not self._has_all_lesion_rows:
            with self._lock:
                new = self._run.lesion_history(start=self._lesion_rows.size)
            self._lesion_rows = np.concatenate([self._lesion_rows, new])
            self._has_all_lesion_rows = True
        return self._lesion_rows

    def read_on(self) -> None:
        """Have what came since read when it is asked for: what is complete does not change."""
        self._has_all_series = self._has_all_lesion_rows = False
