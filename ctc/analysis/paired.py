"""Two arms of the same virtual patients: what pairing them gains."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from ctc.analysis.survival import CONFIDENCE, Times, at_risk, kaplan_meier, restricted_mean
from ctc.checks import FloatArray


@dataclass(frozen=True)
class PairedDifference:
    """Mean time without the event in one arm less that in another, within a horizon.

    Attributes
    ----------
    horizon : float [s]
        Up to which times count.
    mean, reference : float [s]
        Restricted means of the two arms.
    difference : float [s]
        Of those.
    standard_error : float [s]
        Of the difference, patients paired.
    unpaired_error : float [s]
        The same had the arms other patients.
    n_patients : int
        Pairs.
    """

    horizon: float
    mean: float
    reference: float
    difference: float
    standard_error: float
    unpaired_error: float
    n_patients: int

    @property
    def variance_reduction(self) -> float:
        """Return how many times more patients unpaired arms would need."""
        if self.standard_error == 0.0:
            return math.inf if self.unpaired_error > 0.0 else 1.0
        return (self.unpaired_error / self.standard_error) ** 2

    @property
    def band(self) -> tuple[float, float]:
        """Interval of the difference [s]."""
        half = float(ndtri(0.5 + 0.5 * CONFIDENCE)) * self.standard_error
        return self.difference - half, self.difference + half


def compare_paired(arm: Times, reference: Times, *, horizon: float) -> PairedDifference:
    """Return the difference of restricted means between two arms of the same patients.

    Each patient has a pseudo-value in each arm, ``n M - (n - 1) M_without``, M the restricted
    mean; without censoring before the horizon it is min(time, horizon). The difference of a
    patient's two has the variance of the paired difference.

    Parameters
    ----------
    arm, reference : Times
        Row i of both is the same patient; two or more of them.
    horizon : float [s]
        > 0, at most what both arms were watched for.

    References
    ----------
    .. [1] Andersen, Hansen and Klein 2004 Lifetime Data Anal 10:335.
    """
    if arm.n != reference.n or arm.n < 2:
        message = f"arms must be of the same two patients or more, got {arm.n} and {reference.n}"
        raise ValueError(message)
    values = pseudo_values(arm, horizon), pseudo_values(reference, horizon)
    n = arm.n
    paired = values[0] - values[1]
    unpaired = sum(float(each.var(ddof=1)) for each in values)
    means = [restricted_mean(kaplan_meier(each), horizon) for each in (arm, reference)]
    return PairedDifference(
        horizon=horizon,
        mean=means[0],
        reference=means[1],
        difference=means[0] - means[1],
        standard_error=math.sqrt(float(paired.var(ddof=1)) / n),
        unpaired_error=math.sqrt(unpaired / n),
        n_patients=n,
    )


def pseudo_values(times: Times, horizon: float) -> FloatArray:
    """Return the pseudo-value of each patient's restricted mean, (n,) float64 [s].

    Without patient i, at risk until T_i, the Kaplan-Meier factors are ``1 - d / (n - 1)`` up to
    T_i, ``1 - (d - 1) / (n - 1)`` at T_i if the event was his, and the old ones after. So the area
    below the curve is that of a prefix, plus a value times that of a suffix; both are summed once.
    """
    held = np.minimum(times.duration, horizon)
    is_event = times.is_event & (times.duration < horizon)
    if bool(np.all(times.is_event | (times.duration >= horizon))):
        return held
    at, deaths = np.unique(held[is_event], return_counts=True)
    if at.size == 0:
        return np.full(times.n, horizon)
    n = at_risk(times, at).astype(np.float64)
    without = np.maximum(n - 1.0, 1.0)
    gaps = np.diff(np.concatenate([[0.0], at, [horizon]]))
    prefix = np.concatenate([[1.0], np.cumprod(1.0 - deaths / without)])
    area_before = np.concatenate([[0.0], np.cumsum(prefix[:-1] * gaps[:-1])])
    area_after = np.empty(at.size + 1)
    area_after[-1] = gaps[-1]
    for j in range(at.size - 1, -1, -1):
        area_after[j] = gaps[j] + (1.0 - deaths[j] / n[j]) * area_after[j + 1]
    last = np.searchsorted(at, held, side="right")  # events up to the patient's own time
    value = prefix[last]
    own = last[is_event] - 1
    value[is_event] = prefix[own] * (1.0 - (deaths[own] - 1.0) / without[own])
    rest: FloatArray = area_before[last] + value * area_after[last]
    return times.n * float(area_after[0]) - (times.n - 1) * rest
