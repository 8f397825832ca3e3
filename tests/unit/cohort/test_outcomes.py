"""Columns of outcomes: every one of the engine's has a unit and a meaning."""

from __future__ import annotations

from ctc.cohort.course import COURSE
from ctc.cohort.outcomes import is_time, known_outcomes, outcome_names


def test_every_outcome_is_explained_and_there() -> None:
    assert set(known_outcomes()) == set(outcome_names(COURSE))


def test_what_need_not_happen_is_told_apart_from_the_end() -> None:
    assert [name for name in COURSE.names or () if is_time(name)] == [
        name for name in COURSE.names or () if name.endswith("_time") and name != "end_time"
    ]
    assert not is_time("end_time")
    assert not is_time("burden")
