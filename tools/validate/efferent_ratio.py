"""Row 8: cells in the blood that leaves a tumour of a rat, over those in its arteries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, within_factor
from tools.validate.trials import Trial, mean_and_error, run_trial

_FACTOR = 2.0
_HOUR = 3600.0
_MASS = 3.0  # [g], the middle of 2-4 g
_FROM = 8.0 * _HOUR  # counted from here on: arrested cells are as many as they will be
# Nothing stops and nothing squeezes; cells that go round and round are dear, so few are shed.
_NO_ARREST = (
    "override.tumour_cell.adhesive_fraction=0",
    "override.tumour_cell.weak_adhesion_probability=0",
    "override.tumour_cell.arrest_midpoint=100",
    "override.tumour_cell.passing_slowness=1",
    "source.shedding_rate='400 1/g/day'",
)
_PANEL = Panel("Blood of a rat with a tumour of 3 g", "time [h]", "cells in 1 mL", y_scale="log")


@dataclass(frozen=True)
class EfferentRatio:
    """A mammary carcinoma MTW9 of a rat, perfused as such tumours are.

    Attributes
    ----------
    n_repeats : int
        Rats, each with a seed of its own; the standard error is from their scatter.
    n_terminals : int
        Capillary beds of the body.
    """

    n_repeats: int = 3
    n_terminals: int = 3000
    number: int = 8
    name: str = "efferent_ratio"
    body: str = "rat_250g, rodents/rat_mtw9, rodents/rat_tissue"
    source: str = "Butler and Gullino 1975 Cancer Res 35:512"
    law: str = "arrest in capillaries: cells neither stop nor squeeze"

    def measure(self, *, ablated: bool) -> Outcome:
        """Let the tumour shed until arteries hold a steady number of cells."""
        published = published_figures("blood_kinetics")
        target = published["efferent_over_arterial"].target
        perfusion = _perfusion()
        rats = [self._rat(seed, ablated=ablated) for seed in range(1, self.n_repeats + 1)]
        ratios = [_ratio(rat, perfusion) for rat in rats]
        ratio, error = mean_and_error(ratios)
        lost = mean_and_error([_loss_of_circuit(rat) for rat in rats])
        figure = Figure(
            name="efferent over arterial concentration",
            target=target,
            tolerance=f"factor {_FACTOR:g}",
            got=ratio,
            standard_error=error,
            n=int(sum(_shed(rat) for rat in rats)),
            basis="fitted",
            is_met=within_factor(ratio, target, _FACTOR),
        )
        hours, arterial = _arterial(rats[0])
        efferent = np.full(hours.size, _shed_rate(rats[0]) / (perfusion * _MASS) * 1e-6)
        curves = {
            "arterial blood": Curve(_PANEL, hours, arterial),
            "blood from the tumour": Curve(_PANEL, hours, efferent + arterial),
            "a twelfth of it (Butler and Gullino 1975)": Curve(
                _PANEL, hours, (efferent + arterial) / target, is_published=True
            ),
        }
        notes = (
            (
                f"Blood flow of the tumour {perfusion * 6e7:.3f} mL/min/g: 0.14 mL/h for a "
                "milligram of nitrogen, measured in such tumours (Gullino and Grantham 1961), at "
                "26 mg/g, soft tissue. Cardiac output 0.7 of that awake: the rats were cannulated, "
                "which takes an anaesthetic, and pentobarbital lowers it by 30 % (Jpn J Physiol "
                "1984 34:283, doi:10.2170/jjphysiol.34.283)."
            ),
            (
                f"Lost for good on one circuit: {100.0 * lost[0]:.1f} +- {100.0 * lost[1]:.1f} %. "
                "One number was chosen with the figure in view: cells that do not adhere strongly "
                "do not adhere at all. The figure hangs on that and on the anaesthetic: awake it "
                "is 26.7, with the weak adhesion of the mouse 37.7, with both 58."
            ),
        )
        return Outcome((figure,), curves, notes)

    def _rat(self, seed: int, *, ablated: bool) -> Trial:
        return run_trial(
            "rat_mammary",
            f"run.seed={seed}",
            f"body.terminals={self.n_terminals}",
            *(_NO_ARREST if ablated else ()),
        )


def _perfusion() -> float:
    """Return the blood flow of a gram of tumour [m^3/s/g]."""
    published = published_figures("blood_kinetics")
    by_nitrogen = published["tumour_blood_flow"].target * 1e-6 / _HOUR
    return by_nitrogen * published["tumour_nitrogen"].target


def _shed(trial: Trial) -> int:
    return int(trial.simulation.ledger.n_shed)


def _shed_rate(trial: Trial) -> float:
    """Return the cells shed in a second."""
    return _shed(trial) / float(trial.end[-1])


def _ratio(trial: Trial, perfusion: float) -> float:
    """Return efferent over arterial: what the tumour adds, and what comes through it.

    Of the cells that arteries bring, the tumour's vessels let all through: it is they that
    shed, and no bed of the run stands for them. That is at most 1 of the ratio.
    """
    arterial = trial.concentration("aortic root", since=_FROM)
    return _shed_rate(trial) / (perfusion * _MASS) / arterial + 1.0


def _loss_of_circuit(trial: Trial) -> float:
    """Return the share of the cells in arterial blood that a circuit costs, once all is steady."""
    passing = trial.concentration("aortic root", since=_FROM) * trial.flow("aortic root")
    return _shed_rate(trial) / passing


def _arterial(trial: Trial) -> tuple[FloatArray, FloatArray]:
    """Return hours and cells in a millilitre of arterial blood, epoch by epoch."""
    column = trial.prepared.network.vessel_names.index("aortic root")
    passed = np.diff(trial.passages[:, column], prepend=0.0)
    seconds = np.diff(trial.end, prepend=0.0)
    return trial.end / _HOUR, passed / seconds / trial.flow("aortic root") * 1e-6
