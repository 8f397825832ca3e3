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


def source_parent(source: int) -> int:
    """Return the parent of what a source of the scenario sheds: -1 for the first, -2, ..."""
    return -1 - source


class Genealogy:
    """All litters of a run. Ids are dense, so a litter is a first id and a count."""

    def __init__(self) -> None:
        self._rows = np.zeros(64, dtype=LITTER)
        self._size = 0

    @property
    def rows(self) -> npt.NDArray[Any]:
        """(n,) LITTER, in rising order of id; a view."""
        return self._rows[: self._size]

    def add(self, litters: Iterable[tuple[int, int, int, int, int]]) -> None:
        """Add litters (first id, count, parent, time [ns], route), the next ids."""
        new = np.array([litter for litter in litters if litter[1] > 0], dtype=LITTER)
        end = self._size + new.size
        if end > self._rows.size:
            larger = np.zeros(max(end, 2 * self._rows.size), dtype=LITTER)
            larger[: self._size] = self.rows
            self._rows = larger
        self._rows[self._size : end] = new
        self._size = end

    def restore(self, rows: npt.NDArray[Any]) -> None:
        """Take up the rows of an earlier run."""
        self._rows = np.concatenate([rows, np.zeros(64, dtype=LITTER)])
        self._size = rows.size

    def of_cells(self, cells: npt.NDArray[np.uint64]) -> npt.NDArray[Any]:
        """Return the litter of each cell, (n,) LITTER; every one must have been born."""
        place = np.searchsorted(self.rows["first_cell"], cells, side="right") - 1
        found: npt.NDArray[Any] = self.rows[place]
        return found
