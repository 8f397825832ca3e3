"""Cells that were followed again beside what the run recorded of them, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.frames import rounded
from ctc.record.layout import CELL_FIELDS
from ctc.record.reader import Run
from ctc.rerun.material import RunAgain
from ctc.simulation.epoch_result import Frame
from ctc.simulation.retracing import Retraced
from ctc.states import CellState

_MOST_TOLD = 20
_BLOCK = 1 << 20
# What frames show of a cell that is counted as dormant: asleep, or what the counts made of it.
_AFTER_SLEEP = (CellState.DORMANT, CellState.COLONY, CellState.DIED)


@dataclass
class Comparison:
    """What was compared, and what differs.

    Attributes
    ----------
    n_cells, n_events, n_places : int
        Cells followed, their events, and their rows in frames.
    differences : list of str
        In words; the first of many.
    n_different : int
        How many there are.
    """

    n_cells: int = 0
    n_events: int = 0
    n_places: int = 0
    differences: list[str] = field(default_factory=list)
    n_different: int = 0

    def note(self, difference: str) -> None:
        """Note that something differs."""
        self.n_different += 1
        if len(self.differences) < _MOST_TOLD:
            self.differences.append(difference)


def compare(
    again: RunAgain, cells: npt.NDArray[np.uint64], retraced: Iterable[Retraced]
) -> Comparison:
    """Set what cells, rising, did when they were followed again beside what the run holds."""
    found = Comparison(n_cells=cells.size)
    events, frames, asleep = [], [], []
    for epoch in retraced:
        events.append(again.rows(epoch.events))
        asleep += [(each, epoch.end) for each in epoch.asleep.tolist()]
        frames += epoch.frames
    recorded = events_of(again.run, cells)
    got = np.concatenate([recorded[:0], *events])
    _compare_events(found, recorded, got)
    _compare_frames(found, again, cells, frames, asleep=dict(asleep))
    return found


def events_of(run: Run, cells: npt.NDArray[np.uint64]) -> npt.NDArray[Any]:
    """Return the recorded events of some cells, rising, in order of (time, cell, number)."""
    found = [run.events(0, 0)]
    for start in range(0, run.n_events, _BLOCK):
        stop = min(start + _BLOCK, run.n_events)
        own = are_among(run.log_column("events", "cell", start=start, stop=stop), cells)
        if own.any():
            found.append(run.events(start, stop)[own])
    return np.concatenate(found)


def are_among(
    values: npt.NDArray[np.uint64], chosen: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Return which values are among some that rise, (n,) bool."""
    if not chosen.size:
        return np.zeros(values.size, dtype=bool)
    place = np.minimum(np.searchsorted(chosen, values), chosen.size - 1)
    found: npt.NDArray[np.bool_] = chosen[place] == values
    return found


def _compare_events(found: Comparison, recorded: npt.NDArray[Any], got: npt.NDArray[Any]) -> None:
    order = ("cell", "number", "time")
    recorded, got = np.sort(recorded, order=order), np.sort(got, order=order)
    found.n_events = got.size
    if recorded.size == got.size and recorded.tobytes() == got.tobytes():
        return
    cells = np.unique(np.concatenate([recorded["cell"], got["cell"]]))
    cuts = [np.searchsorted(rows["cell"], cells)[1:] for rows in (recorded, got)]
    parts = (np.split(rows, cut) for rows, cut in zip((recorded, got), cuts, strict=True))
    for cell, one, other in zip(cells.tolist(), *parts, strict=True):
        if one.tobytes() == other.tobytes():
            continue
        n_same = sum(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=False))
        found.note(
            f"cell {cell}: {one.size} events on record, {other.size} when followed again; "
            f"{n_same} of them equal"
        )


def _compare_frames(
    found: Comparison,
    again: RunAgain,
    cells: npt.NDArray[np.uint64],
    frames: list[Frame],
    *,
    asleep: dict[int, int],
) -> None:
    run, tolerance = again.run, again.scenario.settings.record.position_tolerance or 0.0
    number_of = {time: number for number, time in enumerate(run.frame_times.tolist())}
    gone: set[int] = set()
    for frame in frames:
        number = number_of.get(frame.time)
        if number is None:
            found.note(f"frame at {frame.time} ns is missing")
            continue
        stored = run.frame(number)
        own = are_among(stored.id, cells)
        recorded = {each.name: getattr(stored, each.name)[own] for each in CELL_FIELDS}
        got = dict(rounded(frame.cells, tolerance))
        got = {each.name: got[each.name] for each in CELL_FIELDS}
        _compare_frame(found, recorded, got, time=frame.time, asleep=asleep, gone=gone)


def _compare_frame(
    found: Comparison,
    recorded: dict[str, npt.NDArray[Any]],
    got: dict[str, npt.NDArray[Any]],
    *,
    time: int,
    asleep: dict[int, int],
    gone: set[int],
) -> None:
    """Compare the rows of a frame; `gone` collects those that were counted and have left."""
    there = {cell: row for row, cell in enumerate(recorded["id"].tolist())}
    for row, cell in enumerate(got["id"].tolist()):
        is_counted = cell in asleep and asleep[cell] <= time
        at = there.pop(cell, None)
        if at is None:
            if is_counted:
                gone.add(cell)
            else:
                found.note(f"cell {cell} is missing in the frame at {time} ns")
            continue
        found.n_places += 1
        wrong = [
            name
            for name, values in got.items()
            if recorded[name][at].tobytes() != values[row].tobytes()
        ]
        if is_counted and "state" in wrong and int(recorded["state"][at]) in _AFTER_SLEEP:
            wrong.remove("state")
        if is_counted and cell in gone:
            wrong.append("that it is there, having left")
        if wrong:
            found.note(f"cell {cell} in the frame at {time} ns differs in {', '.join(wrong)}")
    for cell in there:
        found.note(f"cell {cell} is in the frame at {time} ns, where it cannot be")
