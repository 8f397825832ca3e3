"""Pairs of boxes that overlap, by a tree of boxes; fast for any mixture of sizes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError

LongArray = npt.NDArray[np.int64]

_BITS = 20
# Neighbours in a mesh make about ten pairs a triangle, slender triangles some tens.
PAIRS_A_BOX = 200
_FEW_PAIRS = 2_000_000
MOST_PAIRS = 50_000_000


def overlapping_pairs(low: FloatArray, high: FloatArray) -> LongArray:
    """Find all pairs of boxes that have a point in common.

    Boxes in the order of a space-filling curve are joined two by two, level by level; pairs of
    joined boxes that overlap are opened again from the top.

    Parameters
    ----------
    low, high : (n_boxes, 3) float64 [m]
        Corners, finite.

    Returns
    -------
    (n_pairs, 2) int64
        The lower index first; each pair once, in no particular order.

    Raises
    ------
    InputError
        If far more overlap than do in any mesh: the pairs would take all memory.
    """
    most = max(_FEW_PAIRS, min(PAIRS_A_BOX * len(low), MOST_PAIRS))
    order = np.argsort(_curve(0.5 * (low + high)), kind="stable")
    n_levels = int(len(order) - 1).bit_length()
    lows, highs = np.full((1 << n_levels, 3), np.inf), np.full((1 << n_levels, 3), -np.inf)
    lows[: order.size], highs[: order.size] = low[order], high[order]
    levels = [(lows, highs)]
    for _ in range(n_levels):
        lows, highs = levels[-1]
        levels.append((np.minimum(lows[0::2], lows[1::2]), np.maximum(highs[0::2], highs[1::2])))
    one = two = np.zeros(1, dtype=np.int64)
    for lows, highs in reversed(levels[:-1]):
        same = one == two
        twins, first, second = one[same], one[~same], two[~same]
        pairs = [(2 * twins, 2 * twins), (2 * twins + 1, 2 * twins + 1), (2 * twins, 2 * twins + 1)]
        pairs += [(2 * first + i, 2 * second + j) for i in (0, 1) for j in (0, 1)]
        one = np.concatenate([a for a, _ in pairs])
        two = np.concatenate([b for _, b in pairs])
        overlap = np.ones(one.size, dtype=bool)
        for axis in range(3):
            overlap &= lows[one, axis] <= highs[two, axis]
            overlap &= lows[two, axis] <= highs[one, axis]
        one, two = one[overlap], two[overlap]
        if one.size > most:
            message = f"at most {most:,} pairs of triangles must lie so that their boxes overlap, "
            message += "got more: they are too long, or lie upon each other. Remesh the surface."
            raise InputError(message)
    apart = one != two
    ends = np.stack([order[one[apart]], order[two[apart]]], axis=1)
    pairs_found: LongArray = np.sort(ends, axis=1)
    return pairs_found


def _curve(points: FloatArray) -> LongArray:
    """Place of points on a Morton curve through their box."""
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = (points - low) * ((1 << _BITS) - 1) / np.maximum(high - low, 1e-300)
    cells = np.floor(scaled).astype(np.int64)
    key = np.zeros(len(points), dtype=np.int64)
    for bit in range(_BITS):
        for axis in range(3):
            key |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return key
