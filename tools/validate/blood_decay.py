"""Row 7: how long cells stay in the blood: given to another mouse, and after a resection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.scenario.host import biology_in_host
from ctc.simulation.size_classes import classify_cells
from ctc.states import CellState
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, inside
from tools.validate.trials import Trial, mean_and_error, run_trial

_LN2 = float(np.log(2.0))
_HOUR = 3600.0
_NO_RELEASE = "override.tissue.organ.default.release_rate='0 1/h'"
_RESECTION = 12.0
_FIT_FROM = 2.0
_FEWEST = 500.0
_MOUSE = Panel("Given to a mouse", "time [min]", "share that circulates", y_scale="log")
_PATIENT = Panel(
    "After resection", "time since [h]", "circulating over those at resection", y_scale="log"
)


@dataclass(frozen=True)
class BloodDecay:
    """Cells of a mouse tumour given to another mouse; a woman's breast tumour that is removed.

    Attributes
    ----------
    n_given : int
        Cells given to each mouse.
    n_shed : int
        Expected of each breast tumour before it is removed.
    n_repeats : int
        Mice, and women, each with a seed of its own; standard errors are from their scatter.
    n_terminals : int
        Capillary beds of the bodies.
    """

    n_given: int = 5000
    n_shed: int = 100_000
    n_repeats: int = 4
    n_terminals: int = 2000
    number: int = 7
    name: str = "blood_decay"
    body: str = "mouse_25g, rodents/mouse_ctc, rodents/mouse_tissue; human_female, cancers/breast"
    source: str = "Hamza 2021 Nat Commun 12:5576; Meng 2004 Clin Cancer Res 10:8152"
    law: str = "release of arrested cells"

    def measure(self, *, ablated: bool) -> Outcome:
        """Give the cells, and remove the tumours."""
        published = published_figures("blood_kinetics")
        without = (_NO_RELEASE,) if ablated else ()
        strong = self._strong_share(without)
        mice = [
            self._recipient(seed, (*without, f"override.tumour_cell.adhesive_fraction={strong}"))
            for seed in self._seeds()
        ]
        women = [self._resected(seed, without) for seed in self._seeds()]
        given = mean_and_error([_half_life_by_exchange(trial, self.n_given) for trial in mice])
        gone = mean_and_error([_time_of_half(trial, self.n_given) for trial in mice])
        after = mean_and_error([_half_life_after(trial) for trial in women])
        exchange, resection = (
            published["half_life_by_exchange"],
            published["half_life_after_resection"],
        )
        figures = (
            Figure(
                name="mouse: half-life by exchange of blood",
                target=exchange.band,
                tolerance="inside the band",
                got=given[0],
                standard_error=given[1],
                n=self.n_given * self.n_repeats,
                basis="fitted",
                is_met=inside(given[0], *exchange.band),
                unit="s",
            ),
            Figure(
                name="mouse: half of the cells given no longer circulate",
                target=exchange.band,
                tolerance="inside the band",
                got=gone[0],
                standard_error=gone[1],
                n=self.n_given * self.n_repeats,
                basis="fitted",
                is_met=inside(gone[0], *exchange.band),
                unit="s",
            ),
            Figure(
                name="woman: half-life of the count after resection",
                target=resection.band,
                tolerance="inside the band",
                got=after[0],
                standard_error=after[1],
                n=self.n_shed * self.n_repeats,
                basis="fitted",
                is_met=inside(after[0], *resection.band),
                unit="h",
            ),
        )
        counts = np.mean([trial.in_state(CellState.CIRCULATING) for trial in mice], axis=0)
        left = np.mean([_since_resection(trial)[1] for trial in women], axis=0)
        hours = _since_resection(women[0])[0]
        curves = {
            "cells in the recipient": Curve(_MOUSE, mice[0].end / 60.0, counts / self.n_given),
            "half after 40 s": _halving(_MOUSE, 40.0 / 60.0, float(mice[0].end[-1]) / 60.0),
            "half after 260 s": _halving(_MOUSE, 260.0 / 60.0, float(mice[0].end[-1]) / 60.0),
            "breast tumours in the run": Curve(_PATIENT, hours, left / left[0]),
            "half after 1 h": _halving(_PATIENT, 1.0, float(hours[-1])),
            "half after 2.4 h": _halving(_PATIENT, 2.4, float(hours[-1])),
        }
        notes = (
            (
                "A count in drawn blood does not see cells that squeeze through capillaries. The "
                "exchange gives (ln 2) x blood volume / clearance, the clearance being cells "
                "given over the time integral of their concentration in arterial blood, as its "
                "two counters do, for 2 h. The other figure of the mouse counts every cell that "
                "is in flight."
            ),
            f"Of the cells in the donor's blood {100.0 * strong:.0f} % adhere strongly.",
        )
        return Outcome(figures, curves, notes)

    def _seeds(self) -> range:
        return range(1, self.n_repeats + 1)

    def _strong_share(self, overrides: tuple[str, ...]) -> float:
        """Return the share of strongly adhering cells among those in a donor's vessels."""
        donor = run_trial(
            "mouse_exchange",
            "source=[{kind='tumour', organ='skin', mass='0.1 g'}]",
            f"body.terminals={self.n_terminals}",
            "run.duration='6 h'",
            "run.epoch='1 h'",
            *overrides,
        )
        classes = classify_cells(biology_in_host(donor.prepared.scenario))
        return float(classes.is_adhesive[donor.circulating_classes()].mean())

    def _recipient(self, seed: int, overrides: tuple[str, ...]) -> Trial:
        return run_trial(
            "mouse_exchange",
            f"run.seed={seed}",
            f"source.cells={self.n_given}",
            f"body.terminals={self.n_terminals}",
            *overrides,
        )

    def _resected(self, seed: int, overrides: tuple[str, ...]) -> Trial:
        rate = self.n_shed / 1.0 / (_RESECTION / 24.0)
        return run_trial(
            "quick",
            f"run.seed={seed}",
            "source.mass='1 g'",
            f"source.shedding_rate='{rate} 1/g/day'",
            f"source.stop='{_RESECTION:g} h'",
            "run.duration='18 h'",
            "run.epoch='15 min'",
            f"body.terminals={self.n_terminals}",
            *overrides,
        )


