"""Viewpoint: a `Look` as axes, and what turning, shifting and zooming make of it; draws nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ctc.checks import FloatArray
from ctc.viewer.drawables import ClipPlane, Look

# Of the height seen: from a cell to a few bodies [m].
_LOWEST, _HIGHEST = 2e-5, 8.0
# The eye stops short of the poles, where left and right would swap.
_STEEPEST = 89.9
_DEGREES_A_PIXEL = 0.35
_ZOOM_A_NOTCH = 1.15


@dataclass(frozen=True)
class Viewpoint:
    """An orthographic view.

    Attributes
    ----------
    centre : (3,) float64 [m]
        Seen in the middle.
    right, up, away : (3,) float64
        Unit axes of the picture in those of the body.
    scale : float [1/m]
        Pixels a metre.
    width, height : int
        Of the picture [pixels].
    """

    centre: FloatArray
    right: FloatArray
    up: FloatArray
    away: FloatArray
    scale: float
    width: int
    height: int

    def turned(self, points: FloatArray) -> FloatArray:
        """Return (n, 3) points [m] of the body as right, up and away from the centre [m]."""
        axes = np.stack([self.right, self.up, self.away], axis=1)
        turned: FloatArray = (np.asarray(points, dtype=np.float64) - self.centre) @ axes
        return turned

    def project(self, points: FloatArray) -> FloatArray:
        """Return (n, 2) pixels right and down of (n, 3) points [m]."""
        turned = self.turned(points)
        x = 0.5 * self.width + self.scale * turned[:, 0]
        y = 0.5 * self.height - self.scale * turned[:, 1]
        return np.stack([x, y], axis=1)


def viewpoint_of(look: Look, width: int, *, height: int) -> Viewpoint:
    """Return the axes of a look on a picture of some pixels.

    With azimuth a and elevation e the eye looks along
    ``(-sin a cos e, cos a cos e, -sin e)``; z stays upright.
    """
    a, e = np.radians(look.azimuth), np.radians(look.elevation)
    right = np.array([np.cos(a), np.sin(a), 0.0])
    away = np.array([-np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)])
    return Viewpoint(
        centre=np.asarray(look.centre, dtype=np.float64),
        right=right,
        up=np.cross(right, away),
        away=away,
        scale=height / look.height,
        width=width,
        height=height,
    )


def orbit(look: Look, right: float, *, down: float) -> Look:
    """Return the look after a drag by some pixels turned the body about its centre."""
    azimuth = (look.azimuth - _DEGREES_A_PIXEL * right + 180.0) % 360.0 - 180.0
    elevation = look.elevation + _DEGREES_A_PIXEL * down
    return replace(
        look, azimuth=azimuth, elevation=float(np.clip(elevation, -_STEEPEST, _STEEPEST))
    )


def shift(look: Look, right: float, *, down: float, picture_height: int) -> Look:
    """Return the look after a drag by some pixels moved the body along with the pointer."""
    view = viewpoint_of(look, 1, height=picture_height)
    centre = view.centre + (-right * view.right + down * view.up) / view.scale
    return replace(look, centre=(float(centre[0]), float(centre[1]), float(centre[2])))


def zoom(look: Look, notches: float, *, at: tuple[float, float], size: tuple[int, int]) -> Look:
    """Return the look after the wheel turned; what lies at the pixel `at` stays there."""
    height = float(np.clip(look.height / _ZOOM_A_NOTCH**notches, _LOWEST, _HIGHEST))
    right, down = at[0] - 0.5 * size[0], at[1] - 0.5 * size[1]
    nearer = replace(look, height=height)
    there = shift(look, -right, down=-down, picture_height=size[1])
    back = shift(replace(nearer, centre=there.centre), right, down=down, picture_height=size[1])
    return replace(nearer, centre=back.centre)


def plane_of(clip: ClipPlane | None, centre: FloatArray) -> tuple[float, float, float, float]:
    """Return ``n, d`` such that what has ``n . (p - centre) > d`` is hidden."""
    if clip is None:
        return 0.0, 0.0, 0.0, 1.0
    normal = np.asarray(clip.normal, dtype=np.float64)
    normal = normal / np.abs(normal).max()
    normal = normal / np.sqrt(normal @ normal)
    offset = float(normal @ (np.asarray(clip.point, dtype=np.float64) - centre))
    return float(normal[0]), float(normal[1]), float(normal[2]), offset
