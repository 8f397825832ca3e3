"""The same digest however a run is cut up; another digest for any other physics."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.simulation.epochs import Simulation
from ctc.states import COUNTED_CELL, FATES
from tests.physics.mixed import (
    MIXED_VESSELS,
    QUICK_CLOCKS,
    digest_of_run,
    mixed_biology,
    mixed_setting,
    mixed_world,
)
from tests.physics.worlds import made_world

CELLS = 3000


@pytest.fixture(scope="module")
def expected() -> str:
    return digest_of_run(mixed_setting(cells=CELLS), CpuBackend(threads=1))


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads_change_nothing(threads: int, expected: str) -> None:
    assert digest_of_run(mixed_setting(cells=CELLS), CpuBackend(threads=threads)) == expected


@pytest.mark.parametrize("chunk", [1000, 37, CELLS, 1 << 22])
def test_chunks_change_nothing(chunk: int, expected: str) -> None:
    found = digest_of_run(mixed_setting(cells=CELLS), CpuBackend(threads=2), chunk=chunk)
    assert found == expected


@pytest.mark.parametrize("event_capacity", [1, 10, 500, 10**6])
@pytest.mark.parametrize("variant", ["scalar", None])
def test_room_for_events_changes_nothing(
    event_capacity: int, variant: str | None, expected: str
) -> None:
    """A cell whose event finds no room stops and goes on in the next launch."""
    small = 200 if event_capacity <= 10 else CELLS
    setting = mixed_setting(cells=small)
    wanted = expected if small == CELLS else digest_of_run(setting, CpuBackend(threads=1))
    backend = CpuBackend(threads=2, variant=variant)
    assert digest_of_run(setting, backend, event_capacity=event_capacity) == wanted


@pytest.mark.parametrize(
    "record",
    [
        {"frames": [1.0, 2.0, 1800.0, 3599.9], "n_tracked": 50},
        {"frames": [0.0, 7200.0], "n_tracked": 10**6},
        {"frames": [5000.0], "n_tracked": 100, "track_every": 7},
    ],
)
def test_frames_and_tracking_change_nothing(record: dict[str, object], expected: str) -> None:
    found = digest_of_run(mixed_setting(cells=CELLS, **record), CpuBackend(threads=2))
    assert found == expected


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_state_taken_up_goes_on_to_the_same_bits(stop: int, expected: str) -> None:
    setting = mixed_setting(cells=CELLS)
    first = Simulation(setting, CpuBackend(threads=2))
    for _ in range(stop):
        first.step()
    second = Simulation(setting, CpuBackend(threads=1, variant="scalar"), chunk=999)
    second.restore(first.state())
    assert second.digest() == first.digest()
    for _ in second.epochs():
        pass
    assert second.digest() == expected


def test_repeated_runs_are_equal_and_seeds_are_not(expected: str) -> None:
    assert digest_of_run(mixed_setting(cells=CELLS), CpuBackend()) == expected
    assert digest_of_run(mixed_setting(cells=CELLS, seed=2), CpuBackend()) != expected


def test_cells_are_conserved_in_every_epoch() -> None:
    """Shed = in flight + the sum of fates, counted in memory and from events on their own."""
    simulation = Simulation(mixed_setting(cells=CELLS), CpuBackend(), event_capacity=100)
    n_fates = 0
    for epoch in simulation.epochs():
        ends = np.isin(epoch.events["kind"], [4, 7, 8])
        n_fates += np.count_nonzero(ends) + int(epoch.died_dormant.sum())
        known = epoch.events["cell"][ends & (epoch.events["cell"] != COUNTED_CELL)]
        assert np.unique(known).size == known.size
        by_state = simulation.ledger.by_state(epoch.counts.sum(axis=1))
        assert by_state.sum() == simulation.ledger.n_shed
        assert sum(by_state[fate] for fate in FATES) == n_fates
        assert epoch.counts.sum() + n_fates == simulation.ledger.n_shed
        assert (np.diff(epoch.events["time"]) >= 0).all()
    assert simulation.ledger.n_shed > CELLS
    held = simulation.shards.field("id")
    assert np.unique(held).size == held.size
    assert simulation.dormant.n_cells > 100
    assert simulation.ledger.n_shed - n_fates == held.size + simulation.dormant.n_cells


# Chances are not among these: one of 1e-6 more or less has to be drawn before it shows.
A_MILLIONTH = 1.0 + 1e-6
RATES = [
    "shear_sensitivity",
    "immune_hazard",
    "anoikis_hazard",
    "diameter_median",
    "passing_slowness",
    *QUICK_CLOCKS,
]


@pytest.mark.parametrize("name", RATES)
def test_a_millionth_of_any_rate_changes_the_digest(name: str, expected: str) -> None:
    base = mixed_biology()
    value = QUICK_CLOCKS[name] if name in QUICK_CLOCKS else getattr(base, name)
    changed = mixed_world(**{name: value * A_MILLIONTH})
    assert digest_of_run(mixed_setting(changed, cells=CELLS), CpuBackend()) != expected


# The chamber's own stress is not felt: that of all chambers is a parameter.
@pytest.mark.parametrize("number", range(1, len(MIXED_VESSELS)))
def test_a_millionth_of_any_shear_stress_changes_the_digest(number: int, expected: str) -> None:
    vessels = list(MIXED_VESSELS)
    vessels[number] = replace(vessels[number], stress=vessels[number].stress * A_MILLIONTH)
    world = made_world(vessels, mixed_biology())
    assert digest_of_run(mixed_setting(world, cells=CELLS), CpuBackend()) != expected


@pytest.mark.parametrize("number", range(len(MIXED_VESSELS)))
def test_a_millionth_of_any_transit_time_changes_the_digest(number: int, expected: str) -> None:
    vessels = list(MIXED_VESSELS)
    changed = replace(vessels[number], transit=vessels[number].transit * A_MILLIONTH)
    vessels[number] = changed
    world = made_world(vessels, mixed_biology())
    assert digest_of_run(mixed_setting(world, cells=CELLS), CpuBackend()) != expected
