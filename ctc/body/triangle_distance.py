"""The point of a triangle that is nearest to a point in space."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray


def nearest_points(points: FloatArray, triangles: FloatArray) -> FloatArray:
    """Return the nearest point of one triangle for each point.

    The foot on the plane where it falls into the triangle, else the nearest of the nearest points
    of the three sides.

    Parameters
    ----------
    points : (n, 3) float64 [m]
        Anywhere.
    triangles : (n, 3, 3) float64 [m]
        Corners; each with an area.

    Returns
    -------
    (n, 3) float64 [m]
        On the triangles, to rounding.
    """
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    first, second, gap = b - a, c - a, points - a
    aa, bb, ab = _dot(first, first), _dot(second, second), _dot(first, second)
    ga, gb = _dot(gap, first), _dot(gap, second)
    area = aa * bb - ab * ab
    u = bb * ga - ab * gb
    v = aa * gb - ab * ga
    falls_in = (u >= 0.0) & (v >= 0.0) & (u + v <= area) & (area > 0.0)
    safe = np.where(falls_in, area, 1.0)
    foot: FloatArray = a + (u / safe)[:, None] * first + (v / safe)[:, None] * second
    beside = np.flatnonzero(~falls_in)
    best = np.full(beside.size, np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        begin, side = start[beside], (end - start)[beside]
        along = _dot(points[beside] - begin, side) / _dot(side, side)
        on_side = begin + np.clip(along, 0.0, 1.0)[:, None] * side
        off = points[beside] - on_side
        squared = _dot(off, off)
        nearer = squared < best
        foot[beside[nearer]] = on_side[nearer]
        best[nearer] = squared[nearer]
    return foot


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    product: FloatArray = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2]
    return product
