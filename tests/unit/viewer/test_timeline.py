"""Time on one bar: in order, there and back, with room for windows."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.viewer.durations import axis_unit, clock_text, duration_text
from ctc.viewer.timeline import lay_out_time

SECOND = 10**9
DAY = 86400 * SECOND


def stored_frames(windows):
    steps = [
        np.arange(w["start"], w["start"] + w["duration"] + 1e-3, w["interval"]) for w in windows
    ]
    return np.unique(np.round(np.concatenate(steps) * SECOND).astype(np.int64))


WINDOWS = [
    {"start": 3600.0, "duration": 60.0, "interval": 1.0},
    {"start": 10 * 86400.0, "duration": 20.0, "interval": 1.0},
    {"start": 10 * 86400.0 + 10.0, "duration": 20.0, "interval": 1.0},
    {"start": 200 * 86400.0, "duration": 0.0, "interval": 1.0},
]


@pytest.mark.parametrize("windows", [WINDOWS, ()])
def test_windows_get_half_of_the_bar_by_their_frames(windows):
    times = stored_frames(WINDOWS)
    bar = lay_out_time(times, 365 * DAY, windows=windows)
    assert [(span.start // SECOND, span.stop // SECOND) for span in bar.spans] == [
        (3600, 3660),
        (864000, 864030),
        (200 * 86400, 200 * 86400),
    ]
    assert [(span.first, span.last) for span in bar.spans] == [(0, 60), (61, 91), (92, 92)]
    widths = [bar.place(span.stop) - bar.place(span.start) for span in bar.spans]
    np.testing.assert_allclose(widths, [0.5 * 60 / 90, 0.5 * 30 / 90, 0.0], atol=1e-12)
    assert (bar.place(0), bar.place(365 * DAY)) == (0.0, 1.0)
    assert bar.span_at(3630 * SECOND) == bar.spans[0]
    assert bar.span_at(3661 * SECOND) is None
    assert [word for _, word in bar.ticks()] == ["0 s", "1 h", "10 days", "200 days", "365 days"]


@given(
    windows=st.lists(
        st.tuples(st.integers(0, 3000), st.integers(0, 200), st.integers(1, 50)), max_size=5
    ),
    end=st.integers(0, 5000),
    moments=st.lists(st.integers(0, 5000), min_size=2, max_size=10),
)
def test_the_bar_rises_with_time_and_goes_there_and_back(windows, end, moments):
    given_windows = [
        {"start": float(a), "duration": float(b), "interval": float(c)} for a, b, c in windows
    ]
    times = stored_frames(given_windows) if windows else np.zeros(0, np.int64)
    bar = lay_out_time(times, end * SECOND, windows=given_windows)
    assert bar.end >= end * SECOND
    assert bar.places[0] == 0.0
    assert bar.places[-1] == 1.0
    assert (np.diff(bar.places) > 0).all()
    assert (np.diff(bar.times) > 0).all()
    for moment in moments:
        time = min(moment * SECOND, bar.end)
        assert 0.0 <= bar.place(time) <= 1.0
        assert abs(bar.time(bar.place(time)) - time) <= 10
    spans = bar.spans
    assert all(a.last + 1 == b.first for a, b in itertools.pairwise(spans))
    assert sum(span.last - span.first + 1 for span in spans) == times.size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.25, "0.25 s"),
        (90.0, "1.5 min"),
        (86400.0, "1 day"),
        (129600.0, "1.5 days"),
        (400 * 86400.0, "400 days"),
        (3 * 365.25 * 86400.0, "3 years"),
    ],
)
def test_durations_are_written_in_the_unit_that_suits(seconds, text):
    assert duration_text(seconds) == text


def test_clocks_and_axes():
    assert clock_text(0) == "00:00:00"
    assert clock_text(3 * DAY + 3723 * SECOND + 250_000_000) == "day 3, 01:02:03.250"
    assert clock_text(DAY - 1) == "day 1, 00:00:00"
    assert axis_unit(10.0) == ("s", 1.0)
    assert axis_unit(3 * 86400.0) == ("days", 86400.0)
