"""Orders of a clinical calendar that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ctc.errors import InputError
from ctc.scenario.clinic_course import CourseEntry
from ctc.scenario.clinic_times import CourseTimes, Timing, is_of_primary
from ctc.scenario.schema import Settings, TumourSource
from ctc.states import TreatmentKind

_LOCAL = (TreatmentKind.SURGERY, TreatmentKind.RADIATION)
# By kind, the key that tells one drug from another.
_DRUG = {TreatmentKind.TARGETED: "pathway", TreatmentKind.IMMUNOTHERAPY: "regimen"}


def check_conflicts(times: CourseTimes, settings: Settings) -> None:
    """Raise InputError for the first two orders that cannot both be carried out.

    Where the time of one hangs on what is found, only what is sure to clash whatever is found.
    """
    treatments = [entry for entry in times.course if entry.is_treatment]
    surgeries = [
        entry
        for entry in treatments
        if entry.kind == TreatmentKind.SURGERY and is_of_primary(entry)
    ]
    for surgery in surgeries:
        _check_stop(surgery, settings)
    for one, other in combinations(surgeries, 2):
        _check_operations(one, other, times, settings)
    for one, other in combinations(treatments, 2):
        _check_overlap(one, other, times)


def _sources_of(entry: CourseEntry, settings: Settings) -> frozenset[int]:
    """Return which tumours of the scenario an order for primary tumours is about."""
    organs: tuple[str, ...] = getattr(entry.settings, "organs", ())
    return frozenset(
        index
        for index, source in enumerate(settings.source)
        if isinstance(source, TumourSource) and (not organs or source.organ in organs)
    )


def _is_certain(surgery: CourseEntry) -> bool:
    return getattr(surgery.settings, "most_lesions", None) is None


def _check_stop(surgery: CourseEntry, settings: Settings) -> None:
    for index in sorted(_sources_of(surgery, settings)):
        source = settings.source[index]
        if isinstance(source, TumourSource) and source.stop is not None:
            message = (
                f"surgery must be the only end of a tumour, got source.{index}.stop = "
                f"{source.stop:g} s for the one in '{source.organ}' too. Drop that, or the surgery."
            )
            raise InputError(message, key=surgery.place)


def _check_operations(
    one: CourseEntry, other: CourseEntry, times: CourseTimes, settings: Settings
) -> None:
    shared = _sources_of(one, settings) & _sources_of(other, settings)
    is_other_first = not times.is_surely_not_before(times.start(other), times.start(one))
    is_other_first &= times.is_surely_not_before(times.start(one), times.start(other))
    first, second = (other, one) if is_other_first else (one, other)
    if not shared or not _is_certain(first) or _waits_for_return(second):
        return
    organ = settings.source[min(shared)].organ
    message = (
        f"a primary tumour must be taken out once, got that in '{organ}' by {first.place} too. "
        f"Drop one, name other `organs`, or give {first.place} `most_lesions`."
    )
    raise InputError(message, key=second.place)


def _waits_for_return(entry: CourseEntry) -> bool:
    """Whether it is meant for a tumour that has come back: at a margin something may be left."""
    return entry.after in {"relapse", "progression", "metastasis"}


def _check_overlap(one: CourseEntry, other: CourseEntry, times: CourseTimes) -> None:
    what = _shared_order(one, other)
    if not what:
        return
    if _begins_within(one, other, times) and _begins_within(other, one, times):
        lack = "`duration`" if one.is_continued else "later time"
        message = (
            f"two courses of {what} must not overlap, got one that does with {one.place}. "
            f"Drop one, let it wait with after = '{one.name}', or give one a {lack}."
        )
        raise InputError(message, key=other.place)


def _shared_order(one: CourseEntry, other: CourseEntry) -> str:
    """Return in words what both give, or an empty text if they give different things."""
    if one.kind != other.kind or one.kind == TreatmentKind.SURGERY:
        return ""
    kind = str(one.settings.kind).replace("_", " ")
    key = _DRUG.get(TreatmentKind(one.kind))
    if key is not None:
        drug = getattr(one.settings, key)
        return f"{kind} ({drug})" if getattr(other.settings, key) == drug else ""
    if one.kind in _LOCAL:
        targets = {getattr(entry.settings, "target", "") for entry in (one, other)}
        organs: Sequence[frozenset[str]] = [
            frozenset(getattr(entry.settings, "organs", ())) for entry in (one, other)
        ]
        is_apart = bool(organs[0] and organs[1] and not organs[0] & organs[1])
        return "" if len(targets) > 1 or is_apart else f"{kind} of {targets.pop()}"
    return kind


def _begins_within(one: CourseEntry, other: CourseEntry, times: CourseTimes) -> bool:
    """Whether the first is surely not over when the second begins."""
    end = times.end(one)
    if end is None:
        return True
    # An occasion lasts for a moment; what is continued is not under way at its end.
    last = Timing(end.base, end.offset - 1) if one.is_continued else end
    return times.is_surely_not_before(last, times.start(other))
