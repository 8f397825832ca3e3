"""Shards: all cells of a run, split over backends; what they bring adds up to the same bits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.simulation.emission import Emission
from ctc.simulation.event_runs import EVENTS_IN_MEMORY
from ctc.simulation.population import CELL_FIELDS
from ctc.simulation.setting import Setting
from ctc.simulation.shard import (
    Change,
    Fields,
    Harvest,
    RecordCounts,
    Shard,
    Stretch,
    side_by_side,
)
from ctc.timings import Spent

Result = TypeVar("Result")
_MANY = 2**32
# Shorter runs of events would be many to merge.
_FEWEST_EVENTS = 1 << 18


class Shards(ABC):
    """All cells of a run, in one or more shards.

    Every sum over shards is one of integers, and everything else is put in order by the id of the
    cell, so no result depends on their number, nor on which shard has which cell.
    """

    # Whether they work in this process, where one clock counts the processors for all of them.
    are_of_this_process = True

    @property
    @abstractmethod
    def description(self) -> str:
        """Where they are, in words, for provenance."""

    @property
    @abstractmethod
    def n_shards(self) -> int:
        """How many there are."""

    @property
    def n_at_once(self) -> int:
        """How many work at once."""
        return self.n_shards

    @abstractmethod
    def on_each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call a method of every `Shard`, each with arguments of its own."""

    @abstractmethod
    def on_one(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first `Shard`."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the backends."""

    def follow(
        self,
        emissions: Mapping[int, Emission],
        frames: tuple[int, ...],
        end: int,
        *,
        change: Change | None = None,
    ) -> Harvest:
        """Follow all cells, the newborn among them, to the end of an epoch [ns]; see `Stretch`."""
        n_shards = self.n_shards
        stretches = [
            (
                Stretch(
                    {regime: born.part(number, n_shards) for regime, born in emissions.items()},
                    frames,
                    end,
                    change,
                ),
            )
            for number in range(n_shards)
        ]
        return joint(self.on_each("follow", stretches))

    def record_counts(self) -> RecordCounts:
        """Return the cells of all shards by record."""
        counts = self._of_each("record_counts")
        return RecordCounts(
            passages=sum((each.passages for each in counts[1:]), start=counts[0].passages),
            born=sum((each.born for each in counts[1:]), start=counts[0].born),
            present=sum((each.present for each in counts[1:]), start=counts[0].present),
        )

    def kernel_time(self) -> Spent:
        """Return the time of kernels so far.

        By the clock where they took longest, of those that work at once; of processors in all
        shards, None where several work at once in one process.
        """
        spent, n_at_once = self._of_each("kernel_time"), self.n_at_once
        total = sum(spent, Spent())
        by_turn = [sum(spent[first::n_at_once], Spent()) for first in range(n_at_once)]
        is_told = n_at_once == 1 or not self.are_of_this_process
        return Spent(max(each.wall for each in by_turn), total.cpu if is_told else None)

    def field(self, name: str) -> npt.NDArray[Any]:
        """Return one field of all cells, in any order that is the same for all fields."""
        parts = self.on_each("field", [(name,)] * self.n_shards)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def fields_by_id(self) -> dict[str, Callable[[], npt.NDArray[Any]]]:
        """Return what gives each field of all cells, (n,) in rising order of id, by name."""
        order = np.argsort(self.field("id"))
        if order.size < _MANY:
            order = order.astype(np.uint32)
        return {field.name: partial(self._ordered, field.name, order) for field in CELL_FIELDS}

    def cells(self) -> Fields:
        """Return all fields of all cells in rising order of id."""
        return {name: field() for name, field in self.fields_by_id().items()}

    def locate(self, cells: Fields, time: int) -> npt.NDArray[np.float32]:
        """Return where cells would be drawn at a time, as `Shard.locate`."""
        found: npt.NDArray[np.float32] = self.on_one("locate", cells, time)
        return found

    def restore(self, cells: Fields, counts: RecordCounts) -> None:
        """Deal out the cells of a checkpoint; what was counted goes on in the first shard."""
        none = RecordCounts(*(np.zeros_like(array) for array in vars(counts).values()))
        own = [
            {name: array[number :: self.n_shards] for name, array in cells.items()}
            for number in range(self.n_shards)
        ]
        rest = [none] * (self.n_shards - 1)
        self.on_each("restore", list(zip(own, [counts, *rest], strict=True)))

    def _ordered(self, name: str, order: npt.NDArray[np.integer[Any]]) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = self.field(name)[order]
        return found

    def _of_each(self, method: str) -> list[Any]:
        return self.on_each(method, [()] * self.n_shards)


class LocalShards(Shards):
    """Shards on backends of this machine; several work at once, each always in the same thread.

    Parameters
    ----------
    setting : Setting
        Of the run.
    backends : sequence of callables
        Each makes the backend of one shard, in the thread of that shard: on a GPU what is current
        belongs to a thread.
    n_at_once : int, optional
        How many may work at once; all when left out.
    chunk, event_capacity, folder
        As `Shard`.
    events_in_memory : int
        As `Shard`, of all together, but for a least number that each may have.
    """

    def __init__(
        self,
        setting: Setting,
        backends: Sequence[Callable[[], Backend]],
        *,
        n_at_once: int | None = None,
        chunk: int | None = None,
        event_capacity: int | None = None,
        events_in_memory: int = EVENTS_IN_MEMORY,
        folder: Path | None = None,
    ) -> None:
        def shard(backend: Callable[[], Backend]) -> Shard:
            return Shard(
                setting,
                backend(),
                chunk=chunk,
                event_capacity=event_capacity,
                events_in_memory=shared(events_in_memory, len(backends), least=_FEWEST_EVENTS),
                folder=folder,
            )

        self._n_at_once = min(n_at_once or len(backends), len(backends))
        self._threads: list[ThreadPoolExecutor] = []
        if self._n_at_once > 1:
            self._threads = [ThreadPoolExecutor(max_workers=1) for _ in range(self._n_at_once)]
        self.shards = self._at_once([partial(shard, each) for each in backends])

    @classmethod
    def on(cls, setting: Setting, backend: Backend, **options: Any) -> LocalShards:
        """Return one shard on a backend that is there already."""
        return cls(setting, [lambda: backend], **options)

    @property
    def description(self) -> str:
        """The backends in words."""
        names = [shard.launches.backend.description for shard in self.shards]
        if len(names) > 1 and len(set(names)) == 1:
            return f"{len(names)} shards on {names[0]}"
        return " + ".join(names)

    @property
    def n_shards(self) -> int:
        """How many there are."""
        return len(self.shards)

    @property
    def n_at_once(self) -> int:
        """How many work at once; the others wait for their turn."""
        return self._n_at_once

    def on_each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call a method of every shard, each with arguments of its own."""
        return self._at_once(
            [
                partial(getattr(shard, method), *own)
                for shard, own in zip(self.shards, arguments, strict=True)
            ]
        )

    def on_one(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first shard."""
        work = partial(getattr(self.shards[0], method), *arguments)
        return self._threads[0].submit(work).result() if self._threads else work()

    def close(self) -> None:
        """End the threads."""
        for thread in self._threads:
            thread.shutdown()

    def _at_once(self, work: Sequence[Callable[[], Result]]) -> list[Result]:
        """Do the work of every shard in its thread; all end before an error of one is raised."""
        if not self._threads:
            return [each() for each in work]
        pending = [thread.submit(each) for thread, each in zip(cycle(self._threads), work)]
        for future in pending:
            future.exception()
        return [future.result() for future in pending]


def shared(whole: int, n_shards: int, *, least: int) -> int:
    """Return what each of some shards may have of a whole; the least that it needs, if more."""
    return max(whole // n_shards, min(least, whole))


def joint(harvests: Sequence[Harvest]) -> Harvest:
    """Return the harvests of several shards as one."""
    first = harvests[0]
    return Harvest(
        events=[source for each in harvests for source in each.events],
        frames=[
            [part for each in harvests for part in each.frames[number]]
            for number in range(len(first.frames))
        ],
        births=side_by_side([each.births for each in harvests if each.births]),
        dormant=side_by_side([each.dormant for each in harvests]),
        counts=sum((each.counts for each in harvests[1:]), start=first.counts),
        hops=sum(each.hops for each in harvests),
        organ_sums=sum((each.organ_sums for each in harvests[1:]), start=first.organ_sums),
    )
