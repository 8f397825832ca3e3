"""Shards on the processor share its threads and memory, however many of them there are."""

import threading
from pathlib import Path
from typing import Any

import pytest

from ctc.backends.cpu import CpuBackend
from ctc.simulation.epochs import Simulation
from ctc.simulation.event_runs import EVENTS_IN_MEMORY
from ctc.simulation.shards import shared
from ctc.workforce import open_workforce
from tests.physics.mixed import digest_of_run, mixed_setting


@pytest.mark.parametrize(("threads", "n_shards"), [(1, 5), (2, 5), (5, 2), (3, 3)])
def test_no_more_threads_work_than_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, threads: int, n_shards: int
) -> None:
    setting = mixed_setting(cells=600)
    expected = digest_of_run(setting, CpuBackend(threads=1))
    lock, at_work, most = threading.Lock(), 0, 0
    launch = CpuBackend.launch

    def counted(self: CpuBackend, *arguments: Any) -> Any:
        nonlocal at_work, most
        with lock:
            at_work += self.threads
            most = max(most, at_work)
        try:
            return launch(self, *arguments)
        finally:
            with lock:
                at_work -= self.threads

    monkeypatch.setattr(CpuBackend, "launch", counted)
    n_before = threading.active_count()
    with open_workforce("cpu", threads=threads, n_shards=n_shards) as force:
        shards = force.shards(setting, chunk=100, folder=Path())
        simulation = Simulation(setting, shards)
        for _ in simulation.epochs():
            assert threading.active_count() - n_before <= threads + 1  # and one for the digest
        assert simulation.digest() == expected
        assert shards.n_shards == n_shards
        shards.close()
    assert max(1, threads // n_shards) <= most <= threads


def test_shards_share_the_memory_of_one() -> None:
    """Cells of a chunk and events that wait: of seven shards together as many as of one."""
    setting, n_shards = mixed_setting(cells=100), 7
    with open_workforce("cpu", threads=1, n_shards=n_shards) as force:
        shards = force.shards(setting, chunk=None, folder=Path()).shards
    assert len(shards) == n_shards
    most = CpuBackend(threads=1).cells_a_launch
    assert 0.9 * most < sum(shard.launches.chunk for shard in shards) <= most
    assert 0.9 * EVENTS_IN_MEMORY < sum(s.events_in_memory for s in shards) <= EVENTS_IN_MEMORY


@pytest.mark.parametrize(("n_shards", "each"), [(1, 1000), (3, 333), (50, 100), (10**6, 100)])
def test_a_share_is_no_less_than_the_least(n_shards: int, each: int) -> None:
    assert shared(1000, n_shards, least=100) == each
    assert shared(50, n_shards, least=100) == 50  # a whole that is less is asked for by a test
