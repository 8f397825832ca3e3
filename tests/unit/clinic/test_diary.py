"""The diary of a patient: what is due when, what follows from it, what is under way."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ctc.clinic.calendar import Appointment, Calendar, Diary, resolve_calendar
from ctc.errors import InputError
from ctc.scenario.schema import Settings
from ctc.states import ExaminationKind, TreatmentKind

ORGANS = ("breast", "lung", "liver", "brain", "red marrow")
SECOND = 10**9
DAY = 86_400 * SECOND


def settings(examinations: list[dict[str, Any]], treatments: list[dict[str, Any]]) -> Settings:
    return Settings.model_validate(
        {
            "scenario": {"title": "test"},
            "run": {"duration": "10 years", "epoch": "1 day"},
            "source": [{"kind": "tumour", "organ": "breast", "mass": "1 g"}],
            "examination": examinations,
            "treatment": treatments,
        }
    )


def calendar(
    examinations: list[dict[str, Any]], treatments: list[dict[str, Any]] | None = None
) -> Calendar:
    return resolve_calendar(settings(examinations, treatments or []), ORGANS)


def days(diary: Diary, end: int, every: int = 1) -> list[tuple[int, str, int]]:
    """Return day of the epoch, name and occasion of all that a diary hands out."""
    found = []
    for day in range(0, end, every):
        for one in diary.due(day * DAY):
            found.append((day, name_of(diary, one), one.occasion))
    return found


def name_of(diary: Diary, one: Appointment) -> str:
    calendar = diary.calendar
    return (calendar.treatments if one.is_treatment else calendar.examinations)[
        one.entry
    ].course.name


def test_names_and_kinds_are_filled_in() -> None:
    entries = calendar(
        [
            {"kind": "ct", "at": "1 day"},
            {"kind": "blood_draw", "at": "1 day"},
            {"kind": "ct", "at": "1 day", "name": "staging"},
            {"kind": "ct", "at": "1 day"},
        ],
        [{"kind": "bone_modifying", "at": "1 day"}],
    )
    names = [entry.course.name for entry in entries.entries]
    assert names == ["ct 1", "blood_draw 1", "staging", "ct 3", "bone_modifying 1"]
    assert entries.examinations[1].course.kind is ExaminationKind.BLOOD_DRAW
    assert entries.treatments[0].course.kind is TreatmentKind.BONE_MODIFYING


def test_organs_are_those_named_or_all_that_a_picture_shows() -> None:
    kinds = ("ct", "mammography", "bone_scan", "blood_draw")
    ct, mammography, bone_scan, draw = calendar(
        [{"kind": kind, "at": "1 day"} for kind in kinds]
    ).examinations
    assert ct.organs == (0, 1, 2, 3, 4)
    assert mammography.organs == (0,)
    assert bone_scan.organs == (4,)
    assert draw.organs == ()
    named, surgery = calendar(
        [{"kind": "pet", "at": "1 day", "organs": ["brain", "lung"]}],
        [{"kind": "surgery", "at": "1 day"}],
    ).entries
    assert named.organs == (1, 3)
    where = np.array([0, 1, 3, -1], dtype=np.int16)
    assert named.covers(where).tolist() == [False, True, True, False]
    assert surgery.covers(where).all()
    assert ct.covers(where).all()
    assert mammography.covers(where).tolist() == [True, False, False, False]


def test_an_organ_that_the_body_lacks_is_refused() -> None:
    with pytest.raises(InputError, match=r"examination\.0 \('ct 1'\)\.organs.*'livr'.*'liver'"):
        calendar([{"kind": "ct", "at": "1 day", "organs": ["livr"]}])


def test_examinations_come_first_then_the_order_of_the_file() -> None:
    diary = Diary(
        calendar(
            [{"kind": "ct", "at": "2 days"}, {"kind": "pet", "at": "1 day"}],
            [{"kind": "surgery", "at": "1 day"}, {"kind": "chemotherapy", "at": "12 h"}],
        )
    )
    names = [name_of(diary, one) for one in itertools.islice(diary.due(2 * DAY), 4)]
    assert names == ["chemotherapy 1", "pet 1", "surgery 1", "ct 1"]
    assert list(diary.due(2 * DAY)) == []


def test_occasions_fall_on_the_first_edge_at_or_after_their_time() -> None:
    plan = calendar(
        [{"kind": "ct", "at": "36 h", "every": "1 day", "times": 3}],
        [{"kind": "radiation", "at": "5 days", "dose": "2 Gy", "fractions": 2}],
    )
    assert days(Diary(plan), 20) == [
        *((2, "ct 1", 0), (3, "ct 1", 1), (4, "ct 1", 2)),
        *((5, "radiation 1", 0), (6, "radiation 1", 1)),
    ]
    assert days(Diary(plan), 20, every=4) == [
        *((4, "ct 1", 0), (4, "ct 1", 1), (4, "ct 1", 2)),
        *((8, "radiation 1", 0), (8, "radiation 1", 1)),
    ]


def test_repeats_without_a_number_go_on() -> None:
    diary = Diary(calendar([{"kind": "ct", "at": "0 days", "every": "10 days"}]))
    assert [occasion for _, _, occasion in days(diary, 1001)] == list(range(101))
    assert diary.next_due == 1010 * DAY


def test_what_waits_for_a_diagnosis_follows_at_once() -> None:
    diary = Diary(
        calendar(
            [
                {"kind": "ct", "at": "1 day", "every": "5 days"},
                {"kind": "pet", "after": "diagnosis"},
            ],
            [
                {"kind": "surgery", "after": "diagnosis", "delay": "2 days"},
                {"kind": "chemotherapy", "after": "surgery 1", "cycles": 2, "interval": "3 days"},
            ],
        )
    )
    found = []
    for day in range(20):
        for one in diary.due(day * DAY):
            found.append((day, name_of(diary, one)))
            if found[-1] == (6, "ct 1"):
                diary.note("diagnosis", day * DAY)
            diary.note("progression", day * DAY)
    assert found == [
        *((1, "ct 1"), (6, "ct 1"), (6, "pet 1"), (8, "surgery 1"), (8, "chemotherapy 1")),
        *((11, "ct 1"), (11, "chemotherapy 1"), (16, "ct 1")),
    ]
    assert diary.state()["reached"].tolist() == [6 * DAY, -1, -1, 1 * DAY]


def test_an_entry_is_over_with_its_last_occasion() -> None:
    plan = calendar(
        [
            {"kind": "ct", "after": "chemotherapy 1"},
            {"kind": "pet", "after": "start of chemotherapy 1", "delay": "1 day"},
            {"kind": "mri", "after": "targeted 1"},
        ],
        [
            {"kind": "chemotherapy", "at": "2 days", "cycles": 3, "interval": "10 days"},
            {"kind": "targeted", "at": "2 days", "duration": "4 days"},
        ],
    )
    found = [(day, name) for day, name, _ in days(Diary(plan), 40)]
    assert found == [
        *((2, "chemotherapy 1"), (2, "targeted 1"), (3, "pet 1"), (6, "mri 1")),
        *((12, "chemotherapy 1"), (22, "chemotherapy 1"), (22, "ct 1")),
    ]


def test_nothing_follows_from_what_was_left_out() -> None:
    plan = calendar(
        [{"kind": "ct", "after": "surgery 1"}],
        [
            {"kind": "surgery", "at": "1 day"},
            {"kind": "chemotherapy", "at": "2 days", "cycles": 3, "interval": "1 day"},
            {"kind": "targeted", "at": "2 days"},
            {"kind": "antiplatelet", "after": "chemotherapy 1"},
        ],
    )
    diary = Diary(plan)
    found = []
    for day in range(10):
        for one in diary.due(day * DAY):
            found.append((day, name_of(diary, one), one.occasion))
            # The surgery, the targeted drug, and all cycles but the second.
            if one.entry in (0, 2) or (one.entry == 1 and one.occasion != 1):
                diary.skip(one)
    assert found == [
        *((1, "surgery 1", 0), (2, "chemotherapy 1", 0), (2, "targeted 1", 0)),
        *((3, "chemotherapy 1", 1), (4, "chemotherapy 1", 2), (4, "antiplatelet 1", 0)),
    ]
    assert diary.active(5 * DAY) == [3]


def test_what_was_not_handed_out_cannot_be_skipped() -> None:
    diary = Diary(calendar([{"kind": "ct", "at": "1 day"}]))
    with pytest.raises(ValueError, match=r"'ct 1' was skipped before it was due"):
        diary.skip(Appointment(DAY, is_treatment=False, entry=0, occasion=0))


def test_only_milestones_are_noted() -> None:
    diary = Diary(calendar([{"kind": "ct", "at": "1 day"}]))
    with pytest.raises(ValueError, match="anchor must be one of diagnosis, metastasis, relapse"):
        diary.note("ct 1", DAY)


def test_drugs_are_under_way_between_their_edges() -> None:
    diary = Diary(
        calendar(
            [],
            [
                {"kind": "surgery", "at": "1 day"},
                {"kind": "targeted", "at": "36 h", "duration": "2 days"},
                {"kind": "immunotherapy", "at": "3 days"},
                {"kind": "antiplatelet", "at": "4 days", "duration": "2 days"},
            ],
        )
    )
    under_way = []
    for day in range(8):
        list(diary.due(day * DAY))
        under_way.append(diary.active(day * DAY))
    assert under_way == [[], [], [1], [1, 2], [2, 3], [2, 3], [2], [2]]


def test_a_diary_goes_on_where_it_was_stored() -> None:
    plan = calendar(
        [{"kind": "ct", "at": "1 day", "every": "3 days"}, {"kind": "mri", "after": "relapse"}],
        [{"kind": "targeted", "after": "diagnosis", "delay": "10 days", "duration": "200 years"}],
    )
    whole, parts = Diary(plan), Diary(plan)
    for diary in (whole, parts):
        days(diary, 5)
        diary.note("diagnosis", 4 * DAY)
    stored = parts.state()
    assert all(array.dtype == np.int64 for array in stored.values())
    parts = Diary(plan)
    parts.restore(stored)
    assert parts.next_due == whole.next_due
    assert days(parts, 40) == days(whole, 40)
    assert parts.active(40 * DAY) == [0]
    assert {n: a.tolist() for n, a in parts.state().items()} == {
        n: a.tolist() for n, a in whole.state().items()
    }


def test_a_diary_of_another_calendar_is_refused() -> None:
    diary = Diary(calendar([{"kind": "ct", "at": "1 day"}]))
    with pytest.raises(InputError, match="stored diary must be of this calendar"):
        diary.restore(Diary(calendar([])).state())
    with pytest.raises(InputError, match="stored diary must be of this calendar"):
        diary.restore({"given": np.zeros(1)})


def test_an_empty_calendar_has_nothing_due() -> None:
    diary = Diary(Calendar())
    assert diary.next_due is None
    assert list(diary.due(2**62)) == []
    assert diary.active(2**62) == []
