"""Which cells are tracked, since when they live, and what a frame holds of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.dormant import DormantCells
from ctc.simulation.identities import SERIAL_MASK
from ctc.simulation.setting import Setting
from ctc.simulation.shard import FRAME_FIELDS, Fields
from ctc.simulation.shards import Shards

_UNBORN = -1
# What a frame is put together from.
_PARTS = (*FRAME_FIELDS, "position")


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

    def note_births(self, births: Fields) -> None:
        """Remember when tracked cells were born: their id and time [ns]."""
        if births:
            self.born[self._number(births["id"])] = births["time"]

    def are_tracked(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Return which of some ids are tracked, (n,) bool."""
        every, number = np.uint64(self._setting.track_every), ids & np.uint64(SERIAL_MASK)
        found: npt.NDArray[np.bool_] = (number % every == 0) & (number // every < self.born.size)
        return found

    def frame(
        self, parts: list[Fields], dormant: DormantCells, shards: Shards, *, time: int
    ) -> dict[str, npt.NDArray[Any]]:
        """Return what a frame holds of the tracked cells that live at a time [ns], by id.

        Keys and dtypes are those of the run file's cell fields.

        Parameters
        ----------
        parts : list of fields
            Tracked cells in the arrays of shards, as in `Harvest`.
        dormant : DormantCells
            As they were at the start of the epoch.
        shards : Shards
            Knows where cells are drawn.
        time : int [ns]
            Of the frame.
        """
        parts = [*parts, self._counted(dormant, shards, time)]
        cells = {name: np.concatenate([part[name] for part in parts]) for name in _PARTS}
        is_born = self.born[self._number(cells["id"])] <= time
        order = np.argsort(cells["id"])
        order = order[is_born[order]]
        cells = {name: array[order] for name, array in cells.items()}
        record = cells.pop("segment")
        hops = self._setting.hops
        organ = hops.organ[record]
        age = time - self.born[self._number(cells["id"])]
        return cells | {
            "organ": np.where(organ == hops.n_organs - 1, -1, organ).astype(np.int16),
            "segment": hops.segment[record].astype(np.uint32),
            "age": (age * 1e-9).astype(np.float32),
        }

    def _number(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        number = ids & np.uint64(SERIAL_MASK)
        return (number // np.uint64(self._setting.track_every)).astype(np.int64)

    def _counted(self, dormant: DormantCells, shards: Shards, time: int) -> Fields:
        """Return the tracked cells that are counted as dormant."""
        found = dormant.frame(time)
        no_time = np.zeros(found["id"].size, dtype=np.int64)
        if not no_time.size:
            return found | {"position": np.zeros((0, 3), dtype=np.float32)}
        cells = {name: found[name] for name in ("id", "segment")}
        cells |= {"entry_time": no_time, "exit_time": no_time}
        return found | {"position": shards.locate(cells, time)}
