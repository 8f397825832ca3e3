"""The inside of a closed surface as a signed distance: stored on a grid, exact in sign."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ctc.body.parity import Columns, index_columns
from ctc.body.ragged import expand_boxes
from ctc.body.surface import Surface
from ctc.body.triangle_distance import nearest_points
from ctc.checks import FloatArray
from ctc.scenario.parameters import load_parameters

LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Nodes of a cell that holds a piece of surface lie within sqrt(3) cells of it.
_BAND = 2
_MARGIN = 2
_POLISHES = 2
_POINTS_AT_ONCE = 1 << 18
_PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class SurfaceShape:
    """A `ctc.body.shapes.Shape` within a closed surface; made by `surface_shape`.

    In cells that the surface passes through, the sign comes from the parity of crossings and the
    distance from the nearest triangles of the cell's corners; elsewhere the distance is
    interpolated, and the sign is that of all eight corners.

    Attributes
    ----------
    columns : Columns
        The triangles.
    origin : (3,) float64 [m]
        Of the grid.
    spacing : float [m]
        Side of its cells.
    distance : (nx, ny, nz) float32 [m]
        At the nodes, negative inside; exact near the surface, elsewhere to about a cell.
    nearest : (nx, ny, nz) int32
        Nearest triangle of the nodes near the surface, -1 elsewhere.
    is_cut : (nx, ny, nz) bool
        By lowest corner, cells that the surface may pass through.
    box : (2, 3) float64 [m]
        Around the surface.
    """

    columns: Columns
    origin: FloatArray
    spacing: float
    distance: npt.NDArray[np.float32]
    nearest: npt.NDArray[np.int32]
    is_cut: BoolArray
    box: FloatArray

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return (n,) float64 [m] for (n, 3) points [m]: negative inside; the sign is exact."""
        result = np.empty(len(points))
        for begin in range(0, len(points), _POINTS_AT_ONCE):
            part = np.asarray(points[begin : begin + _POINTS_AT_ONCE], dtype=np.float64)
            result[begin : begin + len(part)] = self._signed_distance(part)
        return result

    def bounds(self) -> FloatArray:
        """Return the box around it."""
        return self.box

    def inscribed_radius(self) -> float:
        """Return the radius [m] of about the largest ball that fits in."""
        return -float(self.distance.min())

    def _signed_distance(self, points: FloatArray) -> FloatArray:
        shape = np.array(self.distance.shape)
        place = (points - self.origin) / self.spacing
        inside_grid = np.clip(place, 0.0, shape - 1.0)
        cell = np.minimum(inside_grid.astype(np.int64), shape - 2)
        fraction = inside_grid - cell
        strides = np.array([shape[1] * shape[2], shape[2], 1])
        lowest = cell[:, 0] * strides[0] + cell[:, 1] * strides[1] + cell[:, 2]
        distance = self._interpolate(lowest, fraction, strides)
        beyond = (place - inside_grid) * self.spacing
        gap = np.sqrt(beyond[:, 0] ** 2 + beyond[:, 1] ** 2 + beyond[:, 2] ** 2)
        distance += gap
        cut = np.flatnonzero(self.is_cut.reshape(-1)[lowest] & (gap == 0.0))
        if cut.size:
            size = self._nearest_distance(points[cut], lowest[cut], strides)
            inside = self.columns.encloses(points[cut])
            distance[cut] = np.where(inside, -size, size)
        return distance

    def _interpolate(
        self, lowest: LongArray, fraction: FloatArray, strides: LongArray
    ) -> FloatArray:
        values = self.distance.reshape(-1)
        x, y, z = fraction.T
        result = np.zeros(lowest.size)
        for i, j, k in np.ndindex(2, 2, 2):
            weight = (x if i else 1.0 - x) * (y if j else 1.0 - y) * (z if k else 1.0 - z)
            result += weight * values[lowest + (i * strides[0] + j * strides[1] + k)]
        return result

    def _nearest_distance(
        self, points: FloatArray, lowest: LongArray, strides: LongArray
    ) -> FloatArray:
        """Distance to the nearest of the triangles that are nearest to the cell's corners."""
        nearest = self.nearest.reshape(-1)
        corner = [i * strides[0] + j * strides[1] + k for i, j, k in np.ndindex(2, 2, 2)]
        candidates = np.sort(nearest[lowest[:, None] + np.array(corner)], axis=1)
        is_new = np.ones(candidates.shape, dtype=bool)
        is_new[:, 1:] = candidates[:, 1:] != candidates[:, :-1]
        is_new &= candidates >= 0
        point, column = np.nonzero(is_new)
        triangle = candidates[point, column]
        foot = nearest_points(points[point], self.columns.corners[triangle])
        squared = _squared(points[point], foot)
        begin = np.flatnonzero(np.diff(point, prepend=-1))
        # A point on the surface is outside by the least that a number can be.
        return np.maximum(np.sqrt(np.minimum.reduceat(squared, begin)), np.finfo(np.float64).tiny)


