"""Triangles of a surface given as signed distances on a grid: naive surface nets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ctc.checks import FloatArray
from ctc.viewer.drawables import FloatArray32, IntArray32

# Corners of a cell of the grid, and its edges between them.
_CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = [
    (a, b)
    for a in range(8)
    for b in range(a + 1, 8)
    if int(np.abs(_CORNERS[a] - _CORNERS[b]).sum()) == 1
]
# Steps towards the surface along the gradient; each leaves a small part of the distance.
_N_STEPS = 3


def mesh_surface(
    distance: FloatArray, low: FloatArray, pitch: float
) -> tuple[FloatArray32, IntArray32]:
    """Return the surface where a distance is zero.

    A vertex for each cell of the grid that the surface cuts, at the mean of the cuts through its
    edges and then moved onto the surface; a quadrangle for each cut edge, as two triangles.

    Parameters
    ----------
    distance : (a, b, c) float64 [m]
        Negative inside; > 0 all around the edge of the grid.
    low : (3,) float64 [m]
        Place of its first point.
    pitch : float [m]
        Between two points, > 0.

    Returns
    -------
    vertices : (v, 3) float32 [m]
        Corners.
    triangles : (t, 3) int32
        Counter-clockwise seen from outside; closed.

    References
    ----------
    .. [1] Gibson 1998, Constrained elastic surface nets, MICCAI, doi:10.1007/BFb0056277.
    """
    inside = distance < 0.0
    cell_shape = np.array(distance.shape) - 1
    n_inside = np.zeros(cell_shape, dtype=np.int8)
    for corner in _CORNERS:
        n_inside += inside[_shifted(corner, cell_shape)]
    cells = np.flatnonzero((n_inside > 0) & (n_inside < 8))
    place = np.stack(np.unravel_index(cells, tuple(cell_shape)), axis=1)
    at_corner = np.stack([distance[tuple((place + corner).T)] for corner in _CORNERS], axis=1)
    total = np.zeros((cells.size, 3))
    count = np.zeros(cells.size)
    for a, b in _EDGES:
        first, second = at_corner[:, a], at_corner[:, b]
        is_cut = (first < 0.0) != (second < 0.0)
        share = np.where(is_cut, first / np.where(is_cut, first - second, 1.0), 0.0)
        cut = _CORNERS[a] + share[:, None] * (_CORNERS[b] - _CORNERS[a])
        total += np.where(is_cut[:, None], cut, 0.0)
        count += is_cut
    vertices = place + total / np.maximum(count, 1)[:, None]
    vertices = _onto_surface(vertices, distance / pitch)
    number = np.full(tuple(cell_shape), -1, dtype=np.int64)
    number.flat[cells] = np.arange(cells.size)
    triangles = np.concatenate([_quadrangles(inside, number, axis) for axis in range(3)])
    return (low + pitch * vertices).astype(np.float32), triangles.astype(np.int32)


def _shifted(corner: npt.NDArray[np.int64], shape: npt.NDArray[np.int64]) -> tuple[slice, ...]:
    return tuple(slice(int(s), int(s) + int(n)) for s, n in zip(corner, shape, strict=True))


def _onto_surface(vertices: FloatArray, distance: FloatArray) -> FloatArray:
    """Move vertices, in grid steps, down the gradient of a distance in grid steps."""
    start = vertices.copy()
    for _ in range(_N_STEPS):
        here = _sample(distance, vertices)
        slope = np.stack(
            [
                _sample(distance, vertices + 0.5 * step) - _sample(distance, vertices - 0.5 * step)
                for step in np.eye(3)
            ],
            axis=1,
        )
        square = np.maximum(np.einsum("ij,ij->i", slope, slope), 0.05)
        vertices = vertices - (here / square)[:, None] * slope
        # A vertex stays near its cell, so that triangles do not fold over.
        vertices = start + np.clip(vertices - start, -0.5, 0.5)
    return vertices


def _sample(values: FloatArray, place: FloatArray) -> FloatArray:
    sampled: FloatArray = ndimage.map_coordinates(values, place.T, order=1, mode="nearest")
    return sampled


def _quadrangles(
    inside: npt.NDArray[np.bool_], number: npt.NDArray[np.int64], axis: int
) -> npt.NDArray[np.int64]:
    """Return two triangles for each edge of the grid along one axis that the surface cuts."""
    along = np.moveaxis(inside, axis, 0)
    cells = np.moveaxis(number, axis, 0)
    # Edges on the rim of the grid have no four cells around them; nothing is cut there.
    is_cut = (along[1:] != along[:-1])[:, 1:-1, 1:-1]
    i, j, k = np.nonzero(is_cut)
    corners = [cells[i, j, k], cells[i, j + 1, k], cells[i, j + 1, k + 1], cells[i, j, k + 1]]
    ring = np.stack(corners, axis=1)
    # The ring is counter-clockwise seen from ahead for axes 0 and 2; moving axis 1 to the front
    # mirrors the other two.
    leaves = along[1:][:, 1:-1, 1:-1][i, j, k] == (axis == 1)
    ring = np.where(leaves[:, None], ring, ring[:, ::-1])
    triangles: npt.NDArray[np.int64] = np.concatenate([ring[:, [0, 1, 2]], ring[:, [0, 2, 3]]])
    return triangles
