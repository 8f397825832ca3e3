"""Times as people write them: ``3 days 2 h`` <-> nanoseconds; ticks of a time axis."""

from __future__ import annotations

import math
import re

from ctc.errors import InputError
from ctc.units import to_si

SECOND = 10**9
# Name, in plural, and length [s].
_UNITS = (("years", 31_557_600), ("days", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_LONGEST = 292 * 31_557_600  # [s]; in nanoseconds it still has 64 bits
_PART = re.compile(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?\s*[a-zA-Z]+)")
_STEPS = (1, 2, 5)


def time_text(time: int) -> str:
    """Return a time [ns] in at most three units, such as ``1 h 5 s``; exact to a microsecond."""
    if time < 0:
        return f"-{time_text(-time)}"
    rest = time
    parts: list[str] = []
    for name, length in _UNITS:
        unit = length * SECOND
        if name == "s":
            seconds = round(rest / SECOND, 6)
            if seconds or not parts:
                parts.append(f"{seconds:.10g} s")
            break
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count} {name if count > 1 or name in ('h', 'min') else name[:-1]}")
    return " ".join(parts[:3])


def parse_time(text: str) -> int:
    """Return a time [ns] of a text such as ``3 days`` or ``1 h 5 s``.

    Raises
    ------
    InputError
        If it is no time with a unit, or outside what a run can reach.
    """
    position, total = 0, 0.0
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None:
            message = f"time must be a number with a unit, got '{text}'. Write it like '3 days'."
            raise InputError(message)
        total += to_si(part.group(1), "time")
        position = part.end()
    if not position or not 0 <= total <= _LONGEST:
        message = f"time must be 0 .. 292 years with a unit, got '{text}'. Write it like '3 days'."
        raise InputError(message)
    return round(total * SECOND)


def time_ticks(start: float, stop: float, n_most: int) -> list[tuple[float, str]]:
    """Return round times [s] between two times [s] with their labels, at most about n_most."""
    span = stop - start
    if not span > 0 or n_most < 1:
        return [(start, time_text(round(start * SECOND)))]
    name, length = next(
        ((n, u) for n, u in _UNITS if span >= 2 * u), (_UNITS[-1][0], _UNITS[-1][1])
    )
    step = round_step(span / length / n_most) * length
    first = math.ceil(start / step - 1e-9)
    times = [k * step for k in range(first, math.floor(stop / step + 1e-9) + 1)]
    return [(time, f"{time / length:.6g} {name}") for time in times]


def round_step(step: float) -> float:
    """Return the next of 1, 2, 5, 10, ... that is at least a step > 0."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(n * power for n in (*_STEPS, 10) if n * power >= step * (1 - 1e-9))
