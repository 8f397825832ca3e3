"""Shells: the organs as smooth translucent surfaces, traced from their signed distances.

The one place, with `scene`, where a viewer looks into `ctc.body`: a run file names its body
plan, and the shapes of a plan are in the parameter sets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.viewer.camera import Camera, turn_back, turned_box
from ctc.viewer.fragments import Fragments
from ctc.viewer.palette import Shell, rgb

# Light comes from the upper left, near the eye; right, up, away.
_LIGHT = np.array([-0.42, 0.55, -0.72]) / np.sqrt(0.42**2 + 0.55**2 + 0.72**2)
_AMBIENT, _DIFFUSE, _GLOSS, _GLOSS_POWER = 0.30, 0.78, 0.30, 28.0
# A shell is denser where it is seen from the side, as glass is.
_RIM_POWER = 2.6
# Of the opacity, the part that even the thinnest piece has; the rest grows with thickness.
_THIN_PART = 0.45
_STEP_SHARE, _N_STEPS = 0.85, 64
_FOLD_AXES = np.array([[0.6, -0.64, 0.48], [0.8, 0.48, -0.36], [0.0, 0.6, 0.8]])
# Distances above this many grid steps are cut to it.
_FAR = 4.0


def trace_shell(
    territories: Sequence[Territory],
    camera: Camera,
    *,
    shell: Shell,
    pitch: float,
    swelling: float = 0.0,
) -> Fragments:
    """Return the front surface of some territories, joined and smoothed, as the camera sees it.

    The signed distances are sampled on a grid that lies along the view, blurred by one grid
    step, which rounds the creases between primitives, and traced along the depth axis pixel by
    pixel. The silhouette is smooth to a part of a pixel.

    Parameters
    ----------
    territories : sequence of Territory
        At least one.
    camera : Camera
        Of the panel.
    shell : Shell
        Colour, opacity and relief.
    pitch : float [m]
        Of the grid, > 0; details smaller than that are lost.
    swelling : float [m]
        Draw the surface this far outside; lets the grid see a layer thinner than its pitch.

    Returns
    -------
    Fragments
        Of the pixels of the panel that the shell covers.
    """
    grid = _Grid(territories, camera, pitch=pitch, swelling=swelling, relief=shell.relief)
    pixel, lateral, coverage = grid.covered(camera)
    if not pixel.size:
        none = np.zeros(0, dtype=np.float32)
        return Fragments(pixel, none, none.reshape(0, 3), none)
    along = grid.first_crossing(lateral)
    normal = grid.normal(lateral, along)
    facing = np.clip(-normal[:, 2], 0.0, 1.0)
    thickness = ndimage.map_coordinates(grid.thickness, lateral, order=1, mode="nearest")
    depth_of_box = pitch * grid.distance.shape[2]
    solid = _THIN_PART + (1.0 - _THIN_PART) * (1.0 - np.exp(-4.0 * thickness / depth_of_box))
    edge = (1.0 - facing) ** _RIM_POWER
    opacity = shell.opacity * solid
    opacity = opacity + (max(shell.rim, shell.opacity) - opacity) * edge
    return Fragments(
        pixel=pixel,
        depth=(grid.low[2] + along * pitch).astype(np.float32),
        colour=_lit(rgb(shell.colour), normal, edge),
        opacity=(opacity * coverage).astype(np.float32),
    )


def _lit(
    colour: npt.NDArray[np.float32], normal: FloatArray, edge: FloatArray
) -> npt.NDArray[np.float32]:
    diffuse = np.clip(normal @ _LIGHT, 0.0, None)
    half = _LIGHT + np.array([0.0, 0.0, -1.0])
    gloss = np.clip(normal @ (half / np.sqrt(half @ half)), 0.0, None) ** _GLOSS_POWER
    shade = (_AMBIENT + _DIFFUSE * diffuse + 0.25 * edge)[:, None] * colour
    lit: npt.NDArray[np.float32] = np.clip(shade + _GLOSS * gloss[:, None], 0.0, 1.0)
    return lit.astype(np.float32)


class _Grid:
    """Signed distances on a grid along right, up and away [m]."""

    def __init__(
        self,
        territories: Sequence[Territory],
        camera: Camera,
        *,
        pitch: float,
        swelling: float,
        relief: tuple[float, float],
    ) -> None:
        boxes = np.stack([turned_box(part.bounds(), camera.view) for part in territories])
        room = swelling + _FAR * pitch
        boxes += np.array([[-room], [room]])
        self.pitch = pitch
        self.low = boxes[:, 0].min(axis=0)
        shape = np.ceil((boxes[:, 1].max(axis=0) - self.low) / pitch).astype(int) + 1
        distance = np.full(shape, room)
        # Each part is asked only near itself: what is far is all the same.
        for part, box in zip(territories, boxes, strict=True):
            first = np.maximum(np.floor((box[0] - self.low) / pitch), 0).astype(int)
            stop = np.ceil((box[1] - self.low) / pitch).astype(int) + 1
            window = tuple(slice(a, b) for a, b in zip(first, stop, strict=True))
            axes = [
                low + pitch * np.arange(n)[cut]
                for low, n, cut in zip(self.low, shape, window, strict=True)
            ]
            points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
            points = points.reshape(-1, 3)
            near = part.signed_distance(turn_back(points, camera.view))
            near = folded(near, turn_back(points, camera.view), part, relief=relief)
            np.minimum(distance[window], near.reshape(distance[window].shape), out=distance[window])
        distance = ndimage.gaussian_filter(distance - swelling, 1.0, mode="nearest")
        self.distance = distance
        self.gradient = np.gradient(distance, pitch)
        # Of what lies inside along each line of sight; half cells count by their part.
        self.thickness = pitch * np.clip(0.5 - distance / pitch, 0.0, 1.0).sum(axis=2)

    def covered(self, camera: Camera) -> tuple[npt.NDArray[np.int64], FloatArray, FloatArray]:
        """Return the pixels covered, their (2, n) place in the grid, and how much of each."""
        shape = self.distance.shape
        left, right = self.low[0], self.low[0] + self.pitch * (shape[0] - 1)
        bottom, top = self.low[1], self.low[1] + self.pitch * (shape[1] - 1)
        columns = _pixels(left - camera.left, right - camera.left, camera.scale, camera.width)
        rows = _pixels(camera.top - top, camera.top - bottom, camera.scale, camera.height)
        x = camera.left + (columns + 0.5) / camera.scale
        y = camera.top - (rows + 0.5) / camera.scale
        place = np.stack(np.meshgrid((x - left) / self.pitch, (y - bottom) / self.pitch))
        nearest = ndimage.map_coordinates(self.distance.min(axis=2), place, order=1, mode="nearest")
        coverage = np.clip(0.5 - nearest * camera.scale, 0.0, 1.0)
        row, column = np.nonzero(coverage > 0.0)
        pixel = rows[row] * camera.width + columns[column]
        return pixel, place[:, row, column], coverage[row, column]

    def first_crossing(self, lateral: FloatArray) -> FloatArray:
        """Return how far along each line of sight the surface is, in grid steps.

        A line that only grazes the surface stops where it is nearest.
        """
        n_depths = self.distance.shape[2]
        along = np.zeros(lateral.shape[1])
        best = np.full(along.size, np.inf)
        best_at = np.zeros(along.size)
        live = np.arange(along.size)
        for _ in range(_N_STEPS):
            place = np.vstack([lateral[:, live], along[live]])
            gap = ndimage.map_coordinates(self.distance, place, order=1, mode="nearest")
            gap /= self.pitch
            is_nearer = gap < best[live]
            best[live[is_nearer]] = gap[is_nearer]
            best_at[live[is_nearer]] = along[live[is_nearer]]
            along[live] += np.where(gap > 0.0, np.maximum(_STEP_SHARE * gap, 0.04), gap)
            goes_on = (np.abs(gap) > 0.02) & (along[live] < n_depths - 1)
            live = live[goes_on]
            if not live.size:
                break
        return best_at

    def normal(self, lateral: FloatArray, along: FloatArray) -> FloatArray:
        """Return (n, 3) unit normals, out of the shell."""
        place = np.vstack([lateral, along])
        parts = [
            ndimage.map_coordinates(part, place, order=1, mode="nearest") for part in self.gradient
        ]
        normal = np.stack(parts, axis=1)
        length = np.sqrt(np.einsum("ij,ij->i", normal, normal))
        unit: FloatArray = normal / np.maximum(length, 1e-9)[:, None]
        return unit


def folded(
    distance: FloatArray, points: FloatArray, part: Territory, *, relief: tuple[float, float]
) -> FloatArray:
    """Return the distance to a surface with folds: that of a gyroid is added, near it only."""
    wavelength, depth = relief
    if depth == 0.0:
        return distance
    low, high = part.bounds()
    size = float(np.cbrt(np.prod(high - low)))
    wave = 2.0 * np.pi / (wavelength * size)
    # Turned out of the axes of the body, so that folds line up with none of them.
    x, y, z = (wave * points @ _FOLD_AXES).T
    folds = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    steepness = 1.0 + depth * size * wave
    raised: FloatArray = (distance + depth * size * folds) / steepness
    return raised


def _pixels(start: float, stop: float, scale: float, count: int) -> npt.NDArray[np.int64]:
    first = max(int(np.floor(start * scale)), 0)
    last = min(int(np.ceil(stop * scale)), count)
    return np.arange(first, max(last, first), dtype=np.int64)
