"""Whether the events of a run can have happened: their order, and the course of every cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NO_SEGMENT
from ctc.record.reader import Run
from ctc.states import COUNTED_CELL, CellState, DeathCause, EventKind

_BLOCK = 1 << 20
_N_STATES = len(CellState)
_HELD = _N_STATES  # a cell that attached to the wall: arrested, for good
_N_COURSES = _N_STATES + 1
_MOST_TOLD = 5
# What a cell is after an event of each kind.
_AFTER = np.full(256, 255, dtype=np.uint8)
for _kind, _state in (
    (EventKind.ARRESTED, CellState.ARRESTED),
    (EventKind.RELEASED, CellState.CIRCULATING),
    (EventKind.EXTRAVASATED, CellState.EXTRAVASATED),
    (EventKind.DIED, CellState.DIED),
    (EventKind.DORMANT, CellState.DORMANT),
    (EventKind.COLONY, CellState.COLONY),
    (EventKind.EXITED, CellState.EXITED),
    (EventKind.ATTACHED, _HELD),
):
    _AFTER[_kind] = _state
_IN_BLOOD, _STUCK = CellState.CIRCULATING, CellState.ARRESTED
_IN_TISSUE = (CellState.EXTRAVASATED, CellState.DORMANT)
_MAY = {
    EventKind.ARRESTED: (_IN_BLOOD,),
    EventKind.ATTACHED: (_IN_BLOOD,),
    EventKind.EXITED: (_IN_BLOOD,),
    EventKind.RELEASED: (_STUCK,),
    EventKind.EXTRAVASATED: (_STUCK,),
    EventKind.DORMANT: (CellState.EXTRAVASATED,),
    EventKind.COLONY: (_STUCK, *_IN_TISSUE),
    EventKind.DIED: (_IN_BLOOD, _STUCK, *_IN_TISSUE),
}
_CAUSES = {
    _IN_BLOOD: (DeathCause.SHEAR, DeathCause.IMMUNE, DeathCause.ANOIKIS, DeathCause.TREATMENT),
    _STUCK: (DeathCause.IMMUNE, DeathCause.ARREST, DeathCause.TREATMENT),
    **dict.fromkeys(_IN_TISSUE, (DeathCause.IMMUNE, DeathCause.TISSUE, DeathCause.TREATMENT)),
}


# What is held of each cell: what it was last, where, the number of its event, and the epoch.
_OF_CELL = {"state": np.uint8, "organ": np.int16, "number": np.uint32, "epoch": np.int32}
_NO_EPOCH = -1


@dataclass
class Sequences:
    """What a pass over all events of a run found.

    Attributes
    ----------
    n_events : int
        How many there are.
    out_of_order, impossible : list of str
        Events that stand in the wrong place, and events that cannot have happened to their cell
        then and there, in words; the first of many.
    moved : (n_epochs, n_organs + 1, 8, 7) int64
        Cells by epoch, organ (the last row is none), and what they were before and after.
    died_by_cause : (n_epochs, n_causes) int64
        Deaths that are events.
    colonies_of_counted : (n_epochs, n_organs + 1) int64
        Colonies of cells that were counted as dormant.
    first_arrests : (n_organs + 1,) int64
        Cells that stopped in the first bed of their lives.
    """

    n_events: int
    moved: npt.NDArray[np.int64]
    died_by_cause: npt.NDArray[np.int64]
    colonies_of_counted: npt.NDArray[np.int64]
    first_arrests: npt.NDArray[np.int64]
    out_of_order: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)


def check_sequences(run: Run, *, are_all_stored: bool) -> Sequences:
    """Go through all events of a run once.

    Parameters
    ----------
    run : Run
        Open.
    are_all_stored : bool
        Whether arrests and releases are stored too: else a cell may go on from anywhere in blood.
    """
    return _Pass(run, are_all_stored).go()


def memory_of_sequences(run: Run) -> int:
    """Return the bytes that `check_sequences` needs for what it holds of cells and epochs."""
    shed = run.series()["shed"]
    n_cells = int(shed[-1]) if shed.size else 0
    of_cell = sum(np.dtype(each).itemsize for each in _OF_CELL.values())
    of_epoch = (len(run.organ_names) + 1) * (_N_COURSES * _N_STATES + 1) + len(DeathCause)
    # Sums over epochs are made of what moved: two more arrays of its size.
    return n_cells * of_cell + 3 * shed.size * of_epoch * np.dtype(np.int64).itemsize


class _Pass:
    """One pass; holds what each cell was last."""

    def __init__(self, run: Run, are_all_stored: bool) -> None:
        self._run, self._are_all = run, are_all_stored
        series, litters = run.series(), run.litters()
        self._ends = series["time"]
        self._shed = int(series["shed"][-1]) if self._ends.size else 0
        self._n_organs = len(run.organ_names)
        self._litters = litters
        self._first = int(litters["first_cell"][0]) if litters.size else 0
        start = {"state": _IN_BLOOD, "organ": -1, "number": 0, "epoch": _NO_EPOCH}
        self._last = {
            name: np.full(self._shed, start[name], dtype=dtype) for name, dtype in _OF_CELL.items()
        }
        self._organ_of = run.network().organ
        shape = (self._ends.size, self._n_organs + 1)
        self.found = Sequences(
            run.n_events,
            np.zeros((*shape, _N_COURSES, _N_STATES), dtype=np.int64),
            np.zeros((self._ends.size, len(DeathCause)), dtype=np.int64),
            np.zeros(shape, dtype=np.int64),
            np.zeros(self._n_organs + 1, dtype=np.int64),
        )

    def go(self) -> Sequences:
        last = np.zeros(0, dtype=np.int64)
        for start in range(0, self._run.n_events, _BLOCK):
            events = self._run.events(start, min(start + _BLOCK, self._run.n_events))
            self._check_order(events, last, start)
            last = events[-1:]
            self._check_block(events, start)
        return self.found

    def _check_order(self, events: npt.NDArray[Any], last: npt.NDArray[Any], start: int) -> None:
        """Events rise in (time, cell, number), over the ends of blocks too."""
        rows = np.concatenate([last, events]) if last.size else events
        is_wrong = np.zeros(max(rows.size - 1, 0), dtype=bool)
        is_same = np.ones(is_wrong.size, dtype=bool)
        for name in ("time", "cell", "number"):
            before, after = rows[name][:-1], rows[name][1:]
            is_wrong |= is_same & (after < before)
            is_same &= after == before
        is_wrong |= is_same
        offset = start + 1 - (rows.size - events.size)
        self._tell(self.found.out_of_order, is_wrong, offset, "stands before an earlier one")
        late = (events["time"] < 0) | (events["time"] > (self._ends[-1] if self._ends.size else 0))
        self._tell(self.found.out_of_order, late, start, "lies outside of the run")

    def _tell(
        self, told: list[str], is_wrong: npt.NDArray[np.bool_], start: int, what: str
    ) -> None:
        rows = np.flatnonzero(is_wrong)
        for row in rows[: max(_MOST_TOLD - len(told), 0)].tolist():
            told.append(f"event {start + row} {what}")
        if rows.size and len(told) == _MOST_TOLD:
            told.append("and more")

    def _check_block(self, events: npt.NDArray[Any], start: int) -> None:
        is_counted = events["cell"] == np.uint64(COUNTED_CELL)
        told = self.found.impossible
        serial = events["cell"] - np.uint64(self._first)
        is_born = is_counted | (serial < np.uint64(self._shed))
        self._tell(told, ~is_born, start, "is of a cell that was never born")
        wrong_kind = is_counted & (events["kind"] != EventKind.COLONY)
        self._tell(told, wrong_kind, start, "is of a cell without a name, and no colony")
        wrong_organ = events["organ"] != self._organs(events["segment"])
        self._tell(told, wrong_organ, start, "is in an organ where its vessel is not")
        epoch = np.searchsorted(self._ends, events["time"], side="left")
        is_inside = (epoch < self._ends.size) & is_born
        counted = is_counted & is_inside & ~wrong_kind
        organ = events["organ"].astype(np.int64) % (self._n_organs + 1)
        np.add.at(self.found.colonies_of_counted, (epoch[counted], organ[counted]), 1)
        named = np.flatnonzero(is_inside & ~is_counted)
        if named.size:
            self._check_cells(
                events[named], serial[named].astype(np.int64), epoch[named], named + start
            )

    def _organs(self, segment: npt.NDArray[np.uint32]) -> npt.NDArray[np.int16]:
        is_none = segment == NO_SEGMENT
        found: npt.NDArray[np.int16] = self._organ_of[np.where(is_none, 0, segment)].copy()
        found[is_none] = -1
        return found

    def _check_cells(
        self,
        events: npt.NDArray[Any],
        serial: npt.NDArray[np.int64],
        epoch: npt.NDArray[np.int64],
        row: npt.NDArray[np.int64],
    ) -> None:
        """Check each event against what its cell was before."""
        order = np.argsort(serial, kind="stable")
        events, serial, epoch, row = events[order], serial[order], epoch[order], row[order]
        is_first = np.ones(serial.size, dtype=bool)
        is_first[1:] = serial[1:] != serial[:-1]
        after = _AFTER[events["kind"]]
        now = {"state": after, "organ": events["organ"], "number": events["number"], "epoch": epoch}

        def before(name: str) -> npt.NDArray[Any]:
            of_cell, values = self._last[name], now[name]
            found = np.concatenate([values[:1], values[:-1]]).astype(of_cell.dtype)
            found[is_first] = of_cell[serial[is_first]]
            return found

        state, organ, number, last_epoch = map(before, _OF_CELL)
        told = self.found.impossible
        checks = (
            (~self._is_possible(state, events), "cannot follow on what its cell was"),
            (~self._has_cause(state, events), "has a cause that its kind and place do not have"),
            (
                (number >= events["number"]) & (last_epoch != _NO_EPOCH),
                "has a number not above the one before",
            ),
            (events["time"] < self._born(serial), "lies before the birth of its cell"),
            (
                (state == CellState.DORMANT) & (last_epoch != epoch),
                "is of a cell that slept over the end of an epoch and had no name any more",
            ),
        )
        for is_wrong, what in checks:
            for each in row[is_wrong][: max(_MOST_TOLD - len(told), 0)].tolist():
                told.append(f"event {each} {what}")
        target = np.where(after == _HELD, CellState.ARRESTED, after)
        n_rows = self._n_organs + 1
        there = np.where(state == _IN_BLOOD, events["organ"], organ).astype(np.int64) % n_rows
        np.add.at(self.found.moved, (epoch, there, state, target), 1)
        deaths = events["kind"] == EventKind.DIED
        np.add.at(self.found.died_by_cause, (epoch[deaths], events["cause"][deaths]), 1)
        first = (events["kind"] == EventKind.ARRESTED) & (events["passes"] == 0)
        np.add.at(self.found.first_arrests, events["organ"][first].astype(np.int64) % n_rows, 1)
        is_last = np.append(serial[1:] != serial[:-1], True)
        for name, of_cell in self._last.items():
            of_cell[serial[is_last]] = now[name][is_last]

    def _born(self, serial: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the earliest moment at which each cell can have been born [ns]."""
        first = (self._litters["first_cell"] - np.uint64(self._first)).astype(np.int64)
        found: npt.NDArray[np.int64] = self._litters["time"][
            np.maximum(np.searchsorted(first, serial, side="right") - 1, 0)
        ]
        return found

    def _is_possible(
        self, state: npt.NDArray[np.uint8], events: npt.NDArray[Any]
    ) -> npt.NDArray[np.bool_]:
        table = np.zeros((256, 256), dtype=bool)
        for kind, states in _MAY.items():
            table[kind, list(states)] = True
            if not self._are_all and _STUCK in states:
                table[kind, _IN_BLOOD] = True
        found: npt.NDArray[np.bool_] = table[events["kind"], state]
        return found

    def _has_cause(
        self, state: npt.NDArray[np.uint8], events: npt.NDArray[Any]
    ) -> npt.NDArray[np.bool_]:
        table = np.zeros((256, 256), dtype=bool)
        for each, causes in _CAUSES.items():
            table[each, list(causes)] = True
        if not self._are_all:
            table[_IN_BLOOD, list(_CAUSES[_STUCK])] = True
        is_death = events["kind"] == EventKind.DIED
        found: npt.NDArray[np.bool_] = np.where(
            is_death, table[state, events["cause"]], events["cause"] == DeathCause.NONE
        )
        return found
