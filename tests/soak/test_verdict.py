"""What curves a soak calls flat, and which it does not: made-up hours with a fault in each."""

from __future__ import annotations

import numpy as np
import pytest

from tools.soak.course import Course
from tools.soak.verdict import Finding, judge, lags

HOUR, N_SAMPLES, N_EPOCHS = 3600.0, 1800, 1500
HOPS = 145_000_000


def an_hour(
    *,
    leak: float = 0.0,
    held: float = 2000.0,
    handles: float = 0.0,
    slowing: float = 0.0,
    slow_machine: float = 0.0,
    more_hops: float = 0.0,
    lag: float = 0.3,
    waiting: float = 0.0,
    burst: float = 0.0,
    swapped: float = 0.0,
) -> Course:
    """Return an hour as a healthy run has it, with noise, and with what is asked for.

    Parameters
    ----------
    leak : float [bytes/s]
        Of the writer.
    held : float [bytes/s]
        By which the reader grows.
    handles : float [1/s]
        That the reader does not close.
    slowing, slow_machine : float
        Share by which the writer alone, and all that runs on the machine, slow down in the hour.
    more_hops : float
        Share by which the hops of an epoch rise.
    lag : float [s]
        Of the reader.
    waiting : float
        Share by which an epoch takes longer at the end, for the same processor time.
    burst : float [bytes]
        That the writer asks for at once when 92 % of the hour are over.
    swapped : float [bytes/s]
        That the writer leaks and the system moves out of RAM.
    """
    random = np.random.Generator(np.random.Philox(3))
    course = Course()
    passed = np.linspace(0, HOUR, N_SAMPLES)
    # Buffers of 16 MB come and go, and the pools fill in the first minutes.
    level = 250e6 + 16e6 * random.integers(0, 2, N_SAMPLES) + 50e6 * (1 - np.exp(-passed / 200))
    for at, resident in zip(passed, level, strict=True):
        machine = 1 + slow_machine * at / HOUR
        writer = {"resident": resident + leak * at, "threads": 8 + int(random.integers(0, 2))}
        writer["resident"] += burst * (at >= 0.92 * HOUR)
        writer["swapped"] = swapped * at
        reader = {"resident": 117e6 + held * at, "threads": 3, "handles": 4 + int(handles * at)}
        reader["swapped"] = 0
        writer["handles"] = 5 + int(random.random() < 0.1)
        pace = 0.004 * machine * random.normal(1, 0.03)
        course.samples.append({"time": at, "writer": writer, "reader": reader, "pace": pace})
    lasting = np.cumsum(1 + waiting * np.linspace(0, 1, N_EPOCHS))
    ends = HOUR * lasting / lasting[-1]
    share = ends / HOUR
    hops = np.cumsum(HOPS * (1 + more_hops * share) * random.normal(1, 0.004, N_EPOCHS))
    slowness = (1 + slowing * share) * (1 + slow_machine * share) * random.normal(1, 0.05, N_EPOCHS)
    spent = np.cumsum(0.8 * slowness * (1 + more_hops * share))
    course.epochs = [
        {"time": end, "hops": n, "processor": at}
        for end, n, at in zip(ends, hops, spent, strict=True)
    ]
    for at in np.arange(2.0, HOUR + lag + 2, 0.5):
        n_seen = min(int(np.searchsorted(ends, at - lag)), N_EPOCHS)
        course.looks.append({"time": at, "epochs": n_seen, "frames": 12 * n_seen})
    return course


def bad(course: Course) -> list[str]:
    return [finding.name for finding in judge(course) if not finding.is_good]


def found(course: Course, name: str) -> Finding:
    return next(finding for finding in judge(course) if finding.name == name)


def test_a_healthy_hour_is_flat() -> None:
    assert bad(an_hour()) == []
    # A reader holds what it draws: rows of the curves, and where frames begin.
    assert bad(an_hour(held=9_000 * N_EPOCHS / HOUR)) == []


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        # 12 KB an epoch: 9 MB in half an hour.
        ({"leak": 12_000 * N_EPOCHS / HOUR}, "memory of the writer"),
        # As much beside what it holds: 8 KB for the curves and 1.2 KB for twelve frames.
        ({"held": 21_500 * N_EPOCHS / HOUR}, "memory of the reader"),
        # One every ten minutes.
        ({"handles": 1 / 600}, "handles of the reader"),
        ({"slowing": 0.3}, "rate"),
        ({"more_hops": 0.1}, "hops"),
        ({"lag": 6.0}, "reader"),
        ({"waiting": 3.0}, "wall time"),
        ({"burst": 1e9}, "memory of the writer"),
        ({"swapped": 12_000 * N_EPOCHS / HOUR}, "memory of the writer"),
    ],
)
def test_a_planted_fault_is_found_and_nothing_else(fault: dict[str, float], name: str) -> None:
    assert bad(an_hour(**fault)) == [name]


def test_others_on_the_machine_are_no_fault_of_the_run() -> None:
    course = an_hour(slow_machine=0.5)
    assert bad(course) == []
    assert found(course, "rate").figures["rise_share"] < -0.1


def test_a_machine_that_hardly_changes_excuses_no_slower_run() -> None:
    """The figure by pace lies within the limit here; it counts where the machine changed."""
    course = an_hour(slowing=0.26)
    for sample in course.samples:
        sample["pace"] *= 1 + 0.04 * sample["time"] / HOUR
    assert bad(course) == ["rate"]
    assert found(course, "rate").figures["rise_by_pace"] > -0.1


def test_threads_that_come_and_go_are_no_rise() -> None:
    course = an_hour()
    random = np.random.Generator(np.random.Philox(4))
    for sample in course.samples:
        chance = 0.48 if sample["time"] < 0.75 * HOUR else 0.52
        sample["writer"]["threads"] = 8 + int(random.random() < chance)
    assert bad(course) == []


def test_the_leak_is_measured() -> None:
    """The slope's error: buffers of 16 MB that come and go, 900 samples, over half an hour."""
    rise = found(an_hour(leak=50_000), "memory of the writer").figures["rise_bytes"]
    assert rise == pytest.approx(50_000 * HOUR / 2, rel=0.1)


def test_the_lag_is_from_the_end_of_an_epoch_to_the_look_that_saw_it() -> None:
    seen, lag = lags(an_hour(lag=1.0))
    assert seen.size >= N_EPOCHS - 3
    # Looks are half a second apart.
    assert lag.min() >= 1.0
    assert lag.max() <= 1.5 + 1e-9


def test_a_course_of_a_few_moments_is_not_judged() -> None:
    course = an_hour()
    course.samples = course.samples[:10]
    (finding,) = judge(course)
    assert not finding.is_good
    assert "too short" in finding.text
