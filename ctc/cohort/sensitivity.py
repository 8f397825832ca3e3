"""Sobol indices of a finished sweep, with bootstrap confidence: analysis after the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.cohort.outcomes import is_time
from ctc.cohort.table import SweepTable
from ctc.errors import InputError, near_name
from ctc.record.sweep_files import TableColumn

# Told of where a sweep names no outcomes and the table has them.
DEFAULT_OUTCOMES = ("death_time", "metastasis_time", "burden", "colonies")
_RESAMPLES = 1000
_CONFIDENCE = 0.95
_SEED = 20_260_101


@dataclass(frozen=True)
class Sensitivity:
    """Indices of one outcome in one arm.

    Attributes
    ----------
    arm, outcome : str
        Which.
    keys : tuple of str
        That varied.
    first, total : (n_keys,) float64
        Share of the variance that a key brings by itself, and with all others.
    first_error, total_error : (n_keys,) float64
        Half widths of intervals of 95 %, by bootstrap.
    note : str
        How missing values were filled; why there are no indices where they are NaN.
    """

    arm: str
    outcome: str
    keys: tuple[str, ...]
    first: FloatArray
    first_error: FloatArray
    total: FloatArray
    total_error: FloatArray
    note: str = ""


def sobol_indices(table: SweepTable, outcomes: Sequence[str]) -> tuple[Sensitivity, ...]:
    """Return the Sobol indices of outcomes in every arm.

    First order by Saltelli et al. 2010 (Comput Phys Commun 181:259, table 2 b) and total order by
    Jansen's estimator there (f), as SALib has them; 1000 resamples of the base points.

    Parameters
    ----------
    table : SweepTable
        Of a sweep of design ``sobol``.
    outcomes : sequence of str
        Columns. A time of what did not happen counts as the end of the run; other missing values
        leave an outcome without indices.

    Raises
    ------
    InputError
        If a column is unknown.
    """
    names = outcomes or [name for name in DEFAULT_OUTCOMES if name in table.outcomes]
    return tuple(_indices(table, arm, outcome) for outcome in names for arm in table.arms)


def check_outcomes(outcomes: Sequence[str], known: Sequence[str]) -> None:
    """Raise InputError unless outcomes are among those known."""
    for index, name in enumerate(outcomes):
        if name not in known:
            message = f"value must be a column of the table, got '{name}'. "
            raise InputError(message + near_name(name, known), key=f"sweep.outcomes.{index}")


def sensitivity_columns(found: Sequence[Sensitivity]) -> tuple[TableColumn, ...]:
    """Return indices as a table to be stored: a row for each arm, outcome and key."""
    rows = [(each, k) for each in found for k in range(len(each.keys))]

    def codes(name: str, words: list[str], meaning: str) -> TableColumn:
        labels = tuple(dict.fromkeys(words))
        values = np.array([labels.index(word) for word in words], dtype=np.uint16)
        return TableColumn(name, values, meaning=meaning, role="index", labels=labels)

    def numbers(name: str, meaning: str) -> TableColumn:
        values = np.array([getattr(each, name)[k] for each, k in rows], dtype=np.float64)
        return TableColumn(name, values, meaning=meaning)

    if not rows:
        return ()
    return (
        codes("arm", [each.arm for each, _ in rows], "of the sweep"),
        codes("outcome", [each.outcome for each, _ in rows], "column of the table"),
        codes("key", [each.keys[k] for each, k in rows], "that varied"),
        codes("note", [each.note or "-" for each, _ in rows], "how missing values were taken"),
        numbers("first", "share of the variance by itself, S1"),
        numbers("first_error", "half width of 95 %, by bootstrap"),
        numbers("total", "share of the variance with all others, ST"),
        numbers("total_error", "half width of 95 %, by bootstrap"),
    )


def _indices(table: SweepTable, arm: str, outcome: str) -> Sensitivity:
    keys = table.varied
    values, note = _complete(table, arm, outcome)
    nothing = np.full(len(keys), np.nan)
    if not note and not float(np.ptp(values)) > 0.0:
        note = "all patients have the same"
    if not np.isfinite(values).all() or not float(np.ptp(values)) > 0.0:
        return Sensitivity(arm, outcome, keys, nothing, nothing, nothing, nothing, note)
    from SALib.analyze import sobol  # noqa: PLC0415 - optional, slow to import

    problem = {"num_vars": len(keys), "names": list(keys), "bounds": [[0.0, 1.0]] * len(keys)}
    found = sobol.analyze(
        problem,
        values,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=_CONFIDENCE,
        seed=_SEED,
    )
    first, first_error, total, total_error = (
        np.asarray(found[name]) for name in ("S1", "S1_conf", "ST", "ST_conf")
    )
    return Sensitivity(arm, outcome, keys, first, first_error, total, total_error, note)


def _complete(table: SweepTable, arm: str, outcome: str) -> tuple[FloatArray, str]:
    """Return an outcome of all patients, and what was done about missing ones."""
    values = table.column(outcome, arm=arm).astype(np.float64)
    is_missing = ~np.isfinite(values)
    n_missing = int(is_missing.sum())
    if not n_missing:
        return values, ""
    if is_time(outcome) and "end_time" in table.outcomes:
        end = float(np.nanmax(table.column("end_time")))
        filled = np.where(is_missing, end, values)
        return filled, f"did not happen to {n_missing:,} patients, who count as at the end"
    return values, f"{n_missing:,} patients have none"