def surface_shape(surface: Surface) -> SurfaceShape:
    """Lay out the signed distance of a closed surface on a grid.

    Parameters
    ----------
    surface : Surface
        Checked: closed, free of crossings.

    Returns
    -------
    SurfaceShape
        The same on every machine; takes some seconds for a hundred thousand triangles.
    """
    corners = surface.corners
    box = np.stack([corners.min(axis=(0, 1)), corners.max(axis=(0, 1))])
    side = box[1] - box[0]
    n_wanted = load_parameters("bodies/surfaces").value("distance.grid_nodes")
    spacing = cube_root(float(side[0] * side[1] * side[2]) / n_wanted)
    # A flat surface still gets a grid of some cells across.
    spacing = min(max(spacing, float(side.max()) / 1024.0), float(side.min()) / 2.0)
    shape = np.ceil(side / spacing).astype(np.int64) + 1 + 2 * _MARGIN
    origin = box[0] - _MARGIN * spacing
    columns = index_columns(corners)
    squared, nearest = _band(corners, origin, spacing, shape=shape)
    distance = _extended(corners, squared, nearest, origin=origin, spacing=spacing)
    inside = _inside_nodes(columns, origin, spacing, shape=shape)
    signed = np.where(inside, -distance, distance).astype(np.float32)
    is_cut = _cut_cells(corners, origin, spacing, shape=shape)
    # All corners of a cell that the surface does pass through are known to the band.
    is_known = nearest >= 0
    for axis in range(3):
        is_known = is_known & np.roll(is_known, -1, axis=axis)
    is_cut &= is_known
    return SurfaceShape(columns, origin, spacing, signed, nearest, is_cut, box)


def cube_root(value: float) -> float:
    """Cube root of a number > 0 by Newton's steps: the same bits on every machine."""
    root = max(value, 1.0)
    for _ in range(4096):
        better = (2.0 * root + value / (root * root)) / 3.0
        if not better < root:
            break
        root = better
    return root


