"""Analytic shapes as signed distances: negative inside, about the distance in metres outside."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ctc.checks import FloatArray

Vector = tuple[float, float, float]


class Shape(Protocol):
    """Anything with an inside."""

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return (n,) float64 [m] for (n, 3) points [m]: negative inside; the sign is exact."""
        ...

    def bounds(self) -> FloatArray:
        """Return (2, 3) float64 [m]: lowest and highest corner of a box around the inside."""
        ...


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid along the axes; the distance is of first order in the gap to the surface."""

    centre: Vector
    half_axes: Vector

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return k0 (k0 - 1) / k1 with k0 = |p / a| and k1 = |p / a^2|."""
        inverse = 1.0 / np.asarray(self.half_axes)
        scaled = (points - np.asarray(self.centre)) * inverse
        first = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        scaled *= inverse
        second = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        # At the centre both vanish; the nearest surface is one smallest half axis away.
        at_centre = second == 0.0
        second[at_centre] = 1.0
        distance: FloatArray = first * (first - 1.0) / second
        distance[at_centre] = -min(self.half_axes)
        return distance

    def bounds(self) -> FloatArray:
        """Return the box around it."""
        centre, half = np.asarray(self.centre), np.asarray(self.half_axes)
        return np.stack([centre - half, centre + half])


@dataclass(frozen=True)
class Capsule:
    """A round tube with round ends, its radius linear along the axis."""

    start: Vector
    end: Vector
    start_radius: float
    end_radius: float

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return the distance to the axis less the radius at the nearest point of the axis."""
        start = np.asarray(self.start)
        axis = np.asarray(self.end) - start
        offset = points - start
        along = np.clip(offset @ axis / float(axis @ axis), 0.0, 1.0)
        offset -= along[:, None] * axis
        radius = self.start_radius + along * (self.end_radius - self.start_radius)
        distance: FloatArray = np.sqrt(np.einsum("ij,ij->i", offset, offset)) - radius
        return distance

    def bounds(self) -> FloatArray:
        """Return the box around it."""
        ends = np.array([self.start, self.end])
        reach = np.array([[self.start_radius], [self.end_radius]])
        return np.stack([(ends - reach).min(axis=0), (ends + reach).max(axis=0)])


@dataclass(frozen=True)
class Box:
    """A box along the axes with rounded edges; `half_sizes` include the rounding."""

    centre: Vector
    half_sizes: Vector
    rounding: float

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return the exact distance."""
        core = np.asarray(self.half_sizes) - self.rounding
        gap = np.abs(points - np.asarray(self.centre)) - core
        inside = np.minimum(gap.max(axis=1), 0.0)
        outside = np.maximum(gap, 0.0)
        distance: FloatArray = np.sqrt(np.einsum("ij,ij->i", outside, outside)) + inside
        distance -= self.rounding
        return distance

    def bounds(self) -> FloatArray:
        """Return the box around it."""
        centre, half = np.asarray(self.centre), np.asarray(self.half_sizes)
        return np.stack([centre - half, centre + half])


@dataclass(frozen=True)
class HalfSpace:
    """All points behind a plane; `normal` points out and need not be of unit length."""

    point: Vector
    normal: Vector

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return the exact distance."""
        normal = np.asarray(self.normal) / np.sqrt(np.dot(self.normal, self.normal))
        distance: FloatArray = (points - np.asarray(self.point)) @ normal
        return distance

    def bounds(self) -> FloatArray:
        """Return a box without end, save where the plane lies along two axes."""
        box = np.array([[-np.inf] * 3, [np.inf] * 3])
        normal = np.asarray(self.normal)
        if np.count_nonzero(normal) == 1:
            axis = int(np.flatnonzero(normal)[0])
            box[1 if normal[axis] > 0 else 0, axis] = self.point[axis]
        return box


@dataclass(frozen=True)
class Layer:
    """What lies between two depths under the surface of another shape."""

    of: Shape
    from_depth: float
    to_depth: float

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return max(d + from, -(d + to)) with d the distance to the outer surface."""
        outer = self.of.signed_distance(points)
        distance: FloatArray = np.maximum(outer + self.from_depth, -(outer + self.to_depth))
        return distance

    def bounds(self) -> FloatArray:
        """Return the box around the outer shape."""
        return self.of.bounds()


class Operation(enum.Enum):
    """How a step of a `Composite` changes what came before."""

    ADD = "add"
    SUBTRACT = "subtract"
    WITHIN = "within"


@dataclass(frozen=True)
class Composite:
    """Shapes joined, cut and confined in order; the first step adds."""

    steps: tuple[tuple[Operation, Shape], ...]

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return min, max(d, -s) or max(d, s) over the steps."""
        distance = self.steps[0][1].signed_distance(points)
        for operation, shape in self.steps[1:]:
            other = shape.signed_distance(points)
            if operation is Operation.ADD:
                np.minimum(distance, other, out=distance)
            else:
                sign = 1.0 if operation is Operation.WITHIN else -1.0
                np.maximum(distance, sign * other, out=distance)
        return distance

    def bounds(self) -> FloatArray:
        """Return a box around the inside; cuts do not make it smaller."""
        box = np.array([[np.inf] * 3, [-np.inf] * 3])
        for operation, shape in self.steps:
            part = shape.bounds()
            if operation is Operation.ADD:
                box = np.stack([np.minimum(box[0], part[0]), np.maximum(box[1], part[1])])
            elif operation is Operation.WITHIN:
                box = np.stack([np.maximum(box[0], part[0]), np.minimum(box[1], part[1])])
        return box
