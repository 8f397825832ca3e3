"""From where a whole body is seen in a picture of some shape."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray
from ctc.viewer.camera import View
from ctc.viewer.drawables import Look

_ROOM = 1.12  # picture over body
AZIMUTHS = {View.FRONT: 0.0, View.SIDE: 90.0, View.BACK: 180.0}
_SMALLEST = 1e-4  # [m]


def whole_look(points: FloatArray, size: tuple[int, int], *, view: View = View.FRONT) -> Look:
    """Return the look that shows all of some points, however the body is turned about z.

    Parameters
    ----------
    points : (n, 3) float64 [m]
        Of the body, at least one.
    size : tuple of int [pixels]
        Width and height of the picture.
    view : View
        From where.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    centre = 0.5 * (low + high)
    width = 2.0 * float(np.hypot(*(points - centre)[:, :2].T).max())
    tall = float(high[2] - low[2])
    height = _ROOM * max(tall, width * size[1] / size[0], _SMALLEST)
    x, y, z = (float(v) for v in centre)
    return Look((x, y, z), azimuth=AZIMUTHS[view], height=height)
