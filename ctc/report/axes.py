"""Axes: scales of numbers and times, and the frame of a chart in a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.report.drawing import Drawing, Point

_SUPERSCRIPT = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_TIME_UNITS = (
    ("years", 365.25 * 86400.0),
    ("days", 86400.0),
    ("h", 3600.0),
    ("min", 60.0),
    ("s", 1.0),
)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` along an axis, by their logarithm where ``is_log``."""

    low: float
    high: float
    is_log: bool = False

    def part(self, value: float) -> float:
        """Return where a value lies, 0 at the low end and 1 at the high one; held within."""
        if self.is_log:
            span = math.log(self.high / self.low)
            part = math.log(max(value, self.low) / self.low) / span
        else:
            part = (value - self.low) / (self.high - self.low)
        return min(max(part, 0.0), 1.0)

    def ticks(self, count: int = 5) -> tuple[float, ...]:
        """Return round values within the scale, about so many."""
        if self.is_log:
            first, last = (
                math.ceil(math.log10(self.low) - 1e-9),
                math.floor(math.log10(self.high) + 1e-9),
            )
            decades = max(1, math.ceil((last - first + 1) / count))
            return tuple(10.0**i for i in range(first, last + 1, decades))
        step = nice_step((self.high - self.low) / count)
        begin, end = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(i * step for i in range(begin, end + 1))


@dataclass(frozen=True)
class Frame:
    """Where a chart lies in its drawing, with its scales; y grows upwards."""

    left: float
    top: float
    width: float
    height: float
    x: Scale
    y: Scale

    @property
    def bottom(self) -> float:
        """Of the frame."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """Of the frame."""
        return self.left + self.width

    def at(self, x: float, y: float) -> Point:
        """Return the place of a pair of values."""
        return self.across(x), self.bottom - self.height * self.y.part(y)

    def across(self, x: float) -> float:
        """Return the place of a value on the axis across."""
        return self.left + self.width * self.x.part(x)

    def draw(
        self,
        drawing: Drawing,
        *,
        x_label: str = "",
        y_label: str = "",
        has_x: bool = True,
        has_y: bool = True,
        n_x: int = 6,
        n_y: int = 5,
        size: float = 12.0,
    ) -> None:
        """Draw grid, numbers and names of the axes."""
        for value in self.x.ticks(n_x):
            place = self.across(value)
            drawing.line([(place, self.top), (place, self.bottom)], opacity=0.7)
            if has_x:
                text = tick_text(value, is_log=self.x.is_log)
                drawing.text(
                    (place, self.bottom + 1.35 * size),
                    text,
                    size=size,
                    colour="faint",
                    anchor="middle",
                )
        for value in self.y.ticks(n_y):
            _, place = self.at(self.x.low, value)
            drawing.line([(self.left, place), (self.right, place)], opacity=0.7)
            if has_y:
                text = tick_text(value, is_log=self.y.is_log)
                drawing.text(
                    (self.left - 7.0, place + 0.35 * size),
                    text,
                    size=size,
                    colour="faint",
                    anchor="end",
                )
        drawing.line([(self.left, self.bottom), (self.right, self.bottom)], colour="faint")
        if x_label:
            below = (self.left + 0.5 * self.width, self.bottom + 2.9 * size)
            drawing.text(below, x_label, size=size, colour="faint", anchor="middle")
        if y_label:
            middle = (self.left - 4.2 * size, self.top + 0.5 * self.height)
            drawing.text(
                middle, y_label, size=size, colour="faint", anchor="middle", is_upright=True
            )


def nice_step(step: float) -> float:
    """Return the least of 1, 2, 2.5, 5 times a power of ten that is no less than a step > 0."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(s * power for s in _STEPS if s * power >= step * (1.0 - 1e-9))


def time_unit(seconds: float) -> tuple[str, float]:
    """Return the unit [s] in which a span of that length is told, and its name."""
    for name, size in _TIME_UNITS:
        if seconds >= 2.0 * size:
            return name, size
    return _TIME_UNITS[-1]


def duration_text(seconds: float) -> str:
    """Return a time in the unit that suits it, such as ``3 days``."""
    for name, size in _TIME_UNITS:
        if seconds >= size or size == 1.0:
            text = f"{seconds / size:.3g}"
            return f"{text} {name[:-1] if text == '1' and name in ('days', 'years') else name}"
    raise AssertionError


def count_text(value: float) -> str:
    """Return a count with separators."""
    return f"{int(value):,}"


def large_text(value: int) -> str:
    """Return a count, one above a million by its power of ten."""
    if value < 1_000_000:
        return count_text(value)
    # Through the rounded text, so that 9.999e7 does not become ten times a power.
    digits, _, exponent = f"{value:.2e}".partition("e")
    power = int(exponent)
    return f"{digits} \u00d7 10{str(power).translate(_SUPERSCRIPT)}"


def percent_text(part: float, whole: float) -> str:
    """Return a share in per cent with two digits that count, such as ``0.13 %``."""
    if not whole or not part:
        return "0 %"
    share = 100.0 * part / whole
    digits = 1 if share >= 10.0 else min(max(1 - math.floor(math.log10(share)), 1), 6)
    return f"{share:.{digits}f} %"


def tick_text(value: float, *, is_log: bool) -> str:
    """Return what stands at a tick."""
    if is_log and (value >= 1e4 or value < 1e-2):
        power = round(math.log10(value))
        return "10" + str(power).translate(_SUPERSCRIPT)
    return f"{value:,.6g}"
