"""The way of one cell through the vessels of a body, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.cell_course import Happening
from ctc.checks import FloatArray
from ctc.record.layout import NANOSECONDS
from ctc.states import EventKind
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.backdrop import backdrop
from ctc.viewer.camera import Camera, View, turned_box
from ctc.viewer.durations import axis_unit
from ctc.viewer.fragments import Fragments, blend, join
from ctc.viewer.network_page import NetworkPage, picture_panel
from ctc.viewer.page import DOTS_PER_INCH
from ctc.viewer.palette import BACKGROUND_INNER, BACKGROUND_OUTER, FAINT_TEXT, TEXT
from ctc.viewer.png import check_target, write_png
from ctc.viewer.still import check_size
from ctc.viewer.tubes import draw_tubes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEFAULT_SIZE = (1500, 1700)
_GREY, _GREY_OPACITY = 0.42, 0.30
_COLOURS = "plasma"
_FIRST_COLOUR = 0.22  # the dark end would sink into the ground
_PATH_PIXELS = 1.6  # a path is drawn at least this thick
_NOT_DRAWN = (SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER)
_MOST_MARKS = 14
_LIST_WIDTH = 0.36  # of the picture, for the events beside the body
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


def draw_way(
    network: VesselNetwork,
    visits: npt.NDArray[Any],
    target: Path,
    *,
    title: str,
    facts: str,
    marks: Sequence[Mark],
    rest: Sequence[tuple[int, int]] = (),
    view: View = View.FRONT,
    size: tuple[int, int] = DEFAULT_SIZE,
) -> None:
    """Write the picture of a way: vessels in grey, the way by time in the stream, marks.

    Parameters
    ----------
    network : VesselNetwork
        Of the body.
    visits : (n,) with fields segment, entry, exit
        The way.
    target : Path
        PNG file, replaced if it is there.
    title, facts : str
        Above the picture.
    marks : sequence of Mark
        In order; of very many the first and the last ones are shown.
    rest : sequence of (int, int) [ns]
        Stretches of time in which the cell did not flow.
    view : View
        From where.
    size : tuple of int [pixels]
        Width and height.

    Raises
    ------
    InputError
        If the file or folder is none to write to, or the size is out of bounds.
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    check_target(target, overwrite=True)
    check_size(size)
    width, height = size
    figure = Figure((width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH)
    figure.set_facecolor(BACKGROUND_OUTER)
    whole = picture_panel(width, height)
    panel = type(whole)(
        whole.left, whole.top, round(whole.width * (1.0 - _LIST_WIDTH)), whole.height
    )
    low, high = network.node_position.min(axis=0), network.node_position.max(axis=0)
    box = turned_box(np.stack([low, high]), view)
    camera = Camera.fitting(box, view, width=panel.width, height=panel.height)
    flowing = _flowing(visits, rest)
    unit, per_unit = axis_unit(float(flowing[-1]))
    colours = _colour_map()
    canvas = backdrop(width, height)
    tubes = join([_vessels(network, camera), _way(network, visits, flowing, colours, camera)])
    seen = blend(tubes, camera.width, height=camera.height)
    window = np.s_[panel.top : panel.top + panel.height, panel.left : panel.left + panel.width]
    canvas[window] = seen.light + seen.passed[..., None] * canvas[window]
    figure.figimage(np.round(255.0 * np.clip(canvas, 0.0, 1.0)).astype(np.uint8), zorder=-1)
    page = NetworkPage(figure, panel)
    page.draw_scale_bar(camera)
    NetworkPage(figure, whole).write_title(title, facts)
    NetworkPage(figure, whole).draw_colour_bar(
        colours,
        (0.0, max(float(flowing[-1]) / per_unit, 1e-9)),
        label=f"time in the stream / {unit}",
        is_logarithmic=False,
    )
    _write_marks(figure, page, camera, marks, size=size)
    drawn: Any = FigureCanvasAgg(figure)
    drawn.draw()
    pixels = np.asarray(drawn.buffer_rgba(), dtype=np.uint8)[..., :3]
    write_png(
        pixels, target, notes={"Title": title, "Source": network.origin}, ground=BACKGROUND_INNER
    )


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


def _flowing(visits: npt.NDArray[Any], rest: Sequence[tuple[int, int]]) -> FloatArray:
    """Return the time in the stream at the entry of each visit and at the end, (n + 1,) [s]."""
    moments = np.append(visits["entry"], visits["exit"][-1:]).astype(np.int64)
    still = np.zeros(moments.size, dtype=np.int64)
    for start, end in rest:
        still += np.clip(moments - start, 0, end - start)
    flowing: FloatArray = (moments - moments[0] - still) / NANOSECONDS
    return flowing


def _colour_map() -> Any:
    from matplotlib import colormaps  # noqa: PLC0415 - slow to import
    from matplotlib.colors import ListedColormap  # noqa: PLC0415 - slow to import

    return ListedColormap(colormaps[_COLOURS](np.linspace(_FIRST_COLOUR, 1.0, 256)))


def _vessels(network: VesselNetwork, camera: Camera) -> Fragments:
    chosen = np.flatnonzero(~network.is_kind(*_NOT_DRAWN))
    start = network.node_position[network.start_node[chosen]]
    return draw_tubes(
        start,
        network.node_position[network.end_node[chosen]],
        radius=network.lumen_radius[chosen],
        colour=np.full((chosen.size, 3), _GREY, dtype=np.float32),
        opacity=np.full(chosen.size, _GREY_OPACITY),
        camera=camera,
    )


def _way(
    network: VesselNetwork,
    visits: npt.NDArray[Any],
    flowing: FloatArray,
    colours: Any,
    camera: Camera,
) -> Fragments:
    """Return the way, in front of all other vessels; where it comes again the last one shows."""
    segment = visits["segment"].astype(np.int64)
    last = segment.size - 1 - np.unique(segment[::-1], return_index=True)[1]
    segment, since = segment[last], flowing[:-1][last]
    colour = np.asarray(colours(since / max(float(flowing[-1]), 1e-12))[:, :3], dtype=np.float32)
    start = network.node_position[network.start_node[segment]]
    end = network.node_position[network.end_node[segment]]
    tubes = draw_tubes(
        start,
        end,
        radius=np.maximum(network.lumen_radius[segment], _PATH_PIXELS / camera.scale),
        colour=colour,
        opacity=np.ones(segment.size),
        camera=camera,
    )
    return Fragments(
        pixel=tubes.pixel, depth=tubes.depth - 10.0, colour=tubes.colour, opacity=tubes.opacity
    )


def _write_marks(
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
    import textwrap  # noqa: PLC0415 - with the branch that needs it

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
