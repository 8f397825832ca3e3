"""A drawing as PNG on a light ground, by matplotlib."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import numpy as np

from ctc.report.colours import COLOURS, LIGHT
from ctc.report.drawing import Drawing, Label, Path
from ctc.viewer.png import write_png

_SCALE = 2.0  # pixels of the picture in one of the drawing
_DOTS_PER_INCH = 100.0
_POINTS = 72.0 / _DOTS_PER_INCH  # in a pixel of the drawing
_FAMILY = ["DejaVu Sans"]  # comes with matplotlib
_NARROW = 0.93  # this font is wider than those that the drawing is laid out for


def write_raster(drawing: Drawing, target: FilePath) -> None:
    """Write a drawing as a PNG file, replacing one that is there.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    size = (drawing.width / _DOTS_PER_INCH, drawing.height / _DOTS_PER_INCH)
    figure = Figure(size, dpi=_SCALE * _DOTS_PER_INCH, facecolor=_colour("ground"))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.set(xlim=(0.0, drawing.width), ylim=(drawing.height, 0.0))
    for order, item in enumerate(drawing.items):
        if isinstance(item, Path):
            axes.add_patch(_patch(item, order))
        else:
            _write(axes, item, order)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3]
    write_png(pixels, target, notes={"Title": drawing.caption})


def _patch(item: Path, order: int) -> Any:
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - slow to import
    from matplotlib.path import Path as Outline  # noqa: PLC0415 - slow to import

    points: list[tuple[float, float]] = []
    codes: list[int] = []
    kinds = {"M": Outline.MOVETO, "L": Outline.LINETO, "C": Outline.CURVE4}
    for letter, values in item.commands:
        if letter == "Z":
            points.append(points[-1])
            codes.append(int(Outline.CLOSEPOLY))
            continue
        pairs = list(zip(values[::2], values[1::2], strict=True))
        points += pairs
        codes += [int(kinds[letter])] * len(pairs)
    return PathPatch(
        Outline(np.array(points), codes),
        facecolor=_colour(item.fill),
        edgecolor=_colour(item.stroke),
        linewidth=item.width * _POINTS if item.stroke else 0.0,
        linestyle=(0, (3.0, 4.0)) if item.is_dashed else "solid",
        alpha=item.opacity,
        capstyle="butt",
        joinstyle="round",
        zorder=order,
    )


def _write(axes: Any, label: Label, order: int) -> None:
    places = {"start": "left", "middle": "center", "end": "right"}
    axes.text(
        label.x,
        label.y,
        label.text,
        fontsize=label.size * _POINTS * _NARROW,
        family=_FAMILY,
        color=_colour(label.colour),
        ha=places[label.anchor],
        va="baseline",
        fontweight="bold" if label.is_bold else "normal",
        rotation=90.0 if label.is_upright else 0.0,
        rotation_mode="anchor",
        zorder=order,
        parse_math=False,
    )


def _colour(name: str) -> str:
    return COLOURS[name][LIGHT] if name else "none"
