"""How long after they were shed, and after how many beds, cells meet what the events tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Run
from ctc.states import COUNTED_CELL, SERIAL_MASK, DeathCause, EventKind

_ROWS_AT_ONCE = 1_000_000
_MOST_PASSES = 2**16
# What is asked, in the order of a cell's life.
QUESTIONS = ("first arrest", "left the vessel", "died in a vessel", "founded a colony")


@dataclass(frozen=True)
class SinceShed:
    """When and where in their course cells met something.

    Attributes
    ----------
    counts : dict of str to (n_bins,) int64
        Cells by the time since they were shed; only `QUESTIONS` that the events answer.
    edges : (n_bins + 1,) float64 [s]
        Of the bins; the first bin begins at 0.
    resolution : float [s]
        Times are known to within half of it: a cell of a tumour was shed some time in its epoch.
        0 where all births are exact, as those of a bolus.
    passes : dict of str to (n,) int64
        Cells by the number of beds passed before.
    has_arrests : bool
        Whether arrests are among the events.
    """

    counts: dict[str, npt.NDArray[np.int64]]
    edges: FloatArray
    resolution: float
    passes: dict[str, npt.NDArray[np.int64]]
    has_arrests: bool


def times_since_shed(run: Run) -> SinceShed | None:
    """Return when cells met what the events tell; None where no events are stored.

    Cells are numbered as they are shed, epoch by epoch, so a cell's number tells its epoch; a
    cell of a tumour is taken to be born in the middle of it.
    """
    if not run.n_events or not run.n_epochs:
        return None
    births = _Births.of(run)
    edges = _bin_edges(births.resolution, float(run.series()["time"][-1]) / NANOSECONDS)
    counts = {name: np.zeros(edges.size - 1, dtype=np.int64) for name in QUESTIONS}
    passes = {name: np.zeros(_MOST_PASSES, dtype=np.int64) for name in QUESTIONS}
    is_arrested_before = np.zeros(births.n_cells, dtype=bool)
    for start in range(0, run.n_events, _ROWS_AT_ONCE):
        events = run.events(start, start + _ROWS_AT_ONCE)
        for name, rows in _answers(events, is_arrested_before):
            age = (rows["time"].astype(np.float64) - births.of_cells(rows["cell"])) / NANOSECONDS
            counts[name] += np.histogram(np.maximum(age, 0.0), edges)[0]
            passes[name] += np.bincount(rows["passes"], minlength=_MOST_PASSES)
    met = [name for name in QUESTIONS if counts[name].any()]
    return SinceShed(
        counts={name: counts[name] for name in met},
        edges=edges,
        resolution=births.resolution,
        passes={name: np.trim_zeros(passes[name], "b") for name in met},
        has_arrests="first arrest" in met,
    )


@dataclass(frozen=True)
class _Births:
    """Mean birth time of the cells of each epoch.

    Attributes
    ----------
    last : (n_epochs,) int64
        Cells shed by the end of each epoch.
    middle : (n_epochs,) float64 [ns]
        When they are taken to be born.
    resolution : float [s]
        Longest stretch in which they may be.
    """

    last: npt.NDArray[np.int64]
    middle: FloatArray
    resolution: float

    @property
    def n_cells(self) -> int:
        return int(self.last[-1])

    @classmethod
    def of(cls, run: Run) -> _Births:
        series, scenario = run.series(), run.scenario()
        end = series["time"].astype(np.float64)
        start = np.r_[0.0, end[:-1]]
        sources = scenario["source"]
        boluses = [s for s in sources if s["kind"] == "bolus"]
        if len(boluses) == len(sources) and len({s["at"] for s in boluses}) == 1:
            middle = np.full(end.size, boluses[0]["at"] * NANOSECONDS)
            return cls(series["shed"].astype(np.int64), middle, 0.0)
        shed = series["shed"].astype(np.int64)
        is_fertile = np.diff(shed, prepend=0) > 0
        # A source that starts or stops within an epoch narrows it.
        starts = [s.get("start", 0.0) or 0.0 for s in sources if s["kind"] == "tumour"]
        stops = [s.get("stop") or np.inf for s in sources if s["kind"] == "tumour"]
        if len(starts) == len(sources):
            start = np.maximum(start, min(starts) * NANOSECONDS)
            end = np.minimum(end, max(stops) * NANOSECONDS)
        length = np.where(is_fertile, end - start, 0.0)
        return cls(shed, 0.5 * (start + end), float(length.max(initial=0.0)) / NANOSECONDS)

    def of_cells(self, cells: npt.NDArray[np.uint64]) -> FloatArray:
        epoch = np.searchsorted(self.last, _serials(cells), side="right")
        born: FloatArray = self.middle[np.minimum(epoch, self.middle.size - 1)]
        return born


def _answers(
    events: npt.NDArray[Any], is_arrested_before: npt.NDArray[np.bool_]
) -> list[tuple[str, npt.NDArray[Any]]]:
    """Return the rows that answer each question, and mark the cells that were arrested.

    Colonies of cells that had been dormant are left out: nothing tells when those were shed.
    """
    events = events[events["cell"] != COUNTED_CELL]
    kind = events["kind"]
    is_arrest = np.isin(kind, (EventKind.ARRESTED, EventKind.ATTACHED))
    arrests = events[is_arrest & (_serials(events["cell"]) < is_arrested_before.size)]
    arrests = arrests[~is_arrested_before[_serials(arrests["cell"])]]
    first = arrests[np.sort(np.unique(arrests["cell"], return_index=True)[1])]
    is_arrested_before[_serials(first["cell"])] = True
    is_death = (kind == EventKind.DIED) & (events["cause"] != DeathCause.TISSUE)
    answers = (
        first,
        events[kind == EventKind.EXTRAVASATED],
        events[is_death],
        events[kind == EventKind.COLONY],
    )
    return list(zip(QUESTIONS, answers, strict=True))


def _serials(cells: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return how many cells of their patient were shed before; a patient's number is left out."""
    return (cells & np.uint64(SERIAL_MASK)).astype(np.int64)


def _bin_edges(resolution: float, span: float) -> FloatArray:
    """Return edges in equal ratios above what is resolved; the first bin reaches down to 0."""
    least = resolution if resolution > 0.0 else 1.0
    n_bins = max(int(np.ceil(8.0 * np.log10(max(span, 2.0 * least) / least))), 1)
    edges: FloatArray = np.r_[0.0, least * 10.0 ** (np.arange(n_bins + 1) / 8.0)]
    return edges
