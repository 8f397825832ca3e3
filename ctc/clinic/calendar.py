"""Calendar, Diary: what a patient is due for, and how far the patient has come with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, near_name
from ctc.scenario.clinic_course import ANCHORS, CourseEntry, anchor_of, course_of
from ctc.scenario.schema import Settings

Int64Array = npt.NDArray[np.int64]
_NEVER = -1
# Beyond the longest run: times of 200 years may be added up.
_LAST = 2**63 - 1


@dataclass(frozen=True)
class CalendarEntry:
    """One examination or treatment of a calendar, with its organs.

    Attributes
    ----------
    course : CourseEntry
        Name, kind and times.
    organs : tuple of int
        Indices of the organs that it looks at or acts on, rising; all that it can where the
        scenario names none. Empty for what concerns no organ, such as a draw of blood.
    is_everywhere : bool
        Whether no organ was named: then what lies between organs counts too.
    """

    course: CourseEntry
    organs: tuple[int, ...]
    is_everywhere: bool

    def covers(self, organ: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
        """Return whether it looks at or acts on each organ, by index; -1 is between organs."""
        found: npt.NDArray[np.bool_] = np.isin(organ, np.array(self.organs, dtype=np.int16))
        return found | (organ < 0) if self.is_everywhere else found


@dataclass(frozen=True)
class Calendar:
    """All that is planned for a patient; made by `resolve_calendar`.

    Attributes
    ----------
    examinations, treatments : tuple of CalendarEntry
        In the order of the file.
    """

    examinations: tuple[CalendarEntry, ...] = ()
    treatments: tuple[CalendarEntry, ...] = ()

    @property
    def entries(self) -> tuple[CalendarEntry, ...]:
        """Examinations, then treatments."""
        return self.examinations + self.treatments


@dataclass(frozen=True)
class Appointment:
    """One occasion of one entry.

    Attributes
    ----------
    time : int [ns]
        When it was due, at or before the epoch in which it takes place.
    is_treatment : bool
        Whether ``entry`` counts treatments, else examinations.
    entry : int
        Index in that list.
    occasion : int
        Cycle, fraction or repeat, from 0.
    """

    time: int
    is_treatment: bool
    entry: int
    occasion: int


def resolve_calendar(settings: Settings, organ_names: tuple[str, ...]) -> Calendar:
    """Return the calendar of a scenario for the body that it runs in.

    Parameters
    ----------
    settings : Settings
        Checked, of a whole scenario.
    organ_names : tuple of str
        Of the body; entries name their organs by index into it.

    Raises
    ------
    InputError
        If an entry names an organ that the body lacks, or a picture that can show none of its.
    """
    found: tuple[list[CalendarEntry], list[CalendarEntry]] = ([], [])
    for course in course_of(settings):
        found[course.is_treatment].append(_with_organs(course, organ_names))
    return Calendar(tuple(found[False]), tuple(found[True]))


def _with_organs(course: CourseEntry, organ_names: tuple[str, ...]) -> CalendarEntry:
    named: tuple[str, ...] | None = getattr(course.settings, "organs", None)
    if named is None:
        return CalendarEntry(course, (), is_everywhere=False)
    for organ in named:
        if organ not in organ_names:
            message = f"organ must be one of this body's, got '{organ}'. "
            key = f"{course.place}.organs"
            raise InputError(message + near_name(organ, organ_names), key=key)
    organs = {organ_names.index(organ) for organ in named} or {
        index for index, organ in enumerate(organ_names) if course.can_show(organ)
    }
    shows_all = all(course.can_show(organ) for organ in organ_names)
    return CalendarEntry(course, tuple(sorted(organs)), is_everywhere=not named and shows_all)


class Diary:
    """How far one patient has come with a calendar; times are whole nanoseconds from the start.

    Ask at the beginning of each epoch for what is due. An entry that waits for another goes by
    the time when that was due, not by the epoch in which it took place, so that epochs of any
    length give the same occasions in the same order.

    Parameters
    ----------
    calendar : Calendar
        What is planned.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._courses = tuple(entry.course for entry in calendar.entries)
        self._rows = {course.name: row for row, course in enumerate(self._courses)}
        self._reached = dict.fromkeys(ANCHORS, _NEVER)
        n = len(self._courses)
        self._given = [0] * n
        self._taken = [0] * n
        self._begun = [_NEVER] * n
        self._over = [_NEVER] * n
        self._next = self._find_next()

    @property
    def next_due(self) -> int | None:
        """When the next occasion is due [ns], of those whose time is known; None if there is none.

        What waits for something that has not come about yet is not among them.
        """
        return None if self._next is None else self._next[0]

    def due(self, time_ns: int) -> Iterator[Appointment]:
        """Hand out one by one the occasions due at or before a moment, each of them once.

        Earlier ones come first; at the same time examinations before treatments, then as in
        the file. What has been handed out counts as done, unless it is skipped before the next
        one is asked for. What is skipped or noted in between decides what comes next: treatment
        after a diagnosis that an examination has just made is due at once.

        Parameters
        ----------
        time_ns : int [ns]
            The beginning of an epoch; never before that of an earlier call.
        """
        while self._next is not None and self._next[0] <= time_ns:
            time, row = self._next
            course = self._courses[row]
            occasion = self._given[row]
            self._give(row, time)
            self._next = self._find_next()
            yield Appointment(time, course.is_treatment, course.index, occasion)

    def skip(self, appointment: Appointment) -> None:
        """Take back that an occasion took place: nothing of its entry follows from it.

        Later occasions of the same entry are still due in their time. An entry none of whose
        occasions took place is never over, and what is continued is then not under way.
        """
        row = self._row_of(appointment)
        if not self._taken[row]:
            message = f"occasion of '{self._courses[row].name}' was skipped before it was due"
            raise ValueError(message)
        self._taken[row] -= 1
        if not self._taken[row]:
            self._begun[row] = self._over[row] = _NEVER
        self._next = self._find_next()

    def note(self, anchor: str, time_ns: int) -> None:
        """Note when a milestone was reached: diagnosis, metastasis, relapse or progression.

        Only the first time counts. That entries have begun or are over the diary knows itself.

        Raises
        ------
        ValueError
            If it is another name.
        """
        if anchor not in self._reached:
            message = f"anchor must be one of {', '.join(self._reached)}, got '{anchor}'"
            raise ValueError(message)
        if self._reached[anchor] == _NEVER:
            self._reached[anchor] = time_ns
            self._next = self._find_next()

    def active(self, time_ns: int) -> list[int]:
        """Return which treatments are under way in the epoch that begins then, by index.

        Only what is continued; it is so from the first edge of an epoch at or after its start to
        the first at or after its end.
        """
        return [
            course.index
            for row, course in enumerate(self._courses)
            if course.is_continued
            and 0 <= self._begun[row] <= time_ns
            and (course.duration is None or time_ns < self._over[row])
        ]

    def state(self) -> dict[str, Int64Array]:
        """Return the diary as plain arrays; -1 is a time that has not come.

        ``reached`` (4,) by milestone in the order of `ANCHORS`, and by entry, examinations first,
        (n,) each: ``given`` and ``taken``, occasions handed out, and not skipped of them;
        ``begun`` and ``over`` [ns].
        """
        columns = {
            "reached": list(self._reached.values()),
            "given": self._given,
            "taken": self._taken,
            "begun": self._begun,
            "over": self._over,
        }
        return {name: np.array(column, dtype=np.int64) for name, column in columns.items()}

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take over what `state` gave for the same calendar.

        Raises
        ------
        InputError
            If it is of another calendar.
        """
        own = self.state()
        if any(name not in state or state[name].shape != own[name].shape for name in own):
            message = (
                "stored diary must be of this calendar, got one of another. Start the run anew."
            )
            raise InputError(message)
        columns = {name: [int(value) for value in state[name]] for name in own}
        self._reached = dict(zip(ANCHORS, columns["reached"], strict=True))
        self._given, self._taken = columns["given"], columns["taken"]
        self._begun, self._over = columns["begun"], columns["over"]
        self._next = self._find_next()

    def _row_of(self, appointment: Appointment) -> int:
        before = len(self.calendar.examinations) if appointment.is_treatment else 0
        return before + appointment.entry

    def _start_of(self, course: CourseEntry) -> int | None:
        """Return when its first occasion is due, or None while that is not known."""
        if course.at is not None:
            return course.at
        name, of_start = anchor_of(course.after)
        if name in self._reached and not of_start:
            time = self._reached[name]
        else:
            row = self._rows[name]
            time = self._begun[row] if of_start else self._over[row]
        return None if time == _NEVER else time + course.delay

    def _due_of(self, row: int) -> int | None:
        """Return when the next occasion of an entry is due, or None."""
        course, given = self._courses[row], self._given[row]
        if course.n_occasions is not None and given >= course.n_occasions:
            return None
        start = self._start_of(course)
        return None if start is None else start + given * course.interval

    def _find_next(self) -> tuple[int, int] | None:
        """Return time and row of the next occasion whose time is known, or None."""
        rows = range(len(self._courses))
        known = [(due, row) for row in rows if (due := self._due_of(row)) is not None]
        return min(known, default=None)

    def _give(self, row: int, time: int) -> None:
        course = self._courses[row]
        self._given[row] += 1
        self._taken[row] += 1
        if self._begun[row] == _NEVER:
            self._begun[row] = time
        if course.is_continued:
            if course.duration is not None:
                self._over[row] = min(time + course.duration, _LAST)
        elif self._given[row] == course.n_occasions:
            self._over[row] = time
