"""The fit: levels of the primaries and factors of the sites that suit autopsies best.

A finding at site j of primary i is binomial with the chance ``G(level_i + offset_ij + factor_j +
scatter_ij)``, where the scatter between pairs of primary and site is normal and integrated over.
Levels, factors and the standard deviation of the scatter maximise the likelihood; the spread
between patients is the best of a grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from ctc.checks import FloatArray
from tools.calibrate.incidence import log_odds

# Standard deviations of log expected number between patients that are tried: first these, then
# halves and quarters beside the best. Counts of circulating cells have 2.2 (Allard 2004 Clin Cancer
# Res 10:6897).
SPREADS = (0.0, 1.0, 2.0, 3.0, 4.0)
_FINER = (0.5, 0.25)
# Factors have a normal prior of this standard deviation (log) about their mean, so wide that it
# holds only those that hardly any finding tells of.
PRIOR = 3.0
_SCATTER_LIMITS = (np.log(0.05), np.log(3.0))
_Z = np.linspace(-5.0, 5.0, 41)
_LOG_WEIGHT = -0.5 * _Z * _Z - logsumexp(-0.5 * _Z * _Z)
_EDGE = (-39.0, 29.0)


@dataclass(frozen=True)
class Problem:
    """What is fitted.

    Attributes
    ----------
    n_patients : (n_rows,) int64
        Examined.
    n_found : (n_rows, n_sites) int64
        Of them with a metastasis.
    counts : (n_rows, n_sites) bool
        Pairs that count.
    offset : (n_rows, n_sites) float64
        Log exposure.
    has_factors : bool
        Whether each site has a factor; else all are 1.
    """

    n_patients: npt.NDArray[np.int64]
    n_found: npt.NDArray[np.int64]
    counts: npt.NDArray[np.bool_]
    offset: FloatArray
    has_factors: bool


@dataclass(frozen=True)
class Fit:
    """What was found.

    Attributes
    ----------
    level : (n_rows,) float64
        Of each primary.
    factor : (n_sites,) float64
        Log factors of the sites; their mean is 0.
    scatter : float
        Standard deviation of the scatter between pairs of primary and site.
    spread : float
        Standard deviation between patients.
    log_likelihood : float
        Without binomial coefficients, prior included.
    """

    level: FloatArray
    factor: FloatArray
    scatter: float
    spread: float
    log_likelihood: float

    @property
    def level_mean(self) -> float:
        """Mean of the levels."""
        return float(self.level.mean())

    @property
    def level_deviation(self) -> float:
        """Standard deviation of the levels between primaries."""
        return float(self.level.std(ddof=1))

    @property
    def whole_spread(self) -> float:
        """Spread between patients and pairs together."""
        return float(np.hypot(self.spread, self.scatter))

    def n_parameters(self, *, has_factors: bool) -> int:
        """Free parameters that a prediction of another primary needs.

        Factors less one, which the mean level takes up; mean and deviation of the levels; scatter;
        spread.
        """
        return (self.factor.size - 1 if has_factors else 0) + 4


def fit(problem: Problem) -> Fit:
    """Fit levels, factors and scatter at each spread and keep the best."""
    best = max((fit_at(problem, spread) for spread in SPREADS), key=_likelihood)
    for step in _FINER:
        beside = (best.spread - step, best.spread + step)
        tried = [fit_at(problem, s) for s in beside if SPREADS[0] <= s <= SPREADS[-1]]
        best = max((best, *tried), key=_likelihood)
    return best


def scatter_of_pairs(problem: Problem, found: Fit) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each pair's own scatter, given its findings.

    Both (n_rows, n_sites) float64; a pair that tells little keeps a mean near 0.
    """
    eta = found.level[:, np.newaxis] + problem.offset + found.factor
    log_terms, _ = _terms(problem, eta, found.scatter, spread=found.spread)
    weight = np.exp(log_terms - logsumexp(log_terms, axis=-1, keepdims=True))
    scatter = found.scatter * _Z
    mean = weight @ scatter
    return mean, np.sqrt(np.maximum(weight @ scatter**2 - mean**2, 0.0))


def _likelihood(found: Fit) -> float:
    return found.log_likelihood


def fit_at(problem: Problem, spread: float) -> Fit:
    """Fit levels, factors and scatter at one spread between patients."""
    n_rows, n_sites = problem.counts.shape
    n_factors = n_sites if problem.has_factors else 0

    def unpack(x: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        factor = x[n_rows : n_rows + n_factors] if n_factors else np.zeros(n_sites)
        return x[:n_rows], factor, float(np.exp(x[-1]))

    def loss(x: FloatArray) -> tuple[float, FloatArray]:
        level, factor, scatter = unpack(x)
        eta = level[:, np.newaxis] + problem.offset + factor
        log_terms, slope = _terms(problem, eta, scatter, spread=spread)
        by_pair = logsumexp(log_terms, axis=-1)
        weight = np.exp(log_terms - by_pair[..., np.newaxis])
        to_eta = np.where(problem.counts, (weight * slope).sum(axis=-1), 0.0)
        to_scatter = np.where(problem.counts, (weight * slope) @ (scatter * _Z), 0.0).sum()
        value = by_pair[problem.counts].sum()
        gradient = np.concatenate([to_eta.sum(axis=1), to_eta.sum(axis=0)[:n_factors]])
        if n_factors:
            # A penalty on the mean as well: levels and factors could else drift apart.
            value -= 0.5 * (factor**2).sum() / PRIOR**2
            gradient[n_rows:] -= factor / PRIOR**2
        return -float(value), -np.append(gradient, to_scatter)

    start = np.concatenate([_first_levels(problem), np.zeros(n_factors), [np.log(0.7)]])
    bounds = [_EDGE] * n_rows + [(-20.0, 20.0)] * n_factors + [_SCATTER_LIMITS]
    options = {"maxiter": 2000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-6}
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    level, factor, scatter = unpack(result.x)
    shift = factor.mean()
    return Fit(level + shift, factor - shift, scatter, spread, -float(result.fun))


def _first_levels(problem: Problem) -> FloatArray:
    """Return levels at which the expected numbers of each row are about those found."""
    share = problem.n_found / problem.n_patients[:, np.newaxis]
    found = np.where(problem.counts, share, 0.0).sum(axis=1)
    expected = np.where(problem.counts, np.exp(problem.offset), 0.0).sum(axis=1)
    level: FloatArray = np.log((found + 0.01) / expected)
    return level


def _terms(
    problem: Problem, eta: FloatArray, scatter: float, *, spread: float
) -> tuple[FloatArray, FloatArray]:
    """Return the log of each term of the sum over the scatter, and its slope in eta."""
    curve = log_odds(spread)
    point = np.clip(eta[..., np.newaxis] + scatter * _Z, *_EDGE)
    odds = curve(point)
    n = problem.n_patients[:, np.newaxis, np.newaxis]
    k = problem.n_found[..., np.newaxis]
    log_chance = -np.logaddexp(0.0, -odds)
    log_none = -np.logaddexp(0.0, odds)
    terms = k * log_chance + (n - k) * log_none + _LOG_WEIGHT
    slope = (k - n * np.exp(log_chance)) * curve(point, 1)
    return terms, slope
