"""Still: the picture of a run at one moment, as a PNG file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError, OutputError
from ctc.record.reader import Run
from ctc.viewer.camera import Camera, View
from ctc.viewer.charts import draw_legend, draw_organ_chart, draw_time_chart
from ctc.viewer.fragments import FloatImage
from ctc.viewer.labels import place_labels
from ctc.viewer.layout import LARGEST, SMALLEST, Layout, Panel, lay_out
from ctc.viewer.palette import (
    BACKGROUND_INNER,
    BACKGROUND_OUTER,
    FAINT_TEXT,
    SHELLS,
    TEXT,
    rgb,
)
from ctc.viewer.portrait import Portrait, body_box, close_box, paint_portrait
from ctc.viewer.scene import Scene, duration_text, read_scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIX = ".png"
DEFAULT_SIZE = (1800, 1300)
# Drawn at most; more would cover one another. Every n-th in order of id, which is a fair sample.
MOST_DOTS = 6000
_DPI = 100
_POINTS = 72.0 / _DPI  # in a pixel
# Sizes of text as parts of the height.
_TITLE, _PLAIN, _SMALL = 0.0245, 0.0128, 0.0110
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
    check_target(target, overwrite=True)
    check_size(size)
    scene = read_scene(run, time)
    figure = draw_still(scene, view=view, size=size)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        figure.savefig(
            unfinished,
            format="png",
            dpi=_DPI,
            facecolor=BACKGROUND_OUTER,
            metadata={"Software": None, "Title": scene.title, "Source": scene.label},
        )
        os.replace(unfinished, target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        message = f"picture could not be written to {target} ({error})."
        raise OutputError(message) from error
    return scene


def check_target(target: Path, overwrite: bool) -> None:
    """Raise InputError unless a picture may be written there; touches nothing."""
    if target.suffix.lower() != SUFFIX:
        message = f"picture must be a {SUFFIX} file, got '{target.name}'. Name it so."
        raise InputError(message, key="-o")
    if not target.parent.is_dir():
        message = f"picture must lie in an existing folder, got '{target.parent}'. Make it first."
        raise InputError(message, key="-o")
    if not os.access(target.parent, os.W_OK | os.X_OK) or target.is_dir():
        message = f"picture must be a file that you may write, got '{target}'. Choose another."
        raise InputError(message, key="-o")
    if target.exists() and not overwrite:
        message = "picture must not exist yet. Choose another with -o, or add --overwrite."
        raise InputError(message, file=str(target))


def check_size(size: tuple[int, int]) -> None:
    """Raise InputError unless width and height are within bounds."""
    if not all(SMALLEST <= length <= LARGEST for length in size):
        message = f"size must be {SMALLEST} .. {LARGEST} pixels, got {size[0]}x{size[1]}."
        raise InputError(message, key="--size")


def draw_still(scene: Scene, *, view: View, size: tuple[int, int]) -> Figure:
    """Return the picture of a scene as a figure of that size at 100 dots an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    width, height = size
    box = _room(body_box(scene, view), _BODY_ROOM)
    span = box[1] - box[0]
    layout = lay_out(width, height, body_aspect=float(span[0] / span[1]))
    canvas = _background(width, height)
    shown = _sample(scene.state.size)
    body = _paint(canvas, scene, camera=_camera(box, view, layout.body), place=(layout.body, shown))
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)
    page = _Page(figure, layout)
    close = close_box(scene, view)
    if layout.close_up is not None and close is not None:
        camera = _camera(_room(close, _CLOSE_ROOM), view, layout.close_up)
        close_up = _paint(canvas, scene, camera=camera, place=(layout.close_up, shown), fade=True)
        page.image(canvas)
        page.annotate(close_up, layout.close_up, scene=scene, organs=_labelled(is_close=True))
        page.annotate(body, layout.body, scene=scene, organs=_labelled(is_close=False))
        page.bracket(layout.body, body.camera, close_up.camera)
    else:
        page.image(canvas)
        organs = _labelled(is_close=True) + _labelled(is_close=False)
        page.annotate(body, layout.body, scene=scene, organs=organs)
    page.write_header(scene, n_shown=shown.size)
    page.write_charts(scene)
    return figure


