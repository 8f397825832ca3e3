"""Rules of a clinical calendar: names, waits, room in the run, what can be seen and treated."""

from __future__ import annotations

from ctc.errors import InputError, near_name
from ctc.scenario.clinic_conflicts import check_conflicts
from ctc.scenario.clinic_course import (
    ANCHORS,
    START_OF,
    CourseEntry,
    anchor_of,
    course_of,
    last_epoch,
    nanoseconds,
)
from ctc.scenario.clinic_times import CourseTimes, times_of
from ctc.scenario.clinic_words import time_text
from ctc.scenario.diagnosis_rules import SEEN
from ctc.scenario.schema import Settings, TumourSource
from ctc.states import ExaminationKind

# Occasions of one entry; `times` may ask for no more either.
_MOST = 10_000
_NEEDS_PICTURE = {
    "diagnosis": "no examination can make it. Add a ct, mri, pet, mammography or bone_scan",
    "metastasis": "no examination can find one. Add a ct, mri, pet or bone_scan",
    "relapse": "nothing is found, removed and looked for again. Add a surgery and a later ct",
    "progression": "no treated tumour is measured twice alike. Add a ct with `every`",
}
_LYMPH_NODES = "lymph nodes"
_LONGEST_NAME = 60


def check_clinic(settings: Settings) -> None:
    """Raise InputError, with the entry's name, where a calendar cannot be followed.

    Organs are checked apart, once the body's are known (`ctc.scenario.bodies`).
    """
    course = course_of(settings)
    if not course:
        return
    if settings.cells.inert:
        message = (
            "calendar must be empty with cells.inert = true, got an entry: points without "
            "biology found nothing that could be seen or treated. Drop it, or the switch."
        )
        raise InputError(message, key=course[0].place)
    _check_names(course)
    by_name = {entry.name: entry for entry in course}
    for entry in course:
        _check_time(entry)
        _check_repeats(entry)
        _check_sight(entry)
        _check_tumour(entry, settings)
        _check_wait(entry, by_name)
    for entry in course:
        _check_circle(entry, by_name)
    times = times_of(course)
    for entry in course:
        _check_room(entry, times, settings)
        _check_found(entry, times)
    check_conflicts(times, settings)


def _fault(entry: CourseEntry, key: str, message: str) -> InputError:
    return InputError(message, key=f"{entry.place}.{key}")


def _check_names(course: tuple[CourseEntry, ...]) -> None:
    first: dict[str, CourseEntry] = {}
    for entry in course:
        name = entry.name
        bare = name.strip() == name and name.isprintable() and not set("'\"") & set(name)
        if not bare or len(name) > _LONGEST_NAME:
            message = (
                f"name must be up to {_LONGEST_NAME} characters of plain text without quotes or "
                f"spaces at its ends, got {name!r}. Change it."
            )
            raise _fault(entry, "name", message)
        if name in ANCHORS or name.startswith(START_OF):
            message = f"name must not be what `after` means by itself, got '{name}'. Change it."
            raise _fault(entry, "name", message)
        if name in first:
            message = f"name must be the only one, got that of {first[name].place} too. Change one."
            raise _fault(entry, "name", message)
        first[name] = entry


def _check_time(entry: CourseEntry) -> None:
    if (entry.at is None) == (not entry.after):
        got = "neither" if entry.at is None else "both"
        remedy = "Add one, as at = '30 days'." if entry.at is None else "Drop one."
        message = f"exactly one of at and after must be given, got {got}. {remedy}"
        raise _fault(entry, "at", message)
    if entry.delay and entry.at is not None:
        message = (
            f"delay must go with after, got {time_text(entry.delay)} with at. "
            f"Write at = '{time_text(entry.at + entry.delay)}'."
        )
        raise _fault(entry, "delay", message)


def _check_repeats(entry: CourseEntry) -> None:
    table = entry.settings
    times = getattr(table, "times", None)
    if times is not None and getattr(table, "every", None) is None:
        message = f"times must go with every, got {times} alone. Add every = '3 months' or drop it."
        raise _fault(entry, "times", message)


def _check_sight(entry: CourseEntry) -> None:
    organs: tuple[str, ...] = getattr(entry.settings, "organs", ())
    for number, organ in enumerate(organs):
        if organ in organs[:number]:
            message = f"organs must be given once each, got '{organ}' twice. Drop one."
            raise _fault(entry, "organs", message)
        if not entry.can_show(organ):
            message = (
                f"organ must be one that a {entry.settings.kind} can show "
                f"({', '.join(SEEN[entry.settings.kind])}), got '{organ}'. Take ct, mri or pet "
                "for it."
            )
            raise _fault(entry, "organs", message)


def _check_tumour(entry: CourseEntry, settings: Settings) -> None:
    """Raise InputError if it needs a primary tumour and there is none where it is aimed."""
    is_node = entry.kind is ExaminationKind.SENTINEL_NODE and not entry.is_treatment
    if not is_node and getattr(entry.settings, "target", "") != "primary":
        return
    grown_in = [source.organ for source in settings.source if isinstance(source, TumourSource)]
    organs: tuple[str, ...] = getattr(entry.settings, "organs", ())
    if not grown_in:
        message = (
            f"{entry.settings.kind} must have a primary tumour, got only sources of kind bolus. "
            "Add a [[source]] of kind tumour"
        )
        rest = "." if is_node else ", or aim at metastases."
        raise _fault(entry, "kind" if is_node else "target", message + rest)
    if organs and not set(organs) & set(grown_in):
        message = (
            f"organs must hold a primary tumour, got {_listed(organs)}; those of the scenario "
            f"grow in {_listed(grown_in)}. Name one of these, or aim at metastases."
        )
        raise _fault(entry, "organs", message)


