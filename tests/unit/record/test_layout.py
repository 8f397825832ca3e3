"""The layout as data: sizes that follow from it, and the page that explains it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctc.record import layout
from ctc.simulation import clinic_rows
from ctc.states import (
    CellState,
    DeathCause,
    EventKind,
    ExaminationKind,
    LesionState,
    Milestone,
    Response,
    Route,
    TreatmentKind,
)

PAGE = Path(__file__).resolve().parents[3] / "ctc" / "README.md"
TABLES = [value for name, value in vars(layout).items() if name.endswith("_FIELDS")]


@pytest.mark.parametrize(
    ("n_tracked", "rows"),
    [(0, 1024), (1023, 1024), (1024, 2048), (3000, 4096), (65535, 65536), (10**8, 65536)],
)
def test_chunks_are_the_next_power_of_two(n_tracked: int, rows: int) -> None:
    assert layout.frame_chunk_rows(n_tracked) == rows


def test_no_name_stands_twice_in_a_table() -> None:
    for fields in TABLES:
        names = [field.name for field in fields]
        assert len(set(names)) == len(names)


def test_the_page_explains_every_field() -> None:
    """Each field has a row ``| `name` | dtype | unit |`` and the version is the page's."""
    text = PAGE.read_text(encoding="utf-8")
    for fields in TABLES:
        for field in fields:
            start = f"| `{field.name}` | {field.dtype.lstrip('<|')}"
            assert start in text, f"{field.name} is missing in {PAGE}"
            assert field.meaning in text, f"the meaning of {field.name} is not that of the page"
    assert f"format {layout.FORMAT_VERSION[0]}.{layout.FORMAT_VERSION[1]}" in text


def test_the_simulation_gives_rows_of_the_clinic_as_they_are_stored() -> None:
    for log in (*layout.CLINIC_LOGS, "effects"):
        given = getattr(clinic_rows, log.removesuffix("s").upper())
        assert given == layout.dtype_of(layout.LOGS[log])


CODES = [
    *(CellState, EventKind, DeathCause, LesionState, Route),
    *(ExaminationKind, Response, TreatmentKind, Milestone),
]


@pytest.mark.parametrize("kind", CODES)
def test_the_page_lists_every_code(kind: type[CellState]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for code in kind:
        assert f"{int(code)} {code.name.lower()}" in text


def test_logs_of_a_patient_have_small_chunks() -> None:
    """A chunk is the least that a file holds of a log: 8,192 rows of ten examinations are waste."""
    assert {log for log in layout.LOGS if layout.log_chunk_rows(log) == 256} == {
        *layout.CLINIC_LOGS,
        "effects",
    }
    assert {layout.log_chunk_rows(log) for log in ("events", "lesions", "litters")} == {8192}


def test_numbers_that_stand_for_nobody_are_the_largest() -> None:
    """Files on disk hold them."""
    assert np.iinfo(np.uint64).max == layout.NO_FOUNDER
    assert np.iinfo(np.uint32).max == layout.NO_SEGMENT
