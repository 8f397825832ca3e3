"""The same bits with the cells in workers of Dask, and a clear word when one is lost."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from ctc.backends.cpu import CpuBackend
from ctc.distributed import cluster
from ctc.distributed.cluster import Workers, open_workers
from ctc.distributed.dask_shards import DaskShards
from ctc.errors import DeviceFaultError, InputError, WorkerLostError
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting
from ctc.states import DeathCause
from tests.physics.mixed import digest_of_run, mixed_setting, mixed_world

CELLS = 3000
FRAMES = {"frames": [1.0, 2.0, 1800.0, 3599.9], "n_tracked": 500, "track_every": 3}


@pytest.fixture(scope="module")
def setting() -> Setting:
    return mixed_setting(cells=CELLS, **FRAMES)


@pytest.fixture(scope="module")
def expected(setting: Setting) -> str:
    return digest_of_run(setting, CpuBackend(threads=1))


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Workers]:
    with open_workers(None, 2, device="cpu", threads=1) as workers:
        yield workers


def shards_of(workers: Workers, setting: Setting, chunk: int = 700) -> DaskShards:
    return workers.shards(setting, chunk=chunk, folder=Path())


def frames_of(simulation: Simulation) -> list[dict[str, np.ndarray]]:
    return [frame.cells for epoch in simulation.epochs() for frame in epoch.frames]


def test_two_workers_change_nothing(setting: Setting, expected: str, two_workers: Workers) -> None:
    """Two processes, and results pickled on their way: cells, frames, events and sums."""
    whole = Simulation(setting, CpuBackend(threads=1))
    split = Simulation(setting, shards_of(two_workers, setting))
    for one, other in zip(frames_of(whole), frames_of(split), strict=True):
        for name, array in one.items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)
    assert split.digest() == whole.digest() == expected
    assert split.shards.description.startswith("2 Dask workers: 2 x cpu (")
    assert len({os.getpid(), *split.shards.processes()}) == 3
    split.shards.close()


def test_one_worker_changes_nothing(setting: Setting, expected: str) -> None:
    with open_workers(None, 1, device="cpu", threads=1) as workers:
        simulation = Simulation(setting, shards_of(workers, setting))
        for _ in simulation.epochs():
            pass
        assert simulation.digest() == expected
        assert simulation.shards.n_shards == 1
        simulation.shards.close()


def test_many_events_are_fetched_in_blocks(setting: Setting, two_workers: Workers) -> None:
    """Events that are too many to travel with the rest stay in the worker until they are read."""
    events = Simulation(setting, CpuBackend(threads=1)).step().events
    shards = shards_of(two_workers, setting)
    shards.keep_events_above(100)
    found = Simulation(setting, shards).step()
    for _ in range(2):
        assert np.concatenate(list(found.ordered.blocks())).tobytes() == events.tobytes()
    shards.close()


def test_a_run_goes_on_from_two_workers_on_one_device_and_back(
    setting: Setting, expected: str, two_workers: Workers
) -> None:
    first = Simulation(setting, shards_of(two_workers, setting))
    first.step()
    second = Simulation(setting, CpuBackend(threads=1))
    second.restore(first.state())
    second.step()
    third = Simulation(setting, shards_of(two_workers, setting))
    third.restore(second.state())
    for _ in third.epochs():
        pass
    assert third.digest() == expected
    first.shards.close()
    third.shards.close()


def test_tables_that_change_reach_the_workers(two_workers: Workers) -> None:
    """Two patients, one treated for two epochs: what a worker is told, and what it gives back."""
    first = mixed_setting(cells=CELLS)
    patients = [replace(first, patient=number) for number in (5, 6)]
    other = mixed_world(treatment_hazard=1e-3, treatment_death_dormant=1e-4).tables
    digests = []
    for where in (CpuBackend(threads=1), shards_of(two_workers, first)):
        simulation = Simulation(patients, where)
        for epoch in range(len(first.epochs)):
            patient = simulation.ward.patients[1]
            patient.tables = other if epoch in (1, 2) else first.tables
            simulation.step()
        assert simulation.ledger.by_cause[DeathCause.TREATMENT] > 0
        digests.append(simulation.digest())
        simulation.shards.close()
    assert digests[0] == digests[1]


def test_a_fault_in_a_worker_is_told_as_anywhere(
    setting: Setting, two_workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which would refuse the state at once.
    monkeypatch.setattr("ctc.simulation.epochs.require_state", lambda *_, **__: None)
    first = Simulation(setting, CpuBackend(threads=1))
    first.step()
    state = first.state()
    state["cell_size_class"][5] = 60_000
    second = Simulation(setting, shards_of(two_workers, setting))
    lowest = int(state["cell_id"][5])
    second.restore(state)
    with pytest.raises(DeviceFaultError, match=rf"outside its table.*cell {lowest}, segment"):
        second.step()
    second.shards.close()


def test_a_lost_worker_is_named(setting: Setting) -> None:
    with open_workers(None, 2, device="cpu", threads=1) as workers:
        shards = shards_of(workers, setting)
        simulation = Simulation(setting, shards)
        simulation.step()
        os.kill(shards.processes()[1], signal.SIGKILL)
        began = time.perf_counter()
        with pytest.raises(WorkerLostError, match=r"worker tcp://\S+ was lost \("):
            for _ in simulation.epochs():
                pass
        assert time.perf_counter() - began < 60.0  # it does not wait for ever
        shards.close()


def test_workers_of_a_scheduler(
    setting: Setting, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster that somebody else started, by the address of its scheduler."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as somebody:
        address = somebody.scheduler_address
        for n_workers in (None, 1):
            with open_workers(address, n_workers, device="cpu", threads=1) as workers:
                simulation = Simulation(setting, shards_of(workers, setting))
                for _ in simulation.epochs():
                    pass
                assert simulation.digest() == expected
                assert simulation.shards.n_shards == (n_workers or 2)
                simulation.shards.close()
        monkeypatch.setattr(cluster, "_APPEAR", 0.5)
        with (
            pytest.raises(InputError, match=r"--workers: value must be at most .* got 3 with 2"),
            open_workers(address, 3, device="cpu", threads=1),
        ):
            pass
