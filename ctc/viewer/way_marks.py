"""What happened to one cell on its way, as numbers on the picture and words beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.analysis.cell_course import Happening
from ctc.checks import FloatArray
from ctc.states import EventKind
from ctc.vessels.network import VesselNetwork
from ctc.viewer.camera import Camera
from ctc.viewer.network_page import NetworkPage
from ctc.viewer.palette import BACKGROUND_OUTER, FAINT_TEXT, TEXT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_MARKS = 14
_MARKER_COLOURS = {
    None: "#ffffff",
    EventKind.ARRESTED: "#ff8a26",
    EventKind.ATTACHED: "#ff8a26",
    EventKind.RELEASED: "#8fd3ff",
    EventKind.EXTRAVASATED: "#30e39b",
    EventKind.DORMANT: "#5790ff",
    EventKind.COLONY: "#ffe600",
    EventKind.DIED: "#ff5f6d",
    EventKind.EXITED: "#ffffff",
}


@dataclass(frozen=True)
class Mark:
    """A place of the picture that tells of something.

    Attributes
    ----------
    kind : EventKind or None
        What happened there.
    place : (3,) float64 [m]
        Where.
    text : str
        Beside its number.
    """

    kind: EventKind | None
    place: FloatArray
    text: str


def marks_of(
    course: Sequence[Happening], network: VesselNetwork, story: Sequence[str], segments: Any
) -> list[Mark]:
    """Return a mark for each thing that happened, with its text, in its segment."""
    found = []
    for each, text, segment in zip(course, story, segments, strict=True):
        ends = network.start_node[segment], network.end_node[segment]
        place = 0.5 * (network.node_position[ends[0]] + network.node_position[ends[1]])
        found.append(Mark(each.kind, place, text))
    return found


def write_marks(
    figure: Figure,
    page: NetworkPage,
    camera: Camera,
    marks: Sequence[Mark],
    *,
    size: tuple[int, int],
) -> None:
    """Write numbers of marks on the body, and what they mean beside it."""
    width, height = size
    panel, unit = page.panel, min(size)
    numbered = list(enumerate(marks, start=1))
    left_out = len(numbered) - _MOST_MARKS
    if left_out > 0:
        half = _MOST_MARKS // 2
        numbered = [*numbered[:half], *numbered[-half:]]
    axes: Any = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    points = 72.0 / figure.dpi
    letter, radius = 0.0125 * unit, 0.0105 * unit
    if numbered:
        projected = camera.project(np.array([mark.place for _, mark in numbered]))
        spots = _apart(projected[:, :2] + [panel.left, panel.top], 2.1 * radius)
    x = panel.left + panel.width + 0.02 * unit
    y, line = panel.top + 0.03 * unit, 1.45 * letter
    for row, (number, mark) in enumerate(numbered):
        if left_out > 0 and row == _MOST_MARKS // 2:
            axes.text(
                x + 2.4 * radius,
                y,
                f"... {left_out} more ...",
                color=FAINT_TEXT,
                fontsize=letter * points,
                va="center",
            )
            y += 2.0 * line
        colour = _MARKER_COLOURS.get(mark.kind, TEXT)
        at = projected[row, :2] + [panel.left, panel.top]
        axes.plot(*zip(at, spots[row], strict=True), color=colour, linewidth=0.7, zorder=2)
        for centre in (tuple(spots[row]), (x + 0.6 * radius, y)):
            axes.plot(
                *centre,
                "o",
                color=BACKGROUND_OUTER,
                markeredgecolor=colour,
                markersize=2.0 * radius * points,
                markeredgewidth=1.2,
                zorder=3,
            )
            axes.text(
                *centre,
                str(number),
                color=colour,
                fontsize=0.85 * letter * points,
                ha="center",
                va="center_baseline",
                zorder=4,
            )
        n_lines = _write_lines(
            axes,
            mark.text,
            x + 2.4 * radius,
            y,
            letter=letter,
            room=width - x - 4.0 * radius,
            points=points,
        )
        y += line * n_lines + 0.8 * line


def _write_lines(
    axes: Any, text: str, x: float, y: float, *, letter: float, room: float, points: float
) -> int:
    """Write words in lines that fit; returns how many."""
    lines = textwrap.wrap(text, max(int(room / (0.52 * letter)), 12))
    for number, each in enumerate(lines):
        axes.text(
            x,
            y + 1.45 * letter * number,
            each,
            color=TEXT if number == 0 else FAINT_TEXT,
            fontsize=letter * points,
            va="center",
            parse_math=False,
        )
    return len(lines)


def _apart(places: FloatArray, least: float) -> FloatArray:
    """Return places moved to the side until none lies nearer to another than so far."""
    found = places.copy()
    for row in range(1, len(found)):
        for _ in range(200):
            offset = found[row] - found[:row]
            distance = np.hypot(*offset.T)
            nearest = int(np.argmin(distance))
            if distance[nearest] >= least:
                break
            angle = 2.4 * row
            away = offset[nearest] + 1e-3 * np.array([np.cos(angle), np.sin(angle)])
            found[row] += away / np.hypot(*away) * (least - distance[nearest] + 0.5)
    return found