def _band(
    corners: FloatArray, origin: FloatArray, spacing: float, *, shape: LongArray
) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Squared distance and nearest triangle of the nodes near the surface; infinite elsewhere."""
    squared = np.full(int(shape[0] * shape[1] * shape[2]), np.inf)
    nearest = np.full(squared.size, -1, dtype=np.int32)
    low = np.floor((corners.min(axis=1) - origin) / spacing).astype(np.int64) - (_BAND - 1)
    high = np.floor((corners.max(axis=1) - origin) / spacing).astype(np.int64) + _BAND
    low, high = np.maximum(low, 0), np.minimum(high, shape - 1)
    for part in _parts(low, high):
        owner, node = expand_boxes(low[part], high[part])
        triangle = owner + part.start
        points = origin + node * spacing
        found = _squared(points, nearest_points(points, corners[triangle]))
        flat = (node[:, 0] * shape[1] + node[:, 1]) * shape[2] + node[:, 2]
        np.minimum.at(squared, flat, found)
        # Backwards, so that of equally near triangles the first is kept.
        best = np.flatnonzero(found == squared[flat])[::-1]
        nearest[flat[best]] = triangle[best]
    # Farther than the band is wide, a nearer triangle may not have been looked at.
    beyond = squared > (_BAND * spacing) ** 2
    squared[beyond], nearest[beyond] = np.inf, -1
    return squared.reshape(shape), nearest.reshape(shape)


def _extended(
    corners: FloatArray,
    squared: FloatArray,
    nearest: npt.NDArray[np.int32],
    *,
    origin: FloatArray,
    spacing: float,
) -> FloatArray:
    """Distance at all nodes: to the nearest of the points below nodes close to the surface.

    Every node starts from the close node that is nearest to it, then takes over what is better
    from its neighbours; what is left of error is a small part of a cell.
    """
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415 - slow to import

    is_close = squared <= spacing * spacing
    node = np.argwhere(is_close)
    foot = nearest_points(origin + node * spacing, corners[nearest[is_close]])
    of_node = np.zeros(is_close.shape, dtype=np.int32)
    of_node[is_close] = np.arange(len(node))
    # Whole numbers of cells, so the choice is exact.
    i, j, k = distance_transform_edt(~is_close, return_distances=False, return_indices=True)
    of_node = of_node[i, j, k]
    every = origin + np.argwhere(np.ones(is_close.shape, dtype=bool)) * spacing
    best = _squared(every, foot[of_node.reshape(-1)])
    for axis in (0, 1, 2) * _POLISHES:
        for step in (1, -1):
            flat = of_node.reshape(-1)
            # What comes round from the other side of the grid is no better, so does no harm.
            offered = np.roll(of_node, step, axis=axis).reshape(-1)
            new = np.flatnonzero(offered != flat)
            found = _squared(every[new], foot[offered[new]])
            better = found < best[new]
            flat[new[better]] = offered[new[better]]
            best[new[better]] = found[better]
    return np.sqrt(np.minimum(best.reshape(is_close.shape), squared))


def _inside_nodes(
    columns: Columns, origin: FloatArray, spacing: float, *, shape: LongArray
) -> BoolArray:
    """Whether the nodes lie inside, by the crossings above them."""
    nx, ny, nz = (int(n) for n in shape)
    x = np.repeat(origin[0] + spacing * np.arange(nx), ny)
    y = np.tile(origin[1] + spacing * np.arange(ny), nx)
    line, triangle = columns.covering(x, y)
    a, b, c = (columns.corners[triangle, corner] for corner in range(3))
    normal = np.cross(b - a, c - a)
    slope = normal[:, 0] * (x[line] - a[:, 0]) + normal[:, 1] * (y[line] - a[:, 1])
    upright = normal[:, 2] == 0.0
    height = a[:, 2] - slope / np.where(upright, 1.0, normal[:, 2])
    last = np.clip(np.ceil((height - origin[2]) / spacing) - 1, -1, nz - 1).astype(np.int64)
    crossed = (~upright) & (last >= 0)
    count = np.bincount((line * nz + last)[crossed], minlength=nx * ny * nz).reshape(nx, ny, nz)
    above: LongArray = np.cumsum(count[:, :, ::-1], axis=2)[:, :, ::-1]
    inside: BoolArray = above % 2 == 1
    return inside


def _cut_cells(
    corners: FloatArray, origin: FloatArray, spacing: float, *, shape: LongArray
) -> BoolArray:
    """Mark the cells that a triangle's box and plane both pass through."""
    is_cut = np.zeros(shape, dtype=bool)
    # The width is more than rounding can shift a plane.
    slack = 1e-6
    low = np.floor((corners.min(axis=1) - origin) / spacing - slack).astype(np.int64)
    high = np.floor((corners.max(axis=1) - origin) / spacing + slack).astype(np.int64)
    low, high = np.maximum(low, 0), np.minimum(high, shape - 1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    reach = (0.5 + slack) * spacing * np.abs(normal).sum(axis=1)
    for part in _parts(low, high):
        owner, cell = expand_boxes(low[part], high[part])
        triangle = owner + part.start
        middle = origin + (cell + 0.5) * spacing - corners[triangle, 0]
        own = normal[triangle]
        height = own[:, 0] * middle[:, 0] + own[:, 1] * middle[:, 1] + own[:, 2] * middle[:, 2]
        passed = cell[np.abs(height) <= reach[triangle]]
        is_cut[passed[:, 0], passed[:, 1], passed[:, 2]] = True
    return is_cut


def _parts(low: LongArray, high: LongArray) -> list[slice]:
    """Cut the boxes into runs of bounded size."""
    count = np.maximum(high - low + 1, 0)
    total = np.cumsum(count[:, 0] * count[:, 1] * count[:, 2])
    edges = np.searchsorted(total, np.arange(_PAIRS_AT_ONCE, total[-1], _PAIRS_AT_ONCE))
    marks = np.unique(np.concatenate([[0], edges, [len(low)]]))
    return [slice(int(a), int(b)) for a, b in pairwise(marks)]


def _squared(a: FloatArray, b: FloatArray) -> FloatArray:
    gap = a - b
    squared: FloatArray = gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] + gap[:, 2] * gap[:, 2]
    return squared
