"""Dormant cells as counts: what is alike is counted together, so memory does not grow with time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import binomial, exponential, logarithm, loss
from ctc.backends.records import CLOCK_BITS, EVENT, NODE, TICK_BITS
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.simulation.host_draws import Purpose, mixed, uniform, words_of
from ctc.simulation.setting import Setting
from ctc.simulation.tables import Tables
from ctc.simulation.tracked_dormant import TRACKED, Leaving, TrackedDormant
from ctc.states import COUNTED_CELL, CellState, EventKind

# Cells that have all of this in common meet the same rates, and their colonies the same parents.
DORMANT_CLASS = np.dtype(
    [
        ("place", "<i2"),
        ("clocks", "<u4"),
        ("size_class", "<u2"),
        ("clone", "<u2"),
        ("parent", "<i8"),
        ("route", "u1"),
    ]
)
_CLONES = 1 << 16
_RECORD_BITS = 32
_MOST_CLASSES = 1 << (63 - _RECORD_BITS)
_RECORD_MASK = np.int64((1 << _RECORD_BITS) - 1)
# Below it a hazard is its own chance, and times are uniform, to a part in 1e8.
_SMALL_HAZARD = 1e-8


@dataclass(frozen=True)
class Awakening:
    """What became of dormant cells in an epoch.

    Attributes
    ----------
    colonies : (n,) EVENT
        Those that grew to a colony; ``number`` is the row.
    origins : (n,) DORMANT_CLASS
        What they were.
    died, killed : (n_organs,) int64
        Those that died, of themselves and by treatment, by row of the organ tables.
    """

    colonies: npt.NDArray[Any]
    origins: npt.NDArray[Any]
    died: npt.NDArray[np.int64]
    killed: npt.NDArray[np.int64]


class DormantCells:
    """Dormant cells by class and segment record.

    A cell that is dormant at the end of an epoch leaves the arrays of cells and is counted here.
    From then on it has no identity: of the cells of a class in a segment a binomial number leaves
    in an epoch, and their times follow the exponential law. The clocks have no memory, so nothing
    else is lost. Draws are keyed by seed, epoch, and the class and segment of a row, after all
    cells are summed, and so depend neither on how cells were split over launches nor on what else
    there is.

    Tracked cells are counted like all others, and no count depends on what is tracked.

    Attributes
    ----------
    died_by_clone, killed_by_clone : (n_clones,) int64
        Those that died, of themselves and by treatment, since this process began to count.

    Parameters
    ----------
    setting : Setting
        Places, seed, and rates of all until `obey` says otherwise.
    origins : (n_clones,) uint64, optional
        Key of each clone label, the same whatever others there are; those of the sources of one
        patient when left out.
    """

    def __init__(self, setting: Setting, origins: npt.NDArray[np.uint64] | None = None) -> None:
        self._setting = setting
        own = mixed(setting.patient, np.arange(_CLONES))
        self._origins = own if origins is None else origins
        self._tables = {0: setting.tables}
        self.died_by_clone = np.zeros(self._origins.size, dtype=np.int64)
        self.killed_by_clone = np.zeros(self._origins.size, dtype=np.int64)
        self._regime = np.zeros(self._origins.size, dtype=np.int64)
        hops, tables = setting.hops, setting.tables
        behaviour = tables.classes["behaviour"][hops.class_number]
        self._place = np.where(behaviour == NODE, hops.n_organs, hops.organ).astype(np.int64)
        kinds, first, kind = np.unique(
            tables.sizes["clocks"], return_index=True, return_inverse=True
        )
        self._clocks, self._size_class, self._kind = kinds, first, kind
        self.classes = np.zeros(0, dtype=DORMANT_CLASS)
        self.code = np.zeros(0, dtype=np.int64)  # class << 32 | record, rising
        self.count = np.zeros(0, dtype=np.int64)
        self.tracked = TrackedDormant()

    def obey(self, tables: dict[int, Tables], regime: npt.NDArray[np.int64]) -> None:
        """Take up tables by number, and which of them the cells of each clone label obey."""
        self._tables |= tables
        self._regime = regime

    @property
    def n_cells(self) -> int:
        """Dormant cells counted here."""
        return int(self.count.sum())

    @property
    def record(self) -> npt.NDArray[np.int64]:
        """Segment record of each row, (n_rows,)."""
        return self.code & _RECORD_MASK

    def by_organ(self) -> npt.NDArray[np.int64]:
        """Return the cells by row of the organ tables, (n_organs,) int64."""
        return self._sum_by_organ(self.record, self.count)

    def by_clone(self, n_clones: int) -> npt.NDArray[np.int64]:
        """Return the cells by clone label, (n_clones,) int64."""
        found = np.zeros(n_clones, dtype=np.int64)
        np.add.at(found, self.classes["clone"][self.code >> _RECORD_BITS], self.count)
        return found

    def by_record(self) -> npt.NDArray[np.int64]:
        """Return the cells by segment record, (n_records,) int64."""
        found = np.zeros(self._setting.hops.records.size, dtype=np.int64)
        np.add.at(found, self.record, self.count)
        return found

    def absorb(
        self,
        cells: dict[str, npt.NDArray[Any]],
        litters: npt.NDArray[Any],
        litter: npt.NDArray[np.int64],
        *,
        is_tracked: npt.NDArray[np.bool_],
    ) -> None:
        """Take in cells that are dormant at the end of an epoch.

        Parameters
        ----------
        cells : dict of str to (n,) arrays
            Their id, segment record, size_class and clone.
        litters : (l,) LITTER
            Of the run.
        litter : (n,) int64
            Row of the litter that each was born in.
        is_tracked : (n,) bool
            Which of them frames follow.
        """
        if not litter.size:
            return
        segment = cells["segment"].astype(np.int64)
        alike, of_cell = self._classify(cells, litters, litter)
        code = (self._numbers_of(alike)[of_cell] << _RECORD_BITS) | segment
        self._add(*np.unique(code, return_counts=True))
        self.tracked.add(code[is_tracked], cells["id"][is_tracked], cells["size_class"][is_tracked])

    def awaken(self, epoch: int, *, start: int, end: int) -> Awakening:
        """Let the clocks of an epoch run, at its start: cells die, or wake and grow to colonies.

        Parameters
        ----------
        epoch : int
            Its number.
        start, end : int [ns]
            Of the epoch. All cells were dormant at its start.
        """
        seed = self._setting.seed
        # What follows from the rates is worked out once a class.
        waking_rate, killing_rate, total = self.rates().astype(np.float64)
        hazard = total * (float(end - start) * 2.0 ** -(CLOCK_BITS + TICK_BITS))
        chance, rest = loss(hazard), exponential(-hazard)
        own = self.code >> _RECORD_BITS
        keys = mixed(self._class_keys()[own].view(np.int64), self.record)

        def some_of(
            number: npt.NDArray[Any], share: FloatArray, rest: FloatArray, *, purpose: Purpose
        ) -> npt.NDArray[np.int64]:
            words = words_of(keys, seed=seed, purpose=purpose, epoch=epoch)
            return binomial(number.astype(np.uint64), share[own], rest[own], words)

        leaving = some_of(self.count, chance, rest, purpose=Purpose.DORMANT_LEAVING)
        share = _share(waking_rate, total)
        waking = some_of(leaving, share, 1.0 - share, purpose=Purpose.DORMANT_WAKING)
        killed = np.zeros_like(waking)
        if killing_rate.any():
            share = _share(killing_rate, total - waking_rate)
            killed = some_of(leaving - waking, share, 1.0 - share, purpose=Purpose.DORMANT_TREATED)
        row = np.repeat(np.arange(own.size), waking)
        first = np.cumsum(waking) - waking
        turn = mixed(keys[row].view(np.int64), np.arange(row.size) - first[row])
        words = words_of(turn, seed=seed, purpose=Purpose.DORMANT_TIME, epoch=epoch)
        time = _moments(words, hazard[own[row]], start=start, end=end)
        colonies = self._colonies(self.code[row], time)
        origins = self.classes[own[row]]
        died = self._sum_by_organ(self.record, leaving - waking - killed)
        clone = self.classes["clone"][own]
        np.add.at(self.died_by_clone, clone, leaving - waking - killed)
        np.add.at(self.killed_by_clone, clone, killed)
        record = self.record
        gone = Leaving(self.code, self.count, leaving, waking, time)
        self.tracked.part(gone, seed=seed, epoch=epoch, end=end)
        self.count = self.count - leaving
        self._drop_empty()
        return Awakening(colonies, origins, died, self._sum_by_organ(record, killed))

    def frame(self, time: int) -> dict[str, npt.NDArray[Any]]:
        """Return id, state, segment record and size_class of tracked cells at a time [ns]."""
        rows, state = self.tracked.at(time)
        segment = (rows["code"] & _RECORD_MASK).astype(np.uint32)
        return {
            "id": rows["id"],
            "state": state,
            "segment": segment,
            "size_class": rows["size_class"],
        }

    def rates(self) -> npt.NDArray[np.uint64]:
        """Return waking, killing by treatment and all leaving of each class, (3, n_classes).

        Per tick, in 2^-58.
        """
        n_places = self._setting.hops.n_organs + 1
        row = CellState.DORMANT - CellState.ARRESTED
        place = self.classes["clocks"] + row * n_places + self.classes["place"]
        regime = self._regime[self.classes["clone"]]
        found = np.zeros((3, place.size), dtype=np.uint64)
        for number in np.unique(regime).tolist():
            own = regime == number
            clocks = self._tables[number].clocks[place[own]]
            found[0, own] = clocks["to_second"] - clocks["to_first"]
            found[1, own] = clocks["to_treatment"] - clocks["to_immune"]
            found[2, own] = clocks["total"]
        return found

    def _class_keys(self) -> npt.NDArray[np.uint64]:
        """Return a key for each class that is the same whatever other classes there are."""
        rows = self.classes
        origin = self._origins[rows["clone"]].view(np.int64)
        others = (rows[name] for name in ("place", "clocks", "size_class", "parent", "route"))
        return mixed(origin, *others)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return all that `restore` needs, by name."""
        return {
            **{f"class_{name}": self.classes[name].copy() for name in DORMANT_CLASS.names or ()},
            **{f"tracked_{name}": self.tracked.rows[name].copy() for name in TRACKED.names or ()},
            "code": self.code.copy(),
            "count": self.count.copy(),
        }

    def restore(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Take up the cells of an earlier simulation of the same setting."""
        self.code, self.count = state["code"], state["count"]
        self.classes = np.zeros(state["class_clone"].size, dtype=DORMANT_CLASS)
        self.tracked.rows = np.zeros(state["tracked_id"].size, dtype=TRACKED)
        for rows, prefix in ((self.classes, "class_"), (self.tracked.rows, "tracked_")):
            for name in rows.dtype.names or ():
                rows[name] = state[prefix + name]

    def _classify(
        self,
        cells: dict[str, npt.NDArray[Any]],
        litters: npt.NDArray[Any],
        litter: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
        """Return the classes of cells, and which of these each cell is of."""
        place = self._place[cells["segment"]]
        kind = self._kind[cells["size_class"]]
        n_places = self._setting.hops.n_organs + 1
        key = (litter * self._clocks.size + kind) * n_places + place
        _, first, of_cell = np.unique(key, return_index=True, return_inverse=True)
        alike = np.zeros(first.size, dtype=DORMANT_CLASS)
        alike["place"] = place[first]
        alike["clocks"] = self._clocks[kind[first]]
        alike["size_class"] = self._size_class[kind[first]]
        alike["clone"] = cells["clone"][first]
        alike["parent"] = litters["parent"][litter[first]]
        alike["route"] = litters["route"][litter[first]]
        return alike, of_cell

    def _numbers_of(self, alike: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the number of each of these classes, (n,) in rising order; new ones are added."""
        at = np.searchsorted(self.classes, alike)
        is_known = at < self.classes.size
        is_known[is_known] = self.classes[at[is_known]] == alike[is_known]
        if not is_known.all():
            if self.classes.size + alike.size > _MOST_CLASSES:
                message = f"classes of dormant cells must be at most {_MOST_CLASSES:,}, got more. "
                raise InputError(message + "Lower tissue.colony_factor.", key="cells.weight")
            merged, index = np.unique(np.concatenate([self.classes, alike]), return_inverse=True)
            self._renumber(index[: self.classes.size])
            self.classes, at = merged, index[-alike.size :]
        return at

    def _renumber(self, number: npt.NDArray[np.int64]) -> None:
        """Give each class a new number, (n_classes,), rising as the old ones do."""
        for codes in (self.code, self.tracked.rows["code"]):
            codes[...] = (number[codes >> _RECORD_BITS] << _RECORD_BITS) | (codes & _RECORD_MASK)

    def _add(self, code: npt.NDArray[np.int64], count: npt.NDArray[np.int64]) -> None:
        at = np.searchsorted(self.code, code)
        is_known = at < self.code.size
        is_known[is_known] = self.code[at[is_known]] == code[is_known]
        self.count[at[is_known]] += count[is_known]
        self.code = np.insert(self.code, at[~is_known], code[~is_known])
        self.count = np.insert(self.count, at[~is_known], count[~is_known])

    def _drop_empty(self) -> None:
        """Drop rows and classes without cells."""
        is_left = self.count > 0
        if is_left.all():
            return
        self.code, self.count = self.code[is_left], self.count[is_left]
        is_met = np.zeros(self.classes.size, dtype=bool)
        is_met[self.code >> _RECORD_BITS] = True
        if not is_met.all():
            self._renumber(np.cumsum(is_met) - 1)
            self.classes = self.classes[is_met]

    def _colonies(
        self, code: npt.NDArray[np.int64], time: npt.NDArray[np.int64]
    ) -> npt.NDArray[Any]:
        """Return the events of cells that grow to colonies, in the order of their codes."""
        events = np.zeros(code.size, dtype=EVENT)
        events["time"] = time
        events["cell"] = COUNTED_CELL
        events["segment"] = code & _RECORD_MASK
        events["number"] = np.arange(code.size)
        own_class = self.classes[code >> _RECORD_BITS]
        events["size_class"], events["clone"] = own_class["size_class"], own_class["clone"]
        events["kind"] = EventKind.COLONY
        return events

    def _sum_by_organ(
        self, record: npt.NDArray[np.int64], count: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        found = np.zeros(self._setting.hops.n_organs, dtype=np.int64)
        np.add.at(found, self._setting.hops.organ[record], count)
        return found


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)


def _moments(
    words: npt.NDArray[np.uint64], hazard: FloatArray, *, start: int, end: int
) -> npt.NDArray[np.int64]:
    """Return times at which cells leave that do so in an epoch, (n,) int64 [ns]: exponential."""
    share = uniform(words)
    is_small = hazard < _SMALL_HAZARD
    law = np.where(is_small, 1.0, hazard)
    share = np.where(is_small, share, -logarithm(1.0 - share * loss(law)) / law)
    after = np.floor(np.clip(share, 0.0, 1.0) * (end - start)).astype(np.int64) + 1
    moments: npt.NDArray[np.int64] = start + np.minimum(after, end - start)
    return moments
