"""The way of one cell through the vessels of a body, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.record.layout import NANOSECONDS
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.backdrop import backdrop
from ctc.viewer.camera import Camera, View, turned_box
from ctc.viewer.durations import axis_unit
from ctc.viewer.fragments import Fragments, blend, join
from ctc.viewer.network_page import NetworkPage, picture_panel
from ctc.viewer.page import DOTS_PER_INCH
from ctc.viewer.palette import BACKGROUND_INNER, BACKGROUND_OUTER
from ctc.viewer.png import check_target, write_png
from ctc.viewer.still import check_size
from ctc.viewer.tubes import draw_tubes
from ctc.viewer.way_marks import Mark, write_marks

DEFAULT_SIZE = (1500, 1700)
_GREY, _GREY_OPACITY = 0.42, 0.30
_COLOURS = "plasma"
_FIRST_COLOUR = 0.22  # the dark end would sink into the ground
_PATH_PIXELS = 1.6  # a path is drawn at least this thick
_NOT_DRAWN = (SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER)
_LIST_WIDTH = 0.36  # of the picture, for the events beside the body


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
    write_marks(figure, page, camera, marks, size=size)
    drawn: Any = FigureCanvasAgg(figure)
    drawn.draw()
    pixels = np.asarray(drawn.buffer_rgba(), dtype=np.uint8)[..., :3]
    write_png(
        pixels, target, notes={"Title": title, "Source": network.origin}, ground=BACKGROUND_INNER
    )


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
