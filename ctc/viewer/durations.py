"""Times as words, in the unit that suits them, from seconds to years."""

from __future__ import annotations

from ctc.record.layout import NANOSECONDS

DAY = 86400.0  # [s]
YEAR = 365.25 * DAY  # [s]
_UNITS = (("years", YEAR), ("days", DAY), ("h", 3600.0), ("min", 60.0))


def duration_text(seconds: float) -> str:
    """Return a duration [s] such as ``8 h``, ``1.5 days`` or ``3 years``."""
    for unit, size in _UNITS:
        if seconds >= (2.0 * size if unit == "years" else size):
            count = f"{seconds / size:.3g}"
            return f"{count} {unit[:-1] if count == '1' and unit == 'days' else unit}"
    return f"{seconds:.3g} s"


def clock_text(nanoseconds: int) -> str:
    """Return a moment of a run to the millisecond, such as ``day 3, 04:05:06.250``."""
    milliseconds = (nanoseconds + 500_000) // 1_000_000
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = f"{hour:02d}:{minute:02d}:{second:02d}"
    if milliseconds:
        clock += f".{milliseconds:03d}"
    return f"day {days}, {clock}" if days else clock


def axis_unit(seconds: float) -> tuple[str, float]:
    """Return the unit for an axis that reaches so far [s], and its size [s]."""
    for unit, size in _UNITS:
        if seconds >= 2.0 * size:
            return unit, size
    return "s", 1.0


def to_seconds(nanoseconds: int) -> float:
    """Return nanoseconds as seconds."""
    return nanoseconds / NANOSECONDS
