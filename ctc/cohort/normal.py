"""The normal distribution in float64 with the same bits on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray

# Algorithm AS 241, PPND16: coefficients of numerator and denominator by rising power.
_CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3),
)  # fmt: skip
_SHOULDER = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
_TAIL = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip

# Hart's algorithm 5666 for the area below the curve, by falling power.
_AREA = (
    (3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383,
     112.079291497871, 221.213596169931, 220.206867912376),
    (8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461,
     296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752),
)  # fmt: skip
_FAR = 7.07106781186547
_ROOT_OF_TWO_PI = 2.506628274631


def normal_quantile(chance: npt.ArrayLike) -> FloatArray:
    """Value below which a standard normal deviate lies with some chance.

    Parameters
    ----------
    chance : (n,) float64
        In the open interval (0, 1).

    Returns
    -------
    (n,) float64
        Relative error below 1e-15 (stated for the algorithm: about 1 part in 1e16).

    References
    ----------
    .. [1] Wichura 1988 Appl Stat 37:477, algorithm AS 241, PPND16, doi:10.2307/2347330.
    """
    p = np.asarray(chance, dtype=np.float64)
    q = p - 0.5
    is_centre = np.abs(q) <= 0.425
    squared = np.where(is_centre, 0.180625 - q * q, 0.0)
    centre = q * _ratio(_CENTRE, squared)
    nearer_end = np.where(q < 0.0, p, 1.0 - p)
    depth = np.sqrt(-logarithm(np.where(is_centre, 0.5, nearer_end)))
    shoulder = _ratio(_SHOULDER, depth - 1.6)
    tail = _ratio(_TAIL, depth - 5.0)
    outside = np.where(depth <= 5.0, shoulder, tail)
    found: FloatArray = np.where(is_centre, centre, np.where(q < 0.0, -outside, outside))
    return found


def normal_chance(value: npt.ArrayLike) -> FloatArray:
    """Chance that a standard normal deviate lies below a value.

    Parameters
    ----------
    value : (n,) float64
        Any finite one.

    Returns
    -------
    (n,) float64
        Absolute error below 1e-15; relative error of the lower tail below 1e-8.

    References
    ----------
    .. [1] Hart et al. 1968 Computer Approximations, algorithm 5666, as West 2005 Wilmott
       Magazine May:70 gives it (from memory).
    """
    x = np.asarray(value, dtype=np.float64)
    far = np.minimum(np.abs(x), 37.0)
    height = exponential(-0.5 * far * far)
    above, below = (_falling(each, far) for each in _AREA)
    fraction = far + 1.0 / (far + 2.0 / (far + 3.0 / (far + 4.0 / (far + 0.65))))
    lower = np.where(far < _FAR, height * above / below, height / fraction / _ROOT_OF_TWO_PI)
    found: FloatArray = np.where(x > 0.0, 1.0 - lower, lower)
    return found


def _ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], x: FloatArray) -> FloatArray:
    above, below = (_falling(each[::-1], x) for each in pair)
    return above / below


def _falling(coefficients: tuple[float, ...], x: FloatArray) -> FloatArray:
    total = np.full(x.shape, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total
