"""The cells of a run: table of fields, allocation, newborns, removal of the dead; no physics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.backends.base import Backend
from ctc.backends.host_census import sift_cells
from ctc.states import FATES, CellState


@dataclass(frozen=True)
class CellField:
    """One array of the cell state.

    Attributes
    ----------
    name, unit, meaning : str
        As in kernels/kernels.toml.
    dtype : str
        NumPy text.
    """

    name: str
    dtype: str
    unit: str
    meaning: str


CELL_FIELDS = (
    CellField("id", "u8", "", "identity, dense, given at birth"),
    CellField("entry_time", "i8", "ns", "entry to the segment; at rest: how far the clocks ran"),
    CellField("exit_time", "i8", "ns", "when the segment is left, or the cell is lost"),
    CellField("budget", "u8", "", "of survival [2^-45] or of the clocks at rest [2^-58]"),
    CellField("segment", "u4", "", "record of the segment"),
    CellField("draw", "u4", "", "counter of random draws"),
    CellField("size_class", "u2", "", "row of the size table"),
    CellField("passes", "u2", "", "capillary beds and node stations passed since birth"),
    CellField("clone", "u2", "", "label of the source"),
    CellField("state", "u1", "", "CellState; upper four bits: event still to be written"),
    CellField("cause", "u1", "", "cause of a loss"),
)
_BLOCK = 1 << 20
BYTES_PER_CELL = sum(np.dtype(field.dtype).itemsize for field in CELL_FIELDS)


class Population:
    """State arrays of all cells that are still in flight, in the memory of a backend.

    Parameters
    ----------
    backend : Backend
        Whose memory holds the arrays.
    capacity : int
        Cells that fit without a new allocation.
    """

    def __init__(self, backend: Backend, capacity: int = 1024) -> None:
        self._backend = backend
        self._arrays = {
            field.name: backend.xp.zeros(capacity, dtype=field.dtype) for field in CELL_FIELDS
        }
        self.count = 0

    @property
    def _is_on_host(self) -> bool:
        return self._backend.xp is np

    @property
    def capacity(self) -> int:
        """Cells that fit without a new allocation."""
        return int(self._arrays["id"].size)

    def arrays(self, start: int = 0, stop: int | None = None) -> dict[str, Any]:
        """Return views of the fields of cells ``start`` to ``stop``, by name."""
        stop = self.count if stop is None else stop
        return {name: array[start:stop] for name, array in self._arrays.items()}

    def blocks(self, start: int = 0) -> Iterator[dict[str, Any]]:
        """Yield views of the fields, so many cells at once that scratch memory stays small."""
        for first in range(start, self.count, _BLOCK):
            yield self.arrays(first, min(first + _BLOCK, self.count))

    def make_room(self, n_newborn: int) -> None:
        """See to it that so many cells can be added."""
        needed = self.count + n_newborn
        if needed <= self.capacity:
            return
        capacity = max(needed, self.capacity + self.capacity // 8)
        for field in CELL_FIELDS:
            grown = self._backend.xp.zeros(capacity, dtype=field.dtype)
            grown[: self.count] = self._arrays[field.name][: self.count]
            self._arrays[field.name] = grown

    def add(self, n_newborn: int) -> dict[str, Any]:
        """Take in so many cells and return the views to write them to; call `make_room` first."""
        start = self.count
        self.count += n_newborn
        return self.arrays(start, self.count)

    def take_dormant(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Take out all dormant cells and return some of their fields in host memory.

        Those that have met their fate go too.
        """
        if self._is_on_host:
            dormant = [CellState.DORMANT]
            self.count, found = sift_cells(self._arrays, self.count, dropped=FATES, taken=dormant)
            return {name: found[name] for name in names}
        taken: dict[str, list[Any]] = {name: [] for name in names}

        def is_kept(fields: dict[str, Any]) -> Any:
            is_dormant = fields["state"] == int(CellState.DORMANT)
            for name in names:
                taken[name].append(self._backend.to_host(fields[name][is_dormant]))
            return _is_alive(fields) & ~is_dormant

        self._keep(is_kept)
        nothing = {name: self._backend.to_host(self.arrays(0, 0)[name]) for name in names}
        return {name: np.concatenate([nothing[name], *parts]) for name, parts in taken.items()}

    def remove_finished(self, start: int = 0) -> None:
        """Drop every cell that has met its fate, from a slot on; others may fill the holes."""
        if self._is_on_host:
            n_left, _ = sift_cells(self.arrays(start), self.count - start, dropped=FATES)
            self.count = start + n_left
            return
        self._keep(_is_alive, start)

    def _keep(self, is_kept: Callable[[dict[str, Any]], Any], start: int = 0) -> None:
        """Drop all other cells from a slot on, block by block; these keep their order."""
        begin = end = start
        for fields in self.blocks(start):
            keep = is_kept(fields)
            n_kept = int(keep.sum())
            if end != begin or n_kept != keep.size:
                for name, array in self._arrays.items():
                    array[end : end + n_kept] = fields[name][keep]
            begin += keep.size
            end += n_kept
        self.count = end

    def on_host_as_they_lie(self) -> dict[str, Any]:
        """Return copies of all fields in host memory, in the order of their slots."""
        to_host = self._backend.to_host
        return {name: np.array(to_host(array)) for name, array in self.arrays().items()}

    def on_host(self) -> dict[str, Any]:
        """Return copies of all fields in host memory, sorted by id."""
        return dict(self.by_id())

    def by_id(self) -> Iterator[tuple[str, Any]]:
        """Yield name and host copy of each field, sorted by id, one at a time."""
        fields = self.arrays()
        order = np.argsort(self._backend.to_host(fields["id"]))
        for name, array in fields.items():
            yield name, self._backend.to_host(array)[order]

    def restore(self, fields: dict[str, Any]) -> None:
        """Replace all cells by those of a checkpoint."""
        count = fields["id"].size
        self.count = 0
        self.make_room(count)
        for name, view in self.add(count).items():
            view[...] = self._backend.to_device(fields[name])


def _is_alive(fields: dict[str, Any]) -> Any:
    """Return which cells have not met their fate, (n,) bool, in the memory of their backend."""
    is_alive = fields["state"] != int(FATES[0])
    for fate in FATES[1:]:
        is_alive &= fields["state"] != int(fate)
    return is_alive
