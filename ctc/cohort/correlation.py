"""Keys that go together: a Gaussian copula with given rank correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ctc.checks import FloatArray
from ctc.cohort.normal import normal_chance, normal_quantile
from ctc.errors import InputError, near_name
from ctc.scenario.sweep_tables import Correlation

# A pivot below this: one key follows from the others, or the numbers contradict one another.
_LEAST_PIVOT = 1e-9
_TERMS = 12


def copula_factor(correlations: Sequence[Correlation], keys: Sequence[str]) -> FloatArray | None:
    """Return the lower triangle that makes independent normal deviates go together.

    Spearman's rho of two keys becomes ``r = 2 sin(pi rho / 6)`` between their normal deviates
    (Pearson 1907), and the triangle is Cholesky's.

    Parameters
    ----------
    correlations : sequence of Correlation
        Of pairs; all others are independent.
    keys : sequence of str
        That vary at random, in order.

    Returns
    -------
    (n_keys, n_keys) float64 or None
        None where there are no correlations.

    Raises
    ------
    InputError
        If a pair is unknown or given twice, or the matrix is not positive definite.
    """
    if not correlations:
        return None
    matrix = np.eye(len(keys))
    for index, entry in enumerate(correlations):
        place = f"correlation.{index}"
        for key in entry.between:
            if key not in keys:
                message = f"between must name two keys that vary at random, got '{key}'. "
                raise InputError(message + near_name(key, keys), key=f"{place}.between")
        first, second = sorted(keys.index(key) for key in entry.between)
        if first == second:
            message = f"between must name two different keys, got '{entry.between[0]}' twice."
            raise InputError(message + " Name another.", key=f"{place}.between")
        if matrix[first, second] != 0.0:
            message = f"pair must be given once, got {list(entry.between)} again. Drop one."
            raise InputError(message, key=f"{place}.between")
        if not -1.0 < entry.rho < 1.0:
            message = f"rho must be > -1 and < 1, got {entry.rho:g}. Lessen it."
            raise InputError(message, key=f"{place}.rho")
        matrix[first, second] = matrix[second, first] = _pearson(entry.rho)
    return _cholesky(matrix, keys)


def go_together(deviates: FloatArray, factor: FloatArray) -> FloatArray:
    """Return uniform deviates that go together from independent ones, (n, n_keys) float64."""
    normal = normal_quantile(deviates)
    # Sums in a fixed order: a product of matrices would leave the order to a library.
    joined = np.zeros(normal.shape)
    for row in range(factor.shape[0]):
        for column in range(row + 1):
            joined[:, row] += factor[row, column] * normal[:, column]
    return np.clip(normal_chance(joined), 2.0**-60, 1.0 - 2.0**-53)


def _pearson(rho: float) -> float:
    """Return 2 sin(pi rho / 6) from its series: no sine of a library has the same bits everywhere.

    The argument is at most 0.53, where the term left out is below 1e-30.
    """
    x = math.pi * rho / 6.0
    term = total = x
    for number in range(1, _TERMS):
        term *= -x * x / (2 * number * (2 * number + 1))
        total += term
    return 2.0 * total


def _cholesky(matrix: FloatArray, keys: Sequence[str]) -> FloatArray:
    size = len(keys)
    lower = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):
            rest = float(matrix[row, column])
            for inner in range(column):
                rest -= float(lower[row, inner]) * float(lower[column, inner])
            if row > column:
                lower[row, column] = rest / lower[column, column]
            elif rest > _LEAST_PIVOT:
                lower[row, row] = math.sqrt(rest)
            else:
                message = (
                    "correlations must give a positive definite matrix, got one that contradicts "
                    f"itself at '{keys[row]}' (pivot {rest:.3g}). Bring some of its rho nearer to 0"
                )
                raise InputError(message + ".", key="correlation")
    return lower
