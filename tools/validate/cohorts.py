"""Tables of cohorts for the rows that need patients: made by a shipped sweep, or made before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.analysis.survival import BoolArray, Times, kaplan_meier
from ctc.cohort.table import SweepTable, open_table
from ctc.resources import resource_folder
from tools.validate.rows import Outcome, RowSkipped

_SEED = 20_260_201
_RESAMPLES = 200


@dataclass(frozen=True)
class CohortRow:
    """A row of the table that is taken from the patients of a sweep.

    Attributes
    ----------
    tables : Path or None
        Holds a folder of tables for each sweep; what is not there is made, or gone on with.
    n_patients : int or None
        In each arm; as many as the sweep says by default.
    sweep : str
        Name of the shipped sweep.
    """

    tables: Path | None = None
    n_patients: int | None = None
    sweep: str = ""

    def measure(self, *, ablated: bool) -> Outcome:
        """Take the figures out of the table of the sweep; `RowSkipped` where there is none."""
        return self.outcome(self.table(), ablated=ablated)

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        raise NotImplementedError

    def table(self) -> SweepTable:
        """Return the table of the sweep; raises `RowSkipped` where there is no folder for it."""
        if self.tables is None:
            message = (
                "it needs patients, minutes to hours of them: give --sweeps FOLDER, where their "
                "tables are or will be"
            )
            raise RowSkipped(message)
        from ctc.sweep import run_sweep  # noqa: PLC0415 - loads the whole engine

        self.tables.mkdir(parents=True, exist_ok=True)
        target = self.tables / self.sweep
        file = resource_folder("scenarios") / "sweeps" / f"{self.sweep}.toml"
        run_sweep(file, target, n_patients=self.n_patients)
        return open_table(target)


@dataclass(frozen=True)
class Estimate:
    """A figure of a sample, with the standard error that drawing patients again gives it."""

    value: float
    error: float


def estimate(statistic: Callable[[npt.NDArray[np.int64]], float], n: int) -> Estimate:
    """Return a statistic of n patients and its bootstrap error; the same each time.

    Parameters
    ----------
    statistic : callable
        Of numbers of patients, 0 to n - 1, some more than once.
    n : int
        How many there are, at least one.
    """
    random = np.random.Generator(np.random.Philox(key=_SEED))
    found = [statistic(random.integers(0, n, n)) for _ in range(_RESAMPLES)]
    finite = [value for value in found if np.isfinite(value)]
    error = float(np.std(finite, ddof=1)) if len(finite) > 1 else 0.0
    return Estimate(statistic(np.arange(n)), error)


def dealt_out(n: int) -> npt.NDArray[np.int64]:
    """Return numbers 0 to n - 1 in a random order, the same each time: for an ablation."""
    return np.random.Generator(np.random.Philox(key=_SEED + 1)).permutation(n)


def median_survival(times: Times) -> float:
    """Return the median [s]; from the mean hazard where fewer than half had the event."""
    if not times.n:
        return float("nan")
    median = kaplan_meier(times).quantile()[0]
    if np.isfinite(median):
        return median
    watched = float(times.duration.sum())
    return float(np.log(2.0) * watched / times.n_events) if times.n_events else float("nan")


def again(times: Times, chosen: npt.NDArray[np.int64]) -> Times:
    """Return patients drawn again, by their place in the times."""
    return Times(times.duration[chosen], times.is_event[chosen], times.row[chosen])


def rows_of(table: SweepTable, arm: int = 0) -> BoolArray:
    """Return which rows are of an arm."""
    found: BoolArray = np.asarray(table.column("arm")) == arm
    return found
