"""The beta distribution in float64 with the same bits on every machine."""

from __future__ import annotations

import math

import numpy as np

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray

# Lanczos' series, g = 7, nine terms: relative error of the gamma function below 1e-14.
_LANCZOS = (
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
    -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
    1.5056327351493116e-7,
)  # fmt: skip
_HALF_LOG_TWO_PI = 0.91893853320467274
# The fraction converges within O(sqrt(shape)) steps; of a shape of 1e4, within 400.
LARGEST_SHAPE = 1e4
_STEPS = 500
_HALVINGS = 60
_TINY = 1e-290


def beta_chance(x: FloatArray, a: float, *, b: float) -> FloatArray:
    """Chance that a beta deviate lies below a value: the regularised incomplete beta function.

    Parameters
    ----------
    x : (n,) float64
        In 0 .. 1.
    a, b : float
        Shapes, > 0, at most `LARGEST_SHAPE`.

    Returns
    -------
    (n,) float64
        Absolute error below 1e-11.

    References
    ----------
    .. [1] Abramowitz and Stegun 1964, 26.5.8, by the modified method of Lentz 1976
       Appl Opt 15:668.
    """
    inside = np.clip(x, 1e-300, 1.0 - 2.0**-53)
    is_low = inside < (a + 1.0) / (a + b + 2.0)
    front = exponential(
        np.maximum(
            a * logarithm(inside)
            + b * logarithm(1.0 - inside)
            + (_log_gamma(a + b) - _log_gamma(a) - _log_gamma(b)),
            -700.0,
        )
    )
    low = front * _fraction(np.where(is_low, inside, 0.0), a, b=b) / a
    high = 1.0 - front * _fraction(np.where(is_low, 0.0, 1.0 - inside), b, b=a) / b
    found: FloatArray = np.where(is_low, low, high)
    return np.where(x <= 0.0, 0.0, np.where(x >= 1.0, 1.0, found))


def beta_quantile(chance: FloatArray, a: float, *, b: float) -> FloatArray:
    """Value below which a beta deviate lies with some chance, by halving; error below 1e-12.

    Parameters
    ----------
    chance : (n,) float64
        In (0, 1).
    a, b : float
        As of `beta_chance`.
    """
    low, high = np.zeros(chance.shape), np.ones(chance.shape)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        is_below = beta_chance(middle, a, b=b) < chance
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return 0.5 * (low + high)


def _fraction(x: FloatArray, a: float, *, b: float) -> FloatArray:
    """Return the continued fraction of the incomplete beta function; each item by itself."""
    d = 1.0 / _apart(1.0 - (a + b) * x / (a + 1.0))
    c = np.ones(x.shape)
    total = d.copy()
    is_open = np.ones(x.shape, dtype=bool)
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d, c, _ = _step(even, d, c=c)
        grown = total * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d, c, factor = _step(odd, d, c=c)
        grown = grown * factor
        total = np.where(is_open, grown, total)
        is_open &= np.abs(factor - 1.0) > 1e-15
        if not is_open.any():
            break
    return total


def _step(term: FloatArray, d: FloatArray, *, c: FloatArray) -> tuple[FloatArray, ...]:
    d = 1.0 / _apart(1.0 + term * d)
    c = _apart(1.0 + term / c)
    return d, c, d * c


def _apart(x: FloatArray) -> FloatArray:
    """Return a divisor that is not zero."""
    found: FloatArray = np.where(np.abs(x) < _TINY, _TINY, x)
    return found


def _log_gamma(x: float) -> float:
    """Return the logarithm of the gamma function, x > 0."""
    if x < 1.0:
        return _log_gamma(x + 1.0) - _log(x)
    y = x - 1.0
    total = _LANCZOS[0]
    for number, coefficient in enumerate(_LANCZOS[1:], start=1):
        total += coefficient / (y + number)
    t = y + 7.5
    found = (y + 0.5) * _log(t) - t + _HALF_LOG_TWO_PI + _log(total)
    if not math.isfinite(found):
        message = f"shape must be > 0 and finite, got {x}"
        raise ValueError(message)
    return found


def _log(x: float) -> float:
    return float(logarithm(np.array([x]))[0])
