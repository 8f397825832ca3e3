"""What happened to a cell, told in words: every kind of event, every way to end."""

from __future__ import annotations

from typing import Any

import pytest

from ctc.analysis.cell_course import Happening, Journey, Pass
from ctc.rerun.way_story import Ending, distance_text, journey_lines, way_story
from ctc.states import CellState, DeathCause, EventKind

SECOND = 10**9
BORN = Happening(0, None, "venule of breast", None, None)


def journey(*organs: str, named: tuple[str, ...] = (), n_segments: int = 12) -> Journey:
    """Return a way of three seconds through beds of some organs."""
    passes = tuple(Pass(i * SECOND, SECOND, organ, i) for i, organ in enumerate(organs))
    return Journey(0, 3 * SECOND, n_segments, 0.31, passes, named)


def happening(
    kind: EventKind | None, *, cause: int = 0, before: Journey | None = None, time: int = 60
) -> Happening:
    event: Any = {"cause": cause}
    return Happening(time * SECOND, kind, "capillaries of lung", event, before)


def told(*course: Happening, ending: Ending) -> list[tuple[str, str]]:
    return way_story([BORN, *course], shed_by="the tumour in breast (source 1)", ending=ending)


@pytest.mark.parametrize(
    ("kind", "cause", "words"),
    [
        (EventKind.ARRESTED, 0, "gets stuck"),
        (EventKind.ATTACHED, 0, "attaches to the wall and stays"),
        (EventKind.RELEASED, 0, "comes loose and flows on"),
        (EventKind.EXTRAVASATED, 0, "leaves the vessel for the tissue"),
        (EventKind.DORMANT, 0, "falls asleep"),
        (EventKind.COLONY, 0, "begins to grow: a colony"),
        (EventKind.EXITED, 0, "leaves the vessels by an open end"),
        (EventKind.DIED, DeathCause.SHEAR, "is torn by the shear of the blood"),
        (EventKind.DIED, DeathCause.IMMUNE, "is killed by immune cells"),
        (EventKind.DIED, DeathCause.ANOIKIS, "dies for want of hold"),
        (EventKind.DIED, DeathCause.ARREST, "dies where it was stuck"),
        (EventKind.DIED, DeathCause.TISSUE, "dies in the tissue"),
        (EventKind.DIED, DeathCause.TREATMENT, "is killed by treatment"),
    ],
)
def test_every_event_has_words(kind: EventKind, cause: int, words: str) -> None:
    story = told(
        happening(kind, cause=cause), ending=Ending(CellState.DIED, 60 * SECOND, asleep_since=None)
    )
    assert story[0][1] == "is shed by the tumour in breast (source 1) into a venule of breast"
    assert story[1][1] == f"{words} after 1 min (capillaries of lung)"
    assert len(story) == 2


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CellState.CIRCULATING, "is still in the blood when the run ends"),
        (CellState.ARRESTED, "is still held there when the run ends"),
        (CellState.EXTRAVASATED, "is still alone in the tissue when the run ends"),
    ],
)
def test_a_cell_whose_run_ends_is_left_where_it_is(state: CellState, words: str) -> None:
    end = happening(None, before=journey("lung"), time=3)
    story = told(end, ending=Ending(state, 3 * SECOND, asleep_since=None))
    assert story[-1][1] == words
    assert story[1] == ("", "flows 31 cm through 12 vessels in 3 s")
    assert story[2][1].startswith("passes the capillaries of lung at ")


def test_a_cell_counted_as_dormant_ends_there_and_is_seen_later() -> None:
    asleep = happening(EventKind.DORMANT)
    for seen in ("", "frames of the run show it dormant until 01:00:00.000"):
        ending = Ending(CellState.DORMANT, 60 * SECOND, asleep_since=90 * SECOND, seen_later=seen)
        story = told(asleep, ending=ending)
        assert story[2][1].startswith("is counted from here on among the sleeping cells")
        assert [text for _, text in story[3:]] == [seen] * bool(seen)


def test_a_founder_is_told_with_its_lesion() -> None:
    ending = Ending(CellState.COLONY, 60 * SECOND, asleep_since=None, lesion="it is lesion 3")
    story = told(happening(EventKind.COLONY), ending=ending)
    assert story[-1] == ("", "it is lesion 3")


def test_many_beds_and_names_are_told_by_counts_and_ends() -> None:
    assert journey_lines(journey(n_segments=0)) == []
    assert journey_lines(journey(named=("aorta", "renal artery"))) == [
        "flows 31 cm through 12 vessels in 3 s: aorta, renal artery"
    ]
    names = tuple(f"vessel {i}" for i in range(9))
    (line,) = journey_lines(journey(named=names))
    assert line.endswith(": vessel 0, vessel 1, vessel 2, ..., vessel 6, vessel 7, vessel 8")
    first, second = journey_lines(journey("lung", "liver", "lung", "gut", "lung"))
    assert first.startswith("3 turns through heart and lungs: flows 31 cm")
    assert second == "passes 5 capillary beds: lung 3, liver 1, gut 1"
    first, _ = journey_lines(journey("gut", "liver", "lung", "gut", "liver"))
    assert first.startswith("flows ")


@pytest.mark.parametrize(
    ("distance", "text"),
    [(2300.0, "2.3 km"), (1.4, "1.4 m"), (0.31, "31 cm"), (0.0032, "3.2 mm"), (4e-5, "40 um")],
)
def test_distances_have_the_unit_of_their_size(distance: float, text: str) -> None:
    assert distance_text(distance) == text
