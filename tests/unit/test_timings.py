"""Where the time goes: every moment belongs to one phase."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from ctc.backends.base import choose_backend
from ctc.backends.timed import TimedBackend
from ctc.simulation.shards import LocalShards
from ctc.timings import PHASES, Spent, Stopwatch, seconds_since_start


def test_every_moment_belongs_to_one_phase() -> None:
    before = time.perf_counter()
    watch = Stopwatch()
    begun = time.perf_counter()
    for _ in range(3):
        time.sleep(0.01)
        watch.lap("settle")
        done = time.perf_counter()
        watch.lap("record")
    after = time.perf_counter()
    watch.part("kernels", of="settle", spent=Spent(wall=0.004, cpu=0.002))
    found = watch.as_mapping()
    assert list(found) == [phase for phase in PHASES if phase in found]
    assert found["kernels"] == {"wall": 0.004, "cpu": 0.002}
    assert 0.026 <= found["settle"]["wall"] <= after - before
    # Whatever held this process up between two readings of a clock, one of them counts it.
    assert done - begun <= sum(entry["wall"] for entry in found.values()) <= after - before


def test_only_the_first_epoch_is_noted() -> None:
    watch = Stopwatch()
    watch.note_epoch()
    first = watch.first_epoch
    time.sleep(0.02)
    watch.note_epoch()
    assert watch.first_epoch == first
    assert first is None or first > 0.0


def test_the_process_has_begun() -> None:
    first = seconds_since_start()
    if first is None:
        pytest.skip("the system does not tell when a process began")
    time.sleep(0.05)
    second = seconds_since_start()
    assert second is not None
    assert 0.04 <= second - first <= 10.0


def test_a_timed_backend_is_the_backend_with_a_clock() -> None:
    plain = choose_backend("cpu", threads=1)
    timed = TimedBackend(plain)
    assert (timed.name, timed.description) == (plain.name, plain.description)
    assert (timed.xp, timed.max_hops) == (plain.xp, plain.max_hops)
    assert timed.spent == Spent()
    with pytest.raises(KeyError):
        timed.launch("no such kernel", {"count": 1})
    assert timed.spent.wall > 0.0


def test_processor_time_is_never_taken_from_that_of_another_process() -> None:
    """Workers use their own; of threads of one process no clock tells whose it was."""
    of_workers, of_threads = Stopwatch(), Stopwatch()
    for watch in (of_workers, of_threads):
        time.sleep(0.01)
        watch.lap("settle")
    own = of_workers.as_mapping()["settle"]["cpu"]
    spent = Spent(wall=0.005, cpu=7.0)
    of_workers.part("kernels", of="settle", spent=spent, is_of_this_process=False)
    found = of_workers.as_mapping()
    assert (found["settle"]["cpu"], found["kernels"]["cpu"]) == (own, 7.0)
    of_threads.part("kernels", of="settle", spent=Spent(wall=0.005, cpu=None))
    found = of_threads.as_mapping()
    assert found["kernels"] == {"wall": 0.005}
    assert found["settle"].keys() == {"wall"}


def test_kernels_of_several_shards_take_as_long_as_the_slowest() -> None:
    spent = [Spent(wall=2.0, cpu=1.5), Spent(wall=3.0, cpu=1.0)]
    assert Told(spent, n_at_once=2, are_here=False).kernel_time() == Spent(wall=3.0, cpu=2.5)
    assert Told(spent, n_at_once=2).kernel_time() == Spent(wall=3.0, cpu=None)
    assert Told(spent, n_at_once=1).kernel_time() == Spent(wall=5.0, cpu=2.5)
    assert Told([*spent, spent[0]], n_at_once=2).kernel_time() == Spent(wall=4.0, cpu=None)


class Told(LocalShards):
    """Shards that tell what they are told to have spent."""

    def __init__(self, spent: list[Spent], *, n_at_once: int, are_here: bool = True) -> None:
        self._spent = spent
        self._n_at_once = n_at_once
        self.shards = spent
        self.are_of_this_process = are_here

    def on_each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        assert method == "kernel_time"
        return self._spent