def _half_life_by_exchange(trial: Trial, n_given: int) -> float:
    """Return (ln 2) V / clearance [s]: V / cardiac output times passages of the aorta a cell."""
    network, root = trial.prepared.network, "aortic root"
    blood = float(network.volume[trial.prepared.flow.flow_rate > 0.0].sum())
    return _LN2 * blood / trial.flow(root) * trial.passed(root) / n_given


def _time_of_half(trial: Trial, n_given: int) -> float:
    """Return when half of the cells given no longer circulate [s]."""
    share = trial.in_state(CellState.CIRCULATING) / n_given
    return float(np.interp(-0.5, -np.append(1.0, share), np.append(0.0, trial.end)))


def _since_resection(trial: Trial) -> tuple[FloatArray, FloatArray]:
    """Return hours since the resection and how many circulate then."""
    hours = trial.end / _HOUR - _RESECTION
    count = trial.in_state(CellState.CIRCULATING).astype(np.float64)
    return hours[hours > -1e-6], count[hours > -1e-6]


def _half_life_after(trial: Trial) -> float:
    """Return the half-life [h] of the count 2-6 h after the resection, by a log-linear fit.

    Where next to none are left by then, the time until half are gone.
    """
    hours, count = _since_resection(trial)
    late = (hours > _FIT_FROM - 1e-6) & (count > 0.0)
    if count[late].sum() < _FEWEST:
        return float(np.interp(-0.5 * count[0], -count, hours))
    slope = np.polyfit(hours[late], np.log(count[late]), 1, w=np.sqrt(count[late]))[0]
    return float(-_LN2 / slope)


def _halving(panel: Panel, half_life: float, end: float) -> Curve:
    """Return a straight decay to draw beside what was found."""
    time = np.array([0.0, min(end, 7.0 * half_life)])
    return Curve(panel, time, np.exp2(-time / half_life), is_published=True)
