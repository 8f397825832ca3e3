"""Which cells are tracked, since when they live, and what a frame holds of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_census import count_cells
from ctc.simulation.dormant import DormantCells
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
        # Ids and slots of the tracked cells in the arrays of cells, while no cell moves there.
        self._found: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]] | None = None

    def note_births(self, litter: Litter, launches: Launches) -> None:
        """Remember when the tracked cells of a litter were born; call right after their birth."""
        self.cells_moved()
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

    def restore(self, born: npt.NDArray[np.int64]) -> None:
        """Take up when the tracked cells of an earlier run were born."""
        self.born[...] = born
        self.cells_moved()

    def cells_moved(self) -> None:
        """Say that cells came to the arrays of cells, or went."""
        self._found = None

    def are_tracked(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Return which of some ids are tracked, (n,) bool."""
        every = np.uint64(self._setting.track_every)
        found: npt.NDArray[np.bool_] = (ids % every == 0) & (ids // every < self.born.size)
        return found

    def frame(
        self, launches: Launches, dormant: DormantCells, time: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Return what a frame holds of the tracked cells that live at a time [ns], by id.

        Keys and dtypes are those of the run file's cell fields.
        """
        held = [self._in_arrays(launches, time), self._counted(launches, dormant, time)]
        cells = {name: np.concatenate([each[name] for each in held]) for name in held[0]}
        # Both are sorted runs, or nearly so: timsort merges them.
        order = np.argsort(cells["id"], kind="stable")
        cells = {name: array[order] for name, array in cells.items()}
        record = cells.pop("segment")
        hops = self._setting.hops
        organ = hops.organ[record]
        born = self.born[cells["id"] // np.uint64(self._setting.track_every)]
        return cells | {
            "organ": np.where(organ == hops.n_organs - 1, -1, organ).astype(np.int16),
            "segment": hops.segment[record].astype(np.uint32),
            "age": ((time - born) * 1e-9).astype(np.float32),
        }

    def _in_arrays(self, launches: Launches, time: int) -> dict[str, npt.NDArray[Any]]:
        """Return the tracked cells that the arrays of cells hold, born by now, by id."""
        backend = launches.backend
        fields = launches.population.arrays()
        if self._found is None:
            self._found = self._find(launches)
        ids, slots = self._found
        number = (ids // np.uint64(self._setting.track_every)).astype(np.int64)
        is_shown = self.born[number] <= time
        slots = slots[is_shown]
        chosen = backend.to_device(slots)
        found = {
            name: backend.to_host(fields[name][chosen])
            for name in ("state", "segment", "size_class")
        }
        found["id"] = ids[is_shown]
        found["state"] = found["state"] & np.uint8(0x0F)
        return found | {"position": launches.locate(fields, slots, time)}

    def _find(self, launches: Launches) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Return ids and slots of the tracked cells in the arrays of cells, by id."""
        backend = launches.backend
        ids = launches.population.arrays()["id"]
        every = backend.xp.uint64(self._setting.track_every)
        candidates = backend.xp.flatnonzero(ids % every == 0)
        slots = backend.to_host(candidates).astype(np.uint32)
        own = backend.to_host(ids[candidates])
        is_tracked = self.are_tracked(own)
        own, slots = own[is_tracked], slots[is_tracked]
        order = np.argsort(own)
        return own[order], slots[order]

    def _counted(
        self, launches: Launches, dormant: DormantCells, time: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the tracked cells that are counted as dormant."""
        found = dormant.frame(time)
        no_time = np.zeros(found["id"].size, dtype=np.int64)
        cells = found | {"entry_time": no_time, "exit_time": no_time}
        on_device = {name: launches.backend.to_device(array) for name, array in cells.items()}
        slots = np.arange(no_time.size, dtype=np.uint32)
        return found | {"position": launches.locate(on_device, slots, time)}


def census(
    launches: Launches, setting: Setting
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count the cells in the arrays of cells.

    Returns
    -------
    counts : (n_states, n_organs) int64
        By state and row of the organ tables.
    here : (n_records,) int64
        By segment record.
    """
    backend, hops = launches.backend, setting.hops
    xp = backend.xp
    counts = np.zeros((len(CellState), hops.n_organs), dtype=np.int64)
    if xp is np:
        here = np.zeros(hops.records.size, dtype=np.int64)
        fields = launches.population.arrays()
        count_cells(
            fields["state"], fields["segment"], organ_of=hops.organ, counts=counts, here=here
        )
        return counts, here
    organ = backend.to_device(hops.organ)
    for fields in launches.population.blocks():
        state = (fields["state"] & xp.uint8(0x0F)).astype(np.int32)
        pair = state * hops.n_organs + organ[fields["segment"]]
        counts += backend.to_host(xp.bincount(pair, minlength=counts.size)).reshape(counts.shape)
    found = launches.count_by_record(launches.population.arrays()["segment"])
    return counts, backend.to_host(found)
