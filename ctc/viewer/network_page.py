"""Title, key, colour bar and scale bar around the picture of a network, in matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctc.viewer.camera import Camera
from ctc.viewer.layout import Panel
from ctc.viewer.palette import FAINT_TEXT, TEXT
from ctc.viewer.scale_bar import draw_scale_bar

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

# Parts of the shorter side of the picture.
_MARGIN, _HEADER, _FOOTER = 0.03, 0.10, 0.06
_TITLE, _PLAIN = 0.026, 0.0145
_POINTS_PER_INCH = 72.0
_LETTER = 0.7  # a bold letter is this wide on average, over its size


def picture_panel(width: int, height: int) -> Panel:
    """Return where the vessels go, under a title and over a key."""
    unit = min(width, height)
    margin, top, foot = (round(part * unit) for part in (_MARGIN, _HEADER, _FOOTER))
    return Panel(margin, top, width - 2 * margin, height - top - foot)


@dataclass(frozen=True)
class NetworkPage:
    """What is written around the vessels.

    Attributes
    ----------
    figure : Figure
        Of the size of the picture.
    panel : Panel
        Where the vessels are.
    """

    figure: Figure
    panel: Panel

    @property
    def _pixels(self) -> tuple[float, float]:
        width, height = self.figure.get_size_inches() * self.figure.dpi
        return float(width), float(height)

    def _points(self, part: float) -> float:
        return part * min(self._pixels) * _POINTS_PER_INCH / self.figure.dpi

    def write_title(self, title: str, facts: str) -> None:
        """Write a title and a line of facts above."""
        width, height = self._pixels
        unit = min(width, height) / height
        left = self.panel.left / width
        room = self.panel.width * _POINTS_PER_INCH / self.figure.dpi
        for text, size, top, colour, weight in (
            (title, self._points(_TITLE), 0.022, TEXT, "bold"),
            (facts, self._points(_PLAIN), 0.066, FAINT_TEXT, "normal"),
        ):
            self.figure.text(
                left,
                1.0 - top * unit,
                text,
                color=colour,
                fontsize=min(size, room / (_LETTER * max(len(text), 1))),
                fontweight=weight,
                va="top",
                parse_math=False,  # a title is no formula
            )

    def draw_scale_bar(self, camera: Camera) -> None:
        """Draw a scale bar in the corner of the panel."""
        width, height = self._pixels
        panel = self.panel
        bottom = (height - panel.top - panel.height) / height
        axes = self.figure.add_axes(
            (panel.left / width, bottom, panel.width / width, panel.height / height)
        )
        left, right, low, top = camera.extent()
        axes.set(xlim=(left, right), ylim=(low, top))
        axes.axis("off")
        draw_scale_bar(axes, camera, size=self._points(_PLAIN))

    def write_key(self, colours: Mapping[str, str]) -> None:
        """Write names in their colours below."""
        from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

        handles = [Line2D([], [], color=colour, linewidth=5.0) for colour in colours.values()]
        self.figure.legend(
            handles,
            list(colours),
            loc="lower right",
            ncols=len(colours),
            frameon=False,
            fontsize=self._points(_PLAIN),
            labelcolor=TEXT,
            handlelength=1.2,
        )

    def draw_colour_bar(
        self, colours: Colormap, limits: tuple[float, float], *, label: str, is_logarithmic: bool
    ) -> None:
        """Draw a colour bar below on the right, with its label left of it."""
        from matplotlib.cm import ScalarMappable  # noqa: PLC0415 - slow to import
        from matplotlib.colors import LogNorm, Normalize  # noqa: PLC0415 - slow to import
        from matplotlib.ticker import (  # noqa: PLC0415 - slow to import
            FuncFormatter,
            LogLocator,
            MaxNLocator,
            NullLocator,
        )

        width, height = self._pixels
        unit = min(width, height)
        size = self._points(_PLAIN)
        right = 1.0 - (self.panel.left + 0.01 * unit) / width
        place = (right - 0.34 * unit / width, 0.036 * unit / height)
        axes = self.figure.add_axes((*place, 0.34 * unit / width, 0.014 * unit / height))
        norm = (LogNorm if is_logarithmic else Normalize)(*limits)
        self.figure.colorbar(ScalarMappable(norm, colours), cax=axes, orientation="horizontal")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1.0, 2.0, 5.0), numticks=8) if is_logarithmic else MaxNLocator(5)
        )
        axes.tick_params(colors=TEXT, labelsize=0.85 * size, which="both")
        axes.text(
            -0.03,
            0.5,
            label,
            transform=axes.transAxes,
            color=TEXT,
            fontsize=size,
            ha="right",
            va="center",
        )
