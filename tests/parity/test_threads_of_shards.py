"""Shards on the processor share its threads, however many of either there are."""

import threading
from pathlib import Path
from typing import Any

import pytest

from ctc.backends.cpu import CpuBackend
from ctc.simulation.epochs import Simulation
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
