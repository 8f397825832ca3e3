"""Tracked cells among those that are counted as dormant: which of them leave, when, what then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.host_draws import Purpose, random_words
from ctc.states import CellState

TRACKED = np.dtype([("code", "<i8"), ("id", "<u8"), ("size_class", "<u2")])
_WORDS = 2


@dataclass(frozen=True)
class Leaving:
    """Those that leave a set of counts in an epoch.

    Attributes
    ----------
    code, present : (n_rows,) int64
        Rows of the counts, and their cells at the start of the epoch.
    leaving, waking : (n_rows,) int64
        Of those, cells that leave, and that leave to grow to a colony.
    colony_time : (n,) int64 [ns]
        When, row by row.
    """

    code: npt.NDArray[np.int64]
    present: npt.NDArray[np.int64]
    leaving: npt.NDArray[np.int64]
    waking: npt.NDArray[np.int64]
    colony_time: npt.NDArray[np.int64]


class TrackedDormant:
    """Cells that frames go on to show; what becomes of them changes no count.

    Attributes
    ----------
    rows : (n,) TRACKED
        By code of their row and id.
    """

    def __init__(self) -> None:
        self.rows = np.zeros(0, dtype=TRACKED)
        # Those that leave in the present epoch, when, and what they become.
        self._departing = np.zeros(0, dtype=TRACKED)
        self._left_at = np.zeros(0, dtype=np.int64)
        self._fate = np.zeros(0, dtype=np.uint8)

    def add(
        self,
        code: npt.NDArray[np.int64],
        ids: npt.NDArray[np.uint64],
        size_class: npt.NDArray[np.uint16],
    ) -> None:
        """Take in cells that are in these rows."""
        new = np.zeros(code.size, dtype=TRACKED)
        new["code"], new["id"], new["size_class"] = code, ids, size_class
        self.rows = np.sort(np.concatenate([self.rows, new]), order=("code", "id"))

    def part(self, gone: Leaving, *, seed: int, epoch: int, end: int) -> None:
        """Draw which are among those that leave their rows, and what they become.

        One after another in each row: k of the n cells that are left leave, so the next does with
        the chance k / n; likewise for waking among those that leave. Who wakes has the time of a
        colony of the row; who dies is seen until the end of the epoch [ns].
        """
        rows = self.rows
        words = random_words(
            seed, Purpose.DORMANT_MEMBER, epoch=epoch, count=_WORDS * rows.size
        ).reshape(_WORDS, -1)
        place = np.searchsorted(gone.code, rows["code"])
        leaves = _among(words[0], place, wanted=gone.leaving, present=gone.present)
        self._departing, self.rows = rows[leaves], rows[~leaves]
        place = place[leaves]
        wakes = _among(words[1, leaves], place, wanted=gone.waking, present=gone.leaving)
        self._fate = np.where(wakes, CellState.COLONY, CellState.DIED).astype(np.uint8)
        self._left_at = np.full(place.size, end)
        first = np.cumsum(gone.waking) - gone.waking
        self._left_at[wakes] = gone.colony_time[first[place[wakes]] + _rank(place[wakes])]

    def at(self, time: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
        """Return rows, (n,) TRACKED, and `CellState` at a time of the epoch [ns], in any order.

        Those that left before are among them, with what became of them.
        """
        departing = np.where(self._left_at <= time, self._fate, CellState.DORMANT)
        asleep = np.full(self.rows.size, CellState.DORMANT)
        states = np.concatenate([asleep, departing]).astype(np.uint8)
        return np.concatenate([self.rows, self._departing]), states


def _among(
    words: npt.NDArray[np.uint64],
    row: npt.NDArray[np.int64],
    *,
    wanted: npt.NDArray[np.int64],
    present: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Draw which cells, in rising order of their rows, are among those wanted, (n,) bool.

    A word of 64 bits taken modulo 1e9 cells favours none by more than 1e-10.
    """
    rank = _rank(row)
    chosen = np.zeros(row.size, dtype=bool)
    still_wanted = wanted.copy()
    for number in range(int(rank.max(initial=-1)) + 1):
        at = np.flatnonzero(rank == number)
        left = (present[row[at]] - number).astype(np.uint64)
        chosen[at] = (words[at] % left).astype(np.int64) < still_wanted[row[at]]
        still_wanted[row[at]] -= chosen[at]
    return chosen


def _rank(row: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the place of each cell among those of its row; rows rise."""
    return np.arange(row.size) - np.searchsorted(row, row)
