"""Territories as programs of the host library: what its engine asks for distances.

A shape becomes steps on a stack of numbers, in the order in which the shape itself computes, so
that both know the same surface. A shape without a formula (a surface mesh) becomes a grid of its
distances, with a margin that keeps what the grid calls inside within the shape.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.shapes import (
    Box,
    Capsule,
    Composite,
    Ellipsoid,
    HalfSpace,
    Layer,
    Operation,
    Shape,
)
from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.errors import InputError

# Numbers that may lie on the stack of the library at once; see kernels/host/growth/territory.h.
MOST_PENDING = 16
# Points of a sampled shape, along the longest side and in all.
_N_ALONG = 160
_N_SAMPLES = 2_000_000
_CHUNK = 1 << 18


class Step(enum.IntEnum):
    """Operations of the library."""

    ELLIPSOID = 0
    CAPSULE = 1
    BOX = 2
    HALF_SPACE = 3
    LAYER = 4
    ADD = 5
    SUBTRACT = 6
    WITHIN = 7
    GRID = 8


@dataclass(frozen=True)
class Grid:
    """Values at the nodes of a cubic lattice.

    Attributes
    ----------
    low : (3,) float64 [m]
        The first node.
    spacing : float [m]
        Between neighbours, > 0.
    values : (n_x, n_y, n_z) float32
        At least two along each axis.
    """

    low: FloatArray
    spacing: float
    values: npt.NDArray[np.float32]


@dataclass(frozen=True)
class TerritoryProgram:
    """A territory for the library.

    Attributes
    ----------
    steps : (n_steps, 2) int32
        `Step` and the place of its first number.
    numbers : (n,) float64
        What the steps read, SI.
    low, high : (3,) float64 [m]
        Corners of a box around the inside.
    grid : Grid or None
        Distances of a shape without a formula.
    """

    steps: npt.NDArray[np.int32]
    numbers: FloatArray
    low: FloatArray
    high: FloatArray
    grid: Grid | None = None


def territory_program(territory: Territory) -> TerritoryProgram:
    """Write the program of a territory.

    Parameters
    ----------
    territory : Territory
        With bounds on all sides.

    Returns
    -------
    TerritoryProgram
        Of the same sign as the territory's own distance for analytic shapes; for others inside
        only where the shape is, save for features finer than the grid.

    Raises
    ------
    InputError
        If the territory has no end, or its shapes are nested too deep.
    """
    low, high = territory.bounds()
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (high > low).all()):
        message = (
            f"territory must have bounds on all sides, got a box from {low} to {high} m for "
            f"'{territory.name}'. Confine it by a shape of finite size."
        )
        raise InputError(message)
    writer = _Writer()
    try:
        depth = writer.write(territory.shape)
    except _NoFormulaError:
        grid = _sampled(territory, low, high)
        return TerritoryProgram(np.array([[Step.GRID, 0]], np.int32), np.zeros(1), low, high, grid)
    if depth > MOST_PENDING:
        message = (
            f"shapes must be nested at most {MOST_PENDING} deep, got {depth} in "
            f"'{territory.name}'. Draw it with fewer."
        )
        raise InputError(message)
    steps = np.array(writer.steps, dtype=np.int32).reshape(-1, 2)
    return TerritoryProgram(steps, np.array(writer.numbers), low, high)


class _NoFormulaError(Exception):
    """A shape that the library has no step for."""


class _Writer:
    """Collects steps; `write` returns how deep the stack gets."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []
        self.numbers: list[float] = []

    def step(self, step: Step, *numbers: float) -> None:
        self.steps.append((int(step), len(self.numbers)))
        self.numbers.extend(float(number) for number in numbers)

    def write(self, shape: Shape) -> int:
        if isinstance(shape, Ellipsoid):
            self.step(Step.ELLIPSOID, *shape.centre, *shape.half_axes)
        elif isinstance(shape, Capsule):
            radii = (shape.start_radius, shape.end_radius)
            self.step(Step.CAPSULE, *shape.start, *shape.end, *radii)
        elif isinstance(shape, Box):
            core = [half - shape.rounding for half in shape.half_sizes]
            self.step(Step.BOX, *shape.centre, *core, shape.rounding)
        elif isinstance(shape, HalfSpace):
            x, y, z = shape.normal
            size = float(np.sqrt(x * x + y * y + z * z))
            self.step(Step.HALF_SPACE, *shape.point, x / size, y / size, z / size)
        elif isinstance(shape, Layer):
            depth = self.write(shape.of)
            self.step(Step.LAYER, shape.from_depth, shape.to_depth)
            return depth
        elif isinstance(shape, Composite):
            words = {
                Operation.ADD: Step.ADD,
                Operation.SUBTRACT: Step.SUBTRACT,
                Operation.WITHIN: Step.WITHIN,
            }
            depth = self.write(shape.steps[0][1])
            for operation, part in shape.steps[1:]:
                depth = max(depth, 1 + self.write(part))
                self.step(words[operation])
            return depth
        else:
            raise _NoFormulaError
        return 1


def _sampled(territory: Territory, low: FloatArray, high: FloatArray) -> Grid:
    """Sample a territory's distance; what lies between nodes is called inside with a margin."""
    span = high - low
    spacing = max(float(span.max()) / _N_ALONG, float((span.prod() / _N_SAMPLES) ** (1.0 / 3.0)))
    count = np.ceil(span / spacing).astype(np.int64) + 1
    count = np.maximum(count, 2)
    axes = [low[a] + spacing * np.arange(count[a]) for a in range(3)]
    values = np.empty(int(count.prod()), dtype=np.float32)
    for begin in range(0, values.size, _CHUNK):
        place = np.arange(begin, min(begin + _CHUNK, values.size))
        i, j, k = np.unravel_index(place, tuple(count))
        points = np.stack([axes[0][i], axes[1][j], axes[2][k]], axis=1)
        values[place] = territory.signed_distance(points)
    # A distance changes by at most the way: between nodes it lies within half a cell's diagonal of
    # the interpolated one, at an edge of the shape; on smooth surfaces it is far nearer.
    values += np.float32(0.25 * spacing)
    return Grid(low, spacing, values.reshape(tuple(count)))
