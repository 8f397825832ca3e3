"""Camera: an orthographic view of the body onto the pixels of one panel."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray


class View(enum.Enum):
    """From where the body is seen; the values are the words of the command line."""

    FRONT = "front"
    SIDE = "side"
    BACK = "back"


# Which axis of the body, and in which sense, points to the right of the picture, up, and away from
# the eye. The body has x to its left, y to its back and z up, so from the front its left is on the
# right. SIDE looks at its left side.
_AXES = {
    View.FRONT: ((0, 2, 1), (1.0, 1.0, 1.0)),
    View.BACK: ((0, 2, 1), (-1.0, 1.0, -1.0)),
    View.SIDE: ((1, 2, 0), (1.0, 1.0, -1.0)),
}


def turn(points: FloatArray, view: View) -> FloatArray:
    """Return (n, 3) points [m] of the body as right, up and away from the eye [m]."""
    axes, senses = _AXES[view]
    turned: FloatArray = np.asarray(points, dtype=np.float64)[:, axes] * senses
    return turned


def turn_back(points: FloatArray, view: View) -> FloatArray:
    """Return (n, 3) points [m] given as right, up and away in the axes of the body [m]."""
    axes, senses = _AXES[view]
    turned = np.empty_like(points, dtype=np.float64)
    turned[:, axes] = points * np.asarray(senses)
    return turned


def turned_box(corners: FloatArray, view: View) -> FloatArray:
    """Return a (2, 3) box [m] of the body as a box in right, up and away."""
    turned = turn(corners, view)
    return np.stack([turned.min(axis=0), turned.max(axis=0)])


@dataclass(frozen=True)
class Camera:
    """One panel's view.

    Attributes
    ----------
    view : View
        From where.
    left, top : float [m]
        Of the outer edge of the first pixel, in the directions right and up.
    scale : float [1/m]
        Pixels a metre, > 0.
    width, height : int
        Of the panel in pixels.
    """

    view: View
    left: float
    top: float
    scale: float
    width: int
    height: int

    @classmethod
    def fitting(cls, box: FloatArray, view: View, *, width: int, height: int) -> Camera:
        """Return the camera that shows a (2, 3) box [m, turned] in the middle of a panel."""
        size = box[1] - box[0]
        scale = min(width / size[0], height / size[1])
        middle = 0.5 * (box[0] + box[1])
        return cls(
            view=view,
            left=float(middle[0] - 0.5 * width / scale),
            top=float(middle[1] + 0.5 * height / scale),
            scale=float(scale),
            width=width,
            height=height,
        )

    def project(self, points: FloatArray) -> FloatArray:
        """Return (n, 3) of pixels right, pixels down (pixel i spans i .. i+1), depth [m]."""
        return self.to_pixels(turn(points, self.view))

    def to_pixels(self, turned: FloatArray) -> FloatArray:
        """Return what `project` does, for points already turned."""
        right = (turned[:, 0] - self.left) * self.scale
        down = (self.top - turned[:, 1]) * self.scale
        return np.stack([right, down, turned[:, 2]], axis=1)

    def extent(self) -> tuple[float, float, float, float]:
        """Return left, right, bottom and top edge [m], as matplotlib wants them."""
        right = self.left + self.width / self.scale
        return self.left, right, self.top - self.height / self.scale, self.top
