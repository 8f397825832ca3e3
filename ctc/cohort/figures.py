"""What a finished sweep came to, arm by arm, as plain figures."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.cohort.table import SweepTable

_CANCER = 1
_UNKNOWN = 255


def arm_figures(table: SweepTable) -> dict[str, dict[str, Any]]:
    """Return the figures of each arm by name.

    ``patients``, ``deaths``, ``deaths_by_cancer``, ``diagnosed``, ``metastases_found``,
    ``median_survival`` and ``median_metastasis_free_survival`` [s] (product limit, from the
    diagnosis, of those diagnosed; None where fewer than half have had it),
    ``found_at_stage`` (stage -> patients), ``shed``, ``died_by_treatment``, ``colonies`` (cells);
    only those whose columns are there.
    """
    return {arm: _figures(table, arm) for arm in table.arms}


def _figures(table: SweepTable, arm: str) -> dict[str, Any]:
    has = set(table.outcomes)

    def column(name: str) -> FloatArray:
        return table.column(name, arm=arm).astype(np.float64)

    found: dict[str, Any] = {"patients": int(table.of_arm(arm).sum())}
    if {"death_time", "end_time"} <= has:
        death, end = column("death_time"), column("end_time")
        found["deaths"] = int(np.isfinite(death).sum())
        if "death_cause" in has:
            found["deaths_by_cancer"] = int((column("death_cause") == _CANCER).sum())
        start = np.zeros(death.shape)
        if "diagnosis_time" in has:
            diagnosis = column("diagnosis_time")
            found["diagnosed"] = int(np.isfinite(diagnosis).sum())
            start = diagnosis
        watched = np.isfinite(start)
        start, until = start[watched], end[watched]
        found["median_survival"] = median_time(start, death[watched], end=until)
        if "metastasis_time" in has:
            spread = column("metastasis_time")
            found["metastases_found"] = int(np.isfinite(spread).sum())
            first = np.fmin(spread, death)
            free = median_time(start, first[watched], end=until)
            found["median_metastasis_free_survival"] = free
    if {"t_found", "n_found", "m_found"} <= has:
        found["found_at_stage"] = _stages(column("n_found"), column("m_found"))
    for name in ("shed", "died_by_treatment", "colonies"):
        if name in has:
            found[name] = int(table.column(name, arm=arm).sum())
    return found


def median_time(start: FloatArray, event: FloatArray, *, end: FloatArray) -> float | None:
    """Return the median time to an event by the product limit (Kaplan and Meier 1958).

    Parameters
    ----------
    start : (n,) float64 [s]
        From when each is followed.
    event : (n,) float64 [s]
        When it happened; NaN where it did not.
    end : (n,) float64 [s]
        Until when each was followed.

    Returns
    -------
    float or None [s]
        The first time at which at most half are free of it; None if that never comes.
    """
    has_event = np.isfinite(event)
    time = np.maximum(np.where(has_event, event, end) - start, 0.0)
    free = 1.0
    for moment in np.unique(time[has_event]):
        n_at_risk = int((time >= moment).sum())
        n_events = int((has_event & (time == moment)).sum())
        free *= 1.0 - n_events / n_at_risk
        if free <= 0.5 + 1e-12:
            return float(moment)
    return None


def _stages(n_found: FloatArray, m_found: FloatArray) -> dict[str, int]:
    """Return patients by how far the disease had spread when it was found."""
    names = np.select(
        [
            (m_found == _UNKNOWN) & (n_found == _UNKNOWN),
            (m_found > 0) & (m_found != _UNKNOWN),
            (n_found > 0) & (n_found != _UNKNOWN),
        ],
        ["not staged", "distant", "regional"],
        default="localised",
    )
    counts = Counter(names.tolist())
    order = ("localised", "regional", "distant", "not staged")
    return {name: counts[name] for name in order if counts[name]}
