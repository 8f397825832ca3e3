"""The clinical course: rows of a run as plain values and as words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ctc.analysis.clinical_course import (
    ClinicalCourse,
    Stage,
    clinical_course,
    course_of,
    entry_names,
)
from ctc.analysis.course_lines import (
    CourseLine,
    cells_text,
    course_lines,
    day_text,
    effect_text,
    length_text,
)
from ctc.analysis.found_and_there import (
    CLASS_ENDS,
    ball_diameter,
    found_and_there,
    tumour_burden,
)
from ctc.inspection import inspect_run
from ctc.record.reader import open_run
from tests import made_up_patient as patient

DAY = 86400.0


@pytest.fixture(scope="module")
def course() -> ClinicalCourse:
    """Return the course of the made-up patient."""
    logs = patient.logs()
    return clinical_course(patient.scenario(), patient.ORGANS, **logs, lesions=patient.lesions())


@pytest.fixture(scope="module")
def lines(course: ClinicalCourse) -> dict[tuple[str, str], CourseLine]:
    """Return its lines by when and what."""
    return {(line.when, line.what): line for line in course_lines(course)}


def test_entries_are_called_by_their_name_or_by_kind_and_number() -> None:
    assert entry_names(patient.scenario(), "examination") == (
        *("screening", "ct 1", "blood draw 1", "sentinel node 1", "follow-up"),
    )
    assert entry_names(patient.scenario(), "treatment")[3:] == ("inhibitor", "SBRT")
    two = {"treatment": [{"kind": "surgery"}, {"kind": "surgery", "name": ""}]}
    assert entry_names(two, "treatment") == ("surgery 1", "surgery 2")


def test_every_row_is_there_in_si(course: ClinicalCourse) -> None:
    assert len(course.examinations) == patient.examinations().size
    second = course.examinations[1]
    assert (second.time, second.kind, second.value) == (365 * DAY, "mammography", 18e-3)
    assert (second.found, second.there) == (Stage(1, None, None), Stage(1, 1, 1))
    assert course.examinations[2].organs == ("lung",)
    assert [row.milestone for row in course.milestones][-1] == "death by cancer"


def test_targets_of_one_occasion_are_one_treatment(course: ClinicalCourse) -> None:
    """SBRT of two lesions: 5e9 and 2e9 cells before, a fortieth of each after."""
    sbrt = [row for row in course.treatments if row.name == "SBRT"]
    assert [row.n_targets for row in sbrt] == [2, 2, 2]
    assert sbrt[0].cells_before == 7e9
    assert sbrt[0].cells_after == pytest.approx(7e9 / 40)
    drug = next(row for row in course.treatments if row.kind == "chemotherapy")
    assert (drug.is_local, drug.n_targets, drug.organs) == (False, 0, ())
    assert [(row.target, row.time) for row in course.cleared] == [(patient.PRIMARY, 386 * DAY)]


def test_a_tumour_is_found_once_and_a_false_finding_never(course: ClinicalCourse) -> None:
    assert [row.target for row in course.found] == [patient.PRIMARY, 2, 0]
    primary, liver, _ = course.found
    assert primary.unseen is None
    assert (liver.by, liver.organ, liver.diameter) == ("follow-up", "liver", 22e-3)
    assert liver.unseen == (960 - 120) * DAY


@pytest.mark.parametrize(
    ("key", "where", "result", "stages"),
    [
        (("day 0", "screening"), "", "nothing found", ("-", "T1 N0 M0")),
        (("day 365", "DIAGNOSIS"), "größte", "by screening", ("", "")),
        (
            ("day 372", "ct 1"),
            "lung",
            "1 found (false), 5 mm in all",
            ("T1 N0 M0", "T1 N1 M1"),
        ),
        (("day 386", "surgery 1"), "größte", "2.8e9 cells, 0 left", ("", "")),
        (
            ("day 414 - 519", "chemotherapy 1, cycles 1 to 6"),
            "whole body",
            "4.0e6 cells, 5,487 left (2.9 logs)",
            ("", ""),
        ),
        (
            ("day 1,140", "follow-up"),
            "liver, lung",
            "2 found, 22 mm in all; partial response",
            ("T1 N1 M1", "T0 N1 M1"),
        ),
    ],
)
def test_lines_read_as_a_chart(
    lines: dict[tuple[str, str], CourseLine],
    key: tuple[str, str],
    where: str,
    *,
    result: str,
    stages: tuple[str, str],
) -> None:
    line = lines[key]
    assert (line.where, line.result, (line.found, line.there)) == (where, result, stages)


def test_lines_are_in_order_and_what_told_stands_before_what_it_told(
    course: ClinicalCourse,
) -> None:
    found = course_lines(course)
    assert [line.time for line in found] == sorted(line.time for line in found)
    told = [line.kind for line in found if line.time == 960 * DAY]
    assert told == ["examination", "milestone", "milestone"]
    # A second examination of the day on which the first told of the disease.
    late = replace(course.examinations[2], time=365 * DAY)
    rows = (*course.examinations[:2], late)
    same_day = course_lines(replace(course, examinations=rows, treatments=()))
    assert [line.what for line in same_day][1:4] == ["screening", "DIAGNOSIS", "ct 1"]


def test_what_was_told_again_and_again_is_one_line(course: ClinicalCourse) -> None:
    """Three draws with the same count; a lump that is noticed from the third month on."""
    draw = replace(course.examinations[3], entry=2, there=Stage(1, 1, 1))
    draws = [replace(draw, time=day * DAY, occasion=day) for day in (1, 2, 3)]
    lump = replace(draw, kind="symptoms", name="a lump", entry=9, value=21e-3)
    lumps = [replace(lump, time=30 * month * DAY, is_positive=month > 2) for month in range(1, 6)]
    both = ClinicalCourse(examinations=(*draws, *lumps))
    assert len(course_lines(both, joins_examinations=False)) == 4
    found = course_lines(both)
    assert [(line.when, line.what, line.result) for line in found] == [
        ("day 1 - 3", "blood draw 1, 3 times", "1 tumour cell, negative"),
        ("day 90", "a lump", "noticed, 21 mm"),
    ]


def test_words_of_numbers() -> None:
    assert [day_text(DAY * day) for day in (0, 1, 0.25, 36525)] == [
        *("day 0", "day 1", "day 0.25", "day 36,525"),
    ]
    assert [cells_text(n) for n in (0, 9999, 1e4, 3.46e11)] == ["0", "9,999", "1.0e4", "3.5e11"]
    assert [length_text(d) for d in (4e-4, 21e-3, 0.25)] == ["0.4 mm", "21 mm", "250 mm"]
    assert effect_text(0.0, 0.0) == "nothing left to treat"
    assert effect_text(5.0, 5.0) == "given against 5 cells"


def test_a_run_without_a_calendar_has_no_course(tmp_path: Path) -> None:
    with open_run(patient.write_patient(tmp_path / "a.vtkhdf", n_epochs=20)) as run:
        found = course_of(run)
        assert found is not None
        assert len(found.milestones) == 1
        figures = inspect_run(run)["clinic"]
        assert json.loads(json.dumps(figures, allow_nan=False))["lines"][0]["when"] == "day 0"
    logs = {name: rows[:0] for name, rows in patient.logs().items()}
    empty = clinical_course({}, (), **logs, lesions=patient.lesions()[:0])
    assert course_lines(empty) == ()


def test_metastases_there_beside_those_found() -> None:
    """3e9 cells are 17.6 mm: (6 / pi * 3e9 / (1060 * 1e12))^(1/3)."""
    scenario, lesions = patient.scenario(), patient.lesions()
    size = ball_diameter(np.array([3e9]), scenario)[0]
    assert size == pytest.approx(17.55e-3, rel=1e-3)
    rows = found_and_there(lesions, (-1, 0, 2), scenario=scenario, organ_names=patient.ORGANS)
    lung, liver = rows
    assert (lung.organ, lung.there.tolist(), lung.found.tolist()) == (
        *("lung", [1, 0, 0, 1, 0], [0, 0, 0, 1, 0]),
    )
    assert lung.largest == size
    assert 0.0 < lung.largest_missed < CLASS_ENDS[0]
    # The eradicated one is gone, and the primary is no metastasis.
    assert (liver.there.sum(), liver.found.sum()) == (1, 1)
    assert len(rows) == 2


def test_burden_leaves_out_cells_at_rest(tmp_path: Path) -> None:
    with open_run(patient.write_patient(tmp_path / "a.vtkhdf")) as run:
        primary, lesions = tumour_burden(run.series())
    assert primary[0] > 1e8
    assert primary[-1] == 0
    assert lesions[0] == 0
    assert lesions[-1] > 1e9
