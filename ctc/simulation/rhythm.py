"""Shedding by the time of day: the mean factor of a stretch of time, exact."""

from __future__ import annotations

from ctc.scenario.tumours import DAY, Rhythm

_NANOSECONDS = 10**9
_DAY = round(DAY) * _NANOSECONDS


def rhythm_factor(rhythm: Rhythm | None, start: int, end: int) -> float:
    """Mean factor on the rate of shedding from ``start`` to ``end`` [ns], end > start.

    Time 0 is midnight. The time spent asleep is counted in whole nanoseconds, so that a stretch of
    whole days gives 1 to rounding.
    """
    if rhythm is None:
        return 1.0
    asleep = _asleep_until(rhythm, end) - _asleep_until(rhythm, start)
    return rhythm.awake + (rhythm.asleep - rhythm.awake) * (asleep / (end - start))


def _asleep_until(rhythm: Rhythm, time: int) -> int:
    """Time asleep [ns] since the first sleep that begins at or before time 0 began."""
    duration = round(rhythm.duration * _NANOSECONDS)
    nights, into_day = divmod(time - round(rhythm.begin * _NANOSECONDS) + _DAY, _DAY)
    return nights * duration + min(into_day, duration)
