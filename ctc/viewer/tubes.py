"""Tubes: the vessels as shaded round strokes, one fragment a pixel that they cover."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.viewer.camera import Camera
from ctc.viewer.fragments import Fragments, join

# Pixels looked at in one go: what that takes of memory stays near 100 MB.
_CHUNK = 1_000_000
# A vessel thinner than a pixel is drawn this wide and as faint as it is thin.
_THINNEST = 0.5
_FAINTEST = 0.16
_AMBIENT = 0.30


def draw_tubes(
    start: FloatArray,
    end: FloatArray,
    *,
    radius: FloatArray,
    colour: npt.NDArray[np.float32],
    opacity: FloatArray,
    camera: Camera,
) -> Fragments:
    """Return straight round tubes with round ends, at their true width, as the camera sees them.

    Parameters
    ----------
    start, end : (n, 3) float64 [m]
        The two ends of the axis.
    radius : (n,) float64 [m]
        > 0.
    colour : (n, 3) float32
        Red, green, blue in 0 .. 1.
    opacity : (n,) float64
        Of a tube wider than a pixel, 0 .. 1.
    camera : Camera
        Of the panel.

    Returns
    -------
    Fragments
        Smooth at the edges. Tubes that leave the panel are cut.
    """
    first, last = camera.project(start), camera.project(end)
    half_width = np.maximum(radius * camera.scale, _THINNEST)
    reach = half_width[:, None] + 1.0
    low = np.minimum(first, last)[:, :2] - reach
    high = np.maximum(first, last)[:, :2] + reach
    is_seen = ((high > 0) & (low < [camera.width, camera.height])).all(axis=1)
    index = np.flatnonzero(is_seen)
    strokes = _Strokes(first[index], last[index], half_width[index])
    faint = opacity * np.clip(radius * camera.scale / _THINNEST, _FAINTEST, 1.0)
    parts = []
    for which, x, y in strokes.pixels(camera):
        share, distance = strokes.nearest(which, x, y)
        edge = np.clip(half_width[index[which]] + 0.5 - distance, 0.0, 1.0)
        kept = np.flatnonzero(edge > 0.02)
        tube, share, distance = index[which[kept]], share[kept], distance[kept]
        facing = np.sqrt(np.clip(1.0 - np.square(distance / half_width[tube]), 0.0, 1.0))
        shade = (_AMBIENT + (1.0 - _AMBIENT) * facing).astype(np.float32)
        depth = first[tube, 2] + share * (last[tube, 2] - first[tube, 2])
        depth -= facing * half_width[tube] / camera.scale
        parts.append(
            Fragments(
                pixel=y[kept] * camera.width + x[kept],
                depth=depth.astype(np.float32),
                colour=colour[tube] * shade[:, None],
                opacity=(edge[kept] * faint[tube]).astype(np.float32),
            )
        )
    return join(parts)


class _Strokes:
    """Lines in pixels, walked along the axis that they follow most."""

    def __init__(self, first: FloatArray, last: FloatArray, half_width: FloatArray) -> None:
        self.first, self.step = first[:, :2], last[:, :2] - first[:, :2]
        self.square = np.maximum(np.einsum("ij,ij->i", self.step, self.step), 1e-12)
        self.half_width = half_width

    def nearest(
        self, which: npt.NDArray[np.int64], x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the nearest place of the axis, 0 .. 1, and the distance to it [pixels]."""
        offset = np.stack([x + 0.5, y + 0.5], axis=1) - self.first[which]
        step = self.step[which]
        share = np.clip(np.einsum("ij,ij->i", offset, step) / self.square[which], 0.0, 1.0)
        offset -= share[:, None] * step
        return share, np.sqrt(np.einsum("ij,ij->i", offset, offset))

    def pixels(
        self, camera: Camera
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Yield stroke, column and row of all pixels that may be covered, in chunks."""
        count = np.array([camera.width, camera.height])
        major = (np.abs(self.step[:, 1]) > np.abs(self.step[:, 0])).astype(int)
        row = np.arange(major.size)
        reach = self.half_width + 1.0
        along = self.first[row, major]
        along_step = self.step[row, major]
        begin = np.maximum(np.floor(np.minimum(along, along + along_step) - reach), 0)
        stop = np.minimum(np.ceil(np.maximum(along, along + along_step) + reach), count[major])
        n_along = np.maximum(stop - begin, 0).astype(np.int64)
        slope = self.step[row, 1 - major] / np.where(along_step == 0.0, 1.0, along_step)
        span = np.ceil(reach * np.sqrt(1.0 + slope * slope)).astype(np.int64)
        n_across = 2 * span + 1
        total = np.cumsum(n_along * n_across)
        for group in np.split(row, np.searchsorted(total, np.arange(_CHUNK, _last(total), _CHUNK))):
            pairs = np.repeat(group, n_along[group])
            i = begin[pairs].astype(np.int64) + _count_up(n_along[group])
            share = np.clip((i + 0.5 - along[pairs]) * _inverse(along_step[pairs]), 0.0, 1.0)
            middle = (
                self.first[pairs, 1 - major[pairs]] + share * self.step[pairs, 1 - major[pairs]]
            )
            which = np.repeat(pairs, n_across[pairs])
            i = np.repeat(i, n_across[pairs])
            j = np.repeat(np.floor(middle).astype(np.int64) - span[pairs], n_across[pairs])
            j += _count_up(n_across[pairs])
            x = np.where(major[which] == 0, i, j)
            y = np.where(major[which] == 0, j, i)
            inside = (x >= 0) & (x < count[0]) & (y >= 0) & (y < count[1])
            yield which[inside], x[inside], y[inside]


def _last(total: npt.NDArray[np.int64]) -> int:
    return int(total[-1]) if total.size else 0


def _inverse(value: FloatArray) -> FloatArray:
    inverse: FloatArray = 1.0 / np.where(np.abs(value) < 1e-9, 1e-9, value)
    return inverse


def _count_up(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return 0 .. n-1 for each n, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths, lengths)
