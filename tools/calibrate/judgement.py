"""Row 16: each cancer predicted from the others, by our model and by the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import binom, spearmanr

from ctc.checks import FloatArray
from tools.calibrate.models import Model, Predictor, train
from tools.calibrate.protocol import CANCERS, HELD_OUT
from tools.calibrate.table import Findings

# Levels over which a held-out row is averaged: standard deviations about the training mean.
LEVELS = np.linspace(-6.0, 6.0, 4001)


@dataclass(frozen=True)
class Verdict:
    """How one model predicts one cancer that it was not fitted to.

    Attributes
    ----------
    cancer : str
        Left out.
    model : Model
        Which.
    deviance : float
        Judged: the level averaged over its prior.
    deviance_at_mean : float
        The level at the mean of the training rows.
    deviance_at_best : float
        The level that suits the held-out row best, which looks at it.
    rank_correlation : float
        Spearman's, of predicted and found incidence over the sites.
    n_sites : int
        Sites.
    n_parameters : int
        Free numbers of the model.
    """

    cancer: str
    model: Model
    deviance: float
    deviance_at_mean: float
    deviance_at_best: float
    rank_correlation: float
    n_sites: int
    n_parameters: int


def judge(findings: Findings) -> list[Verdict]:
    """Leave each of the twelve cancers out in turn and predict it by every model."""
    verdicts = []
    for cancer in CANCERS:
        others, own = findings.without([cancer]), findings.only(cancer)
        verdicts += [verdict_of(cancer, train(model, others), own) for model in Model]
    return verdicts


def judge_shipped(findings: Findings) -> list[Verdict]:
    """Predict the cancers of `HELD_OUT` from fits that used none of them, as the shipped one."""
    others = findings.without(HELD_OUT)
    predictors = [train(model, others) for model in Model]
    return [
        verdict_of(cancer, predictor, findings.only(cancer))
        for cancer in HELD_OUT
        for predictor in predictors
    ]


def verdict_of(cancer: str, predictor: Predictor, own: Findings) -> Verdict:
    """Judge the prediction of all rows of one cancer by a model that was not fitted to them."""
    each = np.array([deviances(predictor, own.rows([i])) for i in range(len(own.primaries))])
    averaged, at_mean, at_best = each.sum(axis=0)
    return Verdict(
        cancer=cancer,
        model=predictor.model,
        deviance=float(averaged),
        deviance_at_mean=float(at_mean),
        deviance_at_best=float(at_best),
        rank_correlation=rank_correlation(predictor, own),
        n_sites=int(own.counts.all(axis=0).sum()),
        n_parameters=predictor.n_parameters,
    )


def n_won(
    verdicts: Sequence[Verdict],
    measure: str,
    *,
    against: Sequence[Model],
    ours: Model = Model.OURS,
) -> int:
    """Return for how many cancers the deviance of `ours` is below that of all models named."""
    values = {(each.cancer, each.model): float(getattr(each, measure)) for each in verdicts}
    cancers = {each.cancer for each in verdicts}
    return sum(
        values[cancer, ours] < min(values[cancer, model] for model in against) for cancer in cancers
    )


def median_rank(verdicts: Sequence[Verdict], model: Model) -> float:
    """Return the median over the cancers of Spearman's correlation."""
    return float(np.median([each.rank_correlation for each in verdicts if each.model is model]))


def deviances(predictor: Predictor, row: Findings) -> tuple[float, float, float]:
    """Return the deviance of one held-out row: level averaged, at the mean, at its best."""
    fitted = predictor.fit
    level = fitted.level_mean + fitted.level_deviation * LEVELS
    log_likelihood = _log_likelihood(predictor, row, level)
    weight = -0.5 * LEVELS * LEVELS
    averaged = logsumexp(log_likelihood + weight) - logsumexp(weight)
    counts = row.counts[0]
    n, k = row.n_patients[0], row.n_found[0][counts]
    saturated = float(binom.logpmf(k, n, k / n).sum())
    at_mean = _log_likelihood(predictor, row, np.array([fitted.level_mean]))[0]
    found = (averaged, at_mean, log_likelihood.max())
    first, second, third = (2.0 * (saturated - float(each)) for each in found)
    return first, second, third


def rank_correlation(predictor: Predictor, rows: Findings) -> float:
    """Spearman's correlation of predicted and found incidence, rows of a cancer added up.

    Over the sites that count in every row.
    """
    chances = predictor.chances(rows, predictor.fit.level_mean)
    counts = rows.counts.all(axis=0)
    predicted = rows.n_patients @ chances
    return float(spearmanr(predicted[counts], rows.n_found.sum(axis=0)[counts]).statistic)


def _log_likelihood(predictor: Predictor, row: Findings, level: FloatArray) -> FloatArray:
    """Return the log likelihood of one row at each level, (n_levels,)."""
    counts = row.counts[0]
    chance = predictor.chances(row, level[:, np.newaxis])[:, 0, counts]
    terms = binom.logpmf(row.n_found[0][counts], row.n_patients[0], chance)
    found: FloatArray = terms.sum(axis=1)
    return found
