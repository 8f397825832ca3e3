"""Row `year`: a year of a tumour of 1 g, every cell that it sheds, from its first days."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ctc.backends.base import Backend, choose_backend
from ctc.pipeline import load_scenario, prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting
from tools.bench.rows import Conditions, Figure, Goal, Outcome, figure_of

DAYS = 365
EPOCHS_A_DAY = 4
# Shed by growing MTW9 in the rat, a gram and day: Butler and Gullino 1975 Cancer Res 35:512.
_OVERRIDES = (
    *("source.0.mass=1 g", "source.0.shedding_rate=3.2e6 1/g/day", "record.tracked=0"),
    *("run.epoch=6 h", f"source.0.stop={DAYS} days", f"run.duration={DAYS} days"),
)
_GPU_GOAL = Goal(high=600.0)


def tumour_of_a_gram(overrides: Sequence[str] = ()) -> Setting:
    """Return the year of the tumour, in quarters of days."""
    return prepare(load_scenario("quick", overrides=[*_OVERRIDES, *overrides])).setting


@dataclass(frozen=True)
class Year:
    """Seconds of a year, by the quarters of its first two days.

    Attributes
    ----------
    overrides : tuple of str
        Changes of the scenario.
    """

    name: str = field(default="year", init=False)
    what: str = field(default="every cell that a tumour of 1 g sheds in a year", init=False)
    overrides: tuple[str, ...] = ()

    def measure(self, conditions: Conditions) -> Outcome:
        """Follow all cells of the first days, on the processor and on a GPU where there is one."""
        n_epochs = EPOCHS_A_DAY if conditions.is_quick else 2 * EPOCHS_A_DAY
        setting = tumour_of_a_gram(self.overrides)
        figures, notes = [], []
        for device in ("cpu", conditions.device):
            if device:
                goal = None if device == "cpu" else conditions.of_whole(_GPU_GOAL)
                backend = choose_backend(device)
                figure, note = _year(setting, backend, n_epochs=n_epochs, goal=goal)
                figures.append(figure)
                notes.append(note)
        return Outcome(tuple(figures), tuple(notes))


def _year(
    setting: Setting, backend: Backend, *, n_epochs: int, goal: Goal | None
) -> tuple[Figure, str]:
    simulation = Simulation(setting, backend)
    seconds = []
    for _ in range(n_epochs):
        began = time.perf_counter()
        simulation.step()
        seconds.append(time.perf_counter() - began)
    days, shed = n_epochs / EPOCHS_A_DAY, simulation.ledger.n_shed
    note = (
        f"{backend.description}: the first {days:g} days took {sum(seconds):.1f} s for {shed:,} "
        f"cells and {simulation.hops:,} hops; each quarter of a day stands for all of the year, in "
        f"which {DAYS / days * shed:.2g} cells are shed. No run file is written."
    )
    figure = figure_of(
        f"a year at this rate, {backend.description}",
        "s",
        ours=np.array(seconds) * EPOCHS_A_DAY * DAYS,
        goal=goal,
        is_less_better=True,
    )
    return figure, note
