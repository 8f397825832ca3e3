"""What each outcome of a patient is: its unit and meaning, by the name of its column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.cohort.plan import Plan, Varied
from ctc.errors import CtcError
from ctc.record.sweep_files import TableColumn

_OF_TIME = "from the start of the run; NaN: did not happen"
_MEANING = {
    "diagnosis_time": ("s", f"tumour found, {_OF_TIME}"),
    "diagnosis_diameter": ("m", "of the primary tumour then"),
    "metastasis_time": ("s", f"first metastasis found, {_OF_TIME}"),
    "relapse_time": ("s", f"tumour found again after its removal, {_OF_TIME}"),
    "progression_time": ("s", f"progressive disease by RECIST, {_OF_TIME}"),
    "death_time": ("s", f"death, {_OF_TIME}"),
    "end_time": ("s", "how long the patient was followed, from the start of the run"),
    "death_cause": ("", "0 alive, 1 cancer, 2 other causes"),
    "t_found": ("", "T of the stage by what had been found before treatment; 255 unknown"),
    "n_found": ("", "N of the stage by what had been found before treatment"),
    "m_found": ("", "M of the stage by what had been found before treatment"),
    "t_true": ("", "T of the stage by what there was at that examination"),
    "n_true": ("", "N of the stage by what there was at that examination"),
    "m_true": ("", "M of the stage by what there was at that examination"),
    "n_lesions_found": ("", "metastases found before treatment"),
    "n_lesions_true": (
        "",
        "overt metastases that there were at that examination",
    ),
    "largest_found": ("m", "largest metastasis found before treatment, as measured"),
    "largest_true": ("m", "largest metastasis that there was at that examination"),
    "nodes_found": ("", "positive lymph nodes found before treatment"),
    "nodes_true": ("", "lymph nodes with tumour at that examination"),
    "ctc_baseline": ("", "tumour cells counted in the first draw of blood; NaN: none drawn"),
    "ctc_follow_up": ("", "tumour cells counted in the draw after therapy began; NaN: none"),
    "ctc_baseline_time": ("s", f"of the first draw, {_OF_TIME}"),
    "ctc_follow_up_time": ("s", f"of the draw after therapy began, {_OF_TIME}"),
    "best_response": ("", "0 not evaluable, 1 complete, 2 partial, 3 stable, 4 progressive"),
    "burden": ("", "living tumour cells at the end"),
    "primary_cells_at_diagnosis": ("", "tumour cells of the primary tumour at diagnosis"),
    "epochs_bounded": ("", "epochs in which more was shed than cells.most_followed lets follow"),
    "shed": ("", "cells shed, as followed"),
    "died": ("", "cells that died"),
    "died_by_treatment": ("", "of those, cells that treatment killed"),
    "colonies": ("", "colonies founded"),
    "exited": ("", "cells that left by an open end"),
    "in_flight": ("", "cells without a fate at the end"),
}
_INDICES = ("patient", "arm")


def outcome_meanings() -> dict[str, tuple[str, str]]:
    """Return unit and meaning of each outcome, by the name of its column."""
    return dict(_MEANING)


def table_columns(plan: Plan, rows: npt.NDArray[Any]) -> tuple[TableColumn, ...]:
    """Return the columns of the table: who, what varied, what became of them.

    Parameters
    ----------
    plan : Plan
        Of the sweep.
    rows : (n_members,) structured array
        In order of patient and arm.
    """
    n_arms = len(plan.arms)
    patient = np.repeat(np.arange(plan.n_patients), n_arms)
    arm = np.tile(np.arange(n_arms), plan.n_patients)
    for name, expected in (("patient", patient), ("arm", arm)):
        if not np.array_equal(rows[name], expected):
            message = f"rows must be in order of patient and arm, got another {name}."
            raise CtcError(message + " Please report this bug in ctc.")
    names = tuple(each.name for each in plan.arms)
    columns = [
        TableColumn("patient", patient.astype(np.uint32), meaning="its number", role="index"),
        TableColumn("arm", arm.astype(np.uint16), meaning="code", role="index", labels=names),
    ]
    columns += [_of_varied(varied, n_arms) for varied in plan.varied]
    taken = {column.name for column in columns}
    for name in rows.dtype.names or ():
        if name in _INDICES:
            continue
        unit, meaning = _MEANING.get(name, ("", ""))
        if name in taken:
            message = f"column {name} must be there once. Please report this bug in ctc."
            raise CtcError(message)
        columns.append(TableColumn(name, _plain(rows[name]), unit=unit, meaning=meaning))
    return tuple(columns)


def outcome_names(dtype: np.dtype[Any]) -> tuple[str, ...]:
    """Return the names of outcomes among the columns that blocks have."""
    return tuple(name for name in dtype.names or () if name not in _INDICES)


def is_time(name: str) -> bool:
    """Whether an outcome is the time of something that need not happen."""
    return name.endswith("_time") and name != "end_time"


def known_outcomes() -> Sequence[str]:
    """Return the outcomes that every cohort has."""
    return tuple(_MEANING)


def _of_varied(varied: Varied, n_arms: int) -> TableColumn:
    values = np.repeat(varied.values, n_arms)
    return TableColumn(
        varied.key,
        values.astype(np.uint16) if varied.labels else values,
        unit=varied.unit.replace("**", "^"),
        meaning=varied.description,
        role="varied",
        labels=varied.labels,
    )


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column by itself; one NaN, whatever bits it had."""
    column = np.ascontiguousarray(values)
    if column.dtype.kind == "f":
        column = np.where(np.isnan(column), np.nan, column)
    return column
