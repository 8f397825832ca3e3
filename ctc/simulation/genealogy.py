"""Genealogy: which ids were born of which source or lesion, when, and by which route."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

LITTER = np.dtype(
    [
        ("first_cell", "<u8"),
        ("count", "<u8"),
        ("parent", "<i8"),
        ("time", "<i8"),
        ("route", "u1"),
    ]
)

_FEW = 4096  # litters that are never too many


def source_parent(source: int) -> int:
    """Return the parent of what a source of the scenario sheds: -1 for the first, -2, ..."""
    return -1 - source


class Genealogy:
    """Litters of a run, at least those with a cell that has an identity still.

    Ids of a patient are dense, so a litter is a first id and a count.
    """

    def __init__(self) -> None:
        self._rows = np.zeros(64, dtype=LITTER)
        self._size = 0
        self._enough = _FEW

    @property
    def rows(self) -> npt.NDArray[Any]:
        """(n,) LITTER, in rising order of id; a view."""
        return self._rows[: self._size]

    def add(self, litters: Iterable[tuple[int, int, int, int, int]]) -> npt.NDArray[Any]:
        """Add litters (first id, count, parent, time [ns], route) and return them, (n,) LITTER."""
        new = np.array([litter for litter in litters if litter[1] > 0], dtype=LITTER)
        self._append(new)
        first = self.rows["first_cell"]
        # Of one patient the new ids are the next ones; of several each goes on with its own.
        if (first[1:] < first[:-1]).any():
            self.rows[...] = self.rows[np.argsort(first, kind="stable")]
        return new

    def _append(self, new: npt.NDArray[Any]) -> None:
        end = self._size + new.size
        if end > self._rows.size:
            larger = np.zeros(max(end, 2 * self._rows.size), dtype=LITTER)
            larger[: self._size] = self.rows
            self._rows = larger
        self._rows[self._size : end] = new
        self._size = end

    @property
    def is_crowded(self) -> bool:
        """Whether there are so many litters that it is time to drop some."""
        return self._size >= self._enough

    def forget_all_but(self, cells: npt.NDArray[np.uint64]) -> None:
        """Drop the litters of which none of these cells is."""
        is_kept = np.zeros(self._size, dtype=bool)
        is_kept[self.places(cells)] = True
        kept = self.rows[is_kept]
        self._rows[: kept.size] = kept
        self._size = kept.size
        self._enough = max(_FEW, 2 * self._size)

    def restore(self, rows: npt.NDArray[Any]) -> None:
        """Take up the rows of an earlier run."""
        self._rows = np.concatenate([rows, np.zeros(64, dtype=LITTER)])
        self._size = rows.size
        self._enough = max(_FEW, 2 * self._size)

    def of_cells(self, cells: npt.NDArray[np.uint64]) -> npt.NDArray[Any]:
        """Return the litter of each cell, (n,) LITTER; every one must have been born."""
        found: npt.NDArray[Any] = self.rows[self.places(cells)]
        return found

    def places(self, cells: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the row of each cell's litter, (n,) int64."""
        return np.searchsorted(self.rows["first_cell"], cells, side="right") - 1