def _listed(organs: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{organ}'" for organ in dict.fromkeys(organs))


def _check_wait(entry: CourseEntry, by_name: dict[str, CourseEntry]) -> None:
    """Raise InputError unless what it waits for is there and has an end."""
    if entry.at is not None:
        return
    name, of_start = anchor_of(entry.after)
    if name in ANCHORS and not of_start:
        return
    if name not in by_name:
        known = list(by_name) if of_start else [*ANCHORS, *by_name]
        what = "the name of an entry" if of_start else "a milestone or the name of an entry"
        message = f"after must be {what}, got '{name}'. {near_name(name, known)}"
        raise _fault(entry, "after", message)
    if not of_start and by_name[name].length is None:
        other = by_name[name]
        lack = "duration" if other.is_continued else "times"
        message = (
            f"after must be something that is over one day, got '{name}', which goes on to the "
            f"end of the run. Give {other.place} a `{lack}`, or write after = '{START_OF}{name}'."
        )
        raise _fault(entry, "after", message)


def _check_circle(entry: CourseEntry, by_name: dict[str, CourseEntry]) -> None:
    trail = [entry.name]
    here = entry
    while here.at is None:
        name, of_start = anchor_of(here.after)
        if name in ANCHORS and not of_start:
            return
        trail.append(name)
        if name == entry.name:
            message = f"after must not lead back to itself, got {' after '.join(trail)}. "
            raise _fault(entry, "after", message + "Give one of them a time by `at`.")
        if name in trail[:-1]:
            return  # A circle that does not hold this one: told of an entry in it.
        here = by_name[name]


def _check_room(entry: CourseEntry, times: CourseTimes, settings: Settings) -> None:
    """Raise InputError if it, or its second time, can never take place within the run."""
    start = times.start(entry)
    first = times.earliest(start)
    key = "after" if entry.at is None else "at"
    if first is None:
        message = (
            f"'{start.base}' must be able to come about, got a calendar in which "
            f"{_NEEDS_PICTURE[start.base]} that does not wait for it."
        )
        raise _fault(entry, key, message)
    last = last_epoch(settings)
    end = time_text(last) if last else "the start of the run"
    remedy = "Give an earlier one, lengthen run.duration or shorten run.epoch."
    if first > last:
        message = (
            f"time must be at or before the beginning of the last epoch, {end}, got "
            f"{time_text(first)}" + ("" if entry.at is not None else " at the earliest")
        )
        raise _fault(entry, key, f"{message}. {remedy}")
    is_repeat = not entry.is_treatment and (entry.n_occasions is None or entry.n_occasions > 1)
    if is_repeat and first + entry.interval > last:
        message = (
            f"every must leave room for a second time by the beginning of the last epoch, {end}, "
            f"got {time_text(entry.interval)} behind {time_text(first)}. Shorten or drop it."
        )
        raise _fault(entry, "every", message)
    if is_repeat and entry.n_occasions is None and (last - first) > _MOST * entry.interval:
        message = (
            f"every must give at most {_MOST} occasions, got {time_text(entry.interval)} from "
            f"{time_text(first)} to {end}. Lengthen it, or say how many `times`."
        )
        raise _fault(entry, "every", message)
    epoch = nanoseconds(settings.run.epoch)
    if entry.is_continued and entry.duration is not None and entry.duration < epoch:
        message = (
            f"duration must be at least an epoch, {time_text(epoch)}, got "
            f"{time_text(entry.duration)}. Lengthen it or shorten run.epoch."
        )
        raise _fault(entry, "duration", message)


def _check_found(entry: CourseEntry, times: CourseTimes) -> None:
    """Raise InputError if it is aimed at what has been found, before anything can have been."""
    target = getattr(entry.settings, "target", "")
    is_biopsy = entry.kind is ExaminationKind.BIOPSY and not entry.is_treatment
    if target not in ("metastases", "nodes") and not is_biopsy:
        return
    start = times.start(entry)
    if not times.is_fixed(start):
        return  # It waits for what a picture tells.
    organs: tuple[str, ...] = getattr(entry.settings, "organs", ())
    finders = [other for other in times.course if _can_find(other, target, organs)]
    known = [time for other in finders if (time := times.earliest(times.start(other))) is not None]
    if any(time <= start.offset for time in known):
        return
    where = f" in {_listed(organs)}" if organs else ""
    what = "nodes" if target == "nodes" else "tumours" if is_biopsy else "metastases"
    got = f"the first at {time_text(min(known))}" if known else "none"
    needed = "sentinel_node, ct, mri or pet" if target == "nodes" else "ct, mri or pet"
    message = (
        f"{entry.settings.kind} must come at or after an examination that can find {what}{where}, "
        f"got {got} for its time of {time_text(start.offset)}. Add a {needed}, or wait for "
        "one with `after`."
    )
    raise _fault(entry, "at" if entry.at is not None else "after", message)


def _can_find(entry: CourseEntry, target: str, organs: tuple[str, ...]) -> bool:
    if entry.kind is ExaminationKind.SENTINEL_NODE and not entry.is_treatment:
        return target == "nodes"
    if not entry.is_imaging:
        return False
    wanted = (_LYMPH_NODES,) if target == "nodes" else organs
    looked_at: tuple[str, ...] = getattr(entry.settings, "organs", ())
    if looked_at and wanted:
        return bool(set(looked_at) & set(wanted))
    return not wanted or any(entry.can_show(organ) for organ in wanted)
