"""Times as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.errors import InputError
from ctc.viewer.window.time_text import SECOND, parse_time, round_step, time_text, time_ticks


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "0 s"),
        (5 * SECOND, "5 s"),
        (3605 * SECOND, "1 h 5 s"),
        (86400 * SECOND, "1 day"),
        (3 * 86400 * SECOND + 7200 * SECOND, "3 days 2 h"),
        (2 * 31_557_600 * SECOND, "2 years"),
        (SECOND // 4, "0.25 s"),
    ],
)
def test_times_are_written_in_the_units_that_suit_them(time, text):
    assert time_text(time) == text
    assert parse_time(text) == time


@given(st.integers(0, 86_400 * 10**3).map(lambda milliseconds: milliseconds * 10**6))
def test_what_is_written_can_be_typed_again(time):
    written = parse_time(time_text(time))
    # Three units are written: days, hours and minutes leave out less than a minute.
    assert 0 <= time - written < (60 * SECOND if time >= 86_400 * SECOND else 1000 * SECOND)
    if time < 3600 * SECOND:
        assert written == time


@pytest.mark.parametrize(
    "text",
    ["", " ", "3", "days", "3 parsecs", "1 h x", "-2 h", "nan s", "293 years", "1e300 years"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InputError):
        parse_time(text)


@given(st.floats(1e-3, 1e10), st.integers(1, 12))
def test_ticks_are_few_and_lie_inside(stop, n_most):
    ticks = time_ticks(0.0, stop, n_most)
    assert 1 <= len(ticks) <= n_most + 1
    assert all(0.0 <= time <= stop * (1 + 1e-6) for time, _ in ticks)


@given(st.floats(1e-9, 1e9))
def test_a_round_step_is_the_next_one(step):
    found = round_step(step)
    assert found >= step * (1 - 1e-9)
    assert found <= 2.5 * step * (1 + 1e-9)
