"""The earliest that milestones can come, by hand."""

from __future__ import annotations

import pytest

from ctc.scenario.clinic_course import course_of
from ctc.scenario.clinic_times import CourseTimes, Timing, times_of
from tests.unit.scenario.test_calendar_rules import CT, Load, examination, load, treatment

__all__ = ["load"]  # a fixture

DAY = 86400 * 10**9
CHEMOTHERAPY = treatment("chemotherapy", 'after = "diagnosis"')


def times(load: Load, text: str) -> CourseTimes:
    return times_of(course_of(load(text).settings))


@pytest.mark.parametrize(
    ("surgery", "relapse"),
    [(30, 100), (100, 100), (101, 190), (280, 280), (281, 370), (721, None)],
)
def test_a_relapse_is_found_by_the_first_picture_at_or_after_surgery(
    load: Load, surgery: int, relapse: int | None
) -> None:
    """CT at day 10 and every 90 days from then on, eight times: the last on day 640."""
    scans = CT.replace('every = "90 days"', 'every = "90 days"\ntimes = 8')
    found = times(load, scans + treatment("surgery", f'at = "{surgery} days"'))
    assert found.milestones["diagnosis"] == 10 * DAY
    assert found.milestones["relapse"] == (None if relapse is None else relapse * DAY)


def test_one_picture_finds_no_relapse(load: Load) -> None:
    once = examination("ct", 'at = "30 days"')
    found = times(load, once + treatment("surgery", 'at = "30 days"'))
    assert (found.milestones["diagnosis"], found.milestones["relapse"]) == (30 * DAY, None)


def test_what_waits_for_a_milestone_may_surely_come_late_enough(load: Load) -> None:
    """A diagnosis comes on day 10 at the earliest: five days later is not before day 15."""
    found = times(load, CT + CHEMOTHERAPY)
    moment = Timing("diagnosis", 5 * DAY)
    assert found.is_surely_not_before(moment, Timing("", 15 * DAY))
    assert not found.is_surely_not_before(moment, Timing("", 15 * DAY + 1))
    # A relapse never comes where nothing is removed.
    never = Timing("relapse", 5 * DAY)
    without = times(load, examination("ct", 'at = "10 days"'))
    assert without.milestones["relapse"] is None
    assert not without.is_surely_not_before(never, Timing("", 0))
