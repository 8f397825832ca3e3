"""Curves over time on a logarithmic axis, labelled where they end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ctc.report.axes import Frame, Scale, time_unit
from ctc.report.drawing import Drawing

_MOST_POINTS = 400
_GAP = 19.0  # between labels


def time_frame(
    times: npt.NDArray[np.float64],
    box: tuple[float, float, float, float],
    *,
    low: float,
    top: float,
) -> tuple[str, Frame]:
    """Return the unit of time, and axes from 0 to the last of times [s] and from low to top."""
    span = float(times[-1])
    unit, size = time_unit(span)
    return unit, Frame(*box, Scale(0.0, span / size), Scale(low, top, is_log=True))


def draw_curve(
    drawing: Drawing,
    frame: Frame,
    times: npt.NDArray[np.float64],
    *,
    values: npt.NDArray[np.float64],
    colour: str,
    width: float,
) -> None:
    """Draw the stretches above zero; a lone point as a dot."""
    _, size = time_unit(float(times[-1]))
    stretch: list[tuple[float, float]] = []
    for i in [*_thinned(values), None]:
        if i is not None and values[i] > 0.0:
            stretch.append(frame.at(times[i] / size, values[i]))
            continue
        drawing.line(stretch, colour=colour, width=width)
        if len(stretch) == 1:
            drawing.dot(stretch[0], width, colour=colour)
        stretch = []


def label_ends(drawing: Drawing, frame: Frame, ends: Sequence[tuple[str, str, float]]) -> None:
    """Write the name of each curve (name, colour, last value) beside its end, apart from others."""
    heights = [
        (frame.at(frame.x.high, last)[1] if last > 0 else frame.bottom, name, colour)
        for name, colour, last in ends
    ]
    x = frame.right + 14.0
    for y, name, colour in spread_labels(heights, low=frame.top + 6.0, high=frame.bottom):
        drawing.box((x, y - 1.5), (14.0, 3.0), colour=colour)
        drawing.text((x + 20.0, y + 4.0), name)


def _thinned(values: npt.NDArray[np.float64]) -> list[int]:
    """Return rows to draw: all of a few, else in each stretch the first, least and largest."""
    if values.size <= _MOST_POINTS:
        return list(range(values.size))
    chosen = {0, values.size - 1}
    for part in np.array_split(np.arange(values.size), _MOST_POINTS // 3):
        chosen |= {int(part[0]), int(part[values[part].argmin()]), int(part[values[part].argmax()])}
    return sorted(chosen)


def spread_labels(
    ends: list[tuple[float, str, str]], *, low: float, high: float, gap: float = _GAP
) -> list[tuple[float, str, str]]:
    """Return labels (height, name, colour) moved apart, within bounds where they have room."""
    ordered = sorted(ends)
    heights = []
    floor = low
    for y, _, _ in ordered:
        heights.append(max(y, floor))
        floor = heights[-1] + gap
    ceiling = high
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], ceiling)
        ceiling = heights[i] - gap
    return [(y, name, colour) for y, (_, name, colour) in zip(heights, ordered, strict=True)]
