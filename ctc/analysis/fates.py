"""What became of the cells that were shed: every one in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.record.reader import Run
from ctc.states import CellState, DeathCause

# Causes that end a cell before it has left the vessels; treatment may meet it anywhere.
VESSEL_CAUSES = (DeathCause.IMMUNE, DeathCause.ARREST, DeathCause.SHEAR, DeathCause.ANOIKIS)


@dataclass(frozen=True)
class Fates:
    """Cells by what they are, and the dead by their cause, at one moment.

    Attributes
    ----------
    time : int [ns]
        End of the last epoch; 0 before the first.
    shed : int
        Cells shed so far.
    states : dict of CellState to int
        Cells now in each state.
    died : dict of DeathCause to int
        Dead cells by cause, those without any left out.
    """

    time: int
    shed: int
    states: dict[CellState, int]
    died: dict[DeathCause, int]

    @property
    def in_vessels(self) -> int:
        """Cells that circulate or are arrested."""
        return self.states[CellState.CIRCULATING] + self.states[CellState.ARRESTED]

    @property
    def died_in_vessels(self) -> int:
        """Cells that died before they left the vessels."""
        return sum(self.died[cause] for cause in VESSEL_CAUSES)

    @property
    def left_vessels(self) -> int:
        """Cells that ever entered tissue: those there now, and those that died there."""
        tissue = (CellState.EXTRAVASATED, CellState.DORMANT, CellState.COLONY)
        return sum(self.states[state] for state in tissue) + self.died[DeathCause.TISSUE]

    @property
    def is_closed(self) -> bool:
        """Whether the parts add up to the cells shed, with no cell lost or counted twice."""
        parts = self.in_vessels + self.died_in_vessels + self.left_vessels
        parts += self.states[CellState.EXITED] + self.died[DeathCause.TREATMENT]
        return parts == self.shed == sum(self.states.values())


def count_fates(run: Run) -> Fates:
    """Return what became of the cells, at the end of the last complete epoch."""
    if not run.n_epochs:
        return Fates(0, 0, dict.fromkeys(CellState, 0), dict.fromkeys(DeathCause, 0))
    series = run.series()
    by_state, by_cause = series["cells_by_state"][-1], series["died_by_cause"][-1]
    return Fates(
        time=int(series["time"][-1]),
        shed=int(series["shed"][-1]),
        states={state: int(by_state[state]) for state in CellState},
        died={cause: int(by_cause[cause]) for cause in DeathCause},
    )
