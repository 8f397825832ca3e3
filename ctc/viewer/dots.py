"""Dots: the cells as small lights with a halo, over the finished picture of the body."""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.viewer.camera import Camera
from ctc.viewer.fragments import FloatImage

# Halo radius over that of the core, and how bright it is beside it.
_HALO, _HALO_LIGHT = 4.0, 0.30
_RING_WIDTH = 1.5  # [pixels]
_CORE_TOP = 0.35  # the middle of a core is this far on the way to white


class DotShape(enum.Enum):
    """How the core of a dot looks."""

    DISC = "disc"
    DIAMOND = "diamond"
    RING = "ring"


def draw_dots(
    image: FloatImage,
    position: FloatArray,
    *,
    colour: npt.NDArray[np.float32],
    radius: float,
    camera: Camera,
    strength: float = 1.0,
    shape: DotShape = DotShape.DISC,
) -> None:
    """Draw lights of one size into an image, the far ones first.

    Halos add up (``1 - (1 - image) (1 - halo)``, so that nothing is brighter than white), cores
    cover what is behind them.

    Parameters
    ----------
    image : (height, width, 3) float32
        Red, green, blue in 0 .. 1; changed in place.
    position : (n, 3) float64 [m]
        In the axes of the body.
    colour : (n, 3) float32
        Red, green, blue in 0 .. 1.
    radius : float [pixels]
        Of the core, > 0.
    camera : Camera
        Of the panel.
    strength : float
        Of the halos, 0 .. 1; less where there are many.
    shape : DotShape
        Of the cores; a diamond has its corners at 1.4 radii, a ring is 1.5 pixels wide.
    """
    place = camera.project(position)
    reach = _HALO * radius
    is_seen = (
        (place[:, 0] > -reach)
        & (place[:, 1] > -reach)
        & (place[:, 0] < camera.width + reach)
        & (place[:, 1] < camera.height + reach)
    )
    order = np.flatnonzero(is_seen)
    order = order[np.argsort(-place[order, 2], kind="stable")]
    place, colour = place[order], colour[order]
    glow = np.zeros((camera.height * camera.width, 3), dtype=np.float64)
    which, pixel, gap = _patches(place, reach, camera)
    distance = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    light = strength * _HALO_LIGHT * np.exp(-4.0 * np.square(distance / reach))
    for channel in range(3):
        glow[:, channel] += np.bincount(
            pixel, weights=light * colour[which, channel], minlength=glow.shape[0]
        )
    flat = image.reshape(-1, 3)
    flat[:] = 1.0 - (1.0 - flat) * np.exp(-glow).astype(np.float32)
    which, pixel, gap = _patches(place, 1.5 * radius + 1.0, camera)
    if shape is DotShape.DIAMOND:
        distance = np.abs(gap).sum(axis=1) / np.sqrt(2.0)
    else:
        distance = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    cover = np.clip(radius + 0.5 - distance, 0.0, 1.0).astype(np.float32)
    if shape is DotShape.RING:
        cover *= np.clip(distance - radius + _RING_WIDTH + 0.5, 0.0, 1.0).astype(np.float32)
    white = _CORE_TOP * np.clip(1.0 - distance / radius, 0.0, 1.0).astype(np.float32)[:, None]
    lit = colour[which] * (1.0 - white) + white
    _paint_over(flat, pixel, colour=lit, cover=cover)


def _paint_over(
    flat: FloatImage,
    pixel: npt.NDArray[np.int64],
    *,
    colour: npt.NDArray[np.float32],
    cover: npt.NDArray[np.float32],
) -> None:
    """Cover pixels in the order given, where a pixel may come more than once."""
    order = np.argsort(pixel, kind="stable")
    ordered = pixel[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if ordered.size else ordered
    count = np.diff(np.r_[first, ordered.size])
    rank = 0
    while first.size:
        index = order[first + rank]
        where, alpha = pixel[index], cover[index][:, None]
        flat[where] += alpha * (colour[index] - flat[where])
        rank += 1
        first, count = first[count > rank], count[count > rank]


def _patches(
    place: FloatArray, reach: float, camera: Camera
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], FloatArray]:
    """Return dot, pixel and (n, 2) offset [pixels] of all pixels within reach of each dot."""
    span = int(np.ceil(reach))
    offset = np.stack(np.meshgrid(*[np.arange(-span, span + 1)] * 2), axis=-1).reshape(-1, 2)
    corner = np.floor(place[:, :2]).astype(np.int64)
    pixel = (corner[:, None, :] + offset).reshape(-1, 2)
    which = np.repeat(np.arange(len(place)), len(offset))
    gap = pixel + 0.5 - place[which, :2]
    kept = (pixel >= 0).all(axis=1) & (pixel < [camera.width, camera.height]).all(axis=1)
    return which[kept], pixel[kept, 1] * camera.width + pixel[kept, 0], gap[kept]