@dataclass(frozen=True)
class _Page:
    """A figure with its layout; draws what lies over the image."""

    figure: Figure
    layout: Layout

    def points(self, part: float) -> float:
        """Return a part of the height as a size of text [points]."""
        return part * self.layout.height * _POINTS

    def axes(self, panel: Panel) -> Axes:
        width, height = self.layout.width, self.layout.height
        bottom = height - panel.top - panel.height
        return self.figure.add_axes(
            (panel.left / width, bottom / height, panel.width / width, panel.height / height)
        )

    def image(self, canvas: FloatImage) -> None:
        pixels = np.round(np.clip(canvas, 0.0, 1.0) * 255.0).astype(np.uint8)
        self.figure.figimage(pixels, origin="upper", zorder=-1)

    def metric_axes(self, panel: Panel, camera: Camera) -> Axes:
        axes = self.axes(panel)
        left, right, bottom, top = camera.extent()
        axes.set(xlim=(left, right), ylim=(bottom, top))
        axes.axis("off")
        return axes

    def annotate(
        self, portrait: Portrait, panel: Panel, *, scene: Scene, organs: Sequence[str]
    ) -> None:
        """Write the names of organs beside a body, and a scale bar below it."""
        from matplotlib.patheffects import withStroke  # noqa: PLC0415 - slow to import

        axes = self.metric_axes(panel, portrait.camera)
        size = self.points(_PLAIN)
        left, right, bottom, top = portrait.camera.extent()
        metre = portrait.camera.scale
        anchors = {organ: portrait.anchors[organ] for organ in organs if organ in portrait.anchors}
        gap = 1.75 * _PLAIN * self.layout.height / metre
        for label in place_labels(
            anchors, 0.5 * (left + right), low=bottom + 4.0 * gap, high=top - gap, gap=gap
        ):
            edge = right if label.is_right else left
            is_source = label.text in scene.sources
            note = axes.annotate(
                f"{label.text} (source)" if is_source else label.text,
                xy=label.anchor,
                xytext=(edge, label.height),
                color=TEXT,
                fontsize=size,
                fontweight="bold" if is_source else "normal",
                ha="right" if label.is_right else "left",
                va="center",
                arrowprops={
                    "arrowstyle": "-",
                    "color": FAINT_TEXT,
                    "linewidth": 0.09 * size,
                    "shrinkA": 2.0,
                    "shrinkB": 0.0,
                },
            )
            note.set_path_effects([withStroke(linewidth=0.22 * size, foreground=BACKGROUND_OUTER)])
        self._scale_bar(axes, portrait.camera, size=size)

    def _scale_bar(self, axes: Axes, camera: Camera, *, size: float) -> None:
        left, right, bottom, _ = camera.extent()
        length = max(
            (n for n in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005) if n < 0.35 * (right - left)),
            default=0.002,
        )
        pixel = 1.0 / camera.scale
        start = left + 4.0 * pixel
        height = bottom + 0.012 * camera.height * pixel
        axes.plot([start, start + length], [height, height], color=TEXT, linewidth=0.16 * size)
        axes.text(
            start,
            height + 0.007 * camera.height * pixel,
            f"{length * 100:g} cm",
            color=TEXT,
            fontsize=size,
            va="bottom",
        )

    def bracket(self, panel: Panel, camera: Camera, inner: Camera) -> None:
        """Mark on the body what the close-up shows."""
        axes = self.metric_axes(panel, camera)
        left, right, bottom, top = inner.extent()
        edges = camera.extent()
        left, right = max(left, edges[0]), min(right, edges[1])
        for height in (bottom, top):
            axes.plot([left, right], [height, height], color=FAINT_TEXT, linewidth=0.8, alpha=0.6)

    def write_header(self, scene: Scene, *, n_shown: int) -> None:
        width, height = self.layout.width, self.layout.height
        left = self.layout.body.left / width
        self.figure.text(
            left,
            1.0 - 0.020,
            scene.title,
            color=TEXT,
            fontsize=self.points(_TITLE),
            fontweight="bold",
            va="top",
        )
        when = duration_text(scene.time)
        parts = [f"{when} after the start"]
        if scene.epoch >= 0:
            parts.append(f"{int(scene.series['shed'][scene.epoch]):,} cells shed")
        self.figure.text(
            left,
            1.0 - 0.020 - 1.55 * _TITLE,
            "   |   ".join(parts),
            color=TEXT,
            fontsize=self.points(1.2 * _PLAIN),
            va="top",
        )
        n_alive = scene.state.size
        dots = f"dots: {n_shown:,} of {n_alive:,} tracked cells alive; colonies: all"
        if not scene.is_framed:
            dots = "no frame stored: cells are not shown; colonies: all"
        small = self.points(_SMALL)
        style = {"color": FAINT_TEXT, "fontsize": small, "va": "bottom"}
        self.figure.text(left, 0.016, dots, **style)
        self.figure.text(
            1.0 - left, 0.016, scene.label, ha="right", **style
        )

    def write_charts(self, scene: Scene) -> None:
        panel, size = self.layout.charts, self.points(_PLAIN)
        # Names of organs stand left of the axis: about eleven letters.
        indent = round(0.30 * panel.width)
        rows = ((0.000, 0.155, 0), (0.215, 0.480, indent), (0.775, 0.185, round(0.5 * indent)))
        for (top, tall, shift), draw in zip(
            rows, (draw_legend, draw_organ_chart, draw_time_chart), strict=True
        ):
            place = Panel(
                panel.left + shift,
                panel.top + round(top * panel.height),
                panel.width - shift,
                round(tall * panel.height),
            )
            draw(self.axes(place), scene, size=size)


def _paint(
    canvas: FloatImage,
    scene: Scene,
    *,
    camera: Camera,
    place: tuple[Panel, npt.NDArray[np.int64]],
    fade: bool = False,
) -> Portrait:
    panel, shown = place
    window = np.s_[panel.top : panel.top + panel.height, panel.left : panel.left + panel.width]
    portrait = paint_portrait(scene, camera, background=canvas[window], shown=shown)
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
    return middle + factor * (box - middle)


def _sample(count: int) -> npt.NDArray[np.int64]:
    every = max(-(-count // MOST_DOTS), 1)
    return np.arange(0, count, every, dtype=np.int64)


def _labelled(*, is_close: bool) -> list[str]:
    return [name for name, s in SHELLS.items() if s.has_label and s.is_close == is_close]


def _background(width: int, height: int) -> FloatImage:
    x = (np.arange(width) + 0.5) / width - 0.42
    y = (np.arange(height) + 0.5) / height - 0.45
    distance = np.sqrt(np.square(x)[None, :] + np.square(y)[:, None])
    weight = np.clip(1.0 - distance / 0.75, 0.0, 1.0)[..., None].astype(np.float32)
    inner, outer = rgb(BACKGROUND_INNER), rgb(BACKGROUND_OUTER)
    image: FloatImage = outer + weight * (inner - outer)
    return image
