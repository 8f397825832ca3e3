"""Organs as closed meshes, from the signed distances of their territories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import ndimage

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.viewer.colouring import colour
from ctc.viewer.drawables import OrganShell
from ctc.viewer.palette import SHELLS, SKIN, SKIN_ORGAN, Shell, source_shell
from ctc.viewer.shell_mesh import mesh_surface
from ctc.viewer.shells import folded

# Steps of the grid along the longest side of a part, and the pitches [m] that it may have.
_STEPS, _FINEST, _COARSEST = 64, 0.0015, 0.004
_SKIN_PITCH = 0.008  # [m]; the skin is thinner, so it is drawn as much outside
_OUTLINE = (SKIN_ORGAN, "breast")
_ROOM = 3  # grid steps around a surface


def organ_shells(
    territories: Mapping[str, Sequence[Territory]],
    sources: Sequence[str],
    *,
    size: float = 1.0,
    is_wanted: Callable[[], bool] = lambda: True,
) -> tuple[OrganShell, ...]:
    """Return the shells of the organs that have one, the outline of the body last.

    Parameters
    ----------
    territories : mapping of str to sequence of Territory
        By organ.
    sources : sequence of str
        Organs that stand out.
    size : float
        Of the body over a person's; grids are as much finer.
    is_wanted : callable
        Asked before each organ; where it says no, the others are left out.

    Returns
    -------
    tuple of OrganShell
        Opacity is that of the thick middle of the organ, as in the still pictures.
    """
    shells = []
    for organ, shell in SHELLS.items():
        parts = territories.get(organ, ())
        if parts and is_wanted():
            shown = source_shell(shell) if organ in sources else shell
            longest = max(float((p.bounds()[1] - p.bounds()[0]).max()) for p in parts)
            pitch = float(np.clip(longest / _STEPS, _FINEST * size, _COARSEST * size))
            shells.append(_mesh(organ, parts, shell=shown, pitch=pitch))
    outline = [part for organ in _OUTLINE for part in territories.get(organ, ())]
    if territories.get(SKIN_ORGAN) and is_wanted():
        pitch = _SKIN_PITCH * size
        shells.append(_mesh(SKIN_ORGAN, outline, shell=SKIN, pitch=pitch, is_hollow=True))
    return tuple(shell for shell in shells if shell.triangles.size)


def _mesh(
    name: str,
    parts: Sequence[Territory],
    *,
    shell: Shell,
    pitch: float,
    is_hollow: bool = False,
) -> OrganShell:
    distance, low = sample_distance(parts, pitch=pitch, relief=shell.relief)
    if is_hollow:
        distance = _filled(distance - pitch)
    # One grid step of blur rounds the creases between primitives.
    distance = ndimage.gaussian_filter(distance, 1.0, mode="nearest")
    vertices, triangles = mesh_surface(distance, low, pitch)
    tint = colour(shell.colour, round(255 * shell.opacity))
    return OrganShell(name, vertices, triangles, np.array(tint, dtype=np.uint8))


def sample_distance(
    parts: Sequence[Territory], *, pitch: float, relief: tuple[float, float] = (1.0, 0.0)
) -> tuple[FloatArray, FloatArray]:
    """Return the signed distance [m] to joined parts on a grid, and its first point (3,) [m].

    Positive at the rim of the grid. Far from every part it is cut to the width of that rim.
    """
    room = (_ROOM + 1) * pitch
    boxes = np.stack([part.bounds() for part in parts]) + np.array([[-room], [room]])
    low = boxes[:, 0].min(axis=0)
    shape = np.ceil((boxes[:, 1].max(axis=0) - low) / pitch).astype(int) + 1
    distance = np.full(shape, room)
    for part, box in zip(parts, boxes, strict=True):
        first = np.maximum(np.floor((box[0] - low) / pitch), 0).astype(int)
        stop = np.minimum(np.ceil((box[1] - low) / pitch).astype(int) + 1, shape)
        window = tuple(slice(a, b) for a, b in zip(first, stop, strict=True))
        axes = [
            start + pitch * np.arange(a, b) for start, a, b in zip(low, first, stop, strict=True)
        ]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        near = folded(part.signed_distance(points), points, part, relief=relief)
        near = np.clip(near, -room, room).reshape(distance[window].shape)
        np.minimum(distance[window], near, out=distance[window])
    return distance, low


def _filled(distance: FloatArray) -> FloatArray:
    """Return the distance to the outer surface of a closed layer: all within it is inside."""
    inside = distance < 0.0
    hidden = ndimage.binary_fill_holes(inside) & ~inside
    filled: FloatArray = np.where(hidden, -np.abs(distance), distance)
    return filled
