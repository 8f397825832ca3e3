"""The diary on calendars made at random: each occasion once, in order, however epochs cut time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.calendar import Appointment, Calendar, CalendarEntry, Diary
from ctc.scenario.clinic_course import ANCHORS, START_OF, course_of
from ctc.scenario.clinic_times import times_of
from ctc.scenario.schema import Settings

SECOND = 10**9
# One examination and one treatment, from which others are made.
BLANK = course_of(
    Settings.model_validate(
        {
            "scenario": {"title": "test"},
            "run": {"duration": "1 h"},
            "source": [{"kind": "tumour", "organ": "breast", "mass": "1 g"}],
            "examination": [{"kind": "ct", "at": "0 s"}],
            "treatment": [{"kind": "targeted", "at": "0 s"}],
        }
    )
)
# Whole seconds, so that ties are common.
LENGTHS = st.integers(0, 400)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Entries that wait for earlier ones, their starts, milestones, or a time."""
    examinations: list[CalendarEntry] = []
    treatments: list[CalendarEntry] = []
    over: list[str] = []
    begun: list[str] = []
    for number in range(draw(st.integers(0, 7))):
        is_treatment = draw(st.booleans())
        is_continued = is_treatment and draw(st.booleans())
        waits = [*ANCHORS, *over, *(START_OF + name for name in begun)]
        after = draw(st.sampled_from(["", *waits]))
        n_occasions = 1 if is_continued else draw(st.sampled_from([1, 1, 2, 5, None]))
        course = replace(
            BLANK[is_treatment],
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


@given(calendars(), CUTS)
def test_times_that_the_scenario_tells_are_those_that_come(plan: Calendar, cut: list[int]) -> None:
    times = times_of(tuple(entry.course for entry in plan.entries))
    diary = Diary(plan)
    first: dict[tuple[bool, int], int] = {}
    for edge in sorted({0, *cut, END}):
        for one in diary.due(edge):
            first.setdefault((one.is_treatment, one.entry), one.time)
    for course in times.course:
        start = times.start(course)
        is_due = times.is_fixed(start) and start.offset <= END
        expected = start.offset if is_due else None
        assert first.get((course.is_treatment, course.index)) == expected


@given(calendars(), st.lists(LENGTHS, min_size=4, max_size=4))
def test_what_is_surely_not_before_another_is_not_before_it(
    plan: Calendar, delays: list[int]
) -> None:
    """Whenever milestones come: none before it can, and none before the diagnosis."""
    times = times_of(tuple(entry.course for entry in plan.entries))
    actual = {"": 0}
    for name, delay in zip(ANCHORS, delays, strict=True):
        earliest = times.milestones[name]
        if earliest is not None:
            actual[name] = max(earliest, actual.get("diagnosis", 0)) + delay * SECOND
    starts = [times.start(course) for course in times.course]
    coming = [start for start in starts if start.base in actual]
    for one, other in itertools.product(coming, repeat=2):
        if times.is_surely_not_before(one, other):
            assert actual[one.base] + one.offset >= actual[other.base] + other.offset
