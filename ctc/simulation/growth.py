"""Closed forms of tumour growth in float64, from the host library: the same bits everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import exponential, logarithm, power
from ctc.checks import FloatArray
from ctc.scenario.growth import GrowthKind, GrowthLaw

# ln 2 as a literal: no number of a run may come from libm.
_LN2 = 0.6931471805599453
# No tumour is followed over more: 2^60 cells weigh as much as a thousand people.
_MOST_DOUBLINGS = 60.0


def grown_cells(
    law: GrowthLaw, age: npt.ArrayLike, *, initial: npt.ArrayLike, doubling_time: npt.ArrayLike
) -> FloatArray:
    """Return the number of cells that a tumour has grown to.

    With r the specific growth rate ``ln 2 / doubling time`` at the reference size M, capacity K
    and N0 cells at age 0:

    - exponential: ``N = N0 2^(t / doubling time)``;
    - Gompertz: ``dN/dt = b N ln(K / N)``, ``b = r / ln(K / M)``, so
      ``N = K exp(ln(N0 / K) exp(-b t))``;
    - logistic: ``dN/dt = s N (1 - N / K)``, ``s = r / (1 - M / K)``, so
      ``N = K / (1 + (K / N0 - 1) exp(-s t))``;
    - power law: ``dN/dt = a N^p``, ``a = r M^(1 - p)``, so
      ``N = (N0^(1 - p) + (1 - p) a t)^(1 / (1 - p))``.

    None exceeds K.

    Parameters
    ----------
    law : GrowthLaw
        Which law, K, M and p.
    age : (n,) float64 [s]
        Since it had ``initial`` cells; a negative one counts as 0.
    initial : (n,) float64
        N0, > 0 and <= K.
    doubling_time : (n,) float64 [s]
        At the reference size, > 0; infinite for a tumour that does not grow.

    Returns
    -------
    (n,) float64
        At least N0.

    Notes
    -----
    Exponential growth is cut at 60 doublings. The relative rounding error is some 1e-14.

    References
    ----------
    .. [1] Gompertz, breast cancer: Norton 1988 Cancer Res 48:7067.
    .. [2] Power law, breast cancer, p = 0.5: Hart 1998 Br J Cancer 78:382.
    """
    time = np.maximum(np.asarray(age, dtype=np.float64), 0.0)
    start = np.asarray(initial, dtype=np.float64)
    doubling = np.asarray(doubling_time, dtype=np.float64)
    capacity = law.capacity
    if law.kind is GrowthKind.EXPONENTIAL:
        grown = start * power(2.0, np.minimum(time / doubling, _MOST_DOUBLINGS))
    elif law.kind is GrowthKind.GOMPERTZ:
        shrink = exponential(-_gompertz_rate(law, doubling) * time)
        grown = capacity * exponential(logarithm(start / capacity) * shrink)
    elif law.kind is GrowthKind.LOGISTIC:
        shrink = exponential(-_logistic_rate(law, doubling) * time)
        grown = capacity / (1.0 + (capacity / start - 1.0) * shrink)
    else:
        rest = 1.0 - law.exponent
        speed = _LN2 / doubling * power(law.reference_cells, rest)
        grown = power(power(start, rest) + rest * speed * time, 1.0 / rest)
    return np.minimum(np.maximum(grown, start), capacity)


def age_at(
    law: GrowthLaw, cells: npt.ArrayLike, *, initial: npt.ArrayLike, doubling_time: npt.ArrayLike
) -> FloatArray:
    """Age [s] at which a tumour of ``initial`` cells reaches a size: `grown_cells` turned round.

    Parameters
    ----------
    law : GrowthLaw
        Which law.
    cells : (n,) float64
        From ``initial`` to below the capacity.
    initial, doubling_time : (n,) float64
        As for `grown_cells`; the doubling time is finite.

    Returns
    -------
    (n,) float64 [s]
        >= 0.
    """
    target = np.asarray(cells, dtype=np.float64)
    start = np.asarray(initial, dtype=np.float64)
    doubling = np.asarray(doubling_time, dtype=np.float64)
    capacity = law.capacity
    if law.kind is GrowthKind.EXPONENTIAL:
        age = doubling * logarithm(target / start) / _LN2
    elif law.kind is GrowthKind.GOMPERTZ:
        ratio = logarithm(start / capacity) / logarithm(target / capacity)
        age = logarithm(ratio) / _gompertz_rate(law, doubling)
    elif law.kind is GrowthKind.LOGISTIC:
        ratio = (capacity / start - 1.0) / (capacity / target - 1.0)
        age = logarithm(ratio) / _logistic_rate(law, doubling)
    else:
        rest = 1.0 - law.exponent
        speed = _LN2 / doubling * power(law.reference_cells, rest)
        age = (power(target, rest) - power(start, rest)) / (rest * speed)
    return np.maximum(age, 0.0)


def growth_rate(
    law: GrowthLaw, cells: npt.ArrayLike, *, doubling_time: npt.ArrayLike
) -> FloatArray:
    """Specific growth rate ``d ln N / dt`` [1/s] of tumours of some sizes, by the laws above.

    Parameters
    ----------
    law : GrowthLaw
        Which law.
    cells : (n,) float64
        N, > 0; none grows at the capacity or above.
    doubling_time : (n,) float64 [s]
        At the reference size; infinite for a tumour that does not grow.
    """
    size = np.asarray(cells, dtype=np.float64)
    doubling = np.asarray(doubling_time, dtype=np.float64)
    if law.kind is GrowthKind.EXPONENTIAL:
        rate = np.broadcast_to(_LN2 / doubling, size.shape)
    elif law.kind is GrowthKind.GOMPERTZ:
        rate = -_gompertz_rate(law, doubling) * logarithm(size / law.capacity)
    elif law.kind is GrowthKind.LOGISTIC:
        rate = _logistic_rate(law, doubling) * (1.0 - size / law.capacity)
    else:
        rest = 1.0 - law.exponent
        rate = _LN2 / doubling * power(law.reference_cells / size, rest)
    found: FloatArray = np.where(size < law.capacity, np.maximum(rate, 0.0), 0.0)
    return found


def _gompertz_rate(law: GrowthLaw, doubling_time: FloatArray) -> FloatArray:
    """Decay rate b [1/s] of the specific growth rate."""
    return _LN2 / doubling_time / logarithm(law.capacity / law.reference_cells)


def _logistic_rate(law: GrowthLaw, doubling_time: FloatArray) -> FloatArray:
    """Specific growth rate [1/s] of a vanishing tumour."""
    return _LN2 / doubling_time / (1.0 - law.reference_cells / law.capacity)
