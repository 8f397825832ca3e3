"""What the user should know of a calendar before the run: its table, and what it leads to."""

from __future__ import annotations

from ctc.scenario.clinic_course import ANCHORS, CourseEntry, course_of, last_epoch, nanoseconds
from ctc.scenario.clinic_times import CourseTimes, times_of
from ctc.scenario.clinic_words import patient_text, time_text, what_text, when_text
from ctc.scenario.schema import Settings

Row = tuple[str, str, str]
_NOBODY = (
    "[patient] changes nothing: without an [[examination]] or a [[treatment]] nobody is followed "
    "as a patient, and nobody dies."
)


def calendar_rows(settings: Settings) -> tuple[Row, ...]:
    """Return name, what and when of each entry; by time, those that wait for a milestone last."""
    course = course_of(settings)
    times = times_of(course)
    order = ["", *ANCHORS]

    def place(entry: CourseEntry) -> tuple[int, int]:
        start = times.start(entry)
        return order.index(start.base), start.offset

    return tuple(
        (entry.name, what_text(entry), when_text(entry)) for entry in sorted(course, key=place)
    )


def calendar_notes(settings: Settings) -> tuple[str, ...]:
    """Return a sentence on the patient, and one on each thing that may not be as it was meant."""
    course = course_of(settings)
    if not course:
        return (_NOBODY,) if "patient" in settings.model_fields_set else ()
    times = times_of(course)
    notes = [patient_text(settings.patient)]
    if settings.treatment:
        notes.append("The estimate leaves out what treatment and death do.")
    for entry in course:
        notes += _beyond(entry, times, settings)
        notes += _crowded(entry, settings)
    return tuple(notes)


def _beyond(entry: CourseEntry, times: CourseTimes, settings: Settings) -> list[str]:
    """Say how many of its occasions the run has no room for."""
    first = times.earliest(times.start(entry))
    if first is None or entry.n_occasions is None or not entry.interval:
        return []
    n_within = (last_epoch(settings) - first) // entry.interval + 1
    if n_within >= entry.n_occasions:
        return []
    most = "" if times.is_fixed(times.start(entry)) else "at most "
    of_all = f"{most}{n_within} of the {entry.n_occasions} occasions of '{entry.name}'"
    return [f"The run has room for {of_all}."]


def _crowded(entry: CourseEntry, settings: Settings) -> list[str]:
    """Say so if epochs are too long to tell its occasions apart."""
    epoch = nanoseconds(settings.run.epoch)
    if not entry.interval or entry.interval >= epoch:
        return []
    most = -(-epoch // entry.interval)
    n_at_once = most if entry.n_occasions is None else min(most, entry.n_occasions)
    note = (
        f"'{entry.name}' comes every {time_text(entry.interval)}, but an epoch lasts "
        f"{time_text(epoch)}: up to {n_at_once} occasions are given at once. Shorten run.epoch to "
        "tell them apart."
    )
    return [note]
