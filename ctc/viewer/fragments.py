"""Fragments: translucent pieces of surface, one pixel each, blended by depth into an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatImage = npt.NDArray[np.float32]
# Depths are sorted in steps of a 2^20th of the scene's depth: some micrometres.
_DEPTH_STEPS = (1 << 20) - 1
# What lies behind this little light is not looked at.
_DARK = 0.004


@dataclass(frozen=True)
class Fragments:
    """Pieces of surface.

    Attributes
    ----------
    pixel : (n,) int64
        Row times width plus column.
    depth : (n,) float32 [m]
        Away from the eye.
    colour : (n, 3) float32
        Red, green, blue in 0 .. 1.
    opacity : (n,) float32
        0 .. 1, coverage of the pixel included.
    """

    pixel: npt.NDArray[np.int64]
    depth: npt.NDArray[np.float32]
    colour: npt.NDArray[np.float32]
    opacity: npt.NDArray[np.float32]


def join(parts: Iterable[Fragments]) -> Fragments:
    """Return all fragments of some scenes as one."""
    every = list(parts)
    if not every:
        empty = np.zeros(0, dtype=np.float32)
        return Fragments(np.zeros(0, dtype=np.int64), empty, empty.reshape(0, 3), empty)
    return Fragments(
        pixel=np.concatenate([part.pixel for part in every]),
        depth=np.concatenate([part.depth for part in every]),
        colour=np.concatenate([part.colour for part in every]),
        opacity=np.concatenate([part.opacity for part in every]),
    )


@dataclass(frozen=True)
class Blended:
    """Fragments seen together.

    Attributes
    ----------
    light : (height, width, 3) float32
        Colour that reaches the eye.
    passed : (height, width) float32
        The part of the background that still shows, 0 .. 1.
    weight : (n,) float32
        The part of its pixel that each fragment makes up, 0 .. 1.
    """

    light: FloatImage
    passed: FloatImage
    weight: npt.NDArray[np.float32]


def blend(fragments: Fragments, width: int, *, height: int) -> Blended:
    """Blend fragments from front to back.

    Each lets through ``1 - opacity`` of what lies behind it.

    Parameters
    ----------
    fragments : Fragments
        In any order; equal depths keep the order given.
    width, height : int
        Of the image in pixels.

    Returns
    -------
    Blended
        Weights in the order of the fragments.
    """
    n_pixels = width * height
    light = np.zeros((n_pixels, 3), dtype=np.float32)
    passed = np.ones(n_pixels, dtype=np.float32)
    weight = np.zeros(fragments.pixel.size, dtype=np.float32)
    if fragments.pixel.size:
        order = _front_to_back(fragments)
        pixel = fragments.pixel[order]
        first = np.flatnonzero(np.r_[True, pixel[1:] != pixel[:-1]])
        count = np.diff(np.r_[first, pixel.size])
        where = pixel[first]
        rank = 0
        while where.size:
            index = order[first + rank]
            alpha = fragments.opacity[index]
            weight[index] = passed[where] * alpha
            light[where] += weight[index, None] * fragments.colour[index]
            passed[where] *= 1.0 - alpha
            rank += 1
            goes_on = (count > rank) & (passed[where] > _DARK)
            first, count, where = first[goes_on], count[goes_on], where[goes_on]
    return Blended(light.reshape(height, width, 3), passed.reshape(height, width), weight)


def _front_to_back(fragments: Fragments) -> npt.NDArray[np.int64]:
    near, far = float(fragments.depth.min()), float(fragments.depth.max())
    step = (fragments.depth - near) * (_DEPTH_STEPS / max(far - near, 1e-9))
    key = (fragments.pixel << 20) | np.clip(step, 0, _DEPTH_STEPS).astype(np.int64)
    return np.argsort(key, kind="stable")
