"""Overlay: caption, legend, scale bar and axis triad of the interactive picture, as sprites.

Sizes are in pixels of the picture. No part covers another, whatever the size of the picture, as
long as it is no smaller than about 320 x 240.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ctc.viewer.drawables import Caption
from ctc.viewer.lettering import Colour, Slate, Sprite, letter, wrapped
from ctc.viewer.palette import TEXT, rgb
from ctc.viewer.viewpoint import Viewpoint

_UNITS = ((1.0, "m"), (1e-2, "cm"), (1e-3, "mm"), (1e-6, "\N{MICRO SIGN}m"))
_WIDEST_BAR = 0.18  # of the picture
# The ends of the body's axes: x to its left, y to its back, z up; as anatomists call them.
_ENDS = (("L", "R"), ("P", "A"), ("S", "I"))
_AXIS_COLOURS: tuple[Colour, ...] = ((230, 130, 110), (120, 190, 130), (120, 165, 240))
# An axis shorter than this part of the triad points at the eye and has no letters.
_POINTS_AT_EYE = 0.45
# In ems: length of an axis, room for the letter at its end, size of the title, from line to line.
_REACH, _LETTER_ROOM, _TITLE, _PITCH = 2.3, 1.4, 1.35, 1.5
_MOST_LINES = 3
_LEAST_BESIDE = 0.4  # of the width that a title wants beside a legend


def text_colour(name: str) -> Colour:
    """Return ``#rrggbb`` in bytes."""
    red, green, blue = (round(255.0 * float(part)) for part in rgb(name))
    return red, green, blue


# A note is fainter than the rest, but may lie over the body.
_TEXT = text_colour(TEXT)
_NOTE: Colour = (196, 208, 224)


@dataclass(frozen=True)
class Sheet:
    """The picture that words are laid out on.

    Attributes
    ----------
    width, height : int [pixels]
        Of the picture.
    density : float
        Pixels of the picture to one of the widget, > 0.
    """

    width: int
    height: int
    density: float = 1.0

    @property
    def em(self) -> int:
        """Size of the letters [pixels]."""
        side = min(self.width, self.height) / self.density
        return round(self.density * min(max(side / 46.0, 11.0), 22.0))

    @property
    def margin(self) -> int:
        """Between words and the rim [pixels]."""
        return round(1.1 * self.em)

    @property
    def triad_side(self) -> int:
        """Of the square, bottom right, that the triad fills [pixels]."""
        return round(2.0 * (_REACH + _LETTER_ROOM) * self.em)

    @property
    def triad_corner(self) -> tuple[int, int]:
        """Left and top of that square [pixels]."""
        room = self.triad_side + round(0.4 * self.em)
        return self.width - room, self.height - room


def caption_sprites(caption: Caption, sheet: Sheet) -> tuple[Sprite, ...]:
    """Return title and time (top left), note (bottom left) and legend (top right).

    The title takes a second line rather than the room of the legend; where that is not enough
    the legend stands below it.
    """
    em, margin = sheet.em, sheet.margin
    legend = _Legend.of(caption, sheet) if caption.legend else None
    across = sheet.width - 2 * margin
    beside = across if legend is None else across - legend.width - margin
    is_beside = beside >= _LEAST_BESIDE * across
    sprites = []
    size = round(_TITLE * em)
    heading = _lines(caption.title, size, width=beside if is_beside else across, is_bold=True)
    heading += _lines(caption.time, em, width=beside if is_beside else across)
    bottom = round(0.7 * em)
    if heading:
        sprites.append(_written(heading, left=margin - 4, top=bottom))
        if not is_beside:
            bottom += sprites[-1].image.shape[0]
    note = _note_lines(caption, sheet)
    if note:
        top = sheet.height - round(0.4 * em) - round(_PITCH * note[0].size) * len(note)
        sprites.append(_written(note, left=margin - 4, top=top))
    if legend is not None:
        sprites.append(legend.sprite(sheet, bottom))
    return tuple(sprites)


@dataclass(frozen=True)
class _Line:
    text: str
    size: int
    colour: Colour
    is_bold: bool

    @property
    def width(self) -> int:
        return int(letter(self.text, self.size, is_bold=self.is_bold)[0].shape[1])


def _lines(
    text: str, size: int, *, width: int, colour: Colour = _TEXT, is_bold: bool = False
) -> list[_Line]:
    parts = wrapped(text, size, width=max(width, size), n_most=_MOST_LINES, is_bold=is_bold)
    return [_Line(part, size, colour, is_bold) for part in parts]


def _note_lines(caption: Caption, sheet: Sheet) -> list[_Line]:
    width = sheet.triad_corner[0] - 2 * sheet.margin
    return _lines(caption.note, round(0.88 * sheet.em), width=width, colour=_NOTE)


def _written(lines: Sequence[_Line], *, left: int, top: int) -> Sprite:
    heights = [round(_PITCH * line.size) for line in lines]
    slate = Slate(max(line.width for line in lines) + 8, sum(heights) + 4)
    row = 0
    for line, height in zip(lines, heights, strict=True):
        slate.write(
            line.text,
            4,
            baseline=round(row + 1.1 * line.size),
            size=line.size,
            colour=line.colour,
            is_bold=line.is_bold,
        )
        row += height
    return slate.sprite(left, top)


