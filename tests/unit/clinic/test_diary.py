"""The diary of a patient: each occasion once, in order, however epochs cut the time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.calendar import Appointment, Calendar, CalendarEntry, Diary, resolve_calendar
from ctc.errors import InputError
from ctc.scenario.clinic_course import ANCHORS, START_OF, course_of
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


# Properties on calendars made at random; times are whole seconds so that ties are common.

LENGTHS = st.integers(0, 400)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Entries that wait for earlier ones, their starts, milestones, or a time."""
    examinations: list[CalendarEntry] = []
    treatments: list[CalendarEntry] = []
    blank = course_of(settings([{"kind": "ct", "at": "0 s"}], [{"kind": "targeted", "at": "0 s"}]))
    over: list[str] = []
    begun: list[str] = []
    for number in range(draw(st.integers(0, 7))):
        is_treatment = draw(st.booleans())
        is_continued = is_treatment and draw(st.booleans())
        waits = [*ANCHORS, *over, *(START_OF + name for name in begun)]
        after = draw(st.sampled_from(["", *waits]))
        n_occasions = 1 if is_continued else draw(st.sampled_from([1, 1, 2, 5, None]))
        course = replace(
            blank[is_treatment],
            index=len(treatments if is_treatment else examinations),
            name=f"entry {number}",
            at=None if after else draw(LENGTHS) * SECOND,
            after=after,
            delay=draw(LENGTHS) * SECOND if after else 0,
            n_occasions=n_occasions,
            interval=0 if n_occasions == 1 else draw(st.integers(1, 100)) * SECOND,
            is_continued=is_continued,
            duration=draw(st.none() | st.integers(1, 300).map(lambda n: n * SECOND))
            if is_continued
            else 0,
        )
        begun.append(course.name)
        if course.length is not None:
            over.append(course.name)
        entry = CalendarEntry(course, (), is_everywhere=False)
        (treatments if is_treatment else examinations).append(entry)
    return Calendar(tuple(examinations), tuple(treatments))


Judge = Callable[[Appointment], int]


def follow(diary: Diary, edges: list[int], judge: Judge) -> list[tuple[Appointment, int]]:
    """Go through the epochs; what each occasion leads to depends on nothing but itself."""
    found = []
    for edge in edges:
        for one in diary.due(edge):
            found.append((one, edge))
            verdict = judge(one)
            if verdict == 0:
                diary.skip(one)
            elif verdict <= len(ANCHORS):
                diary.note(list(ANCHORS)[verdict - 1], one.time)
    return found


def judge_of(salt: int) -> Judge:
    def judge(one: Appointment) -> int:
        bits = one.time // SECOND * 31 + one.is_treatment * 7 + one.entry * 3 + one.occasion
        return (bits * 2654435761 + salt) % 2**32 % 9

    return judge


END = 1000 * SECOND
CUTS = st.lists(st.integers(1, 999).map(lambda n: n * SECOND), unique=True, max_size=30)


@given(calendars(), CUTS, CUTS, st.integers(0, 2**32 - 1))
def test_epochs_of_any_length_give_the_same_occasions_in_the_same_order(
    plan: Calendar, one_cut: list[int], other_cut: list[int], salt: int
) -> None:
    courses = []
    for cut in (one_cut, other_cut):
        edges = sorted({0, *cut, END})
        found = follow(Diary(plan), edges, judge_of(salt))
        courses.append([appointment for appointment, _ in found])
        for appointment, edge in found:
            # At the first edge at or after its time: the edge before lies before it.
            assert appointment.time <= edge
            assert all(other < appointment.time for other in edges if other < edge)
    assert courses[0] == courses[1]


@given(calendars(), CUTS, st.integers(0, 2**32 - 1))
def test_each_occasion_is_given_once_and_in_order(
    plan: Calendar, cut: list[int], salt: int
) -> None:
    found = [one for one, _ in follow(Diary(plan), sorted({0, *cut, END}), judge_of(salt))]
    assert len(set(found)) == len(found)
    assert all(one.time <= other.time for one, other in itertools.pairwise(found))
    for is_treatment, entries in ((False, plan.examinations), (True, plan.treatments)):
        for entry in entries:
            course = entry.course
            own = [
                one
                for one in found
                if (one.is_treatment, one.entry) == (is_treatment, course.index)
            ]
            assert [one.occasion for one in own] == list(range(len(own)))
            assert course.n_occasions is None or len(own) <= course.n_occasions
            assert [one.time - own[0].time for one in own] == [
                number * course.interval for number in range(len(own))
            ]
            if course.at is not None:
                last = (
                    END
                    if course.n_occasions is None
                    else course.interval * (course.n_occasions - 1) + course.at
                )
                n_within = 0 if course.at > END else 1
                if course.interval and n_within:
                    n_within += (min(last, END) - course.at) // course.interval
                assert len(own) == n_within


@given(calendars(), CUTS, st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_a_diary_may_be_stored_at_any_edge(
    plan: Calendar, cut: list[int], stop: int, salt: int
) -> None:
    edges = sorted({0, *cut, END})
    whole, first, second = Diary(plan), Diary(plan), Diary(plan)
    expected = follow(whole, edges, judge_of(salt))
    found = follow(first, edges[:stop], judge_of(salt))
    second.restore(first.state())
    found += follow(second, edges[stop:], judge_of(salt))
    assert found == expected
    assert second.active(END) == whole.active(END)


@given(calendars(), CUTS)
def test_a_drug_is_under_way_from_edge_to_edge(plan: Calendar, cut: list[int]) -> None:
    diary = Diary(plan)
    starts: dict[int, int] = {}
    for edge in sorted({0, *cut, END}):
        starts |= {one.entry: one.time for one in diary.due(edge) if one.is_treatment}
        expected = [
            entry.course.index
            for entry in plan.treatments
            if entry.course.is_continued
            and entry.course.index in starts
            and (
                entry.course.duration is None
                or edge < starts[entry.course.index] + entry.course.duration
            )
        ]
        assert diary.active(edge) == expected
