"""Lettering: words as images, by the font that matplotlib brings along; knows no canvas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

ByteArray = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
# What lies behind a letter is darkened up to this many pixels around it, by this much.
_HALO, _HALO_OPACITY = 3, 0.85
_CUT = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class Sprite:
    """A small image at a place of the picture.

    Attributes
    ----------
    image : (h, w, 4) uint8
        Red, green and blue already times opacity; opacity.
    left, top : int
        Of its first pixel in the picture [pixels].
    """

    image: ByteArray
    left: int
    top: int


@lru_cache(maxsize=4)
def _font(*, is_bold: bool) -> FT2Font:
    # matplotlib is slow to import
    from matplotlib.font_manager import FontProperties, findfont  # noqa: PLC0415
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    return FT2Font(findfont(FontProperties(weight="bold" if is_bold else "normal")))


@lru_cache(maxsize=512)
def letter(text: str, size: int, *, is_bold: bool = False) -> tuple[ByteArray, int]:
    """Return how much of each pixel a line of text covers, and its baseline.

    Parameters
    ----------
    text : str
        One line.
    size : int [pixels]
        Of an em, > 0.
    is_bold : bool
        Whether it is set in bold.

    Returns
    -------
    (h, w) uint8
        0 .. 255; read-only.
    int
        The row that the letters stand on.
    """
    font = _font(is_bold=is_bold)
    font.set_size(size, 72.0)
    font.set_text(text or " ")
    font.draw_glyphs_to_bitmap(antialiased=True)
    coverage = np.array(font.get_image(), dtype=np.uint8)
    baseline = coverage.shape[0] - round(font.get_descent() / 64.0)
    coverage.setflags(write=False)
    return coverage, baseline


def wrapped(
    text: str, size: int, *, width: int, n_most: int, is_bold: bool = False
) -> tuple[str, ...]:
    """Return a text as lines that are no wider than so many pixels.

    Lines break between words. A word that is too wide, and what follows the last line, is cut
    and ends in an ellipsis.

    Parameters
    ----------
    text : str
        One line.
    size : int [pixels]
        Of an em, > 0.
    width : int [pixels]
        That a line may have.
    n_most : int
        Lines, >= 1.
    is_bold : bool
        Whether it is set in bold.
    """

    def fits(line: str) -> bool:
        return int(letter(line, size, is_bold=is_bold)[0].shape[1]) <= width

    lines: list[str] = []
    words = text.split()
    while words:
        is_last = len(lines) == n_most - 1
        n_words = next((n for n in range(len(words), 0, -1) if fits(" ".join(words[:n]))), 0)
        if n_words == len(words) or (n_words and not is_last):
            lines.append(" ".join(words[:n_words]))
            words = words[n_words:]
            continue
        rest = " ".join(words) if is_last else words[0]
        n_letters = next((n for n in range(len(rest), 0, -1) if fits(f"{rest[:n]}{_CUT}")), 0)
        lines.append(f"{rest[:n_letters].rstrip()}{_CUT}")
        words = [] if is_last else words[1:]
    return tuple(lines)


class Slate:
    """A transparent image to put words, discs and lines on."""

    def __init__(self, width: int, height: int) -> None:
        self._light = np.zeros((height, width, 3), dtype=np.float32)
        self._cover = np.zeros((height, width), dtype=np.float32)
        self._row, self._column = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)

    def cover(self, coverage: npt.NDArray[np.float32], colour: Colour) -> None:
        """Lay a colour over it, as much as a (height, width) array in 0 .. 1 says."""
        rgb = np.asarray(colour, dtype=np.float32) / np.float32(255.0)
        self._light += coverage[..., None] * (rgb - self._light)
        self._cover += coverage * (1.0 - self._cover)

    def write(
        self,
        text: str,
        left: int,
        *,
        baseline: int,
        size: int,
        colour: Colour,
        is_bold: bool = False,
    ) -> int:
        """Write a line; what would leave the image is cut. Returns where it ends."""
        coverage, rises = letter(text, size, is_bold=is_bold)
        whole = np.zeros_like(self._cover)
        top = baseline - rises
        rows = slice(max(top, 0), min(top + coverage.shape[0], whole.shape[0]))
        columns = slice(max(left, 0), min(left + coverage.shape[1], whole.shape[1]))
        if rows.stop > rows.start and columns.stop > columns.start:
            cut = coverage[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]
            whole[rows, columns] = cut / np.float32(255.0)
        self.cover(whole, colour)
        return left + int(coverage.shape[1])

    def disc(self, x: float, y: float, *, radius: float, colour: Colour) -> None:
        """Draw a round spot."""
        distance = np.hypot(self._column - x, self._row - y)
        self.cover(np.clip(radius + 0.5 - distance, 0.0, 1.0).astype(np.float32), colour)

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        width: float,
        colour: Colour,
        opacity: float = 1.0,
    ) -> None:
        """Draw a straight stroke with round ends."""
        step = np.array(end, dtype=np.float64) - start
        square = max(float(step @ step), 1e-9)
        x, y = self._column - start[0], self._row - start[1]
        share = np.clip((x * step[0] + y * step[1]) / square, 0.0, 1.0)
        distance = np.hypot(x - share * step[0], y - share * step[1])
        coverage = opacity * np.clip(0.5 * width + 0.5 - distance, 0.0, 1.0)
        self.cover(coverage.astype(np.float32), colour)

    def sprite(self, left: int, top: int, *, has_halo: bool = True) -> Sprite:
        """Return it as a sprite, on a soft dark ground where something is drawn."""
        light = self._light * self._cover[..., None]
        cover = self._cover
        if has_halo:
            dark = _HALO_OPACITY * _softened(cover)
            cover = cover + dark * (1.0 - cover)
        image = np.concatenate([light, cover[..., None]], axis=2)
        return Sprite(np.rint(255.0 * np.clip(image, 0.0, 1.0)).astype(np.uint8), left, top)


def _softened(cover: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the largest of what is near, fading with distance."""
    soft = cover.copy()
    padded = np.pad(cover, _HALO)
    height, width = cover.shape
    for down in range(-_HALO, _HALO + 1):
        for right in range(-_HALO, _HALO + 1):
            fade = np.float32(1.0 - np.hypot(down, right) / (_HALO + 1.0))
            if fade > 0.0:
                row, column = _HALO + down, _HALO + right
                shifted = padded[row : row + height, column : column + width]
                np.maximum(soft, fade * shifted, out=soft)
    return soft
