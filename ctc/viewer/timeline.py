"""Disease time and circulation windows on one bar: seconds within a window, days between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NANOSECONDS
from ctc.viewer.durations import duration_text
from ctc.viewer.patient_view import Mark

# Part of the bar that all windows together get, however short they are.
_WINDOW_SHARE = 0.5
# Without a scenario's word a window ends where the next frame is this many usual steps away.
_USUAL_STEPS = 5.0


@dataclass(frozen=True)
class Span:
    """A circulation window.

    Attributes
    ----------
    start, stop : int [ns]
        Its first and last frame.
    first, last : int
        Indices of these.
    """

    start: int
    stop: int
    first: int
    last: int


@dataclass(frozen=True)
class Timeline:
    """The bar from 0 to 1: rises with time, in a window more steeply than between windows.

    Attributes
    ----------
    end : int [ns]
        Time at 1, > 0.
    spans : tuple of Span
        The windows in order; they do not overlap.
    times, places : (k,) float64
        Corners of the bar: time [ns] and place, both from the first to the last.
    marks : tuple of Mark
        What was done to the patient, and what it told, in order of time.
    """

    end: int
    spans: tuple[Span, ...]
    times: npt.NDArray[np.float64]
    places: npt.NDArray[np.float64]
    marks: tuple[Mark, ...] = ()

    def place(self, time: int) -> float:
        """Return where a moment [ns] lies on the bar, 0 .. 1."""
        return float(np.interp(float(time), self.times, self.places))

    def time(self, place: float) -> int:
        """Return the moment [ns] at a place of the bar."""
        return round(float(np.interp(place, self.places, self.times)))

    def span_at(self, time: int) -> Span | None:
        """Return the window that a moment [ns] lies in, or nothing."""
        return next((span for span in self.spans if span.start <= time <= span.stop), None)

    def marks_at(self, place: float, reach: float) -> tuple[Mark, ...]:
        """Return the marks no further than `reach` from a place of the bar, in order of time."""
        return tuple(
            mark
            for mark in self.marks
            if self.place(mark.start) - reach <= place <= self.place(mark.stop) + reach
        )

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return places and words: start of the bar and of each window, the last moment."""
        moments = sorted({0, *(span.start for span in self.spans), self.end})
        return tuple((self.place(t), duration_text(t / NANOSECONDS)) for t in moments)


def lay_out_time(
    frame_times: npt.NDArray[np.int64],
    end: int,
    *,
    windows: Sequence[dict[str, Any]] = (),
    marks: tuple[Mark, ...] = (),
) -> Timeline:
    """Return the bar of a run.

    Parameters
    ----------
    frame_times : (n_frames,) int64 [ns]
        Rising.
    end : int [ns]
        Of the disease time shown; no less than the last frame counts.
    windows : sequence of dict
        As in the scenario: ``start``, ``duration`` and ``interval`` [s]; found by the steps
        between frames where there are none.
    marks : tuple of Mark
        To be shown along it.

    Returns
    -------
    Timeline
        Half of it for the windows, each by its number of frames; the whole of it where they
        fill all the time.
    """
    last = int(frame_times[-1]) if frame_times.size else 0
    end = max(end, last, 1)
    spans = _spans(frame_times, windows)
    inside = float(sum(span.stop - span.start for span in spans))
    outside = max(float(end) - inside, 0.0)
    weights = [float(span.last - span.first) for span in spans]
    share = 0.0 if not sum(weights) else _WINDOW_SHARE if outside else 1.0
    share = max(share, inside / end) if sum(weights) else 0.0
    times, places = [0.0], [0.0]
    for span, weight in zip(spans, weights, strict=True):
        if span.stop == span.start:
            continue
        gap = span.start - times[-1]
        if gap:
            places.append(places[-1] + (1.0 - share) * gap / outside)
            times.append(float(span.start))
        times.append(float(span.stop))
        places.append(places[-1] + share * weight / sum(weights))
    if end > times[-1]:
        times.append(float(end))
        places.append(1.0)
    places[-1] = 1.0
    return Timeline(end, spans, np.array(times), np.array(places), marks)


def nearest_moment(times: npt.NDArray[np.int64], time: int) -> int:
    """Return which of some rising times is nearest to a moment, the earlier of two; 0 of none."""
    if not times.size:
        return 0
    after = min(int(np.searchsorted(times, time)), times.size - 1)
    before = max(after - 1, 0)
    return before if time - int(times[before]) <= abs(int(times[after]) - time) else after


def _spans(times: npt.NDArray[np.int64], windows: Sequence[dict[str, Any]]) -> tuple[Span, ...]:
    if not times.size:
        return ()
    if windows:
        starts = np.array([round(w["start"] * NANOSECONDS) for w in windows])
        stops = starts + np.array([round(w["duration"] * NANOSECONDS) for w in windows])
        order = np.argsort(starts, kind="stable")
        # Windows that overlap are one; a frame before the first window belongs to none.
        reach = np.maximum.accumulate(stops[order])
        opens = starts[order][np.r_[True, starts[order][1:] > reach[:-1]]]
        group = np.searchsorted(opens, times, side="right")
    else:
        steps = np.diff(times)
        usual = float(np.median(steps)) if steps.size else 0.0
        group = np.cumsum(np.r_[0, steps > _USUAL_STEPS * usual])
    first = np.flatnonzero(np.r_[True, np.diff(group) != 0])
    last = np.r_[first[1:] - 1, times.size - 1]
    return tuple(
        Span(int(times[a]), int(times[b]), int(a), int(b)) for a, b in zip(first, last, strict=True)
    )
