"""From the table of a sweep to times until an endpoint, and to groups of patients."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ctc.analysis.survival import BoolArray, Times
from ctc.checks import FloatArray

_BY_CANCER = 1


class Columns(Protocol):
    """A table with a row for each patient and arm."""

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the values of a column, in SI, of all rows."""
        ...


class Endpoint(enum.StrEnum):
    """What is waited for."""

    OVERALL = "overall survival"
    METASTASIS_FREE = "metastasis-free survival"
    PROGRESSION_FREE = "progression-free survival"
    RELAPSE_FREE = "relapse-free survival"
    CANCER_DEATH = "death by the cancer"


class Origin(enum.StrEnum):
    """From when on times count."""

    START = "the start"  # the same moment in both arms, whenever the tumour is found
    DIAGNOSIS = "diagnosis"
    FOLLOW_UP = "the second blood draw"


# What ends each endpoint besides a death; a death by another cause ends all but CANCER_DEATH.
_ENDS = {
    Endpoint.OVERALL: (),
    Endpoint.METASTASIS_FREE: ("metastasis_time",),
    Endpoint.PROGRESSION_FREE: ("progression_time", "relapse_time"),
    Endpoint.RELAPSE_FREE: ("relapse_time",),
    Endpoint.CANCER_DEATH: (),
}
_ORIGINS = {Origin.DIAGNOSIS: "diagnosis_time", Origin.FOLLOW_UP: "ctc_follow_up_time"}


def times_to(
    columns: Columns,
    endpoint: Endpoint,
    *,
    origin: Origin = Origin.START,
    rows: BoolArray | None = None,
) -> Times:
    """Return the times of patients until an endpoint.

    Parameters
    ----------
    columns : Columns
        With ``diagnosis_time``, ``metastasis_time``, ``relapse_time``, ``progression_time``,
        ``death_time``, ``end_time`` [s] (NaN: did not happen) and ``death_cause``.
    endpoint : Endpoint
        A death of any cause counts as an event, save for `Endpoint.CANCER_DEATH`, which other
        deaths censor.
    origin : Origin
        Patients without it, dead before it or past the endpoint at it are left out.
    rows : (n_rows,) bool, optional
        Which patients; all by default.

    Returns
    -------
    Times
        In the order of rows; ``row`` says which.
    """
    end = _column(columns, "end_time")
    start = np.zeros(end.size) if origin is Origin.START else _column(columns, _ORIGINS[origin])
    death = _column(columns, "death_time")
    if endpoint is Endpoint.CANCER_DEATH:
        by_cancer = np.asarray(columns.column("death_cause")) == _BY_CANCER
        event = np.where(by_cancer, death, np.nan)
        last = np.fmin(end, death)
    else:
        event, last = death, end
        for name in _ENDS[endpoint]:
            event = np.fmin(event, _column(columns, name))
    is_event = event <= last
    until = np.where(is_event, event, last)
    used = np.isfinite(start) & (until >= start) & ~(is_event & (until == start) & (start > 0.0))
    if rows is not None:
        used &= rows
    row = np.flatnonzero(used)
    return Times((until - start)[row], is_event[row], row)


@dataclass(frozen=True)
class Group:
    """Some patients under a name: (n_rows,) bool."""

    name: str
    rows: BoolArray


def by_count(columns: Columns, cut_off: float) -> tuple[Group, Group]:
    """Return the patients with fewer circulating tumour cells at baseline, and the others."""
    count = _column(columns, "ctc_baseline")
    return (
        Group(f"fewer than {cut_off:g} cells", count < cut_off),
        Group(f"{cut_off:g} cells or more", count >= cut_off),
    )


def by_conversion(columns: Columns, cut_off: float) -> tuple[Group, ...]:
    """Return four groups of patients by their counts before and under treatment.

    In the order of the published tables: stays low, falls, rises, stays high.
    """
    before, after = (_column(columns, f"ctc_{name}") for name in ("baseline", "follow_up"))
    low, high = (before < cut_off, before >= cut_off), (after < cut_off, after >= cut_off)
    return (
        Group("low, stays low", low[0] & high[0]),
        Group("high, falls", low[1] & high[0]),
        Group("low, rises", low[0] & high[1]),
        Group("high, stays high", low[1] & high[1]),
    )


def by_stage(columns: Columns, *, is_true: bool = False) -> tuple[Group, ...]:
    """Return the diagnosed patients of each anatomic stage, as found or as there is.

    As `ctc.clinic.staging` groups them: I is T1 without nodes, III is N2, N3, T4, or T3 with
    nodes, IV is M1, II the rest. What was not looked at counts as free. Who has no tumour at all
    is in none.
    """
    suffix = "true" if is_true else "found"
    tumour, nodes, distant = (
        np.asarray(columns.column(f"{letter}_{suffix}"), dtype=np.int64) for letter in "tnm"
    )
    known = np.isfinite(_column(columns, "diagnosis_time")) & (tumour < 255)
    nodes, distant = np.where(nodes == 255, 0, nodes), np.where(distant == 255, 0, distant)
    four = known & (distant > 0)
    known &= (tumour > 0) | (nodes > 0) | (distant > 0)
    four &= known
    three = known & ~four & ((nodes >= 2) | (tumour >= 4) | ((tumour == 3) & (nodes > 0)))
    one = known & ~four & ~three & (tumour <= 1) & (nodes == 0)
    two = known & ~four & ~three & ~one
    return (
        Group("stage I", one),
        Group("stage II", two),
        Group("stage III", three),
        Group("stage IV", four),
    )


def by_nodes(columns: Columns) -> tuple[Group, Group]:
    """Return the diagnosed patients without and with positive nodes found."""
    nodes = np.asarray(columns.column("n_found"), dtype=np.int64)
    known = np.isfinite(_column(columns, "diagnosis_time")) & (nodes < 255)
    return Group("node-negative", known & (nodes == 0)), Group("node-positive", known & (nodes > 0))


def _column(columns: Columns, name: str) -> FloatArray:
    return np.asarray(columns.column(name), dtype=np.float64)
