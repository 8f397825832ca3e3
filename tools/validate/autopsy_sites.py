"""Row 16: organs with metastases at autopsy, each cancer predicted from the others.

Standard errors are those of the patients examined: the findings of every held-out row are drawn
again, binomially, about what was found, and judged by the same predictions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import binom, spearmanr

from ctc.checks import FloatArray
from tools.calibrate.judgement import LEVELS, Verdict, median_rank, n_won, verdict_of
from tools.calibrate.models import Model
from tools.calibrate.protocol import CANCERS
from tools.calibrate.table import Findings
from tools.validate.autopsy_fits import SOURCE, findings, fit_without
from tools.validate.rows import Curve, Figure, Outcome, Panel, Sheet

_WANTED_WINS = 8
_WANTED_RANK = 0.82
_BASELINES = {Model.FLOW_SHARE: "flow share", Model.MEAN_PROFILE: "mean profile"}
_DRAWS = 200
_DEVIANCE = Panel("Held-out deviance, lower is better", "", "deviance", y_scale="log")
_RANK = Panel("Rank correlation over the sites", "", "Spearman")
_WHY_RANK = (
    "Over 16 or 17 sites that are reached by blood, of which half hold next to nothing, the mean "
    "profile stays below the target too. Ranks of organs that all cancers share are those of the "
    "profile, and what a cancer prefers by itself (bone in prostate, skin in breast) no model "
    "without a factor per cancer can know."
)


@dataclass(frozen=True)
class AutopsySites:
    """Twelve cancers, each left out in turn, against flow share and the profile of the others.

    Attributes
    ----------
    cancers : tuple of str
        Left out in turn.
    """

    cancers: tuple[str, ...] = tuple(CANCERS)
    number: int = 16
    name: str = "autopsy_sites"
    body: str = "human_male and human_female; the set of each cancer, affinities fitted to others"
    source: str = SOURCE
    law: str = "organ affinities: without them all are 1"

    def measure(self, *, ablated: bool) -> Outcome:
        """Predict every cancer by our model and both baselines."""
        ours = Model.NO_FACTORS if ablated else Model.OURS
        models = (ours, *_BASELINES)
        verdicts = [
            verdict_of(cancer, fit_without(model, cancer), findings().only(cancer))
            for cancer in self.cancers
            for model in models
        ]
        wins = n_won(verdicts, "deviance", against=tuple(_BASELINES), ours=ours)
        rank = median_rank(verdicts, ours)
        drawn = [_drawn(cancer, models) for cancer in self.cancers]
        won = np.sum([each[0][0] < each[0][1:].min(axis=0) for each in drawn], axis=0)
        ranks = np.median([each[1][0] for each in drawn], axis=0)
        n = sum(int(findings().only(cancer).n_patients.sum()) for cancer in self.cancers)
        figures = (
            Figure(
                name=f"held-out deviance below both baselines, cancers of {len(self.cancers)}",
                target=float(_WANTED_WINS),
                tolerance="at least",
                got=float(wins),
                standard_error=float(won.std(ddof=1)),
                n=n,
                basis="predicted",
                is_met=wins >= _WANTED_WINS,
            ),
            Figure(
                name="median Spearman over the sites, held out",
                target=_WANTED_RANK,
                tolerance="at least",
                got=rank,
                standard_error=float(ranks.std(ddof=1)),
                n=n,
                basis="predicted",
                is_met=rank >= _WANTED_RANK,
                reason=_WHY_RANK,
                known=(0.79, 0.82),
            ),
        )
        words = {ours: "exposures alone" if ablated else "ours", **_BASELINES}
        return Outcome(
            figures,
            _curves(verdicts, words, cancers=self.cancers),
            sheets=(_sheet(verdicts, words, cancers=self.cancers),),
        )


def _drawn(cancer: str, models: tuple[Model, ...]) -> tuple[FloatArray, FloatArray]:
    """Return deviances, less what all models share, and rank correlations of drawn findings.

    Both (n_models, n_draws) float64; all models see the same draws.
    """
    own = findings().only(cancer)
    rng = np.random.Generator(np.random.Philox(key=sum(cancer.encode())))
    size = (_DRAWS, *own.n_found.shape)
    found = rng.binomial(own.n_patients[:, np.newaxis], own.incidence, size=size)
    deviance = np.zeros((len(models), _DRAWS))
    rank = np.zeros_like(deviance)
    counts = own.counts.all(axis=0)
    for row, model in enumerate(models):
        predictor = fit_without(model, cancer)
        for i in range(len(own.primaries)):
            chance = predictor.chances(
                own.rows([i]),
                (predictor.fit.level_mean + predictor.fit.level_deviation * LEVELS)[:, np.newaxis],
            )[:, 0]
            deviance[row] += _deviances(own.rows([i]), chance, found=found[:, i])
        predicted = own.n_patients @ predictor.chances(own, predictor.fit.level_mean)
        rank[row] = [
            spearmanr(predicted[counts], each.sum(axis=0)[counts]).statistic for each in found
        ]
    return deviance, rank


def _deviances(row: Findings, chance: FloatArray, *, found: npt.NDArray[np.int64]) -> FloatArray:
    """Return -2 log of the averaged likelihood of each draw, (n_draws,)."""
    counts = row.counts[0]
    n, k = row.n_patients[0], found[:, counts]
    log_chance, log_none = np.log(chance[:, counts]), np.log1p(-chance[:, counts])
    constant = binom.logpmf(k, n, 0.5).sum(axis=1) - counts.sum() * n * np.log(0.5)
    by_level = k @ log_chance.T + (n - k) @ log_none.T
    weight = -0.5 * LEVELS * LEVELS
    averaged = logsumexp(by_level + weight, axis=1) - logsumexp(weight) + constant
    deviance: FloatArray = -2.0 * averaged
    return deviance


def _sheet(verdicts: list[Verdict], words: dict[Model, str], *, cancers: tuple[str, ...]) -> Sheet:
    by_pair = {(each.cancer, each.model): each for each in verdicts}
    rows: list[tuple[str | float, ...]] = [
        (
            cancer,
            *(by_pair[cancer, model].deviance for model in words),
            *(by_pair[cancer, model].rank_correlation for model in words),
        )
        for cancer in cancers
    ]
    free = tuple(float(by_pair[cancers[0], model].n_parameters) for model in words)
    medians = tuple(median_rank(verdicts, model) for model in words)
    total = tuple(float(sum(by_pair[c, m].deviance for c in cancers)) for m in words)
    rows += [("all; median", *total, *medians), ("free parameters", *free, *("" for _ in words))]
    heads = (*(f"deviance, {word}" for word in words.values()),)
    heads += (*(f"Spearman, {word}" for word in words.values()),)
    return Sheet("Each cancer predicted from the others", ("left out", *heads), tuple(rows))


def _curves(
    verdicts: list[Verdict], words: dict[Model, str], *, cancers: tuple[str, ...]
) -> dict[str, Curve]:
    by_pair = {(each.cancer, each.model): each for each in verdicts}
    curves = {}
    for model, word in words.items():
        own = [by_pair[cancer, model] for cancer in cancers]
        values = {
            f"deviance, {word}": (_DEVIANCE, [each.deviance for each in own]),
            f"Spearman, {word}": (_RANK, [each.rank_correlation for each in own]),
        }
        for name, (panel, value) in values.items():
            curves[name] = Curve(panel, cancers, np.array(value), style="points")
    return curves
