"""When the entries of a calendar can take place, as far as the scenario alone tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from ctc.scenario.clinic_course import ANCHORS, CourseEntry, anchor_of
from ctc.states import TreatmentKind

_START = ""
# Whatever is told later than diagnosis, or with it.
_DIAGNOSIS = "diagnosis"


@dataclass(frozen=True)
class Timing:
    """A moment as far as it is known: an offset from what it waits for in the end.

    Attributes
    ----------
    base : str
        A key of `ANCHORS`; empty for the start of the run.
    offset : int [ns]
        Behind that, >= 0.
    """

    base: str
    offset: int

    def later(self, delay: int) -> Timing:
        """Return the moment so much later."""
        return Timing(self.base, self.offset + delay)


@dataclass(frozen=True)
class CourseTimes:
    """Times of all entries of a calendar whose waits end somewhere; made by `times_of`.

    Attributes
    ----------
    course : tuple of CourseEntry
        All entries.
    starts : dict of str to Timing
        By name, when the first occasion is due.
    milestones : dict of str to int or None [ns]
        By key of `ANCHORS`, before when it cannot come; None if it never can.
    """

    course: tuple[CourseEntry, ...]
    starts: dict[str, Timing]
    milestones: dict[str, int | None]

    def start(self, entry: CourseEntry) -> Timing:
        """Return when its first occasion is due."""
        return self.starts[entry.name]

    def end(self, entry: CourseEntry) -> Timing | None:
        """Return when its last occasion is due, or what is continued ends; None if never."""
        return None if entry.length is None else self.start(entry).later(entry.length)

    def earliest(self, moment: Timing) -> int | None:
        """Return before when a moment cannot come [ns]; None if it never can."""
        begin = 0 if moment.base == _START else self.milestones[moment.base]
        return None if begin is None else begin + moment.offset

    def is_fixed(self, moment: Timing) -> bool:
        """Whether a moment is known to the nanosecond, if it comes at all."""
        return moment.base == _START

    def is_surely_not_before(self, moment: Timing, other: Timing) -> bool:
        """Whether a moment is at or after another, whatever happens, if both come."""
        if moment.base == other.base or (other.base == _DIAGNOSIS and moment.base != _START):
            return moment.offset >= other.offset
        earliest = self.earliest(moment)
        return other.base == _START and earliest is not None and earliest >= other.offset


def times_of(course: tuple[CourseEntry, ...]) -> CourseTimes:
    """Return the times of a calendar each of whose entries waits for one that is there and ends.

    Milestones come no earlier than pictures allow: the first picture may tell of a diagnosis or
    a metastasis, one at or after the first treatment of a primary of a relapse, the second of
    progression. Found by going over the entries until nothing changes; as no delay is negative,
    that is after as many turns as there are entries.
    """
    starts: dict[str, Timing] = {}
    by_name = {entry.name: entry for entry in course}
    for entry in course:
        starts[entry.name] = _start_of(entry, by_name)
    milestones: dict[str, int | None] = dict.fromkeys(ANCHORS)
    while True:
        times = CourseTimes(course, starts, milestones)
        found = _milestones(times)
        if found == milestones:
            return times
        milestones = found


def _start_of(entry: CourseEntry, by_name: dict[str, CourseEntry]) -> Timing:
    if entry.at is not None:
        return Timing(_START, entry.at)
    name, of_start = anchor_of(entry.after)
    if name in ANCHORS and not of_start:
        return Timing(name, entry.delay)
    other = by_name[name]
    behind = 0 if of_start else other.length or 0
    return _start_of(other, by_name).later(behind + entry.delay)


def _milestones(times: CourseTimes) -> dict[str, int | None]:
    pictures = [entry for entry in times.course if entry.is_imaging]
    occasions = sorted(chain.from_iterable(_first_two(times, entry) for entry in pictures))
    first = occasions[0] if occasions else None
    removals = _earliest(times, times.course, is_of_primary)
    relapse = None
    if removals:
        after = [_first_from(times, entry, removals[0]) for entry in pictures]
        relapse = min((time for time in after if time is not None), default=None)
    return {
        "diagnosis": first,
        "metastasis": first,
        "relapse": relapse,
        "progression": occasions[1] if len(occasions) > 1 else None,
    }


def is_of_primary(entry: CourseEntry) -> bool:
    """Whether it takes out or destroys primary tumours."""
    is_local = entry.kind in (TreatmentKind.SURGERY, TreatmentKind.RADIATION)
    return entry.is_treatment and is_local and getattr(entry.settings, "target", "") == "primary"


def _earliest(
    times: CourseTimes, entries: Iterable[CourseEntry], wanted: Callable[[CourseEntry], bool]
) -> list[int]:
    found = (times.earliest(times.start(entry)) for entry in entries if wanted(entry))
    return sorted(time for time in found if time is not None)


def _first_two(times: CourseTimes, entry: CourseEntry) -> list[int]:
    first = times.earliest(times.start(entry))
    if first is None:
        return []
    is_repeated = entry.n_occasions is None or entry.n_occasions > 1
    return [first, first + entry.interval] if is_repeated else [first]


def _first_from(times: CourseTimes, entry: CourseEntry, time: int) -> int | None:
    """Return the earliest that an occasion of an entry can come at or after a time, or None."""
    start = times.start(entry)
    first = times.earliest(start)
    if first is None or first >= time:
        return first
    if not times.is_fixed(start):
        return time
    if not entry.interval:
        return None
    index = -((first - time) // entry.interval)
    is_there = entry.n_occasions is None or index < entry.n_occasions
    return first + index * entry.interval if is_there else None
