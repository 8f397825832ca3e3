"""Which frames and which cells of a run are exported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.layout import CELL_FIELDS
from ctc.record.reader import Frame, Run
from ctc.states import CellState

_BLOCK_ROWS = 1 << 18

IdArray = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Selection:
    """What is asked for; everything by default.

    Attributes
    ----------
    frames : tuple of int or None
        First frame and the one after the last, from 0, negative from the end; None for the ends.
    every : int
        Every n-th of those, >= 1.
    n_cells : int, optional
        At most so many cells, the same in every frame, >= 1.
    states : tuple of CellState
        Only cells in these states at the time of a frame; empty for all.
    """

    frames: tuple[int | None, int | None] = (None, None)
    every: int = 1
    n_cells: int | None = None
    states: tuple[CellState, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("every", self.every), ("cells", self.n_cells)):
            if value is not None and value < 1:
                message = f"{name} must be >= 1, got {value}. Leave it out for all."
                raise InputError(message, key=f"--{name}")

    @property
    def is_of_all_cells(self) -> bool:
        """Whether no cell is left out."""
        return self.n_cells is None and not self.states

    def in_words(self) -> str:
        """Return the selection as one line, empty for everything."""
        parts = []
        if self.frames != (None, None):
            first, stop = ("" if end is None else str(end) for end in self.frames)
            parts.append(f"frames {first}:{stop}")
        if self.every > 1:
            parts.append(f"every {self.every}")
        if self.n_cells is not None:
            parts.append(f"cells {self.n_cells}")
        if self.states:
            parts.append("states " + ",".join(state.name.lower() for state in self.states))
        return "; ".join(parts)


class Extract:
    """The selected frames and cells of one run, read one frame at a time.

    A thinned export keeps the same cells in every frame: those whose mixed identities are the
    smallest. That is a fair sample, because identities are mixed to look random; it does not
    depend on the order or the chunks in which frames are read, and a smaller sample of the same
    selection is part of a larger one.

    Parameters
    ----------
    run : Run
        Open, and open as long as this is used.
    selection : Selection
        Of it.

    Attributes
    ----------
    numbers : tuple of int
        Of the selected frames in the run.
    chosen : (n,) uint64 or None
        Identities of the cells of a thinned export, rising; None where it is not thinned.

    Raises
    ------
    InputError
        If the run has frames and none of them, or no cell, is selected.
    """

    def __init__(self, run: Run, selection: Selection) -> None:
        self.run = run
        self.selection = selection
        numbers = range(run.n_frames)[slice(*selection.frames)][:: selection.every]
        self.numbers = tuple(numbers)
        self.chosen: IdArray | None = None
        place = str(run.path)
        if run.n_frames and not self.numbers:
            message = (
                f"frames must select at least one of the {run.n_frames} of the run, got none. "
            )
            message += "Frames count from 0; 0:10 are the first ten."
            raise InputError(message, file=place, key="--frames")
        if selection.n_cells is not None:
            self.chosen = self._sample(selection.n_cells)
        if self.numbers and not any(self.identities(number).size for number in self.numbers):
            message = "selection must hold at least one cell in one frame, got none in "
            message += f"{len(self.numbers)} frame(s). Choose other frames or states."
            raise InputError(message, file=place)

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """Times of the selected frames, (n_selected,) int64 [ns]."""
        return self.run.frame_times[list(self.numbers)]

    def frames(self) -> Iterator[tuple[int, Frame]]:
        """Go through the selected frames: the number of each in the run, and its selected cells."""
        for number in self.numbers:
            yield number, self.frame(number)

    def frame(self, number: int) -> Frame:
        """Return the selected cells of one frame."""
        frame = self.run.frame(number)
        if self.selection.is_of_all_cells:
            return frame
        is_kept = self._is_kept(frame.id, frame.state)
        columns: dict[str, Any] = {
            field.name: getattr(frame, field.name)[is_kept] for field in CELL_FIELDS
        }
        return replace(frame, **columns)

    def identities(self, number: int) -> IdArray:
        """Return the identities of the selected cells of one frame, rising."""
        found: IdArray = self.run.frame_column(number, "id")
        if self.selection.is_of_all_cells or not found.size:
            return found
        return found[self._is_kept(found, self.run.frame_column(number, "state"))]

    def all_identities(self) -> IdArray:
        """Return every cell that is in any of the selected frames, rising."""
        known = np.empty(0, dtype=np.uint64)
        for number in self.numbers:
            known = np.union1d(known, self.identities(number))
        return known

    def events(self) -> Iterator[npt.NDArray[Any]]:
        """Go through the events of the cells of the export, some at a time, of all times."""
        for start in range(0, self.run.n_events, _BLOCK_ROWS):
            rows = self.run.events(start, min(start + _BLOCK_ROWS, self.run.n_events))
            yield rows[self.holds(rows["cell"])]

    def holds(self, identities: IdArray) -> npt.NDArray[np.bool_]:
        """Return which cells belong to the export, whatever their state: all if it is not thinned.

        For what is recorded of cells outside frames, such as events.
        """
        if self.chosen is None:
            return np.ones(identities.size, dtype=np.bool_)
        return is_among(identities, self.chosen)

    def _is_kept(self, identities: IdArray, state: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        is_kept = self.holds(identities)
        if self.selection.states:
            is_kept &= np.isin(state, np.array(self.selection.states, dtype=np.uint8))
        return is_kept

    def _sample(self, n_cells: int) -> IdArray:
        kept = np.empty(0, dtype=np.uint64)
        for number in self.numbers:
            kept = np.union1d(kept, _smallest(self.identities(number), n_cells))
            kept = np.sort(_smallest(kept, n_cells))
        return kept


class Writer(Protocol):
    """Writes an extract in one format."""

    def __call__(self, extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
        """Write it; nothing appears under its name before it is complete.

        Parameters
        ----------
        extract : Extract
            Frames and cells; where events are written, those of the cells of a thinned export.
        path : Path
            The file to be, or the one that names the others.
        overwrite : bool
            Replace files that exist, with what belongs to them.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        InputError
            If a package is not installed, or the files cannot be made there or exist.
        OutputError
            If they cannot be written.
        """
        ...


def _smallest(identities: IdArray, n_cells: int) -> IdArray:
    """Return so many of some cells, those that `mixed` makes the smallest, in any order."""
    if identities.size <= n_cells:
        return identities
    return identities[np.argpartition(mixed(identities), n_cells - 1)[:n_cells]]


def mixed(identities: IdArray) -> IdArray:
    """Return identities as numbers that look random, each its own (SplitMix64's last steps)."""
    value = identities + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def is_among(values: IdArray, known: IdArray) -> npt.NDArray[np.bool_]:
    """Return which values are among known ones, which rise."""
    if not known.size:
        return np.zeros(values.size, dtype=np.bool_)
    place = np.minimum(np.searchsorted(known, values), known.size - 1)
    is_found: npt.NDArray[np.bool_] = known[place] == values
    return is_found
