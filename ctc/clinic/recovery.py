"""What blur leaves of a small ball: the recovery coefficient of its centre."""

from __future__ import annotations

import numpy as np

from ctc.backends.host_tables import exponential
from ctc.checks import FloatArray

# 2 / sqrt(pi), and full width at half maximum over standard deviation, 2 sqrt(2 ln 2).
_TWO_OVER_ROOT_PI = 1.1283791670955126
_WIDTH_OVER_DEVIATION = 2.3548200450309493
_FAR = 6.0  # from here on the coefficient is 1 to the last bit
_TERMS = 160  # of the series: at _FAR what is left is below 1e-16


def recovery_coefficient(diameter: FloatArray, *, resolution: float) -> FloatArray:
    """Return what is left of the contrast of a ball at its centre, in a blurred picture.

    Of a ball of radius r under a Gaussian blur of standard deviation s, with x = r / (s sqrt 2):
    ``erf(x) - 2 / sqrt(pi) x exp(-x^2)``. It is summed as
    ``2 / sqrt(pi) exp(-x^2) sum over n >= 1 of 2^n x^(2n+1) / (2n+1)!!``, in which nothing cancels.

    Parameters
    ----------
    diameter : (n,) float64 [m]
        Of the balls, >= 0.
    resolution : float [m]
        Full width at half maximum of the blur, > 0.

    Returns
    -------
    (n,) float64
        0 to 1; as 4 / (3 sqrt(pi)) x^3 for small balls. The same bits on every machine.
    """
    deviation = resolution / _WIDTH_OVER_DEVIATION
    x = np.minimum(np.asarray(diameter, dtype=np.float64) / (2.0 * deviation * np.sqrt(2.0)), _FAR)
    square = x * x
    term = np.array(x, dtype=np.float64)
    total = np.zeros_like(term)
    for n in range(1, _TERMS):
        term = term * (2.0 * square / (2 * n + 1))
        total = total + term
    found: FloatArray = np.minimum(_TWO_OVER_ROOT_PI * exponential(-square) * total, 1.0)
    return found
