"""A body without tumours as a scanner sees it: uptake of glucose, or density."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import ndimage

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.scan.volume import Grid, Values, Window, coverage, covered, joined, paint
from ctc.vessels.network import SegmentKind, VesselNetwork

Territories = Mapping[str, Sequence[Territory]]
# What makes up the outside of a body; holes in it are filled.
_OUTSIDE = ("skin", "fat", "muscle", "breast")
# Painted one over the other in this order; organs that are not here come last but for LAST.
_FIRST = (
    *("fat", "muscle", "skin", "other", "lymph nodes", "breast"),
    *("red marrow", "spongy bone", "other skeleton", "compact bone", "lung", "bronchi"),
)
_LAST = ("small intestine", "large intestine", "stomach", "liver", "gallbladder", "bladder")
# Lengths [m] in a person: cortex of the brain, wall of the left ventricle, renal pelvis.
_CORTEX, _WALL, _PELVIS = 9e-3, 9e-3, 9e-3
# Blood is painted in vessels wider than this [m], in a person.
_WIDE = 2.5e-3
# How patchy the bowel is, as the spread of the logarithm of its value, and over what length [m].
_PATCHES, _PATCH_LENGTH = 0.5, 15e-3
_BOWEL = ("small intestine", "large intestine")


def paint_body(
    grid: Grid,
    territories: Territories,
    *,
    values: Mapping[str, float],
    size: float,
    is_patchy: bool,
    seed: int,
) -> Values:
    """Return a body on a grid.

    Parameters
    ----------
    grid : Grid
        Around all of it.
    territories : mapping of str to sequence of Territory
        The shapes by organ.
    values : mapping of str to float
        By organ, and ``air``, ``soft tissue``, ``white matter``, ``right heart``, ``blood``,
        ``renal pelvis``.
    size : float
        Of the body over a person's.
    is_patchy : bool
        Whether the bowel varies along its length.
    seed : int
        Of its patches.

    Returns
    -------
    (nx, ny, nz) float32
        The value of each cube; at a boundary by how much of it each side covers.
    """
    volume = np.full(grid.shape, values["air"], dtype=np.float32)
    everywhere = (slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    paint(volume, everywhere, _inside(grid, territories), value=values["soft tissue"])
    known = [organ for organ in territories if organ in values and territories[organ]]
    order = [organ for organ in _FIRST if organ in known]
    order += [organ for organ in known if organ not in (*_FIRST, *_LAST)]
    order += [organ for organ in _LAST if organ in known]
    for organ in order:
        shapes = territories[organ]
        if organ == "brain":
            _paint_rind(
                volume,
                grid,
                shapes=shapes,
                outer=values[organ],
                inner=values["white matter"],
                depth=_CORTEX * size,
            )
        elif organ == "heart":
            _paint_heart(volume, grid, shapes=shapes, values=values, size=size)
        else:
            patchy = is_patchy and organ in _BOWEL
            for window, part, _ in covered(grid, shapes):
                value = _patches(grid, window, seed=seed, size=size) if patchy else np.float32(1.0)
                paint(volume, window, part, value=values[organ] * value)
        if organ == "kidney":
            _paint_pelves(volume, grid, shapes=shapes, value=values["renal pelvis"], size=size)
    return volume


def paint_blood(
    volume: Values, grid: Grid, network: VesselNetwork, *, value: float, size: float
) -> None:
    """Paint blood into the wide vessels, which are straight tubes with round ends."""
    is_lymph = network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    wide = (network.lumen_radius > _WIDE * size) & ~is_lymph
    is_tube = ~network.is_kind(SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER)
    for segment in np.flatnonzero(wide & is_tube):
        start = network.node_position[network.start_node[segment]].astype(np.float64)
        end = network.node_position[network.end_node[segment]].astype(np.float64)
        radius = float(network.lumen_radius[segment])
        corners = np.stack([np.minimum(start, end) - radius, np.maximum(start, end) + radius])
        window = grid.window(corners)
        points = grid.points(window)
        if points.size:
            away = _distance_to_line(points, start, end=end)
            paint(volume, window, coverage(away - radius, grid.pitch), value=value)


def _distance_to_line(points: FloatArray, start: FloatArray, *, end: FloatArray) -> FloatArray:
    along = end - start
    length = max(float(along @ along), 1e-18)
    place = np.clip((points - start) @ along / length, 0.0, 1.0)
    away: FloatArray = np.sqrt(np.square(points - start - place[..., None] * along).sum(axis=-1))
    return away


def _inside(grid: Grid, territories: Territories) -> Values:
    """Return how much of each cube lies inside the body: what its outside encloses."""
    found = np.zeros(grid.shape, dtype=np.float32)
    for organ in _OUTSIDE:
        # Swollen by half a cube, for a skin thinner than a cube must not leak.
        for window, part, _ in covered(grid, territories.get(organ, ()), swelling=0.5 * grid.pitch):
            np.maximum(found[window], part, out=found[window])
    solid = found > 0.5
    for level in range(grid.shape[2]):
        solid[:, :, level] = ndimage.binary_fill_holes(solid[:, :, level])
    filled: Values = np.where(solid, 1.0, found).astype(np.float32)
    return filled


def _paint_rind(
    volume: Values,
    grid: Grid,
    *,
    shapes: Sequence[Territory],
    outer: float,
    inner: float,
    depth: float,
) -> None:
    """Paint an organ whose outer layer differs from its inside; cuts through it are no outside."""
    window, part = joined(grid, shapes)
    within = ndimage.distance_transform_edt(part > 0.5, sampling=grid.pitch)
    share = coverage(depth - within, grid.pitch)
    paint(volume, window, part, value=outer + share * np.float32(inner - outer))


def _paint_heart(
    volume: Values,
    grid: Grid,
    *,
    shapes: Sequence[Territory],
    values: Mapping[str, float],
    size: float,
) -> None:
    """Paint a thick left and a thin right wall around blood."""
    for shape in shapes:
        is_left = shape.name.startswith("left")
        wall = (_WALL if is_left else 0.5 * _WALL) * size
        window, part = joined(grid, [shape])
        within = ndimage.distance_transform_edt(part > 0.5, sampling=grid.pitch)
        share = coverage(wall - within, grid.pitch)
        muscle = values["heart" if is_left else "right heart"]
        paint(volume, window, part, value=muscle + share * np.float32(values["blood"] - muscle))


def _paint_pelves(
    volume: Values, grid: Grid, *, shapes: Sequence[Territory], value: float, size: float
) -> None:
    for shape in shapes:
        box = np.stack([shape.hilum - 2.0 * _PELVIS * size, shape.hilum + 2.0 * _PELVIS * size])
        window = grid.window(box)
        points = grid.points(window)
        if points.size:
            inside = shape.signed_distance(points.reshape(-1, 3)).reshape(points.shape[:3])
            away = np.sqrt(np.square(points - shape.hilum).sum(axis=-1)) - _PELVIS * size
            part = coverage(np.maximum(away, inside), grid.pitch)
            paint(volume, window, part, value=value)


def _patches(grid: Grid, window: Window, *, seed: int, size: float) -> Values:
    """Return smooth random factors of median 1."""
    n = tuple(part.stop - part.start for part in window)
    key = np.array([seed, window[0].start * 4096 + window[2].start], dtype=np.uint64)
    white = np.random.Generator(np.random.Philox(key=key)).standard_normal(n)
    smooth = ndimage.gaussian_filter(white, 0.5 * _PATCH_LENGTH * size / grid.pitch)
    smooth *= _PATCHES / max(float(smooth.std()), 1e-12)
    factors: Values = np.exp(smooth).astype(np.float32)
    return factors
