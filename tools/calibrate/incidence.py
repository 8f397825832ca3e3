"""Chance of a metastasis at a site, when its expected number differs between patients.

With the expected number ``exp(eta + spread z)``, z standard normal over the patients,

    G(eta) = E_z [1 - exp(-exp(eta + spread z))].

A further normal scatter of eta between pairs of primary and site only widens it: the mean of G over
it is G with the spreads added in quadrature.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from ctc.checks import FloatArray

# The sum over z is a trapezoid rule of a smooth function: steps of 0.1 are exact to 1e-9 up to a
# spread of 4.
_Z = np.linspace(-8.0, 8.0, 161)
_WEIGHT = np.exp(-0.5 * _Z * _Z)
_WEIGHT /= _WEIGHT.sum()
_LOWEST, _HIGHEST, _STEP = -40.0, 30.0, 0.05
_SMALLEST = 1e-300


def incidence(eta: FloatArray, spread: float) -> FloatArray:
    """Chance of at least one metastasis, in (0, 1), by log expected number and spread."""
    found: FloatArray = 1.0 / (1.0 + np.exp(-log_odds(spread)(np.clip(eta, _LOWEST, _HIGHEST))))
    return found


def level_of(chance: float, spread: float) -> float:
    """Return eta of a chance in (0, 1)."""
    wanted = np.log(chance / (1.0 - chance))
    curve = log_odds(spread)
    return float(brentq(lambda eta: float(curve(eta)) - wanted, _LOWEST, _HIGHEST))


@cache
def log_odds(spread: float) -> CubicSpline:
    """Return log(G / (1 - G)) as a function of eta in -40 .. 30."""
    eta = np.arange(_LOWEST, _HIGHEST + 0.5 * _STEP, _STEP)
    number = np.exp(np.minimum(eta[:, np.newaxis] + spread * _Z, 700.0))
    chance = -np.expm1(-number) @ _WEIGHT
    none = np.exp(-number) @ _WEIGHT
    return CubicSpline(
        eta, np.log(np.maximum(chance, _SMALLEST)) - np.log(np.maximum(none, _SMALLEST))
    )
