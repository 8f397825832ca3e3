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
_Covered = tuple[Window, Values, FloatArray]
# What makes up the outside of a body; holes in it are filled.
_OUTSIDE = ("skin", "fat", "muscle", "breast")
# Painted one over the other in this order; organs that are not here come last but for LAST.
_FIRST = (
    *("fat", "muscle", "skin", "other", "lymph nodes", "breast"),
    *("red marrow", "spongy bone", "other skeleton", "compact bone", "lung", "bronchi"),
)
_LAST = ("small intestine", "large intestine", "stomach", "liver", "gallbladder", "bladder")
# Organs whose inside differs from their outer layer: its name, and how thick that is [m].
_RINDS = {"brain": ("white matter", 9e-3), "kidney": ("renal pelvis", 11e-3)}
# Wall of the left ventricle [m], in a person.
_WALL = 10e-3
# The left ventricle, in parts of its box: its middle, to the left, front and below; half its
# width, how much longer it is, where its base cuts it; and its axis, to the left, front and below.
_CUP_PLACE = np.array([0.62, 0.45, 0.42])
_CUP_SHARE, _CUP_LENGTH, _CUP_BASE = 0.72, 1.25, 0.45
_CUP_AXIS = np.array([0.66, -0.53, -0.53]) / np.sqrt(0.66**2 + 2 * 0.53**2)
# Blood is painted in vessels wider than this [m], in a person.
_WIDE = 5e-3
# How patchy the bowel is, as the spread of the logarithm of its value, and over what length [m].
_PATCHES, _PATCH_LENGTH = 0.35, 16e-3
_BOWEL = ("small intestine", "large intestine")


def paint_body(
    grid: Grid,
    territories: Territories,
    *,
    values: Mapping[str, float],
    size: float,
    is_patchy: bool,
    seed: int,
    level_axis: int = 2,
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
    level_axis : int
        Across which the body is cut to tell inside from outside; of a thin slab its thickness.

    Returns
    -------
    (nx, ny, nz) float32
        The value of each cube; at a boundary by how much of it each side covers.
    """
    volume = np.full(grid.shape, values["air"], dtype=np.float32)
    everywhere = (slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    # A cut of the body is closed by its outside; each shape of that is asked once.
    shapes_of = {organ: list(covered(grid, territories.get(organ, ()))) for organ in _OUTSIDE}
    outside = [each for parts in shapes_of.values() for each in parts]
    inside = _inside(grid, outside, axis=level_axis)
    paint(volume, everywhere, inside, value=values["soft tissue"])
    known = [organ for organ in territories if organ in values and territories[organ]]
    order = [organ for organ in _FIRST if organ in known]
    order += [organ for organ in known if organ not in (*_FIRST, *_LAST)]
    order += [organ for organ in _LAST if organ in known]
    for organ in order:
        shapes = territories[organ]
        if organ in _RINDS:
            inner, depth = _RINDS[organ]
            for side in _by_side(shapes):
                _paint_rind(
                    volume,
                    grid,
                    shapes=side,
                    outer=values[organ],
                    inner=values[inner],
                    depth=depth * size,
                )
        elif organ == "heart":
            _paint_heart(volume, grid, shapes=shapes, values=values, size=size)
        else:
            for window, part, _ in shapes_of.pop(organ, None) or covered(grid, shapes):
                paint(volume, window, part, value=values[organ])
                if is_patchy and organ in _BOWEL:
                    factor = _patches(grid, window, seed=seed, size=size)
                    volume[window] *= 1.0 + part * (factor - np.float32(1.0))
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


def _inside(grid: Grid, outside: Sequence[_Covered], *, axis: int) -> Values:
    """Return how much of each cube lies inside the body: what its outside encloses."""
    found = np.zeros(grid.shape, dtype=np.float32)
    for window, _, distance in outside:
        # Swollen by half a cube, for a skin thinner than a cube must not leak.
        part = coverage(distance - 0.5 * grid.pitch, grid.pitch)
        np.maximum(found[window], part, out=found[window])
    solid = np.moveaxis(found > 0.5, axis, 0).copy()
    for level in range(solid.shape[0]):
        solid[level] = ndimage.binary_fill_holes(solid[level])
    filled: Values = np.where(np.moveaxis(solid, 0, axis), 1.0, found).astype(np.float32)
    return filled


def _by_side(shapes: Sequence[Territory]) -> list[list[Territory]]:
    """Return the shapes of the left, of the right and of neither side, as far as there are any."""
    sides: dict[str, list[Territory]] = {}
    for shape in shapes:
        side = next((word for word in ("left", "right") if shape.name.startswith(word)), "")
        sides.setdefault(side, []).append(shape)
    return list(sides.values())


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
    """Paint thin walls around blood, and the left ventricle in them: a thick cup, open behind."""
    window, part = joined(grid, shapes)
    within = ndimage.distance_transform_edt(part > 0.5, sampling=grid.pitch)
    share = coverage(0.5 * _WALL * size - within, grid.pitch)
    thin, blood = values["right heart"], values["blood"]
    paint(volume, window, part, value=thin + share * np.float32(blood - thin))
    left = [shape for shape in shapes if shape.name.startswith("left")]
    if not left or not part.size:
        return
    boxes = np.stack([shape.bounds() for shape in left])
    span = boxes[:, 1].max(axis=0) - boxes[:, 0].min(axis=0)
    reach = 0.5 * float(span.min())
    middle = boxes[:, 0].min(axis=0) + span * _CUP_PLACE
    offset = grid.points(window) - middle
    along = offset @ _CUP_AXIS
    beside = np.maximum(np.square(offset).sum(axis=-1) - np.square(along), 0.0)
    # A ball drawn out along its axis, less a smaller one and what lies behind the base.
    outer = np.sqrt(beside + np.square(along / _CUP_LENGTH)) - _CUP_SHARE * reach
    cup = np.maximum(np.maximum(outer, -(outer + _WALL * size)), -along - _CUP_BASE * reach)
    paint(volume, window, coverage(cup, grid.pitch) * part, value=values["heart"])


def _patches(grid: Grid, window: Window, *, seed: int, size: float) -> Values:
    """Return smooth random factors of median 1."""
    n = tuple(part.stop - part.start for part in window)
    key = np.array([seed, window[0].start * 4096 + window[2].start], dtype=np.uint64)
    white = np.random.Generator(np.random.Philox(key=key)).standard_normal(n)
    smooth = ndimage.gaussian_filter(white, 0.5 * _PATCH_LENGTH * size / grid.pitch)
    smooth *= _PATCHES / max(float(smooth.std()), 1e-12)
    factors: Values = np.exp(smooth).astype(np.float32)
    return factors
