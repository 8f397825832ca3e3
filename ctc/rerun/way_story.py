"""The story of one cell from its birth to its end, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ctc.analysis.cell_course import Happening, Journey
from ctc.states import CellState, DeathCause, EventKind
from ctc.viewer.durations import clock_text, duration_text, to_seconds

# A way with more beds than these is told by counts.
_FEW_BEDS = 4
_FEW_NAMES = 6
_DEATHS = {
    DeathCause.SHEAR: "is torn by the shear of the blood",
    DeathCause.IMMUNE: "is killed by immune cells",
    DeathCause.ANOIKIS: "dies for want of hold",
    DeathCause.ARREST: "dies where it was stuck",
    DeathCause.TISSUE: "dies in the tissue",
    DeathCause.TREATMENT: "is killed by treatment",
}
_IN_WORDS = {
    EventKind.ARRESTED: "gets stuck",
    EventKind.ATTACHED: "attaches to the wall and stays",
    EventKind.RELEASED: "comes loose and flows on",
    EventKind.EXTRAVASATED: "leaves the vessel for the tissue",
    EventKind.DORMANT: "falls asleep",
    EventKind.COLONY: "begins to grow: a colony",
    EventKind.EXITED: "leaves the vessels by an open end",
}
_COUNTED = "is counted from here on among the sleeping cells there, which have no names"
_LAST = {
    CellState.CIRCULATING: "is still in the blood when the run ends",
    CellState.ARRESTED: "is still held there when the run ends",
    CellState.EXTRAVASATED: "is still alone in the tissue when the run ends",
}


@dataclass(frozen=True)
class Ending:
    """What is known of a cell beyond its own events.

    Attributes
    ----------
    state : CellState
        At the end of what is known.
    time : int [ns]
        That end.
    asleep_since : int [ns] or None
        When it was counted as dormant.
    lesion : str
        What it founded, in words; empty where it founded nothing.
    seen_later : str
        What frames of the run show of it after it was counted, in words; empty for nothing.
    """

    state: CellState
    time: int
    asleep_since: int | None
    lesion: str = ""
    seen_later: str = ""


Story = list[tuple[str, str]]


def way_story(course: Sequence[Happening], *, shed_by: str, ending: Ending) -> Story:
    """Return the story of a cell, line by line: when, and what.

    Parameters
    ----------
    course : sequence of Happening
        `ctc.analysis.cell_course.happenings`.
    shed_by : str
        What shed it, in words.
    ending : Ending
        How it ends.
    """
    birth = course[0]
    story = [(clock_text(birth.time), f"is shed by {shed_by} into a {birth.place}")]
    for before, each in pairwise(course):
        if each.before is not None:
            story += [("", line) for line in journey_lines(each.before)]
        if each.kind is None:
            continue
        story.append((clock_text(each.time), _told(each, since=before.time)))
        if each.kind is EventKind.COLONY and ending.lesion:
            story.append(("", ending.lesion))
    if ending.asleep_since is not None:
        story.append(
            (
                clock_text(ending.asleep_since),
                _COUNTED,
            )
        )
        if ending.seen_later:
            story.append(("", ending.seen_later))
    elif ending.state in _LAST:
        story.append((clock_text(ending.time), _LAST[ending.state]))
    return story


def journey_lines(way: Journey) -> list[str]:
    """Return a stretch of the way in words: how far, through what."""
    if way.n_segments == 0:
        return []
    took = duration_text(to_seconds(way.end - way.start))
    far = f"{distance_text(way.distance)} through {way.n_segments:,} vessels in {took}"
    if not way.passes:
        return [f"flows {far}{_by(way.named)}"]
    if len(way.passes) <= _FEW_BEDS:
        beds = ", ".join(
            f"{each.organ} at {clock_text(each.time)} ({duration_text(to_seconds(each.duration))})"
            for each in way.passes
        )
        return [f"flows {far}{_by(way.named)}", f"passes the capillaries of {beds}"]
    beds = ", ".join(f"{organ} {count:,}" for organ, count in way.by_organ().items())
    turns = f"{way.n_turns:,} turns through heart and lungs: " if way.n_turns > 1 else ""
    return [
        f"{turns}flows {far}",
        f"passes {len(way.passes):,} capillary beds: {beds}",
    ]


def distance_text(distance: float) -> str:
    """Return a distance [m] such as ``3.2 mm``, ``31 cm`` or ``1.4 km``."""
    for unit, size in (("km", 1e3), ("m", 1.0), ("cm", 1e-2), ("mm", 1e-3)):
        if distance >= size:
            return f"{distance / size:.3g} {unit}"
    return f"{distance * 1e6:.3g} um"


def _told(each: Happening, *, since: int) -> str:
    kind = each.kind
    cause = int(each.event["cause"])
    text = _DEATHS[DeathCause(cause)] if kind is EventKind.DIED else _IN_WORDS[EventKind(kind or 0)]
    where = f" ({each.place})"
    waited = duration_text(to_seconds(each.time - since))
    return text + where if each.before is not None else f"{text} after {waited}{where}"


def _by(names: tuple[str, ...]) -> str:
    """Return the named vessels of a way: all of a few, else the first and the last ones."""
    if not names:
        return ""
    shown = list(names)
    if len(names) > _FEW_NAMES:
        half = _FEW_NAMES // 2
        shown = [*names[:half], "...", *names[-half:]]
    return ": " + ", ".join(shown)
