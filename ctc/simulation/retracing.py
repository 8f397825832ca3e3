"""Retracing: some cells of a run followed again from their births, without the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.simulation.births import Births
from ctc.simulation.dormant import DormantCells
from ctc.simulation.effects import effect_of, tables_under
from ctc.simulation.emission import Emission, emission_of
from ctc.simulation.epoch_result import Frame
from ctc.simulation.event_runs import OrderedEvents
from ctc.simulation.shard import Change, Fields
from ctc.simulation.shards import LocalShards
from ctc.simulation.tracking import Tracking


@dataclass(frozen=True)
class Retraced:
    """What an epoch brought to the cells that are followed again.

    Attributes
    ----------
    number, start, end : int, int [ns], int [ns]
        Of the epoch.
    events : (n,) EVENT
        Of these cells, in order.
    frames : list of Frame
        Those of them that are tracked. One that had fallen asleep in an earlier epoch is there as
        dormant, whatever became of it.
    asleep : (m,) uint64
        Those that were counted as dormant at the end: from then on they have no name.
    """

    number: int
    start: int
    end: int
    events: npt.NDArray[Any]
    frames: list[Frame]
    asleep: npt.NDArray[np.uint64]


class Retracing:
    """Follows cells as `Simulation` does, by the same shards and kernels, to the same bits.

    All draws hang on seed and identity of a cell, so nothing but its birth and what treatment did
    to cells in each epoch is needed.

    Parameters
    ----------
    births : Births
        Of the run.
    effects : (n,) EFFECT
        What treatment did to cells, epoch by epoch.
    cells : (n,) uint64
        Who is followed, rising.
    backend : Backend
        Where.
    n_epochs : int
        How many there were.

    Raises
    ------
    InputError
        If one of them was never born.
    """

    def __init__(
        self,
        births: Births,
        effects: npt.NDArray[Any],
        cells: npt.NDArray[np.uint64],
        *,
        backend: Backend,
        n_epochs: int,
    ) -> None:
        self._births, self._setting = births, births.setting
        self._effects = effects
        self._cells, self._epoch_of = cells, births.epoch_of(cells)
        self._n_epochs = n_epochs
        self._shards = LocalShards.on(self._setting, backend)
        self._tracking = Tracking(self._setting)
        self._asleep = DormantCells(self._setting)
        self._numbers = {"": 0}
        self._regime = 0

    def epochs(self) -> Iterator[Retraced]:
        """Follow the cells from the epoch of the first birth to their ends, or the run's."""
        first = int(self._epoch_of.min(initial=self._n_epochs))
        n_held = 0
        for number in range(first, self._n_epochs):
            newborn = self._cells[self._epoch_of == number]
            ends = self._setting.epochs
            start, end = (ends[number - 1] if number else 0), ends[number]
            times = self._setting.frames_between(start, end)
            if not (n_held or newborn.size or (times and self._asleep.tracked.rows.size)):
                continue
            change = self._change(start)
            harvest = self._shards.follow(
                {self._regime: self._emission(newborn)}, times, end, change=change
            )
            self._tracking.note_births(harvest.births)
            frames = [
                Frame(time, self._tracking.frame(parts, self._asleep, self._shards, time=time))
                for time, parts in zip(times, harvest.frames, strict=True)
            ]
            self._lay_to_sleep(harvest.dormant)
            n_held = int(harvest.counts.sum())
            yield Retraced(
                number=number,
                start=start,
                end=end,
                events=OrderedEvents(harvest.events).whole(),
                frames=frames,
                asleep=harvest.dormant["id"],
            )

    def _emission(self, newborn: npt.NDArray[np.uint64]) -> Emission:
        return self._births.emission(newborn) if newborn.size else emission_of([])

    def _change(self, start: int) -> Change | None:
        """Return the tables that hold from the begin of an epoch [ns] on, if others did before."""
        setting = self._setting
        effect, tables = None, {}
        rows = self._effects[self._effects["time"] == start]
        if rows.size and setting.care is not None:
            effect = effect_of(rows, setting.care.organ_names)
        key = "" if effect is None else repr(effect)
        if effect is not None and setting.care is not None and key not in self._numbers:
            self._numbers[key] = len(self._numbers)
            tables[self._numbers[key]] = tables_under(effect, setting.care, setting)
        if self._numbers[key] == self._regime:
            return None
        self._regime = self._numbers[key]
        return Change(tables, np.full(len(setting.sources), self._regime, dtype=np.int64))

    def _lay_to_sleep(self, cells: Fields) -> None:
        """Take in those that are dormant at the end of an epoch, for the frames."""
        ids = cells["id"]
        self._asleep.absorb(
            cells,
            self._births.rows,
            self._births.places(ids),
            is_tracked=self._tracking.are_tracked(ids),
        )
