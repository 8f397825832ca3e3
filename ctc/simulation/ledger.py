"""Ledger: events counted by kind, cause and organ, and the proof that no cell is lost."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_events import count_events
from ctc.errors import CtcError
from ctc.states import COUNTED_CELL, FATES, CellState, DeathCause, EventKind

_N_KINDS = max(EventKind) + 1
FINAL_EVENTS = (EventKind.DIED, EventKind.COLONY, EventKind.EXITED)


class Ledger:
    """Counts that only births and events change.

    Parameters
    ----------
    n_organs : int
        Rows of the organ tables.
    """

    def __init__(self, n_organs: int) -> None:
        self.n_shed = 0
        self.by_kind = np.zeros((_N_KINDS, n_organs), dtype=np.int64)
        self.by_cause = np.zeros(len(DeathCause), dtype=np.int64)

    def copy(self) -> Ledger:
        """Return the counts as they are now."""
        return copy.deepcopy(self)

    def enter(
        self,
        events: npt.NDArray[Any],
        organ_of: npt.NDArray[np.int16],
        ended: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int16]:
        """Count events, (n,) EVENT, and return the organ row of each, (n,) int16.

        Parameters
        ----------
        events : (n,) EVENT
            Of an epoch.
        organ_of : (n_records,) int16
            Row of the organ tables by segment record.
        ended : (n_records,) int64
            Cells with an identity that met their fate there; added to.
        """
        return count_events(
            events,
            organ_of,
            ending_kinds=FINAL_EVENTS,
            counted_cell=COUNTED_CELL,
            by_kind=self.by_kind,
            by_cause=self.by_cause,
            ended=ended,
        )

    def enter_deaths(self, died: npt.NDArray[np.int64], cause: DeathCause) -> None:
        """Count deaths that are no events, (n_organs,) int64 by organ row."""
        self.by_kind[EventKind.DIED] += died
        self.by_cause[cause] += died.sum()

    def n_events(self, kind: EventKind) -> int:
        """Return the events of a kind so far."""
        return int(self.by_kind[kind].sum())

    @property
    def n_finished(self) -> int:
        """Cells that have met their fate."""
        return sum(self.n_events(kind) for kind in FINAL_EVENTS)

    def check(self, held_by_state: npt.NDArray[np.int64]) -> None:
        """Check the cells in memory, counted by `CellState`, against births and events.

        Raises
        ------
        CtcError
            If a cell was lost or made up: a bug.
        """
        n_held = int(held_by_state.sum())
        n_ended = sum(int(held_by_state[state]) for state in FATES)
        if n_held == self.n_shed - self.n_finished and n_ended == 0:
            return
        message = (
            f"cells must be conserved: {self.n_shed} shed, {self.n_finished} with a fate, "
            f"{n_held} held, {n_ended} of them ended. This is a bug in ctc; please report it."
        )
        raise CtcError(message)

    def by_state(self, held_by_state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return all shed cells by `CellState`, fates included; sums to the shed cells."""
        counts = held_by_state.copy()
        for state, kind in zip(
            (CellState.DIED, CellState.COLONY, CellState.EXITED), FINAL_EVENTS, strict=True
        ):
            counts[state] = self.n_events(kind)
        return counts
