"""Volume: a grid of cubes over a body, and shapes painted into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.territory import Territory
from ctc.checks import FloatArray

Values = npt.NDArray[np.float32]
Window = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Grid:
    """Cubes in the axes of the body: x to its left, y to its back, z up.

    Attributes
    ----------
    low : (3,) float64 [m]
        Middle of the first cube.
    pitch : float [m]
        Edge of a cube.
    shape : tuple of int
        Cubes along x, y and z.
    """

    low: FloatArray
    pitch: float
    shape: tuple[int, int, int]

    @classmethod
    def around(cls, box: FloatArray, pitch: float, *, room: float | FloatArray) -> Grid:
        """Return the grid over a (2, 3) box [m] with some room on all sides."""
        low = box[0] - room
        n = np.ceil((box[1] + room - low) / pitch).astype(int) + 1
        return cls(low=low, pitch=pitch, shape=(int(n[0]), int(n[1]), int(n[2])))

    def window(self, box: FloatArray) -> Window:
        """Return the part of the grid that covers a (2, 3) box [m]; it may be empty."""
        first = np.floor((box[0] - self.low) / self.pitch).astype(int) - 1
        stop = np.ceil((box[1] - self.low) / self.pitch).astype(int) + 2
        parts = [
            slice(int(np.clip(a, 0, n)), int(np.clip(b, 0, n)))
            for a, b, n in zip(first, stop, self.shape, strict=True)
        ]
        return parts[0], parts[1], parts[2]

    def points(self, window: Window) -> FloatArray:
        """Return the middles of the cubes of a window, (nx, ny, nz, 3) float64 [m]."""
        axes = [
            low + self.pitch * np.arange(part.start, part.stop)
            for low, part in zip(self.low, window, strict=True)
        ]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def coverage(distance: FloatArray, pitch: float) -> Values:
    """Return how much of each cube a shape covers, from the signed distance of its middle [m]."""
    part: Values = np.clip(0.5 - distance / pitch, 0.0, 1.0).astype(np.float32)
    return part


def covered(
    grid: Grid, territories: Sequence[Territory]
) -> Iterator[tuple[Window, Values, FloatArray]]:
    """Yield window, coverage and signed distance [m] of each territory that the grid meets."""
    for territory in territories:
        window = grid.window(territory.bounds())
        points = grid.points(window)
        if points.size:
            near = territory.signed_distance(points.reshape(-1, 3)).reshape(points.shape[:3])
            yield window, coverage(near, grid.pitch), near


def joined(grid: Grid, territories: Sequence[Territory]) -> tuple[Window, Values]:
    """Return the window of some territories together, and how much of it they cover."""
    boxes = np.stack([territory.bounds() for territory in territories])
    window = grid.window(np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]))
    whole = np.zeros(tuple(part.stop - part.start for part in window), dtype=np.float32)
    for inner, part, _ in covered(grid, territories):
        place = tuple(
            slice(a.start - b.start, a.stop - b.start) for a, b in zip(inner, window, strict=True)
        )
        np.maximum(whole[place], part, out=whole[place])
    return window, whole


def paint(volume: Values, window: Window, part: Values, *, value: float | Values) -> None:
    """Lay a value over a window of a volume, as far as each cube is covered."""
    volume[window] += part * (np.asarray(value, dtype=np.float32) - volume[window])


def paint_ball(
    volume: Values, grid: Grid, *, centre: FloatArray, radius: float, value: float
) -> None:
    """Put a ball into a volume so that its total is exact however small it is.

    A ball far below the pitch would fall between the middles of the cubes: what it differs from
    its surroundings is spread over a ball of at least one cube, in proportion to its volume.
    """
    drawn = max(radius, 0.75 * grid.pitch)
    window = grid.window(np.stack([centre - drawn, centre + drawn]))
    points = grid.points(window)
    if not points.size:
        return
    away = np.sqrt(np.square(points - centre).sum(axis=-1))
    part = coverage(away - drawn, grid.pitch)
    total = float(part.sum()) * grid.pitch**3
    if total > 0.0:
        share = min(4.0 / 3.0 * np.pi * radius**3 / total, 1.0 / max(float(part.max()), 1e-6))
        paint(volume, window, part * np.float32(share), value=value)
