"""Shard: some of a run's cells on one backend, followed through an epoch in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.host_census import count_cells
from ctc.errors import InputError
from ctc.simulation.emission import Emission
from ctc.simulation.event_runs import EVENTS_IN_MEMORY, EventRuns, EventSource
from ctc.simulation.identities import SERIAL_MASK
from ctc.simulation.launches import Launches
from ctc.simulation.population import Population
from ctc.simulation.setting import Setting
from ctc.simulation.tables import Tables
from ctc.states import CellState
from ctc.timings import Spent

MOST_DRAWS = 2**31 - 1

DORMANT_FIELDS = ("id", "segment", "size_class", "clone")
FRAME_FIELDS = ("id", "state", "segment", "size_class")


Fields = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Change:
    """Other tables for the cells of some sources, from the beginning of an epoch on.

    Attributes
    ----------
    tables : dict of int to Tables
        New regimes, by number.
    regime : (n_clones,) int64
        Which regime the cells of each clone label are in.
    """

    tables: dict[int, Tables]
    regime: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """What a shard is to do in one epoch.

    Attributes
    ----------
    emissions : dict of int to Emission
        Cells that are born to it, by regime.
    frames : tuple of int [ns]
        Times at which tracked cells are looked at, rising.
    end : int [ns]
        Of the epoch.
    change : Change, optional
        What is otherwise than in the last one.
    """

    emissions: dict[int, Emission]
    frames: tuple[int, ...]
    end: int
    change: Change | None = None


@dataclass(frozen=True)
class Harvest:
    """What an epoch brought in one shard, or in several.

    Attributes
    ----------
    events : list of EventSource
        All events, in any order.
    frames : list of list of fields
        For each frame its tracked cells, in parts: `FRAME_FIELDS` and position, those that are
        not born yet included.
    births : fields
        Id and time [ns] of birth of the tracked newborn cells.
    dormant : fields
        `DORMANT_FIELDS` of the cells that are dormant at the end; they have left.
    counts : (n_states, n_organs) int64
        Cells that are left, by state and organ row.
    hops : int
        Segments entered in the epoch.
    organ_sums : (n_organs, 4) uint64
        Bed arrivals and arrests in the epoch.
    """

    events: list[EventSource]
    frames: list[list[Fields]]
    births: Fields
    dormant: Fields
    counts: npt.NDArray[np.int64]
    hops: int
    organ_sums: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class RecordCounts:
    """Cells by record of the hop table, (n_records,) each.

    Attributes
    ----------
    passages : uint64
        That entered it so far, where kernels count them.
    born : int64
        That were born in it so far.
    present : int64
        That are there now.
    """

    passages: npt.NDArray[np.uint64]
    born: npt.NDArray[np.int64]
    present: npt.NDArray[np.int64]


class Shard:
    """Population and launches of one shard.

    Cells do not interact, so each chunk of them is followed through all frames to the end of the
    epoch by itself, and what met its fate is gone before the next chunk is born.

    Parameters
    ----------
    setting : Setting
        Of the run.
    backend : Backend
        Where the kernels run.
    chunk, event_capacity : int, optional
        Cells and events of a launch; no result depends on them.
    events_in_memory : int
        Events of an epoch beyond which they go to a file.
    folder : Path, optional
        Where that is.
    """

    def __init__(
        self,
        setting: Setting,
        backend: Backend,
        *,
        chunk: int | None = None,
        event_capacity: int | None = None,
        events_in_memory: int = EVENTS_IN_MEMORY,
        folder: Path | None = None,
    ) -> None:
        self._setting = setting
        self.events_in_memory = events_in_memory
        self._folder = folder
        self._n_tracked = setting.n_tracked if setting.frames else 0
        self._organ = backend.to_device(setting.hops.organ)
        self._present = np.zeros(setting.hops.records.size, dtype=np.int64)
        self.launches = Launches(
            backend,
            setting.hops,
            setting.tables,
            seed=setting.seed,
            chunk=chunk,
            event_capacity=event_capacity,
        )
        # Where a launch is read back while the next one runs, chunks go through an epoch together.
        self._at_once = self.launches.chunk * backend.n_under_way

    def follow(self, stretch: Stretch) -> Harvest:
        """Follow all cells, the newborn among them, to the end of an epoch.

        Raises
        ------
        DeviceFaultError
            If a kernel reported a fault.
        """
        launches = self.launches
        if stretch.change is not None:
            self._change(stretch.change)
        events = EventRuns(self._folder, in_memory=self.events_in_memory)
        frames: list[list[Fields]] = [[] for _ in stretch.frames]
        births: list[Fields] = []
        dormant: list[Fields] = []
        for regime in launches.regimes:
            launches.use(regime)
            self._follow_regime(
                stretch.emissions.get(regime), stretch, events=events, frames=frames, births=births
            )
            dormant.append(launches.population.take_dormant(DORMANT_FIELDS))
        hops, organ_sums = launches.sums.hops, launches.sums.organs.copy()
        launches.sums.hops = 0
        launches.sums.organs[...] = 0
        return Harvest(
            events=[events],
            frames=frames,
            births=side_by_side(births),
            dormant=side_by_side(dormant),
            counts=self._census(),
            hops=hops,
            organ_sums=organ_sums,
        )

    def _follow_regime(
        self,
        emission: Emission | None,
        stretch: Stretch,
        *,
        events: EventRuns,
        frames: list[list[Fields]],
        births: list[Fields],
    ) -> None:
        """Follow the cells of the regime in use, the newborn among them."""
        launches, population = self.launches, self.launches.population
        for start in range(0, population.count, self._at_once):
            end = min(start + self._at_once, population.count)
            self._follow_slots(start, end, stretch=stretch, events=events, frames=frames)
        if emission is None:
            return
        bear, n_newborn = launches.midwife(emission), emission.count
        followed = 0
        for first in range(0, n_newborn, self._at_once):
            # Those who met their fate make room for the newborn.
            population.remove_finished(followed)
            followed = population.count
            events.add(*bear(first, min(first + self._at_once, n_newborn)))
            births.append(self._births(followed))
            self._follow_slots(
                followed, population.count, stretch=stretch, events=events, frames=frames
            )

    def _change(self, change: Change) -> None:
        """Lay out new regimes, and move cells to those of their sources."""
        launches, backend = self.launches, self.launches.backend
        for number, tables in change.tables.items():
            launches.lay_out(number, tables)
        moving: dict[int, list[Fields]] = {}
        for number, regime in launches.regimes.items():
            population = regime.population
            if not population.count:
                continue
            target = change.regime[backend.to_host(population.arrays()["clone"])]
            if (target == number).all():
                continue
            fields = population.on_host_as_they_lie()
            for goal in np.unique(target).tolist():
                chosen = target == goal
                part = {name: array[chosen] for name, array in fields.items()}
                moving.setdefault(goal, []).append(part)
            population.restore({name: array[:0] for name, array in fields.items()})
        for goal, parts in moving.items():
            population = launches.regimes[goal].population
            stayed = population.on_host_as_they_lie()
            population.restore(side_by_side([stayed, *parts]))

    def record_counts(self) -> RecordCounts:
        """Return cells by record, as they are now and stay."""
        to_host, sums = self.launches.backend.to_host, self.launches.sums
        return RecordCounts(to_host(sums.passages).copy(), to_host(sums.born), self._present)

    def kernel_time(self) -> Spent:
        """Return the time that kernels took so far, where the backend has a clock."""
        spent: Spent = getattr(self.launches.backend, "spent", Spent())
        return spent

    def field(self, name: str) -> npt.NDArray[Any]:
        """Return one field of all cells, in any order that is the same for all fields."""
        parts = [
            self.launches.backend.to_host(regime.population.arrays()[name])
            for regime in self.launches.regimes.values()
        ]
        found: npt.NDArray[Any] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return found

    def locate(self, cells: Fields, time: int) -> npt.NDArray[np.float32]:
        """Return where cells would be drawn at a time [ns], (n, 3) float32 [m].

        Parameters
        ----------
        cells : fields
            Their id, entry_time, exit_time and segment record.
        """
        to_device = self.launches.backend.to_device
        slots = np.arange(cells["id"].size, dtype=np.uint32)
        on_device = {name: to_device(array) for name, array in cells.items()}
        return self.launches.locate(on_device, slots, time)

    def restore(self, cells: Fields, counts: RecordCounts) -> None:
        """Take up cells, and what was counted by record before."""
        launches = self.launches
        launches.use(0)
        launches.population.restore(cells)
        launches.sums.passages[...] = launches.backend.to_device(counts.passages)
        launches.sums.born[...] = launches.backend.to_device(counts.born)
        self._census()

    def _follow_slots(
        self,
        start: int,
        end: int,
        *,
        stretch: Stretch,
        events: EventRuns,
        frames: list[list[Fields]],
    ) -> None:
        """Follow the cells of some slots through the frames to the end."""
        tracked = self._tracked_slots(start, end) if stretch.frames else None
        for time, parts in zip(stretch.frames, frames, strict=True):
            events.add(*self.launches.advance_slots(start, end, time))
            if tracked is not None and tracked.size:
                parts.append(self._look_at(tracked, time))
        events.add(*self.launches.advance_slots(start, end, stretch.end))

    def _tracked_slots(self, start: int, end: int) -> Any:
        """Return the slots of tracked cells among some, (n,) integer, in the backend's memory."""
        xp = self.launches.backend.xp
        ids = self.launches.population.arrays(start, end)["id"]
        every = xp.uint64(self._setting.track_every)
        number = ids & xp.uint64(SERIAL_MASK)
        is_tracked = (number % every == 0) & (number // every < xp.uint64(self._n_tracked))
        return start + xp.flatnonzero(is_tracked)

    def _look_at(self, slots: Any, time: int) -> Fields:
        launches = self.launches
        to_host = launches.backend.to_host
        fields = launches.population.arrays()
        found = {name: to_host(fields[name][slots]) for name in FRAME_FIELDS}
        found["state"] = found["state"] & np.uint8(0x0F)
        position = launches.locate(fields, to_host(slots).astype(np.uint32), time)
        return found | {"position": position}

    def _births(self, start: int) -> Fields:
        """Return the tracked cells from a slot on; call right after their birth."""
        to_host = self.launches.backend.to_host
        end = self.launches.population.count if self._n_tracked else start
        slots = self._tracked_slots(start, end)
        fields = self.launches.population.arrays()
        return {"id": to_host(fields["id"][slots]), "time": to_host(fields["entry_time"][slots])}

    def _census(self) -> npt.NDArray[np.int64]:
        """Return the cells that are left, (n_states, n_organs) int64; note how many are where."""
        counts = np.zeros((len(CellState), self._setting.hops.n_organs), dtype=np.int64)
        self._present = np.zeros(self._present.size, dtype=np.int64)
        for regime in self.launches.regimes.values():
            _require_draws(regime.population)
            self._count(regime.population, counts)
        return counts

    def _count(self, population: Population, counts: npt.NDArray[np.int64]) -> None:
        """Add the cells of a population to the counts by state and organ, and by record."""
        backend, n_organs = self.launches.backend, counts.shape[1]
        xp = backend.xp
        if xp is np:
            fields = population.arrays()
            count_cells(
                fields["state"],
                fields["segment"],
                organ_of=self._organ,
                counts=counts,
                here=self._present,
            )
            return
        for fields in population.blocks():
            state = (fields["state"] & xp.uint8(0x0F)).astype(np.int32)
            pair = state * n_organs + self._organ[fields["segment"]]
            counts += backend.to_host(xp.bincount(pair, minlength=counts.size)).reshape(
                -1, n_organs
            )
        present = self.launches.count_by_record(population.arrays()["segment"])
        self._present = self._present + backend.to_host(present)


def _require_draws(population: Population) -> None:
    """Raise InputError if a cell has used up half of its random draws, whose counter has 32 bits.

    Asked once an epoch: to get past the other half unseen a cell would have to enter 2^31 segments
    within one, which takes years of the smallest body's blood.
    """
    if not population.count:
        return
    fields = population.arrays()
    most = int(fields["draw"].max())
    if most > MOST_DRAWS:
        cell = int(fields["id"][int(fields["draw"].argmax())])
        message = (
            f"random draws of a cell must be at most {MOST_DRAWS:,}, got {most:,} of cell {cell}: "
            "it has been in the blood too long. Shorten run.duration."
        )
        raise InputError(message, key="run.duration")


def side_by_side(parts: list[Fields]) -> Fields:
    """Return fields of several parts as one; nothing of no parts."""
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
