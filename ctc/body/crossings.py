"""Pairs of triangles of a surface that cross, touch or fold over each other.

Signs of determinants are taken as known where they pass the bound of their rounding errors
(Shewchuk 1997, doi:10.1007/PL00009321), and as zero elsewhere; zero counts as touching, unless a
plane can be put between the two. So no crossing goes unseen, and what is nearer than rounding
can tell is reported.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.body.box_pairs import overlapping_pairs
from ctc.body.separation import are_apart, part_at_corner
from ctc.checks import FloatArray

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
SignArray = npt.NDArray[np.int8]

_EPSILON = 2.0**-53
_BOUND_3 = (7.0 + 56.0 * _EPSILON) * _EPSILON
_BOUND_2 = (3.0 + 16.0 * _EPSILON) * _EPSILON
_CHUNK = 1 << 19


def crossing_pairs(vertices: FloatArray, triangles: LongArray) -> LongArray:
    """Find the pairs of triangles that share more than their common vertices.

    Parameters
    ----------
    vertices : (n_vertices, 3) float64 [m]
        Each place once.
    triangles : (n_triangles, 3) int64
        Corners; every one has an area.

    Returns
    -------
    (n_pairs, 2) int64
        Rising, the lower triangle first; empty for an embedded surface.
    """
    corners = vertices[triangles]
    pairs = overlapping_pairs(corners.min(axis=1), corners.max(axis=1))
    found = [
        part[_meet(vertices, triangles[part[:, 0]], triangles[part[:, 1]])]
        for part in (pairs[i : i + _CHUNK] for i in range(0, len(pairs), _CHUNK))
    ]
    result = np.concatenate([np.empty((0, 2), dtype=np.int64), *found])
    return result[np.lexsort((result[:, 1], result[:, 0]))]


def _meet(vertices: FloatArray, one: LongArray, two: LongArray) -> BoolArray:
    """Whether the triangles of each pair meet beside their shared vertices."""
    is_shared = one[:, :, None] == two[:, None, :]
    n_shared = is_shared.any(axis=2).sum(axis=1)
    meets: BoolArray = n_shared == 3
    apart = np.flatnonzero(n_shared == 0)
    a, b = vertices[one[apart]], vertices[two[apart]]
    near = ~(_one_side(a, b) | _one_side(b, a))
    apart, a, b = apart[near], a[near], b[near]
    hits = np.zeros(apart.size, dtype=bool)
    for i in range(3):
        hits |= _segment_hits(a[:, i], a[:, (i + 1) % 3], b)
        hits |= _segment_hits(b[:, i], b[:, (i + 1) % 3], a)
    doubtful = np.flatnonzero(hits)
    hits[doubtful] = ~are_apart(a[doubtful], b[doubtful])
    meets[apart] = hits

    touching = np.flatnonzero(n_shared == 1)
    a = vertices[_shared_first(one[touching], is_shared[touching].any(axis=2))]
    b = vertices[_shared_first(two[touching], is_shared[touching].any(axis=1))]
    # What lies beyond the shared corner ends on the side opposite to it in one of the two.
    hits = _segment_hits(a[:, 1], a[:, 2], b) | _segment_hits(b[:, 1], b[:, 2], a)
    doubtful = np.flatnonzero(hits)
    hits[doubtful] = ~part_at_corner(a[doubtful], b[doubtful])
    meets[touching] = hits

    side = np.flatnonzero(n_shared == 2)
    a = vertices[_shared_first(one[side], ~is_shared[side].any(axis=2))]
    b = vertices[_shared_first(two[side], ~is_shared[side].any(axis=1))]
    edge = a[:, 2] - a[:, 1]
    normals = np.cross(edge, a[:, 0] - a[:, 1]) * np.cross(edge, b[:, 0] - a[:, 1])
    folds = normals[:, 0] + normals[:, 1] + normals[:, 2] > 0.0
    meets[side] = folds & (_side_3(a[:, 1], a[:, 2], a[:, 0], b[:, 0]) == 0)
    return meets


def _shared_first(triangle: LongArray, is_first: BoolArray) -> LongArray:
    """Return triangles rolled so that the one marked corner comes first."""
    place = (np.argmax(is_first, axis=1)[:, None] + np.arange(3)) % 3
    rolled: LongArray = np.take_along_axis(triangle, place, axis=1)
    return rolled


def _one_side(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether all corners of a lie strictly on one side of b's plane."""
    signs = [_side_3(b[:, 0], b[:, 1], b[:, 2], a[:, i]) for i in range(3)]
    agree: BoolArray = (signs[0] == signs[1]) & (signs[1] == signs[2]) & (signs[0] != 0)
    return agree


