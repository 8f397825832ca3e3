"""Row 12: what becomes of cells in the lungs of a mouse, with and without NK cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.states import CellState
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, relative_error, within_factor
from tools.validate.trials import Trial, run_trial

_FACTOR = 2.0
_HOUR = 3600.0
_ALIVE = (
    CellState.CIRCULATING,
    CellState.ARRESTED,
    CellState.EXTRAVASATED,
    CellState.DORMANT,
)
_IN_TISSUE = (CellState.EXTRAVASATED, CellState.DORMANT)
_INJECTED = Panel("B16 injected into a vein", "time [h]", "share alive", y_scale="log")
_SHED = Panel("Shed by a tumour", "time [h]", "cells in blood and lung", y_scale="log")


@dataclass(frozen=True)
class LungLoss:
    """Injected B16 cells, and a tumour that sheds into a mouse with NK cells and into one without.

    Attributes
    ----------
    n_injected : int
        Into the inferior vena cava.
    n_shed : int
        Expected of the tumour, in `hours`.
    hours : float
        For which the tumour sheds: long against 10 h, in which arrested cells die without NK cells.
    n_terminals : int
        Capillary beds of the body.
    """

    n_injected: int = 100_000
    n_shed: int = 200_000
    hours: float = 48.0
    n_terminals: int = 2000
    number: int = 12
    name: str = "lung_loss"
    body: str = "mouse_25g, rodents/b16f1 and rodents/mouse_ctc over rodents/mouse_tissue"
    source: str = "Fidler 1970 J Natl Cancer Inst 45:773; Brodbeck 2014 Mol Cancer 13:244"
    law: str = "killing by NK cells"

    def measure(self, *, ablated: bool) -> Outcome:
        """Inject, and let a tumour shed twice; ablated, no host has NK cells."""
        published = published_figures("blood_kinetics")
        competence = 0.0 if ablated else 1.0
        injected = self._injected(competence)
        alive = injected.in_state(*_ALIVE)
        share = float(alive[-1]) / self.n_injected
        target = published["alive_after_a_day"].target
        figures = [
            Figure(
                name="B16, alive 24 h after injection",
                target=target,
                tolerance=f"factor {_FACTOR:g}",
                got=share,
                standard_error=float(np.sqrt(share * (1.0 - share) / self.n_injected)),
                n=self.n_injected,
                basis="fitted",
                is_met=within_factor(share, target, _FACTOR),
            )
        ]
        curves = {
            "B16 in the run": Curve(_INJECTED, injected.end / _HOUR, alive / self.n_injected),
            "Fidler 1970": Curve(
                _INJECTED, np.array([24.0]), np.array([target]), style="points", is_published=True
            ),
        }
        hosts = {"with NK cells": self._shed(competence), "without": self._shed(0.0)}
        in_blood, in_lung = [], []
        for host, trial in hosts.items():
            blood = trial.in_state(CellState.CIRCULATING)
            lung = trial.in_state(*_IN_TISSUE, organ="lung")
            in_blood.append(_late_sum(trial, blood))
            in_lung.append(float(lung[-1]))
            curves[f"blood, {host}"] = Curve(_SHED, trial.end / _HOUR, blood.astype(np.float64))
            curves[f"lung tissue, {host}"] = Curve(
                _SHED, trial.end / _HOUR, np.maximum(lung, 1).astype(np.float64)
            )
        figures += [
            self._ratio(
                "circulating, without NK cells over with",
                in_blood,
                target=published["count_without_nk"].target,
                is_fitted=True,
            ),
            self._ratio(
                "in lung tissue, without NK cells over with",
                in_lung,
                target=published["lung_metastases_without_nk"].target,
                is_fitted=False,
            ),
        ]
        notes = (
            (
                "Cells in lung tissue stand for the metastases of Brodbeck 2014, which were "
                "single cells in mice with NK cells and 10-100 cells without. The rate of killing "
                "is that of Ichise 2022 and was fitted to none of these figures."
            ),
        )
        return Outcome(tuple(figures), curves, notes)

    def _ratio(self, name: str, counts: list[float], *, target: float, is_fitted: bool) -> Figure:
        """Judge a quotient of two counts, of the second host over the first."""
        ratio = counts[1] / counts[0]
        return Figure(
            name=name,
            target=target,
            tolerance=f"factor {_FACTOR:g}",
            got=ratio,
            standard_error=ratio * relative_error(*counts),
            n=self.n_shed,
            basis="fitted" if is_fitted else "predicted",
            is_met=within_factor(ratio, target, _FACTOR),
        )

    def _injected(self, competence: float) -> Trial:
        return run_trial(
            "mouse_exchange",
            "cancer.set='rodents/b16f1'",
            f"source=[{{kind='bolus', vessel='inferior vena cava', cells={self.n_injected}}}]",
            f"body.terminals={self.n_terminals}",
            "run.duration='24 h'",
            "run.epoch='1 h'",
            f"host.immune_competence={competence:g}",
        )

    def _shed(self, competence: float) -> Trial:
        rate = self.n_shed / 0.1 / (self.hours / 24.0)
        return run_trial(
            "mouse_exchange",
            "source=[{kind='tumour', organ='skin', mass='0.1 g', "
            f"shedding_rate='{rate} 1/g/day'}}]",
            f"body.terminals={self.n_terminals}",
            f"run.duration='{self.hours:g} h'",
            "run.epoch='1 h'",
            f"host.immune_competence={competence:g}",
        )


def _late_sum(trial: Trial, counts: np.ndarray) -> float:
    """Return the sum of the counts in the last third of a run: each hour other cells circulate."""
    return float(counts[trial.end > 2.0 / 3.0 * trial.end[-1]].sum())
