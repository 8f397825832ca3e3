"""PatientView: the clinical course of a run as it is looked at, marks of time and words of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.clinical_course import ClinicalCourse, course_of, has_calendar
from ctc.analysis.course_lines import CourseLine, course_lines, day_text, length_text
from ctc.record.layout import NANOSECONDS, PRIMARY_IDENTITY
from ctc.record.reader import Run
from ctc.viewer.durations import duration_text
from ctc.viewer.lesion_bodies import Primary


class MarkKind(StrEnum):
    """What a mark of the timeline stands for."""

    EXAMINATION = "examination"
    TREATMENT = "treatment"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Mark:
    """A mark on the timeline.

    Attributes
    ----------
    start, stop : int [ns]
        When; equal but for treatments on several occasions.
    kind : MarkKind
        What it stands for.
    words : str
        Shown to who points at it.
    is_positive : bool
        Of an examination; true of all else.
    """

    start: int
    stop: int
    kind: MarkKind
    words: str
    is_positive: bool = True


class PatientView:
    """The patient of a run; empty where its scenario has no calendar.

    Parameters
    ----------
    run : Run
        Open.
    scenario : mapping
        `Run.scenario`.
    lock : RLock
        Held while the run file is read.
    """

    def __init__(self, run: Run, scenario: Mapping[str, Any], *, lock: threading.RLock) -> None:
        self._run = run
        self._lock = lock
        self._is_there = has_calendar(scenario)
        sources = scenario.get("source", ())
        self._tumours = [n for n, each in enumerate(sources) if each.get("kind") == "tumour"]
        self._course: ClinicalCourse | None = None

    def forget(self) -> None:
        """Read the course anew when it is next asked for."""
        self._course = None

    @property
    def course(self) -> ClinicalCourse:
        """Everything that the calendar has brought so far."""
        if self._course is None:
            found = None
            if self._is_there:
                with self._lock:
                    found = course_of(self._run)
            self._course = found or ClinicalCourse()
        return self._course

    def marks(self) -> tuple[Mark, ...]:
        """Return the marks of the timeline in order of time."""
        return tuple(
            Mark(
                start=_nanoseconds(line.time),
                stop=_nanoseconds(line.until),
                kind=MarkKind(line.kind),
                words=_words(line),
                is_positive=line.is_positive,
            )
            for line in course_lines(self.course, joins_examinations=False)
        )

    def last_milestone(self, time: int) -> str:
        """Return the last milestone at a moment [ns], such as ``diagnosis on day 92``, or ""."""
        return last_milestone(self.course, time)

    def found(self, time: int) -> npt.NDArray[np.uint32]:
        """Return the lesions and primary tumours found by a moment [ns], by their identity."""
        seen = [row.target for row in self.course.found if _nanoseconds(row.time) <= time]
        return np.array([self._identity(target) for target in seen], dtype=np.uint32)

    def remaining(self, primaries: Sequence[Primary], time: int) -> tuple[Primary, ...]:
        """Return those tumours of a scenario that no treatment had taken out by a moment [ns]."""
        gone = {
            -1 - each.target
            for each in self.course.cleared
            if each.target < 0 and _nanoseconds(each.time) <= time
        }
        return tuple(each for each in primaries if each.source not in gone)

    def story(self, identity: int, time: int) -> tuple[tuple[str, str], ...]:
        """Return when a lesion or primary tumour was found, as far as it was by a moment [ns]."""
        for row in self.course.found:
            if self._identity(row.target) == identity and _nanoseconds(row.time) <= time:
                text = f"{day_text(row.time)} by {row.by}, {length_text(row.measured)} measured"
                told = [("found", text)]
                if row.unseen is not None:
                    told.append(("lay unseen", duration_text(row.unseen)))
                return tuple(told)
        return (("found", "not yet"),) if self._is_there else ()

    def _identity(self, target: int) -> int:
        """Return the identity of a target: primaries count down by their order in the scenario."""
        source = -1 - target
        if target >= 0 or source not in self._tumours:
            return max(target, 0)
        return PRIMARY_IDENTITY - self._tumours.index(source)


def last_milestone(course: ClinicalCourse | None, time: int) -> str:
    """Return the last milestone at a moment [ns]; empty for none."""
    reached = [row for row in course.milestones if _nanoseconds(row.time) <= time] if course else []
    return f"{reached[-1].milestone} on {day_text(reached[-1].time)}" if reached else ""


def _words(line: CourseLine) -> str:
    parts = [line.what, line.where, line.result]
    has_stage = any(stage not in ("", "-") for stage in (line.found, line.there))
    stage = f"stage {line.found}, in truth {line.there}" if has_stage else ""
    return f"{line.when}: " + "; ".join(part for part in (*parts, stage) if part)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * NANOSECONDS)
