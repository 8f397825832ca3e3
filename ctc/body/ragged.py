"""Runs of different lengths, laid end to end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LongArray = npt.NDArray[np.int64]


def expand_runs(first: LongArray, count: LongArray) -> tuple[LongArray, LongArray]:
    """List the members of runs of consecutive numbers.

    Parameters
    ----------
    first, count : (n_runs,) int64
        Run i holds ``first[i]`` to ``first[i] + count[i] - 1``; counts are >= 0.

    Returns
    -------
    owner : (n_members,) int64
        Run of each member.
    member : (n_members,) int64
        The numbers, run after run.
    """
    owner = np.repeat(np.arange(count.size), count)
    begin = np.cumsum(count) - count
    return owner, np.arange(owner.size) - begin[owner] + first[owner]


def expand_boxes(low: LongArray, high: LongArray) -> tuple[LongArray, LongArray]:
    """List the whole-number points of boxes.

    Parameters
    ----------
    low, high : (n_boxes, d) int64
        First and last point along each axis, ``high >= low - 1``.

    Returns
    -------
    owner : (n_points,) int64
        Box of each point.
    point : (n_points, d) int64
        The points, box after box, the last axis fastest.
    """
    sides = high - low + 1
    count = np.ones(len(low), dtype=np.int64)
    for axis in range(low.shape[1]):
        count *= sides[:, axis]
    owner, place = expand_runs(np.zeros(len(low), dtype=np.int64), count)
    point = np.empty((owner.size, low.shape[1]), dtype=np.int64)
    for axis in range(low.shape[1] - 1, -1, -1):
        side = sides[owner, axis]
        point[:, axis] = low[owner, axis] + place % side
        place //= side
    return owner, point