@dataclass(frozen=True)
class _Legend:
    """Names and colours, in columns as many as they need.

    Attributes
    ----------
    entries : tuple of (str, Colour)
        Names as they are written.
    em, pitch : int [pixels]
        Size of the letters; from row to row.
    column_width : int [pixels]
        Of one column.
    n_rows : int
        In a column, where nothing stands above.
    """

    entries: tuple[tuple[str, tuple[int, int, int, int]], ...]
    em: int
    pitch: int
    column_width: int
    n_rows: int

    @classmethod
    def of(cls, caption: Caption, sheet: Sheet) -> _Legend:
        em, pitch = sheet.em, round(1.55 * sheet.em)
        most = sheet.width - 2 * sheet.margin - 2 * em
        entries = tuple(
            ("".join(wrapped(name, em, width=most, n_most=1)), colour)
            for name, colour in caption.legend
        )
        names = (_more(len(entries)), *(name for name, _ in entries))
        widest = max(letter(name, em)[0].shape[1] for name in names)
        n_rows = cls._rows_below(round(0.7 * em), sheet, pitch)
        return cls(entries, em, pitch, int(widest) + 2 * em + 8, n_rows)

    @property
    def width(self) -> int:
        """Of all columns, where nothing stands above [pixels]."""
        return self.column_width * math.ceil(len(self.entries) / self.n_rows)

    def sprite(self, sheet: Sheet, top: int) -> Sprite:
        """Return it below a row, in the right corner; entries without any room are left out."""
        n_rows = min(self._rows_below(top, sheet, self.pitch), len(self.entries))
        n_columns = math.ceil(len(self.entries) / n_rows)
        n_columns = max(min(n_columns, (sheet.width - 2 * sheet.margin) // self.column_width), 1)
        n_shown = min(n_rows * n_columns, len(self.entries))
        slate = Slate(n_columns * self.column_width, n_rows * self.pitch + 6)
        for i, (written, colour) in enumerate(self.entries[:n_shown]):
            name = written
            column, row = divmod(i, n_rows)
            left = column * self.column_width + 4
            baseline = round((row + 0.72) * self.pitch)
            if i == n_shown - 1 < len(self.entries) - 1:
                name = _more(len(self.entries) - i)
            else:
                middle = baseline - 0.36 * self.em
                radius = 0.36 * self.em
                slate.disc(left + 0.45 * self.em, middle, radius=radius, colour=colour[:3])
            x = left + round(1.4 * self.em)
            slate.write(name, x, baseline=baseline, size=self.em, colour=_TEXT)
        right = sheet.width - sheet.margin + 8
        return slate.sprite(max(right - n_columns * self.column_width, 0), top)

    @staticmethod
    def _rows_below(top: int, sheet: Sheet, pitch: int) -> int:
        return max((sheet.triad_corner[1] - top - 6) // pitch, 1)


def _more(count: int) -> str:
    return f"and {count} more"


def bar_length(scale: float, width: int) -> tuple[float, str]:
    """Return the longest round length that fits the scale bar [m], and how it is written.

    Parameters
    ----------
    scale : float [1/m]
        Pixels a metre, > 0.
    width : int [pixels]
        Of the picture.
    """
    most = _WIDEST_BAR * width / scale
    for unit, name in _UNITS:
        for count in (500, 200, 100, 50, 20, 10, 5, 2, 1):
            is_round = name not in ("m", "cm") or count < 100
            if is_round and count * unit <= most:
                return count * unit, f"{count} {name}"
    return most, f"{most * 1e6:.2g} {_UNITS[-1][1]}"


def scale_bar_sprite(view: Viewpoint, sheet: Sheet, *, caption: Caption) -> Sprite:
    """Return the scale bar (bottom left, above the note)."""
    em, density = sheet.em, sheet.density
    length, text = bar_length(view.scale, view.width)
    bar = length * view.scale
    wide = max(round(bar), letter(text, em)[0].shape[1]) + 12
    slate = Slate(wide, round(2.2 * em))
    slate.write(text, 6, baseline=round(1.2 * em), size=em, colour=_TEXT)
    thick = max(2.0 * density, 2.0)
    slate.line((6, 1.75 * em), (6 + bar, 1.75 * em), width=thick, colour=_TEXT)
    note = _note_lines(caption, sheet)
    further = round(_PITCH * note[0].size) * (len(note) - 1) if note else 0
    return slate.sprite(sheet.margin - 6, sheet.height - round(4.6 * em) - further)


def triad_sprite(view: Viewpoint, sheet: Sheet) -> Sprite:
    """Return the axes of the body (bottom right), the ends that are nearer on top and brighter."""
    em, density, side = sheet.em, sheet.density, sheet.triad_side
    reach = _REACH * em
    middle = 0.5 * side
    slate = Slate(side, side)
    ends = []
    for axis in range(3):
        right, down, away = view.right[axis], -view.up[axis], view.away[axis]
        for sense, name in zip((1.0, -1.0), _ENDS[axis], strict=True):
            ends.append((sense * away, sense * right, sense * down, name, _AXIS_COLOURS[axis]))
    for away, right, down, name, colour in sorted(ends, reverse=True):
        length = float((right * right + down * down) ** 0.5)
        opacity = 0.95 if away <= 1e-6 else 0.45
        tip = (middle + reach * right, middle + reach * down)
        thick = max(1.6 * density, 1.6)
        slate.line((middle, middle), tip, width=thick, colour=colour, opacity=opacity)
        if length < _POINTS_AT_EYE:
            continue
        size = round(0.85 * em)
        width, baseline = letter(name, size)[0].shape[1], letter(name, size)[1]
        x = middle + (reach + 0.62 * em) * right - 0.5 * width
        y = middle + (reach + 0.62 * em) * down + 0.5 * baseline
        slate.write(name, round(x), baseline=round(y), size=size, colour=_TEXT)
    return slate.sprite(*sheet.triad_corner)
