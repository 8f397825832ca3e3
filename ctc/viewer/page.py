"""Page: names, scale bars, title and charts over the painted body, in matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctc.viewer.camera import Camera
from ctc.viewer.charts import draw_legend, draw_organ_chart, draw_time_chart
from ctc.viewer.fragments import FloatImage
from ctc.viewer.labels import place_labels
from ctc.viewer.layout import Layout, Panel
from ctc.viewer.palette import BACKGROUND_OUTER, FAINT_TEXT, TEXT
from ctc.viewer.portrait import Portrait
from ctc.viewer.scale_bar import draw_scale_bar
from ctc.viewer.scene import Scene, duration_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100
_POINTS = 72.0 / DOTS_PER_INCH  # in a pixel
# Sizes of text as parts of the layout's unit.
_TITLE, _PLAIN, _SMALL = 0.0245, 0.0128, 0.0110
_LABEL_REACH = 0.42  # over the height of the panel
_TALLEST_CHARTS = 2.6  # over their width


@dataclass(frozen=True)
class Page:
    """A figure with its layout.

    Attributes
    ----------
    figure : Figure
        Of the size of the layout.
    layout : Layout
        Where the panels lie.
    """

    figure: Figure
    layout: Layout

    def points(self, part: float) -> float:
        """Return a part of the layout's unit as a size of text [points]."""
        return part * self.layout.unit * _POINTS

    def axes(self, panel: Panel) -> Axes:
        """Return new axes that fill a panel."""
        width, height = self.layout.width, self.layout.height
        bottom = height - panel.top - panel.height
        return self.figure.add_axes(
            (panel.left / width, bottom / height, panel.width / width, panel.height / height)
        )

    def image(self, canvas: FloatImage) -> None:
        """Lay a (height, width, 3) image in 0 .. 1 under everything."""
        pixels = np.round(np.clip(canvas, 0.0, 1.0) * 255.0).astype(np.uint8)
        self.figure.figimage(pixels, origin="upper", zorder=-1)

    def metric_axes(self, panel: Panel, camera: Camera) -> Axes:
        """Return new axes that fill a panel, in metres right and up as the camera sees them."""
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
        middle = 0.5 * (left + right)
        # In a wide panel the names do not stand far from the body.
        reach = min(0.5 * (right - left), _LABEL_REACH * (top - bottom))
        anchors = {organ: portrait.anchors[organ] for organ in organs if organ in portrait.anchors}
        gap = 1.75 * _PLAIN * self.layout.unit / portrait.camera.scale
        for label in place_labels(anchors, middle, low=bottom + 4.0 * gap, high=top - gap, gap=gap):
            edge = middle + reach if label.is_right else middle - reach
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
        draw_scale_bar(axes, portrait.camera, size=size)

    def bracket(self, panel: Panel, camera: Camera, inner: Camera) -> None:
        """Mark on the body what the close-up shows."""
        axes = self.metric_axes(panel, camera)
        left, right, bottom, top = inner.extent()
        edges = camera.extent()
        left, right = max(left, edges[0]), min(right, edges[1])
        for height in (bottom, top):
            axes.plot([left, right], [height, height], color=FAINT_TEXT, linewidth=0.8, alpha=0.6)

    def write_header(self, scene: Scene, *, n_dots: Sequence[int]) -> None:
        """Write title, time and number of cells above, and small print below."""
        width, height, unit = self.layout.width, self.layout.height, self.layout.unit
        left, line = self.layout.body.left / width, unit / height
        top = 1.0 - 0.020 * line
        # A bold letter is 0.7 of the size of the text wide, on average.
        longest = 0.97 * width * _POINTS / 0.7
        self.figure.text(
            left,
            top,
            scene.title,
            color=TEXT,
            fontsize=min(self.points(_TITLE), longest / max(len(scene.title), 1)),
            fontweight="bold",
            va="top",
            parse_math=False,  # a title is no formula
        )
        parts = [f"{duration_text(scene.time)} after the start"]
        if scene.epoch >= 0:
            text = f"{int(scene.series['shed'][scene.epoch]):,} cells shed"
            if scene.weight != 1.0:
                text = text.replace("shed", f"followed, each for {scene.weight:,.6g} shed")
            parts.append(text)
        if scene.milestone:
            parts.append(scene.milestone)
        self.figure.text(
            left,
            top - 1.55 * _TITLE * line,
            "   |   ".join(parts),
            color=TEXT,
            fontsize=self.points(1.2 * _PLAIN),
            va="top",
        )
        drawn = " and ".join(f"{count:,}" for count in n_dots)
        dots = f"dots: {drawn} of {scene.state.size:,} tracked cells alive; colonies: all"
        if not scene.is_framed:
            dots = "no frame stored: cells are not shown; colonies: all"
        if scene.is_found is not None and scene.is_found.any():
            dots += "; in a ring: found by an examination"
        for x, text, side in ((left, dots, "left"), (1.0 - left, scene.label, "right")):
            self.figure.text(
                x,
                0.016 * line,
                text,
                color=FAINT_TEXT,
                fontsize=self.points(_SMALL),
                ha=side,
                va="bottom",
                parse_math=False,
            )

    def write_charts(self, scene: Scene) -> None:
        """Draw the legend and the charts, one below the other."""
        panel, size = self.layout.charts, self.points(_PLAIN)
        # Names of organs stand left of the axis: about fifteen letters.
        indent = round(0.30 * panel.width)
        tall = min(panel.height, round(_TALLEST_CHARTS * panel.width))
        rows = ((0.000, 0.155, 0), (0.215, 0.480, indent), (0.775, 0.185, indent // 2))
        drawings = (draw_legend, draw_organ_chart, draw_time_chart)
        for (top, part, shift), draw in zip(rows, drawings, strict=True):
            place = Panel(
                panel.left + shift,
                panel.top + round(top * tall),
                panel.width - shift,
                round(part * tall),
            )
            draw(self.axes(place), scene, size=size)
