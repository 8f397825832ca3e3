"""Proof that two triangles lie apart: a plane between them, wider than rounding can shift it.

What lies almost in one plane leaves the signs of determinants open; in a flat part of a surface
that is so for every pair of neighbours. A plane between the two settles it.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray

BoolArray = npt.NDArray[np.bool_]

# Of the sizes involved: far above rounding (1e-16), far below any triangle of a mesh.
_MARGIN = 1e-11


def are_apart(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether a plane parts triangles without a common corner.

    Parameters
    ----------
    a, b : (n, 3, 3) float64 [m]
        Corners of each pair.

    Returns
    -------
    (n,) bool
        True where one was found among the planes along the faces, upright on them along their
        sides, and along one side of each.
    """
    origin = a[:, :1]
    a, b = a - origin, b - origin
    sides_a = [a[:, (i + 1) % 3] - a[:, i] for i in range(3)]
    sides_b = [b[:, (i + 1) % 3] - b[:, i] for i in range(3)]
    normal_a, normal_b = np.cross(sides_a[0], sides_a[1]), np.cross(sides_b[0], sides_b[1])
    axes = [normal_a, normal_b]
    axes += [np.cross(normal_a, side) for side in sides_a]
    axes += [np.cross(normal_b, side) for side in sides_b]
    axes += [np.cross(one, two) for one, two in itertools.product(sides_a, sides_b)]
    apart = np.zeros(len(a), dtype=bool)
    reach = np.maximum(np.abs(a).max(axis=(1, 2)), np.abs(b).max(axis=(1, 2)))
    for axis in axes:
        on_a, on_b = _along(a, axis), _along(b, axis)
        margin = _MARGIN * reach * np.abs(axis).sum(axis=1)
        apart |= on_a.min(axis=1) - on_b.max(axis=1) > margin
        apart |= on_b.min(axis=1) - on_a.max(axis=1) > margin
    return apart


def part_at_corner(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether a plane through the first, common corner parts the rest of two triangles.

    Parameters
    ----------
    a, b : (n, 3, 3) float64 [m]
        Corners of each pair, the common one first.

    Returns
    -------
    (n,) bool
        True where one was found half way between two sides, or between the middles.
    """
    tips_a, tips_b = _unit(a[:, 1:] - a[:, :1]), _unit(b[:, 1:] - b[:, :1])
    ways_a = [tips_a[:, 0], tips_a[:, 1], _unit((tips_a[:, 0] + tips_a[:, 1])[:, None])[:, 0]]
    ways_b = [tips_b[:, 0], tips_b[:, 1], _unit((tips_b[:, 0] + tips_b[:, 1])[:, None])[:, 0]]
    apart = np.zeros(len(a), dtype=bool)
    for one, two in itertools.product(ways_a, ways_b):
        axis = one - two
        on_a, on_b = _along(tips_a, axis), _along(tips_b, axis)
        apart |= (on_a.min(axis=1) > _MARGIN) & (on_b.max(axis=1) < -_MARGIN)
    return apart


def _along(points: FloatArray, axis: FloatArray) -> FloatArray:
    along: FloatArray = (
        points[:, :, 0] * axis[:, None, 0]
        + points[:, :, 1] * axis[:, None, 1]
        + points[:, :, 2] * axis[:, None, 2]
    )
    return along


def _unit(vectors: FloatArray) -> FloatArray:
    size = np.sqrt((vectors * vectors).sum(axis=2, keepdims=True))
    unit: FloatArray = vectors / np.maximum(size, 1e-300)
    return unit
