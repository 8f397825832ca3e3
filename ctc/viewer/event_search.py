"""Events of a run found without reading all of it: by time, kind and cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import EVENT_DTYPE
from ctc.record.reader import Run
from ctc.states import EventKind
from ctc.viewer.cell_filter import NO_CLONE

_FIRST_BLOCK, _BLOCK = 1 << 13, 1 << 20


def first_after(run: Run, time: int) -> int:
    """Return the row of the first event later than a time [ns]; the number of events if none."""
    low, high = 0, run.n_events
    while low < high:
        middle = (low + high) // 2
        there = run.log_column("events", "time", start=middle, stop=middle + 1)
        if not there.size or int(there[0]) > time:
            high = middle
        else:
            low = middle + 1
    return low


def next_event_time(run: Run, time: int, kinds: Collection[EventKind]) -> int | None:
    """Return when the first event of some kinds after a time [ns] is, or nothing."""
    wanted = _table(kinds)
    start, block = first_after(run, time), _FIRST_BLOCK
    while start < run.n_events:
        kind = run.log_column("events", "kind", start=start, stop=start + block)
        hits = np.flatnonzero(wanted[kind])
        if hits.size:
            row = start + int(hits[0])
            return int(run.log_column("events", "time", start=row, stop=row + 1)[0])
        start += block
        block = min(4 * block, _BLOCK)
    return None


def events_of_cell(run: Run, cell: int) -> npt.NDArray[Any]:
    """Return all events of one cell in order; of the others only their cells are read."""
    found = [np.zeros(0, dtype=EVENT_DTYPE)]
    for start, cells in _columns(run, "cell"):
        rows = start + np.flatnonzero(cells == np.uint64(cell))
        found += [run.events(int(row), int(row) + 1) for row in rows]
    return np.concatenate(found)


class CloneBook:
    """Which clone cells are of, as far as their events say; one look through all of them.

    Parameters
    ----------
    run : Run
        Open.
    n_clones : int
        Sources of cells; with one nothing needs to be read.
    every : int
        Only cells whose identity is a multiple of it are kept, > 0.
    """

    def __init__(self, run: Run, n_clones: int, *, every: int) -> None:
        self._run = run
        self._n_clones = n_clones
        self._every = np.uint64(every)
        self._n_read = 0
        self._cell = np.zeros(0, dtype=np.uint64)
        self._clone = np.zeros(0, dtype=np.uint16)

    def clones(self, cells: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
        """Return the clone of each cell, (n,) uint16; `NO_CLONE` before its first event."""
        if self._n_clones <= 1:
            return np.zeros(cells.size, dtype=np.uint16)
        self._read_on()
        found = np.full(cells.size, NO_CLONE, dtype=np.uint16)
        if self._cell.size:
            place = np.minimum(np.searchsorted(self._cell, cells), self._cell.size - 1)
            is_known = self._cell[place] == cells
            found[is_known] = self._clone[place[is_known]]
        return found

    def _read_on(self) -> None:
        n_events = self._run.n_events
        if self._n_read >= n_events:
            return
        cells, clones = [self._cell], [self._clone]
        for start, column in _columns(self._run, "cell", start=self._n_read):
            kept = np.flatnonzero(column % self._every == 0)
            cell, first = np.unique(column[kept], return_index=True)
            stop = start + column.size
            clone = self._run.log_column("events", "clone", start=start, stop=stop)
            cells.append(cell)
            clones.append(clone[kept[first]])
        cell, first = np.unique(np.concatenate(cells), return_index=True)
        self._cell, self._clone = cell, np.concatenate(clones)[first]
        self._n_read = n_events


def _columns(run: Run, name: str, start: int = 0) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Go through one column of the events in blocks, each with its first row."""
    for first in range(start, run.n_events, _BLOCK):
        yield first, run.log_column("events", name, start=first, stop=first + _BLOCK)


def _table(kinds: Collection[EventKind]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=np.bool_)
    table[[int(kind) for kind in kinds]] = True
    return table
