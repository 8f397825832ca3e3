"""When the entries of a calendar can take place, as far as the scenario alone tells."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.scenario.clinic_course import ANCHORS, CourseEntry, anchor_of
from ctc.states import ExaminationKind, TreatmentKind

_START = ""
# Whatever is told later than diagnosis, or with it.
_DIAGNOSIS = "diagnosis"
# What tumours may be gone after.
_REMOVING = frozenset({TreatmentKind.SURGERY, TreatmentKind.RADIATION, TreatmentKind.CHEMOTHERAPY})


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

    Milestones come no earlier than examinations allow: the first that finds tumours may tell of a
    diagnosis or, if it is a picture, of a metastasis; one that is not the first and comes at or
    after treatment that removes of a relapse; one that is not the first picture of its kind and
    comes at or after any treatment of progression. Found by going over the entries until nothing
    changes; as no delay is negative, that is after as many turns as there are entries.
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
    offset = 0
    here = entry
    while here.at is None:
        name, of_start = anchor_of(here.after)
        offset += here.delay
        if name in ANCHORS and not of_start:
            return Timing(name, offset)
        here = by_name[name]
        offset += 0 if of_start else here.length or 0
    return Timing(_START, here.at + offset)


def _milestones(times: CourseTimes) -> dict[str, int | None]:
    finders = [entry for entry in times.course if can_find_tumour(entry)]
    pictures = [entry for entry in finders if entry.is_imaging]
    removals = _earliest(times, _REMOVING)
    treatments = _earliest(times, frozenset(TreatmentKind))
    first, second = _first_two(times, finders)
    relapse = _first_from(times, finders, _later(second, removals))
    progressions = []
    for kind in sorted({int(entry.kind) for entry in pictures}):
        alike = [entry for entry in pictures if entry.kind == kind]
        _, second = _first_two(times, alike)
        progressions.append(_first_from(times, alike, _later(second, treatments)))
    return {
        "diagnosis": first,
        "metastasis": _first_two(times, pictures)[0],
        "relapse": relapse,
        "progression": min((each for each in progressions if each is not None), default=None),
    }


def can_find_tumour(entry: CourseEntry) -> bool:
    """Whether it can show tumours that were not known: pictures, and the first nodes."""
    is_node = entry.kind is ExaminationKind.SENTINEL_NODE and not entry.is_treatment
    return entry.is_imaging or is_node


def is_of_primary(entry: CourseEntry) -> bool:
    """Whether it takes out or destroys primary tumours."""
    is_local = entry.kind in (TreatmentKind.SURGERY, TreatmentKind.RADIATION)
    return entry.is_treatment and is_local and getattr(entry.settings, "target", "") == "primary"


def _later(one: int | None, other: int | None) -> int | None:
    """Return the later of two times, None if one never comes."""
    return None if one is None or other is None else max(one, other)


def _earliest(times: CourseTimes, kinds: frozenset[TreatmentKind]) -> int | None:
    """Return the earliest that a treatment of some kinds can begin, or None."""
    starts = (
        times.earliest(times.start(entry))
        for entry in times.course
        if entry.is_treatment and entry.kind in kinds
    )
    return min((time for time in starts if time is not None), default=None)


def _first_two(times: CourseTimes, entries: list[CourseEntry]) -> tuple[int | None, int | None]:
    """Return the earliest that a first and a second occasion of some entries can come."""
    found = []
    for entry in entries:
        first = times.earliest(times.start(entry))
        if first is not None:
            is_repeated = entry.n_occasions is None or entry.n_occasions > 1
            found += [first, first + entry.interval] if is_repeated else [first]
    found.sort()
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)


def _first_from(times: CourseTimes, entries: list[CourseEntry], time: int | None) -> int | None:
    """Return the earliest that an occasion of some entries can come at or after a time."""
    if time is None:
        return None
    found = (_occasion_from(times, entry, time) for entry in entries)
    return min((each for each in found if each is not None), default=None)


def _occasion_from(times: CourseTimes, entry: CourseEntry, time: int) -> int | None:
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
