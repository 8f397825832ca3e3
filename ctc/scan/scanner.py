"""What a scanner makes of a volume: blur, noise, projections."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ctc.scan.volume import Grid, Values
from ctc.viewer.camera import View

# Full width at half maximum over standard deviation, 2 sqrt(2 ln 2).
_WIDTH_OVER_DEVIATION = 2.3548200450309493
# Axis of the volume that a view looks along.
DEPTH_AXIS = {View.FRONT: 1, View.BACK: 1, View.SIDE: 0}


def blurred(volume: Values, grid: Grid, *, resolution: float) -> Values:
    """Return a volume under a Gaussian blur of a full width at half maximum [m]."""
    deviation = resolution / _WIDTH_OVER_DEVIATION / grid.pitch
    found: Values = ndimage.gaussian_filter(volume, deviation, mode="nearest", truncate=4.0)
    return found


def counted(
    volume: Values, grid: Grid, *, resolution: float, noise: float, reference: float, seed: int
) -> Values:
    """Return a blurred volume with the noise of counting in it.

    Parameters
    ----------
    volume : (nx, ny, nz) float32
        Uptake.
    grid : Grid
        Of the volume.
    resolution : float [m]
        Full width at half maximum, of the picture and of its noise.
    noise : float
        Standard deviation over mean, where the uptake is that of reference.
    reference : float
        Such as that of the liver.
    seed : int
        Of the noise.

    Returns
    -------
    (nx, ny, nz) float32
        Counts are Poisson, so the variance goes with the uptake; never below 0.
    """
    generator = np.random.Generator(np.random.Philox(key=seed % 2**64))
    white = generator.standard_normal(volume.shape, dtype=np.float32)
    white = blurred(white, grid, resolution=resolution)
    white *= noise * np.sqrt(reference) / max(float(white.std()), 1e-12)
    clean = blurred(volume, grid, resolution=resolution)
    clean += white * np.sqrt(np.maximum(clean, 0.0))
    found: Values = np.maximum(clean, 0.0)
    return found


def projected(volume: Values, view: View) -> Values:
    """Return the largest value along each line of sight, (nz, n across), top and left first."""
    return _picture(volume.max(axis=DEPTH_AXIS[view]), view)


def mean_along(volume: Values, view: View) -> Values:
    """Return the mean along each line of sight, (nz, n across), top and left first."""
    return _picture(volume.mean(axis=DEPTH_AXIS[view]), view)


def extent(grid: Grid, view: View) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top edge of a picture [m], as matplotlib wants them."""
    across = 1 if view is View.SIDE else 0
    half = 0.5 * grid.pitch
    left = float(grid.low[across]) - half
    right = left + grid.pitch * grid.shape[across]
    bottom = float(grid.low[2]) - half
    if view is View.BACK:
        left, right = -right, -left
    return left, right, bottom, bottom + grid.pitch * grid.shape[2]


def _picture(flat: Values, view: View) -> Values:
    turned = flat.T[::-1]
    found: Values = np.ascontiguousarray(turned[:, ::-1] if view is View.BACK else turned)
    return found