def _segment_hits(p: FloatArray, q: FloatArray, triangle: FloatArray) -> BoolArray:
    """Whether closed segments and closed triangles have a point in common."""
    a, b, c = triangle[:, 0], triangle[:, 1], triangle[:, 2]
    side_p, side_q = _side_3(a, b, c, p), _side_3(a, b, c, q)
    reaches = side_p * side_q <= 0
    passes = [_side_3(p, q, a, b), _side_3(p, q, b, c), _side_3(p, q, c, a)]
    has_plus = (passes[0] > 0) | (passes[1] > 0) | (passes[2] > 0)
    has_minus = (passes[0] < 0) | (passes[1] < 0) | (passes[2] < 0)
    hits: BoolArray = reaches & ~(has_plus & has_minus)
    flat = np.flatnonzero((side_p == 0) & (side_q == 0))
    hits[flat] = _segment_hits_in_plane(p[flat], q[flat], triangle[flat])
    return hits


def _segment_hits_in_plane(p: FloatArray, q: FloatArray, triangle: FloatArray) -> BoolArray:
    """Do the same where both lie in one plane: no side of either parts them."""
    normal = np.abs(np.cross(triangle[:, 1] - triangle[:, 0], triangle[:, 2] - triangle[:, 0]))
    widest = np.argmax(normal, axis=1)
    axes = np.array([[1, 2], [2, 0], [0, 1]])[widest]
    p, q = np.take_along_axis(p, axes, axis=1), np.take_along_axis(q, axes, axis=1)
    corner = [np.take_along_axis(triangle[:, i], axes, axis=1) for i in range(3)]
    turn = _side_2(corner[0], corner[1], corner[2])
    is_parted = np.zeros(len(p), dtype=bool)
    for i in range(3):
        a, b = corner[i], corner[(i + 1) % 3]
        is_parted |= (_side_2(a, b, p) * turn < 0) & (_side_2(a, b, q) * turn < 0)
    sides = [_side_2(p, q, each) for each in corner]
    is_parted |= (sides[0] == sides[1]) & (sides[1] == sides[2]) & (sides[0] != 0)
    return ~is_parted


def _side_3(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> SignArray:
    """Sign of (a - d) . ((b - d) x (c - d)); 0 where rounding leaves it open."""
    ax, ay, az = (a - d).T
    bx, by, bz = (b - d).T
    cx, cy, cz = (c - d).T
    terms = ((bx * cy, cx * by, az), (cx * ay, ax * cy, bz), (ax * by, bx * ay, cz))
    value = np.zeros(len(d))
    size = np.zeros(len(d))
    for plus, minus, height in terms:
        value += height * (plus - minus)
        size += np.abs(height) * (np.abs(plus) + np.abs(minus))
    return _sign(value, _BOUND_3 * size)


def _side_2(a: FloatArray, b: FloatArray, c: FloatArray) -> SignArray:
    """Sign of the area of a, b, c in a plane; 0 where rounding leaves it open."""
    plus = (a[:, 0] - c[:, 0]) * (b[:, 1] - c[:, 1])
    minus = (a[:, 1] - c[:, 1]) * (b[:, 0] - c[:, 0])
    return _sign(plus - minus, _BOUND_2 * (np.abs(plus) + np.abs(minus)))


def _sign(value: FloatArray, bound: FloatArray) -> SignArray:
    sign: SignArray = np.sign(value).astype(np.int8)
    sign[np.abs(value) <= bound] = 0
    return sign
