"""Overlay: caption, legend, scale bar and axis triad of the interactive picture, as sprites.

Sizes are in pixels of the picture; `density` is how many of them make one of the widget.
"""

from __future__ import annotations

from ctc.viewer.drawables import Caption
from ctc.viewer.lettering import Colour, Slate, Sprite, letter
from ctc.viewer.palette import TEXT, rgb
from ctc.viewer.viewpoint import Viewpoint

_UNITS = ((1.0, "m"), (1e-2, "cm"), (1e-3, "mm"), (1e-6, "\N{MICRO SIGN}m"))
_WIDEST_BAR = 0.18  # of the picture
# The ends of the body's axes: x to its left, y to its back, z up; as anatomists call them.
_ENDS = (("L", "R"), ("P", "A"), ("S", "I"))
_AXIS_COLOURS: tuple[Colour, ...] = ((230, 130, 110), (120, 190, 130), (120, 165, 240))
# An axis shorter than this part of the triad points at the eye and has no letters.
_POINTS_AT_EYE = 0.45


def text_colour(name: str) -> Colour:
    """Return ``#rrggbb`` in bytes."""
    red, green, blue = (round(255.0 * float(part)) for part in rgb(name))
    return red, green, blue


# A note is fainter than the rest, but may lie over the body.
_TEXT = text_colour(TEXT)
_NOTE: Colour = (196, 208, 224)


def em_of(height: int, density: float) -> int:
    """Return the size of the letters for a picture of some height [pixels]."""
    return round(density * min(max(height / density / 46.0, 11.0), 22.0))


def caption_sprites(
    caption: Caption, width: int, *, height: int, density: float
) -> tuple[Sprite, ...]:
    """Return title and time (top left), note (bottom left) and legend (top right)."""
    em = em_of(height, density)
    margin = round(1.1 * em)
    lines = [
        (caption.title, round(1.35 * em), _TEXT, True),
        (caption.time, em, _TEXT, False),
    ]
    sprites = []
    lines = [line for line in lines if line[0]]
    if lines:
        widest = max(letter(text, size, is_bold=bold)[0].shape[1] for text, size, _, bold in lines)
        slate = Slate(min(widest + 8, width), round(sum(1.5 * line[1] for line in lines)) + 4)
        row = 0.0
        for text, size, colour, bold in lines:
            baseline = round(row + 1.1 * size)
            slate.write(text, 4, baseline=baseline, size=size, colour=colour, is_bold=bold)
            row += 1.5 * size
        sprites.append(slate.sprite(margin - 4, round(0.7 * em)))
    if caption.note:
        size = round(0.88 * em)
        slate = Slate(min(letter(caption.note, size)[0].shape[1] + 8, width), round(1.7 * size))
        slate.write(caption.note, 4, baseline=round(1.2 * size), size=size, colour=_NOTE)
        sprites.append(slate.sprite(margin - 4, height - round(2.0 * em)))
    if caption.legend:
        sprites.append(_legend(caption, width, em=em, margin=margin))
    return tuple(sprites)


def _legend(caption: Caption, width: int, *, em: int, margin: int) -> Sprite:
    pitch = round(1.55 * em)
    widest = max(letter(name, em)[0].shape[1] for name, _ in caption.legend)
    slate = Slate(min(widest + 2 * em + 8, width), pitch * len(caption.legend) + 6)
    for i, (name, colour) in enumerate(caption.legend):
        baseline = round((i + 0.72) * pitch)
        middle = baseline - 0.36 * em
        slate.disc(4 + 0.45 * em, middle, radius=0.36 * em, colour=colour[:3])
        slate.write(name, 4 + round(1.4 * em), baseline=baseline, size=em, colour=_TEXT)
    left = max(width - margin - widest - 2 * em, 0)
    return slate.sprite(left, round(0.7 * em))


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


def scale_bar_sprite(view: Viewpoint, density: float) -> Sprite:
    """Return the scale bar (bottom left, above the note)."""
    em = em_of(view.height, density)
    length, text = bar_length(view.scale, view.width)
    bar = length * view.scale
    wide = max(round(bar), letter(text, em)[0].shape[1]) + 12
    slate = Slate(wide, round(2.2 * em))
    slate.write(text, 6, baseline=round(1.2 * em), size=em, colour=_TEXT)
    thick = max(2.0 * density, 2.0)
    slate.line((6, 1.75 * em), (6 + bar, 1.75 * em), width=thick, colour=_TEXT)
    return slate.sprite(round(1.1 * em) - 6, view.height - round(4.6 * em))


def triad_sprite(view: Viewpoint, density: float) -> Sprite:
    """Return the axes of the body (bottom right), the ends that are nearer on top and brighter."""
    em = em_of(view.height, density)
    reach = 2.3 * em
    side = round(2.0 * (reach + 1.4 * em))
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
    return slate.sprite(view.width - side - round(0.4 * em), view.height - side - round(0.4 * em))
