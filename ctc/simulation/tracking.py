"""Which cells are tracked, since when they live, and what a frame holds of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.launches import Launches
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter
from ctc.states import CellState

_UNBORN = -1


class Tracking:
    """The tracked cells: every n-th id, up to a number.

    Parameters
    ----------
    setting : Setting
        Says which.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        n_tracked = setting.n_tracked if setting.frames else 0
        self.born = np.full(n_tracked, _UNBORN, dtype=np.int64)

    def note_births(self, litter: Litter, launches: Launches) -> None:
        """Remember when the tracked cells of a litter were born; call right after their birth."""
        every = self._setting.track_every
        first = -(-litter.first_id // every)
        last = min((litter.first_id + litter.count - 1) // every, self.born.size - 1)
        if last < first:
            return
        numbers = np.arange(first, last + 1)
        population = launches.population
        slots = population.count - litter.count + numbers * every - litter.first_id
        entry_time = population.arrays()["entry_time"]
        self.born[numbers] = launches.backend.to_host(entry_time[launches.backend.to_device(slots)])

    def frame(self, launches: Launches, time: int) -> dict[str, npt.NDArray[Any]]:
        """Return what a frame holds of the tracked cells that live at a time [ns], by id.

        Keys and dtypes are those of the run file's cell fields.
        """
        backend = launches.backend
        every = self._setting.track_every
        fields = launches.population.arrays()
        candidates = backend.xp.flatnonzero(fields["id"] % backend.xp.uint64(every) == 0)
        held = {
            name: backend.to_host(fields[name][candidates])
            for name in ("id", "state", "segment", "size_class")
        }
        number = (held["id"] // np.uint64(every)).astype(np.int64)
        known = number < self.born.size
        born = np.full(number.size, time + 1)
        born[known] = self.born[number[known]]
        chosen = np.flatnonzero(born <= time)
        chosen = chosen[np.argsort(held["id"][chosen])]
        slots = backend.to_host(candidates)[chosen].astype(np.uint32)
        record = held["segment"][chosen]
        hops = self._setting.hops
        organ = hops.organ[record]
        segment = hops.segment[record]
        return {
            "position": launches.locate(slots, time),
            "id": held["id"][chosen],
            "state": held["state"][chosen] & np.uint8(0x0F),
            "organ": np.where(organ == hops.n_organs - 1, -1, organ).astype(np.int16),
            "segment": segment.astype(np.uint32),
            "age": ((time - born[chosen]) * 1e-9).astype(np.float32),
            "size_class": held["size_class"][chosen],
        }


def count_by_state_and_organ(launches: Launches, setting: Setting) -> npt.NDArray[np.int64]:
    """Return the cells in memory, (n_states, n_organs) int64."""
    backend = launches.backend
    xp = backend.xp
    fields = launches.population.arrays()
    organ = backend.to_device(setting.hops.organ.astype(np.int64))
    n_organs = setting.hops.n_organs
    state = (fields["state"] & xp.uint8(0x0F)).astype(np.int64)
    pair = state * n_organs + organ[fields["segment"]]
    counts = backend.to_host(xp.bincount(pair, minlength=len(CellState) * n_organs))
    by_both: npt.NDArray[np.int64] = counts.astype(np.int64).reshape(len(CellState), n_organs)
    return by_both
