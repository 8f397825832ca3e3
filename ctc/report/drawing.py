"""Drawing: a figure as paths and labels, before it becomes SVG or PNG. Pixels, y down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
# A letter and its coordinates, as in the path data of SVG: M, L, C (two controls, end), Z.
Command = tuple[str, tuple[float, ...]]
# Controls of a quarter of a circle lie at this part of its radius.
_QUARTER = 4.0 / 3.0 * (math.sqrt(2.0) - 1.0)
# Mean width of a letter over the size of the text, a little more than most fonts have.
_LETTER = 0.56


@dataclass(frozen=True)
class Path:
    """Lines and curves.

    Attributes
    ----------
    commands : tuple of Command
        In absolute coordinates.
    fill, stroke : str
        Names of `ctc.report.colours.COLOURS`, empty for none.
    width : float
        Of the stroke.
    opacity : float
        0 .. 1.
    is_dashed : bool
        Of the stroke.
    tip : str
        What a reader sees who points at it.
    """

    commands: tuple[Command, ...]
    fill: str = ""
    stroke: str = ""
    width: float = 1.0
    opacity: float = 1.0
    is_dashed: bool = False
    tip: str = ""


@dataclass(frozen=True)
class Label:
    """A line of text; ``anchor`` is ``start``, ``middle`` or ``end``, y that of the baseline."""

    x: float
    y: float
    text: str
    size: float = 13.0
    colour: str = "text"
    anchor: str = "start"
    is_bold: bool = False
    is_upright: bool = False


@dataclass
class Drawing:
    """A figure.

    Attributes
    ----------
    name : str
        Of its file, and of its place in the page.
    caption : str
        What it shows, for readers that do not see it.
    width, height : float
        Its size.
    items : list of Path or Label
        In the order in which they cover one another.
    """

    name: str
    caption: str
    width: float
    height: float
    items: list[Path | Label] = field(default_factory=list)

    def path(
        self,
        commands: Sequence[Command],
        *,
        fill: str = "",
        stroke: str = "",
        width: float = 1.0,
        opacity: float = 1.0,
        is_dashed: bool = False,
        tip: str = "",
    ) -> None:
        """Add lines and curves."""
        self.items.append(
            Path(tuple(commands), fill, stroke, width, opacity, is_dashed=is_dashed, tip=tip)
        )

    def line(
        self,
        points: Sequence[Point],
        *,
        colour: str = "line",
        width: float = 1.0,
        opacity: float = 1.0,
        is_dashed: bool = False,
        tip: str = "",
    ) -> None:
        """Add a line through points; nothing where there are fewer than two."""
        if len(points) > 1:
            commands = [("L" if i else "M", point) for i, point in enumerate(points)]
            self.path(
                commands,
                stroke=colour,
                width=width,
                opacity=opacity,
                is_dashed=is_dashed,
                tip=tip,
            )

    def box(
        self,
        corner: Point,
        size: Point,
        *,
        colour: str,
        opacity: float = 1.0,
        tip: str = "",
    ) -> None:
        """Add a filled rectangle from its upper left corner."""
        (x, y), (width, height) = corner, size
        points = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        commands: list[Command] = [("L" if i else "M", point) for i, point in enumerate(points)]
        self.path([*commands, ("Z", ())], fill=colour, opacity=opacity, tip=tip)

    def dot(
        self, centre: Point, radius: float, *, colour: str, tip: str = "", is_open: bool = False
    ) -> None:
        """Add a disc, or a ring."""
        x, y = centre
        r, c = radius, _QUARTER * radius
        commands: list[Command] = [
            ("M", (x + r, y)),
            ("C", (x + r, y + c, x + c, y + r, x, y + r)),
            ("C", (x - c, y + r, x - r, y + c, x - r, y)),
            ("C", (x - r, y - c, x - c, y - r, x, y - r)),
            ("C", (x + c, y - r, x + r, y - c, x + r, y)),
            ("Z", ()),
        ]
        if is_open:
            self.path(commands, fill="ground", stroke=colour, width=1.6, tip=tip)
        else:
            self.path(commands, fill=colour, tip=tip)

    def diamond(self, centre: Point, radius: float, *, colour: str, tip: str = "") -> None:
        """Add a filled square on its corner."""
        (x, y), r = centre, radius
        points = ((x, y - r), (x + r, y), (x, y + r), (x - r, y))
        commands: list[Command] = [("L" if i else "M", point) for i, point in enumerate(points)]
        self.path([*commands, ("Z", ())], fill=colour, tip=tip)

    def ribbon(
        self,
        start: Point,
        end: Point,
        *,
        thickness: float,
        colour: str,
        opacity: float,
        tip: str,
    ) -> None:
        """Add a band that leaves its start and reaches its end (upper corners) level."""
        (x0, y0), (x1, y1) = start, end
        middle = 0.5 * (x0 + x1)
        low0, low1 = y0 + thickness, y1 + thickness
        commands: list[Command] = [
            ("M", (x0, y0)),
            ("C", (middle, y0, middle, y1, x1, y1)),
            ("L", (x1, low1)),
            ("C", (middle, low1, middle, low0, x0, low0)),
            ("Z", ()),
        ]
        self.path(commands, fill=colour, opacity=opacity, tip=tip)

    def text(
        self,
        place: Point,
        text: str,
        *,
        size: float = 13.0,
        colour: str = "text",
        anchor: str = "start",
        is_bold: bool = False,
        is_upright: bool = False,
    ) -> None:
        """Add a line of text, or one that runs upwards."""
        label = Label(*place, text, size, colour, anchor, is_bold=is_bold, is_upright=is_upright)
        self.items.append(label)


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return _LETTER * size * len(text)


def shortened(text: str, width: float, size: float = 12.0) -> str:
    """Return a text that fits a width, cut with an ellipsis where it does not."""
    if text_width(text, size) <= width:
        return text
    n = max(int(width / text_width("x", size)) - 1, 1)
    return text[:n].rstrip() + "\u2026"
