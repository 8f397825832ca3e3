"""Vessels that overlap and nearest distances, by the host library."""

from __future__ import annotations

import ctypes

import numpy as np

from ctc.backends.cpu import host_library
from ctc.backends.host_growth import default_threads
from ctc.checks import FloatArray, IntArray


def count_overlaps(
    position: FloatArray,
    start: IntArray,
    end: IntArray,
    *,
    radius: FloatArray,
    line: IntArray,
    threads: int | None = None,
) -> tuple[int, int, int]:
    """Count overlapping tubes; see ``kernels/host/growth/collisions.h``.

    Parameters
    ----------
    position : (n_nodes, 3) float64 [m]
        Of the nodes.
    start, end : (n,) int32
        Ends of the tubes.
    radius : (n,) float64 [m]
        Of the tubes.
    line : (n,) int32
        The tube upstream of each in its tree, -1 for none.
    threads : int, optional
        All cores when left out; no result depends on it.

    Returns
    -------
    far, near, segments : int
        Pairs without and with an ancestor within three hops; segments in far ones.
    """
    counts = np.zeros(3, dtype=np.int64)
    arrays = [
        np.ascontiguousarray(array, dtype=dtype)
        for array, dtype in (
            (position, np.float64),
            (start, np.int32),
            (end, np.int32),
            (radius, np.float64),
            (line, np.int32),
        )
    ]
    pointer = ctypes.c_void_p
    library = host_library()
    library.ctc_count_collisions.argtypes = [
        *[pointer] * 5,
        ctypes.c_int64,
        ctypes.c_uint32,
        pointer,
    ]
    library.ctc_count_collisions(
        *[array.ctypes.data for array in arrays],
        start.size,
        threads or default_threads(),
        counts.ctypes.data,
    )
    far, near, segments = counts.tolist()
    return far, near, segments


def nearest_distances(
    points: FloatArray, targets: FloatArray, *, threads: int | None = None
) -> FloatArray:
    """Return (n,) float64 [m]: how far each of (n, 3) points is from the nearest target."""
    points, targets = (np.ascontiguousarray(a, dtype=np.float64) for a in (points, targets))
    found = np.empty(len(points))
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library = host_library()
    library.ctc_nearest_distance.argtypes = [
        pointer,
        count,
        pointer,
        count,
        ctypes.c_uint32,
        pointer,
    ]
    library.ctc_nearest_distance(
        points.ctypes.data,
        len(points),
        targets.ctypes.data,
        len(targets),
        threads or default_threads(),
        found.ctypes.data,
    )
    return found
