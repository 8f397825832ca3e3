"""The ground of every picture: dark, a little lighter near the middle."""

from __future__ import annotations

import numpy as np

from ctc.viewer.fragments import FloatImage
from ctc.viewer.palette import BACKGROUND_INNER, BACKGROUND_OUTER, rgb


def backdrop(width: int, height: int) -> FloatImage:
    """Return a (height, width, 3) float32 image in 0 .. 1."""
    x = (np.arange(width) + 0.5) / width - 0.42
    y = (np.arange(height) + 0.5) / height - 0.45
    distance = np.sqrt(np.square(x)[None, :] + np.square(y)[:, None])
    weight = np.clip(1.0 - distance / 0.75, 0.0, 1.0)[..., None].astype(np.float32)
    inner, outer = rgb(BACKGROUND_INNER), rgb(BACKGROUND_OUTER)
    image: FloatImage = outer + weight * (inner - outer)
    return image
