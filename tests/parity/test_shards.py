"""The same bits on any number of shards, however they are stopped and resumed."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.backends.cpu import CpuBackend
from ctc.errors import DeviceFaultError
from ctc.simulation import event_runs
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting
from ctc.simulation.shards import LocalShards
from tests.physics.mixed import digest_of_run, mixed_setting

CELLS = 3000
FRAMES = {"frames": [1.0, 2.0, 1800.0, 3599.9], "n_tracked": 500, "track_every": 3}


def sharded(setting: Setting, n_shards: int, **options: object) -> LocalShards:
    maker = partial(choose_backend, "cpu", threads=1)
    return LocalShards(setting, [maker] * n_shards, **options)


@pytest.fixture(scope="module")
def setting() -> Setting:
    return mixed_setting(cells=CELLS, **FRAMES)


@pytest.fixture(scope="module")
def expected(setting: Setting) -> str:
    return digest_of_run(setting, CpuBackend(threads=1))


def frames_of(simulation: Simulation) -> list[dict[str, np.ndarray]]:
    return [frame.cells for epoch in simulation.epochs() for frame in epoch.frames]


@pytest.mark.parametrize("n_shards", [1, 2, 3, 7])
@pytest.mark.parametrize("chunk", [100, 10**6])
def test_shards_and_streaming_change_nothing(
    setting: Setting, expected: str, n_shards: int, chunk: int
) -> None:
    whole = Simulation(setting, CpuBackend(threads=1))
    split = Simulation(setting, sharded(setting, n_shards, chunk=chunk))
    for one, other in zip(frames_of(whole), frames_of(split), strict=True):
        assert one.keys() == other.keys()
        for name, array in one.items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)
    assert whole.digest() == split.digest() == expected
    split.shards.close()


def test_every_shard_has_its_share(setting: Setting) -> None:
    shards = sharded(setting, 3)
    simulation = Simulation(setting, shards)
    simulation.step()
    held = [each.launches.population.count for each in shards.shards]
    assert sum(held) == simulation.n_held
    # Shares of 3,000 and of about 1,500 newborn cells; which die is by chance, +- 5 sigma.
    assert max(held) - min(held) < 5 * np.sqrt(2 * max(held))
    shards.close()


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (2, 5)])
def test_a_run_goes_on_with_another_number_of_shards(
    setting: Setting, expected: str, before: int, after: int
) -> None:
    first = Simulation(setting, sharded(setting, before))
    first.step()
    first.step()
    second = Simulation(setting, sharded(setting, after))
    state = first.state()
    second.restore(state)
    assert second.digest() == first.digest()
    for name, value in second.state().items():
        np.testing.assert_array_equal(value, state[name], err_msg=name)
    for _ in second.epochs():
        pass
    assert second.digest() == expected
    first.shards.close()
    second.shards.close()


def test_events_on_disk_change_nothing(
    setting: Setting, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With room for 64 events in memory nearly all go through files, and are merged."""
    monkeypatch.setattr("ctc.simulation.epochs.OrderedEvents", few_in_memory)
    simulation = Simulation(
        setting, sharded(setting, 2, chunk=300, folder=tmp_path, events_in_memory=64)
    )
    for epoch in simulation.epochs():
        assert sum(block.size for block in epoch.ordered.blocks()) == epoch.ordered.size
    assert simulation.digest() == expected
    simulation.shards.close()


def few_in_memory(sources: list[event_runs.EventSource]) -> event_runs.OrderedEvents:
    return event_runs.OrderedEvents(sources, in_memory=64)


def test_a_fault_of_one_shard_ends_the_run(setting: Setting) -> None:
    shards = sharded(setting, 3)
    simulation = Simulation(setting, shards)
    simulation.step()
    shards.shards[2].launches.population.arrays()["segment"][0] = 10**6
    with pytest.raises(DeviceFaultError, match="segment outside the network"):
        simulation.step()
    shards.close()
