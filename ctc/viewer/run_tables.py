"""Series and lesions of a run that may go on: each row is read once."""

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
        self._n_epochs = 0  # of the series
        self._series: dict[str, npt.NDArray[Any]] = {}
        self._lesion_rows: npt.NDArray[Any] = np.zeros(0, dtype=LESION_DTYPE)
        self._has_all_series = self._has_all_lesion_rows = False

    @property
    def series(self) -> dict[str, npt.NDArray[Any]]:
        """The series of the run, as of the last `read_on`."""
        if not self._has_all_series:  # asked first: what is known waits for no reading
            with self._lock:
                self._read_series()
        return self._series

    @property
    def lesion_rows(self) -> npt.NDArray[Any]:
        """Every row of the lesions, as of the last `read_on`."""
        if not self._has_all_lesion_rows:
            with self._lock:
                known = self._lesion_rows
                new = self._run.lesion_history(start=known.size)
                self._lesion_rows = np.concatenate([known, new])
                self._has_all_lesion_rows = True
        return self._lesion_rows

    def read_on(self) -> None:
        """Have what came since read when it is asked for: what is complete does not change."""
        with self._lock:
            run = self._run
            if run.n_epochs < self._n_epochs or run.n_lesion_rows < self._lesion_rows.size:
                # Taken up again from an earlier checkpoint, where no lock kept others from that.
                self._n_epochs, self._series = 0, {}
                self._lesion_rows = self._lesion_rows[:0]
            self._has_all_series = self._has_all_lesion_rows = False

    def _read_series(self) -> None:
        known = self._series
        new = self._run.series(start=self._n_epochs)
        self._series = {
            name: np.concatenate([known[name], rows]) if known else rows
            for name, rows in new.items()
        }
        self._n_epochs += new["time"].size
        self._has_all_series = True
