"""Numbers as colours: one map that every eye can read, on a linear or logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.viewer.drawables import ByteArray

N_COLOURS = 256
# Every fifth colour of the map "viridis" of Smith and van der Walt 2015 (public domain, CC0,
# https://bids.github.io/colormap): its lightness rises evenly, for colour-blind eyes too.
_VIRIDIS = (
    "440154 46085c 471063 481769 481d6f 482475 472a7a 46307e 453781 433d84 414287 3f4889 3d4e8a "
    "3a538b 38598c 355e8d 33638d 31688e 2e6d8e 2c718e 2a768e 297b8e 27808e 25848e 23898e 218e8d "
    "20928c 1f978b 1e9c89 1fa188 21a585 24aa83 28ae80 2eb37c 35b779 3dbc74 46c06f 50c46a 5ac864 "
    "65cb5e 70cf57 7cd250 89d548 95d840 a2da37 b0dd2f bddf26 cae11f d8e219 e5e419 f1e51d fde725 "
)
# The darkest part cannot be told from the ground.
_LOWEST = 0.16
_SHARE_CUT = 0.01  # of the values at each end, for a range that outliers do not set


def colour_table() -> ByteArray:
    """Return the map as (256, 4) uint8: red, green, blue, opacity; brighter means more."""
    anchors = np.array([list(bytes.fromhex(word)) for word in _VIRIDIS.split()], dtype=np.float64)
    place = np.linspace(_LOWEST * (len(anchors) - 1), len(anchors) - 1, N_COLOURS)
    table = np.full((N_COLOURS, 4), 255, dtype=np.uint8)
    for channel in range(3):
        values = np.interp(place, np.arange(len(anchors)), anchors[:, channel])
        table[:, channel] = np.round(values)
    return table


@dataclass(frozen=True)
class ColourScale:
    """From values to rows of the map.

    Attributes
    ----------
    low, high : float
        Values of the first and the last colour, low < high; what lies outside is cut.
    is_log : bool
        Whether equal ratios are equal steps; then low > 0.
    """

    low: float
    high: float
    is_log: bool = False

    @classmethod
    def spanning(cls, values: npt.NDArray[np.number[Any]], *, is_log: bool) -> ColourScale:
        """Return the scale of all but the outermost hundredth of some values at each end.

        Values that are not finite, and on a logarithmic scale those <= 0, do not count.
        """
        finite = values[np.isfinite(values)]
        if is_log:
            finite = finite[finite > 0.0]
        if not finite.size:
            return cls(1.0, 10.0, is_log)
        low, high = (float(v) for v in np.quantile(finite, [_SHARE_CUT, 1.0 - _SHARE_CUT]))
        if not low < high:
            low, high = float(finite.min()), float(finite.max())
        if not low < high:
            low, high = (0.5 * low, 2.0 * low) if is_log else (low - 0.5, low + 0.5)
        return cls(low, high, is_log)

    def codes(self, values: npt.NDArray[np.number[Any]]) -> ByteArray:
        """Return the row of each value, (n,) uint8; the first one for what is no number."""
        values = np.asarray(values, dtype=np.float32)
        low, high = self.low, self.high
        if self.is_log:
            low, high = math.log(low), math.log(high)
            values = np.log(np.maximum(values, np.float32(self.low)))
        share = (values - np.float32(low)) * np.float32((N_COLOURS - 1) / (high - low))
        share = np.where(np.isnan(share), np.float32(0.0), share)
        codes: ByteArray = np.clip(share + np.float32(0.5), 0.0, N_COLOURS - 1).astype(np.uint8)
        return codes

    def rungs(self, count: int = 5) -> tuple[float, ...]:
        """Return values spread evenly over the scale, from low to high."""
        if self.is_log:
            return tuple(float(v) for v in np.geomspace(self.low, self.high, count))
        return tuple(float(v) for v in np.linspace(self.low, self.high, count))
