"""Hazard ratios by Cox' model, fitted by lifelines (the extra `sweep`)."""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.analysis.survival import Times
from ctc.errors import InputError

# Of the logarithm of a ratio: beyond this nothing is known of it.
_LARGEST_ERROR = 10.0


@dataclass(frozen=True)
class HazardRatio:
    """Hazard in one group over that in another, with its 95 % interval and Wald's p."""

    ratio: float
    low: float
    high: float
    p_value: float


def has_lifelines() -> bool:
    """Return whether lifelines is installed."""
    return importlib.util.find_spec("lifelines") is not None


def hazard_ratio(group: Times, reference: Times) -> HazardRatio | None:
    """Return the hazard in a group over that in the reference, proportional hazards taken.

    Parameters
    ----------
    group, reference : Times
        Of at least one patient each.

    Returns
    -------
    HazardRatio or None
        None where a group has no event or the groups are wholly apart, so that the ratio is 0,
        infinite or nothing.

    Raises
    ------
    InputError
        If lifelines is not installed.

    References
    ----------
    .. [1] Cox 1972 J R Stat Soc B 34:187; ties after Efron 1977.
    .. [2] Davidson-Pilon 2019, lifelines, J Open Source Softw 4:1317.
    """
    fitter = _fitter()
    if not group.n_events or not reference.n_events:
        return None
    import pandas  # noqa: PLC0415, ICN001 - only with lifelines

    frame = pandas.DataFrame(
        {
            "duration": np.concatenate([group.duration, reference.duration]),
            "event": np.concatenate([group.is_event, reference.is_event]),
            "group": np.concatenate([np.ones(group.n), np.zeros(reference.n)]),
        }
    )
    # In years: its steps and stops are tuned to numbers near one.
    frame["duration"] /= 365.25 * 86400.0
    from lifelines.exceptions import ConvergenceError  # noqa: PLC0415 - as above

    with warnings.catch_warnings():
        # It warns of what is looked at below, and of samples of a few.
        warnings.simplefilter("ignore")
        try:
            fitter.fit(frame, duration_col="duration", event_col="event")
        except ConvergenceError:
            return None
    row = fitter.summary.loc["group"]
    if not float(row["se(coef)"]) < _LARGEST_ERROR:
        return None
    return HazardRatio(
        float(row["exp(coef)"]),
        float(row["exp(coef) lower 95%"]),
        float(row["exp(coef) upper 95%"]),
        float(row["p"]),
    )


def _fitter() -> Any:
    if not has_lifelines():
        message = (
            "hazard ratios must have lifelines to fit Cox' model, it is not installed. "
            "Install it: pip install 'ctc[sweep]'."
        )
        raise InputError(message)
    from lifelines import CoxPHFitter  # noqa: PLC0415 - slow, and optional

    return CoxPHFitter()
