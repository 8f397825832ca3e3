"""Survival of patients: times with censoring, Kaplan-Meier curves, tests, restricted means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import chi2

from ctc.checks import FloatArray
from ctc.errors import InputError

BoolArray = npt.NDArray[np.bool_]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Times:
    """Until something happened to each of n patients, or until they were last seen.

    Attributes
    ----------
    duration : (n,) float64 [s]
        From the origin, >= 0.
    is_event : (n,) bool
        Whether it happened then; False where the patient was seen until then without it.
    row : (n,) int64
        Of the table that they came from.
    """

    duration: FloatArray
    is_event: BoolArray
    row: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        sizes = {self.duration.size, self.is_event.size, self.row.size}
        if len(sizes) != 1 or not bool(np.all(self.duration >= 0.0)):
            message = f"durations must be >= 0 s and as many as events, got sizes {sorted(sizes)}"
            raise ValueError(message)

    @property
    def n(self) -> int:
        """Patients."""
        return self.duration.size

    @property
    def n_events(self) -> int:
        """Patients whom it happened to."""
        return int(self.is_event.sum())

    def of(self, chosen: BoolArray) -> Times:
        """Return a part of the patients."""
        return Times(self.duration[chosen], self.is_event[chosen], self.row[chosen])


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: steps at the times of events.

    Attributes
    ----------
    time : (n_steps,) float64 [s]
        From 0 on, ascending.
    share : (n_steps,) float64
        Without the event just after each time.
    low, high : (n_steps,) float64
        Point-wise band of `CONFIDENCE`: Greenwood's variance of ln(-ln S), so within 0 .. 1.
    last_seen : float [s]
        Beyond which the curve says nothing.
    """

    time: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    last_seen: float

    def at(self, time: float) -> float:
        """Return the share without the event at a time [s]."""
        return float(self.share[np.searchsorted(self.time, time, side="right") - 1])

    def band_at(self, time: float) -> tuple[float, float]:
        """Return the band at a time [s]."""
        i = int(np.searchsorted(self.time, time, side="right") - 1)
        return float(self.low[i]), float(self.high[i])

    def quantile(self, share: float = 0.5) -> tuple[float, float, float]:
        """Return when a share is left, and its band (Brookmeyer and Crowley); inf: not reached."""
        return (
            _first_below(self.time, self.share, share),
            _first_below(self.time, self.low, share),
            _first_below(self.time, self.high, share),
        )


@dataclass(frozen=True)
class LogRank:
    """The log-rank test: its statistic, degrees of freedom and p, and events seen and expected."""

    statistic: float
    freedom: int
    p_value: float
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def kaplan_meier(times: Times) -> SurvivalCurve:
    """Return the Kaplan-Meier estimate of the share without the event.

    ``S(t) = prod over event times u <= t of (1 - d_u / n_u)``, d events of n at risk; who is last
    seen at an event time counts as at risk then.

    Parameters
    ----------
    times : Times
        Of at least one patient.

    Returns
    -------
    SurvivalCurve
        Its first step is at 0 with share 1 (or less where an event has duration 0).

    References
    ----------
    .. [1] Kaplan and Meier 1958 J Am Stat Assoc 53:457.
    .. [2] Band: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002).
    """
    if not times.n:
        message = "times must be of at least one patient, got none"
        raise ValueError(message)
    at, events, at_risk = _table_of_events(times)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.cumprod(1.0 - events / at_risk)
        variance = np.cumsum(events / (at_risk * (at_risk - events)))
        log = np.log(share)
        half = ndtri(0.5 + 0.5 * CONFIDENCE) * np.sqrt(variance) / -log
        low, high = share ** np.exp(half), share ** np.exp(-half)
    inside = (share > 0.0) & (share < 1.0)
    low, high = np.where(inside, low, share), np.where(inside, high, share)
    # Where the last at risk had the event nothing is left, and Greenwood's variance is infinite.
    high = np.where(share > 0.0, high, np.append(high[:-1], high[-2] if high.size > 1 else 1.0))
    if at.size == 0 or at[0] > 0.0:
        at, share = np.insert(at, 0, 0.0), np.insert(share, 0, 1.0)
        low, high = np.insert(low, 0, 1.0), np.insert(high, 0, 1.0)
    return SurvivalCurve(
        at,
        np.asarray(share, dtype=np.float64),
        np.asarray(low, dtype=np.float64),
        np.asarray(high, dtype=np.float64),
        float(times.duration.max()),
    )


def at_risk(times: Times, moments: FloatArray) -> npt.NDArray[np.int64]:
    """Return how many are still watched at moments [s], (n,) int64."""
    ordered = np.sort(times.duration)
    counts: npt.NDArray[np.int64] = times.n - np.searchsorted(ordered, moments, side="left")
    return counts


def log_rank(groups: Sequence[Times]) -> LogRank:
    """Return the log-rank test of whether groups share one hazard.

    Parameters
    ----------
    groups : sequence of Times
        Two or more, each of at least one patient.

    Returns
    -------
    LogRank
        p is 1 where no event happened at all.

    References
    ----------
    .. [1] Mantel 1966 Cancer Chemother Rep 50:163.
    """
    if len(groups) < 2:
        message = f"groups must be two or more, got {len(groups)}"
        raise ValueError(message)
    everyone = Times(
        np.concatenate([group.duration for group in groups]),
        np.concatenate([group.is_event for group in groups]),
        np.concatenate([group.row for group in groups]),
    )
    at, events, together = _table_of_events(everyone)
    risk = np.stack([at_risk(group, at) for group in groups]).astype(np.float64)
    observed = np.array([float(group.n_events) for group in groups])
    expected = (risk * (events / together)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(together > 1.0, events * (together - events) / (together - 1.0), 0.0)
    part = risk / together
    variance = np.diag((part * spread).sum(axis=1)) - (part * spread) @ part.T
    excess = (observed - expected)[:-1]
    statistic = float(excess @ np.linalg.pinv(variance[:-1, :-1]) @ excess)
    freedom = len(groups) - 1
    return LogRank(
        statistic,
        freedom,
        float(chi2.sf(statistic, freedom)),
        tuple(observed.tolist()),
        tuple(expected.tolist()),
    )


def restricted_mean(curve: SurvivalCurve, horizon: float) -> float:
    """Return the mean time without the event within a horizon [s]: the area below the curve."""
    if not horizon > 0.0:
        message = f"horizon must be > 0 s, got {horizon:g}. Give one within the time watched."
        raise InputError(message)
    edges = np.append(curve.time[curve.time < horizon], horizon)
    return float(np.diff(edges) @ curve.share[: edges.size - 1])


def p_text(p_value: float) -> str:
    """Return a p value as papers write it."""
    if math.isnan(p_value):
        return "-"
    return (
        "<\u00a00.0001"
        if p_value < 1e-4
        else f"{p_value:.2g}"
        if p_value < 0.1
        else f"{p_value:.2f}"
    )


def _table_of_events(times: Times) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the times of events, how many then, and how many were at risk."""
    at, events = np.unique(times.duration[times.is_event], return_counts=True)
    return at, events.astype(np.float64), at_risk(times, at).astype(np.float64)


def _first_below(time: FloatArray, share: FloatArray, level: float) -> float:
    below = share <= level
    return float(time[below.argmax()]) if bool(below.any()) else math.inf
