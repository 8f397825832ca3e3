"""Still: the picture of a run at one moment, as a PNG file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.record.reader import Run
from ctc.viewer.backdrop import backdrop
from ctc.viewer.camera import Camera, View
from ctc.viewer.fragments import FloatImage
from ctc.viewer.layout import LARGEST, SMALLEST, Panel, lay_out
from ctc.viewer.page import DOTS_PER_INCH, Page
from ctc.viewer.palette import (
    BACKGROUND_INNER,
    BACKGROUND_OUTER,
    FAINT_TEXT,
    SHELLS,
    STATE_COLOURS,
    TEXT,
)
from ctc.viewer.png import check_target, write_png
from ctc.viewer.portrait import Portrait, body_box, close_box, paint_portrait
from ctc.viewer.scene import Scene, read_scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEFAULT_SIZE = (1800, 1300)
# Room left around the body, and around the organs of the close-up.
_BODY_ROOM, _CLOSE_ROOM = 1.04, 1.06
# The close-up fades out over this part of its height at the edges.
_FADE = 0.035


def render_still(
    run: Run,
    target: Path,
    *,
    time: float | None = None,
    view: View = View.FRONT,
    size: tuple[int, int] = DEFAULT_SIZE,
    is_small: bool = False,
) -> Scene:
    """Write the picture of a run.

    Parameters
    ----------
    run : Run
        Finished or running.
    target : Path
        PNG file, replaced if it is there.
    time : float [s], optional
        The frame nearest to it; by default the last frame with cells.
    view : View
        From where.
    size : tuple of int [pixels]
        Width and height.
    is_small : bool
        Store 256 colours only.

    Returns
    -------
    Scene
        What the picture shows.

    Raises
    ------
    InputError
        If the file or the folder is none to write to, the size is out of bounds, or there is
        no frame at that time.
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import

    check_target(target, overwrite=True)
    check_size(size)
    scene = read_scene(run, time)
    canvas: Any = FigureCanvasAgg(draw_still(scene, view=view, size=size))
    canvas.draw()
    write_png(
        np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3],
        target,
        notes={"Title": scene.title, "Source": scene.label},
        kept_colours=(*STATE_COLOURS.values(), TEXT, FAINT_TEXT) if is_small else (),
        ground=BACKGROUND_INNER,
    )
    return scene


def check_size(size: tuple[int, int]) -> None:
    """Raise InputError unless width and height are within bounds."""
    if not all(SMALLEST <= length <= LARGEST for length in size):
        message = f"size must be {SMALLEST} .. {LARGEST} pixels, got {size[0]}x{size[1]}."
        raise InputError(message, key="--size")


def draw_still(scene: Scene, *, view: View, size: tuple[int, int]) -> Figure:
    """Return the picture of a scene as a figure of that size at 100 dots an inch."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    width, height = size
    box = _room(body_box(scene, view), _BODY_ROOM)
    span = box[1] - box[0]
    layout = lay_out(width, height, body_aspect=float(span[0] / span[1]))
    close = close_box(scene, view)
    if close is None:
        layout = layout.without_close_up()
    canvas = backdrop(width, height)
    body = _paint(canvas, scene, camera=_camera(box, view, layout.body), panel=layout.body)
    figure = Figure((width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH)
    figure.set_facecolor(BACKGROUND_OUTER)
    page = Page(figure, layout)
    organs = _labelled(is_close=False)
    n_dots = [body.n_dots]
    if layout.close_up is not None and close is not None:
        camera = _camera(_room(close, _CLOSE_ROOM), view, layout.close_up)
        close_up = _paint(canvas, scene, camera=camera, panel=layout.close_up, fade=True)
        n_dots.append(close_up.n_dots)
        page.annotate(close_up, layout.close_up, scene=scene, organs=_labelled(is_close=True))
        page.bracket(layout.body, body.camera, close_up.camera)
    else:
        organs += _labelled(is_close=True)
    page.annotate(body, layout.body, scene=scene, organs=organs)
    page.image(canvas)
    page.write_header(scene, n_dots=n_dots)
    page.write_charts(scene)
    return figure


def _paint(
    canvas: FloatImage,
    scene: Scene,
    *,
    camera: Camera,
    panel: Panel,
    fade: bool = False,
) -> Portrait:
    window = np.s_[panel.top : panel.top + panel.height, panel.left : panel.left + panel.width]
    portrait = paint_portrait(scene, camera, background=canvas[window])
    weight = np.ones((panel.height, panel.width, 1), dtype=np.float32)
    if fade:
        reach = _FADE * panel.height
        rows = np.arange(panel.height) + 0.5
        columns = np.arange(panel.width) + 0.5
        inward = [np.minimum(x, x[::-1]) / reach for x in (rows, columns)]
        down, across = (np.clip(x, 0.0, 1.0) for x in inward)
        weight = (down[:, None] * across[None, :])[..., None].astype(np.float32)
    canvas[window] += weight * (portrait.image - canvas[window])
    return portrait


def _camera(box: FloatArray, view: View, panel: Panel) -> Camera:
    return Camera.fitting(box, view, width=panel.width, height=panel.height)


def _room(box: FloatArray, factor: float) -> FloatArray:
    middle = 0.5 * (box[0] + box[1])
    roomy: FloatArray = middle + factor * (box - middle)
    return roomy


def _labelled(*, is_close: bool) -> list[str]:
    return [name for name, s in SHELLS.items() if s.has_label and s.is_close == is_close]
