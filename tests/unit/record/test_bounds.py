"""A file of the right form that says what no writer wrote is refused where it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record.layout import NO_SEGMENT
from ctc.record.reader import Run, open_run

# Frame 1 has 7 cells and begins at the first row; epoch 1 is the first with events.
_FRAME, _LESIONS, _EVENTS = "VTKHDF/PointData", "lesions", "events"


@pytest.fixture
def spoil(samples: ModuleType, tmp_path: Path) -> Callable[[str, Any], Path]:
    """Return a function that writes a run with a wrong value in row 2 of a column."""

    def write(column: str, value: Any) -> Path:
        path = tmp_path / "spoilt.vtkhdf"
        with samples.create(path) as writer:
            samples.write_epochs(writer, 0, 3)
            writer.close(digest="d" * 64)
        with h5py.File(path, "r+") as file:
            file[column][2] = value
        return path

    return write


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        (f"{_FRAME}/state", 99, "state must be a code of CellState, got 99"),
        (f"{_FRAME}/organ", 3, r"organ must be -1 \.\. 2, got 3"),
        (f"{_FRAME}/organ", -2, r"organ must be -1 \.\. 2, got -2"),
        (f"{_FRAME}/segment", 50, r"segment must be 0 \.\. 49 or 4294967295, got 50"),
        (f"{_FRAME}/age", np.nan, "age must be finite, got nan"),
        ("VTKHDF/Points", (0, np.inf, 0), "position must be finite"),
    ],
)
def test_a_frame_with_a_wrong_value_is_refused_and_named(
    spoil: Callable[[str, Any], Path], column: str, value: Any, rule: str
) -> None:
    with open_run(spoil(column, value)) as run:
        with pytest.raises(InputError, match=rf"spoilt\.vtkhdf: {rule}.* row 2 of frame 1 \(1 of"):
            run.frame(1)
        assert run.damaged_frames() == [1]
        assert run.frame(2).id.size


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("organ", 3, r"organ must be -1 \.\. 2, got 3"),
        ("segment", 50, r"segment must be 0 \.\. 49 or 4294967295, got 50"),
        ("kind", 6, "kind must be a code of EventKind, got 6"),
        ("cause", 7, "cause must be a code of DeathCause, got 7"),
    ],
)
def test_an_event_with_a_wrong_value_is_refused_and_named(
    spoil: Callable[[str, Any], Path], column: str, value: int, rule: str
) -> None:
    with open_run(spoil(f"{_EVENTS}/{column}", value)) as run:
        where = r".* row 2 of events \(1 of"
        with pytest.raises(InputError, match=rule + where):
            run.events()
        with pytest.raises(InputError, match=rule + where):
            run.log_column("events", column, start=1, stop=4)
        assert run.events(3).size == run.n_events - 3


@pytest.mark.parametrize("read", [Run.lesions, Run.lesion_history])
@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("organ", -7, r"organ must be -1 \.\. 2, got -7"),
        ("segment", 50, r"segment must be 0 \.\. 49, got 50"),
        ("segment", NO_SEGMENT, r"segment must be 0 \.\. 49, got 4294967295"),
    ],
)
def test_a_lesion_with_a_wrong_place_is_refused_and_named(
    spoil: Callable[[str, Any], Path],
    column: str,
    value: int,
    *,
    rule: str,
    read: Callable[[Run], Any],
) -> None:
    with (
        open_run(spoil(f"{_LESIONS}/{column}", value)) as run,
        pytest.raises(InputError, match=rule + r" at row 2 of lesions \(1 of 6 rows\)\. .*copy"),
    ):
        read(run)


@pytest.mark.parametrize(
    ("column", "read", "rule"),
    [
        ("examinations/kind", Run.examinations, "kind must be a code of ExaminationKind, got 60"),
        ("examinations/response", Run.examinations, "response must be a code of Response, got 60"),
        ("findings/organ", Run.findings, r"organ must be -1 \.\. 2, got 60"),
        ("treatments/kind", Run.treatments, "kind must be a code of TreatmentKind, got 60"),
        ("milestones/kind", Run.milestones, "kind must be a code of Milestone, got 60"),
    ],
)
def test_a_row_of_the_clinic_with_a_wrong_value_is_refused_and_named(
    spoil: Callable[[str, Any], Path], column: str, read: Callable[[Run], Any], *, rule: str
) -> None:
    log = column.partition("/")[0]
    with (
        open_run(spoil(column, 60)) as run,
        pytest.raises(InputError, match=rf"{rule} at row 2 of {log} \(1 of"),
    ):
        read(run)


def test_a_column_that_ends_early_is_refused(spoil: Callable[[str, Any], Path]) -> None:
    path = spoil(f"{_EVENTS}/kind", 1)
    with h5py.File(path, "r+") as file:
        file[f"{_FRAME}/organ"].resize(5, axis=0)
    with (
        open_run(path) as run,
        pytest.raises(InputError, match=r"organ ends after 5 of 7 cells\)\. Copy it again"),
    ):
        run.frame(1)
