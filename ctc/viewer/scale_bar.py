"""A scale bar in the lower left corner of a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctc.viewer.camera import Camera
from ctc.viewer.palette import TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LENGTHS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # [m]
_WIDEST = 0.35  # of the panel


def draw_scale_bar(axes: Axes, camera: Camera, *, size: float) -> None:
    """Draw a bar of a round length into axes in metres; `size` is that of its text [points]."""
    left, right, bottom, _ = camera.extent()
    fitting = (n for n in _LENGTHS if n < _WIDEST * (right - left))
    length = max(fitting, default=_LENGTHS[-1])
    pixel = 1.0 / camera.scale
    start = left + 4.0 * pixel
    height = bottom + 0.012 * camera.height * pixel
    axes.plot([start, start + length], [height, height], color=TEXT, linewidth=0.16 * size)
    axes.text(
        start,
        height + 0.007 * camera.height * pixel,
        f"{length * 100:g} cm" if length >= 0.01 else f"{length * 1000:g} mm",
        color=TEXT,
        fontsize=size,
        va="bottom",
    )
