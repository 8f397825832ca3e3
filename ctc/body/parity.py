"""Which points a closed surface encloses, by the parity of its crossings above them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.ragged import expand_boxes, expand_runs
from ctc.checks import FloatArray

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_MOST_BINS = 1024
# Candidates that are looked at in one go; bounds the memory.
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Columns:
    """The triangles of a surface by the columns along z that they pass through.

    A point lies inside where the number of triangles above it is odd: this holds for a closed
    surface with cavities, whichever way its triangles face. Whether an edge lies to the right of
    a point is decided from the edge alone, so two triangles that share it never both claim or
    both miss a point.

    Attributes
    ----------
    corners : (n_triangles, 3, 3) float64 [m]
        Shared corners have the same bits.
    low : (2,) float64 [m]
        Lowest x and y.
    scale : (2,) float64 [1/m]
        Columns a metre.
    n_bins : tuple of int
        Columns along x and y.
    start : (n_columns + 1,) int64
        Column i has the triangles ``triangle[start[i] : start[i + 1]]``.
    triangle : (n_entries,) int64
        Rising in each column.
    """

    corners: FloatArray
    low: FloatArray
    scale: FloatArray
    n_bins: tuple[int, int]
    start: LongArray
    triangle: LongArray

    def candidates(self, x: FloatArray, y: FloatArray) -> tuple[LongArray, LongArray]:
        """Return point and triangle of every pair that shares a column."""
        i = np.floor((x - self.low[0]) * self.scale[0])
        j = np.floor((y - self.low[1]) * self.scale[1])
        is_beside = (i >= 0) & (i < self.n_bins[0]) & (j >= 0) & (j < self.n_bins[1])
        column = np.where(is_beside, i * self.n_bins[1] + j, 0).astype(np.int64)
        count = np.where(is_beside, self.start[column + 1] - self.start[column], 0)
        point, entry = expand_runs(self.start[column], count)
        return point, self.triangle[entry]

    def covering(self, x: FloatArray, y: FloatArray) -> tuple[LongArray, LongArray]:
        """Return point and triangle of every pair where the triangle lies above or below."""
        point, triangle = self.candidates(x, y)
        covers = np.zeros(point.size, dtype=bool)
        px, py = x[point], y[point]
        for corner in range(3):
            a = self.corners[triangle, corner, :2]
            b = self.corners[triangle, (corner + 1) % 3, :2]
            covers ^= _is_right_of(px, py, a, b)
        return point[covers], triangle[covers]

    def encloses(self, points: FloatArray) -> BoolArray:
        """Return (n,) bool for (n, 3) points [m]."""
        inside = np.zeros(len(points), dtype=bool)
        per_column = max(1, -(-self.triangle.size // max(self.start.size - 1, 1)))
        step = max(1, _CHUNK // (4 * per_column))
        for begin in range(0, len(points), step):
            part = points[begin : begin + step]
            point, triangle = self.covering(part[:, 0], part[:, 1])
            a, b, c = (self.corners[triangle, corner] for corner in range(3))
            first, second, gap = b - a, c - a, part[point] - a
            nx = first[:, 1] * second[:, 2] - first[:, 2] * second[:, 1]
            ny = first[:, 2] * second[:, 0] - first[:, 0] * second[:, 2]
            nz = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
            height = gap[:, 0] * nx + gap[:, 1] * ny + gap[:, 2] * nz
            is_below = height * nz < 0.0
            n_above = np.bincount(point[is_below], minlength=len(part))
            inside[begin : begin + step] = n_above % 2 == 1
        return inside


def index_columns(corners: FloatArray) -> Columns:
    """Sort the triangles of a closed surface, (n, 3, 3) float64 [m], by columns."""
    flat = corners[:, :, :2]
    low, high = flat.min(axis=(0, 1)), flat.max(axis=(0, 1))
    side = min(_MOST_BINS, max(1, int(np.sqrt(len(corners)))))
    n_bins = (side, side)
    # The last column takes in the highest coordinate too.
    scale = side / np.maximum((high - low) * (1.0 + 1e-9), 1e-300)
    first = np.floor((flat.min(axis=1) - low) * scale).astype(np.int64)
    last = np.floor((flat.max(axis=1) - low) * scale).astype(np.int64)
    triangle, column = expand_boxes(first, np.minimum(last, side - 1))
    key = column[:, 0] * side + column[:, 1]
    order = np.argsort(key, kind="stable")
    start = np.searchsorted(key[order], np.arange(side * side + 1))
    return Columns(corners, low, scale, n_bins, start, triangle[order])


def is_inside(corners: FloatArray, points: FloatArray) -> BoolArray:
    """Return (n,) bool: whether a closed surface encloses points, (n, 3) float64 [m]."""
    return index_columns(corners).encloses(points)


def _is_right_of(px: FloatArray, py: FloatArray, a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether the line from a point to the right meets an edge; the same for a-b and b-a."""
    is_swapped = (a[:, 1] > b[:, 1]) | ((a[:, 1] == b[:, 1]) & (a[:, 0] > b[:, 0]))
    lower = np.where(is_swapped[:, None], b, a)
    upper = np.where(is_swapped[:, None], a, b)
    side = (upper[:, 0] - lower[:, 0]) * (py - lower[:, 1]) - (upper[:, 1] - lower[:, 1]) * (
        px - lower[:, 0]
    )
    # Half open, so that a point level with a vertex meets one of the edges that meet there.
    return (lower[:, 1] <= py) & (py < upper[:, 1]) & (side > 0.0)
