"""A patient's course in the run file: what the engine gave is what is read, resumed or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.analysis.clinical_course import course_of
from ctc.record.layout import CLINIC_LOGS, NO_FOUNDER
from ctc.scenario.scenario import Scenario
from ctc.states import GONE, LesionState, Milestone, TreatmentKind
from ctc.summary import RunSummary
from tests.parity.runs import digests, stop_after

# A tumour large enough to be seen at the first look, and lesions that grow within weeks.
SCENARIO = """
[scenario]
title = "Twelve weeks of a tumour that is found and taken out"

[run]
seed = 11
duration = "12 weeks"
epoch = "1 week"

[body]
terminals = 1500

[cancer]
set = "cancers/breast"

[cells]
weight = 1e4

[[source]]
kind = "tumour"
organ = "breast"
mass = "20 g"
growth = "exponential"
doubling_time = "60 days"
invasion = "single"
margin = "4 mm"

[[examination]]
kind = "mri"
name = "first look"
at = "2 weeks"
every = "3 weeks"

[[examination]]
kind = "blood_draw"
at = "1 week"
every = "2 weeks"

[[treatment]]
kind = "surgery"
at = "6 weeks"

[[treatment]]
kind = "chemotherapy"
at = "8 weeks"
cycles = 2
interval = "2 weeks"

[record]
tracked = 20

[override]
"tumour.overt_share" = 1e-4
"treatment.surgery.residual_probability" = 0.0
"tissue.organ.default.doubling_time" = "2 days"
"tissue.organ.liver.doubling_time" = "2 days"
"tissue.organ.lung.doubling_time" = "2 days"
"""
DAY = 86400.0
SURGERY = 42


def load(folder: Path) -> Scenario:
    path = folder / "patient.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return ctc.load_scenario(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patient")


@pytest.fixture(scope="module")
def whole(folder: Path) -> RunSummary:
    return ctc.run(load(folder), folder / "whole.vtkhdf", device="cpu")


@pytest.fixture(scope="module")
def run(folder: Path, whole: RunSummary) -> ctc.Run:
    assert whole.digest
    return ctc.open_run(folder / "whole.vtkhdf")


def test_the_run_is_worth_looking_at(run: ctc.Run) -> None:
    assert run.examinations().size >= 8
    assert run.findings().size
    assert Milestone.DIAGNOSIS in run.milestones()["kind"]
    kinds = set(run.treatments()["kind"].tolist())
    assert kinds == {TreatmentKind.SURGERY, TreatmentKind.CHEMOTHERAPY}
    assert run.summary()["lesions"]["founded"] > 3


def test_the_primary_is_resected_and_its_series_ends(run: ctc.Run) -> None:
    """The tumour of the series and of the lesions is the one that the surgeon took."""
    rows = run.lesions()
    primary = rows[rows["cell"] == np.uint64(NO_FOUNDER)]
    assert primary["state"].tolist() == [LesionState.RESECTED]
    assert primary["cells"].tolist() == [0]
    series = run.series()
    cells, ends = series["tumour_cells"].sum(axis=1), series["time"] / 1e9 / DAY
    assert (cells[ends <= SURGERY] > 0).all()
    assert not cells[ends > SURGERY].any()
    surgery = run.treatments()
    surgery = surgery[surgery["kind"] == TreatmentKind.SURGERY][0]
    before = cells[np.flatnonzero(ends == SURGERY)[0]]
    assert surgery["cells_before"] == pytest.approx(float(before), rel=1e-6)


def test_series_count_lesions_that_are_gone(run: ctc.Run) -> None:
    rows = run.lesions()
    rows = rows[(rows["cell"] != np.uint64(NO_FOUNDER)) & (rows["organ"] >= 0)]
    series = run.series()
    names = {"lost": LesionState.LOST, "resected": LesionState.RESECTED}
    for name, state in (names | {"eradicated": LesionState.ERADICATED}).items():
        assert series[f"lesions_{name}"][-1].sum() == (rows["state"] == state).sum()
    assert series["lesions"][-1].sum() == (~np.isin(rows["state"], GONE)).sum()
    assert series["lesions"][-1].sum() > 0


def test_a_lesion_that_was_treated_is_written_down(run: ctc.Run) -> None:
    """At the end of the epoch at whose beginning it was."""
    treated = run.treatments()
    treated = treated[treated["target"] >= 0]
    assert treated.size
    history = run.lesion_history()
    written = set(zip(history["lesion"].tolist(), history["time"].tolist(), strict=True))
    week = 7 * 86400 * 10**9
    for row in treated:
        assert (int(row["target"]), int(row["time"]) + week) in written


def test_the_course_is_that_of_the_rows(run: ctc.Run) -> None:
    course = course_of(run)
    assert course is not None
    assert len(course.examinations) == run.examinations().size
    surgery = next(row for row in course.treatments if row.kind == "surgery")
    assert (surgery.time, surgery.organs, surgery.cells_after) == (SURGERY * DAY, ("breast",), 0.0)
    assert any(row.target < 0 for row in course.cleared)


@pytest.mark.parametrize("stop", [1, 6, 9])
def test_stop_and_resume(stop: int, tmp_path: Path, run: ctc.Run, whole: RunSummary) -> None:
    path = tmp_path / "run.vtkhdf"
    stop_after(load(tmp_path), path, stop)
    found = ctc.resume(path, device="cpu", threads=1, chunk=700)
    assert digests(found) == digests(whole)
    with ctc.open_run(path) as got:
        for log in CLINIC_LOGS:
            np.testing.assert_array_equal(getattr(got, log)(), getattr(run, log)(), err_msg=log)
        np.testing.assert_array_equal(got.lesion_history(), run.lesion_history())
        for name, values in run.series().items():
            if name != "wall_time":
                np.testing.assert_array_equal(got.series()[name], values, err_msg=name)
