"""Clocks of cells at rest: waiting times, branching, epochs split in two, rates that change."""

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.simulation.events import in_order
from ctc.simulation.launches import Launches
from ctc.states import CellState, DeathCause, EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.mixed import mixed_world
from tests.physics.test_streamline import KOLMOGOROV_LIMIT, kolmogorov
from tests.physics.worlds import (
    Journey,
    Vessel,
    World,
    bolus,
    follow,
    living,
    made_world,
    set_out,
    with_clocks,
)

HOUR = 3600.0


def trap(**rates: float) -> World:
    """Return a bed that stops every cell within 0.1 ms of birth, with clocks [1/s]."""
    return made_world(
        [
            Vessel("in", "a", transit=1e-8),
            Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="gut"),
            Vessel("b", "out", transit=1e-8),
        ],
        with_clocks(living(diameter_median=1e-3, effective_diameter_ratio=1.0), **rates),
    )


def held(world: World, n: int, *, until: float, seed: int) -> Journey:
    journey = follow(world, bolus(world.hops, [0], count=n), until=until, seed=seed)
    assert journey.of_kind(EventKind.ARRESTED).size == n
    return journey


@pytest.mark.parametrize("rate", [1e-8, 1e-4, 0.1])
def test_waiting_times_are_exponential(rate: float) -> None:
    """n = 1e5, Kolmogorov-Smirnov; a tick of 65.5 us is added to the limit as a share of 1/rate.

    No budget is above 38.2, so that all have died after 39 mean lives (124 years at 1e-8 /s).
    """
    n = 100_000
    journey = held(trap(other_death_rate=rate), n, until=39.0 / rate, seed=51)
    died = journey.of_kind(EventKind.DIED)
    assert died.size == n
    time = np.sort(died["time"]) * 1e-9
    limit = KOLMOGOROV_LIMIT + np.sqrt(n) * rate * 65.5e-6
    assert kolmogorov(time, 1.0 - np.exp(-rate * time)) < limit
    assert (died["cause"] == DeathCause.ARREST).all()


def test_rates_decide_what_happens_to_an_arrested_cell() -> None:
    """n = 2e5 at 4 : 3 : 2 : 1, binomial errors; waiting at the sum of the rates."""
    n = 200_000
    rates = {
        "release_rate": 4e-4,
        "extravasation_rate": 3e-4,
        "immune_death_rate": 2e-4,
        "other_death_rate": 1e-4,
    }
    journey = held(trap(**rates), n, until=1e6, seed=52)
    died = journey.of_kind(EventKind.DIED)
    counts = [
        journey.of_kind(EventKind.RELEASED).size,
        journey.of_kind(EventKind.EXTRAVASATED).size,
        np.count_nonzero(died["cause"] == DeathCause.IMMUNE),
        np.count_nonzero(died["cause"] == DeathCause.ARREST),
    ]
    share = np.array([0.4, 0.3, 0.2, 0.1])
    assert sum(counts) == n
    assert (np.abs(counts - n * share) < 5 * np.sqrt(n * share * (1 - share))).all()
    assert journey.of_kind(EventKind.EXITED).size == counts[0]
    first = journey.events[journey.events["kind"] != EventKind.ARRESTED]
    first = first[np.unique(first["cell"], return_index=True)[1]]["time"] * 1e-9
    assert abs(first.mean() - 1000.0) < 5 * 1000.0 / np.sqrt(n)


def test_some_arrested_cells_grow_inside_the_vessel() -> None:
    """n = 2e5 at 3 : 1 of leaving and growing: colonies without an extravasation before."""
    n = 200_000
    world = trap(extravasation_rate=3e-4, intravascular_rate=1e-4)
    journey = held(world, n, until=1e6, seed=58)
    colony = journey.of_kind(EventKind.COLONY)
    share = 0.25
    assert abs(colony.size - n * share) < 5 * np.sqrt(n * share * (1 - share))
    assert np.intersect1d(colony["cell"], journey.of_kind(EventKind.EXTRAVASATED)["cell"]).size == 0


def test_rates_decide_what_happens_in_tissue() -> None:
    """n = 2e5 extravasated cells die, sleep or found a colony at 5 : 4 : 1."""
    n = 200_000
    world = trap(
        extravasation_rate=1.0, tissue_death_rate=5e-6, dormancy_rate=4e-6, colony_rate=1e-6
    )
    journey = held(world, n, until=1e8, seed=53)
    died = journey.of_kind(EventKind.DIED)
    counts = [
        died.size,
        journey.of_kind(EventKind.DORMANT).size,
        journey.of_kind(EventKind.COLONY).size,
    ]
    share = np.array([0.5, 0.4, 0.1])
    assert sum(counts) == n
    assert (np.abs(counts - n * share) < 5 * np.sqrt(n * share * (1 - share))).all()
    assert (died["cause"] == DeathCause.TISSUE).all()


def test_sleepers_grow_or_die() -> None:
    """In tissue at 2/d (half sleep, half found a colony), asleep at 1/d (grow or die as 3 : 1).

    Of n cells n/2 sleep and n/8 die; binomial standard errors.
    """
    n, day = 100_000, 24 * HOUR
    world = trap(
        extravasation_rate=1.0,
        dormancy_rate=1.0 / day,
        colony_rate=1.0 / day,
        escape_rate=0.75 / day,
        dormant_death_rate=0.25 / day,
    )
    journey = held(world, n, until=200 * day, seed=54)
    n_slept, n_died, n_founded = (
        journey.of_kind(kind).size for kind in (EventKind.DORMANT, EventKind.DIED, EventKind.COLONY)
    )
    assert n_died + n_founded == n
    assert abs(n_slept - n / 2) < 5 * np.sqrt(n / 4)
    assert abs(n_died - n / 8) < 5 * np.sqrt(n * 7 / 64)


@pytest.mark.parametrize("stops", [[1800.0], [1e-3, 0.7, 61.5, 61.5, 2999.999999999], [2e-9] * 3])
def test_epochs_split_at_equal_rates_change_no_bit(stops: list[float]) -> None:
    """Cells and events of an hour in one stretch equal those of the same hour in pieces.

    Cells that have ended are dropped first: what is left of their budgets means nothing.
    """
    world = mixed_world()
    litter = bolus(world.hops, [7], count=20_000, duration=round(600e9))
    whole = follow(world, litter, until=HOUR, seed=55)
    whole.launches.population.remove_finished()
    journey = set_out(world, litter, seed=55)
    events = [journey.events]
    for stop in [*stops, HOUR]:
        events.append(journey.launches.advance(round(stop * 1e9)))
    np.testing.assert_array_equal(in_order(np.concatenate(events)), whole.events)
    journey.launches.population.remove_finished()
    expected = whole.launches.population.on_host()
    for name, array in journey.launches.population.on_host().items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)
    np.testing.assert_array_equal(journey.launches.sums.organs, whole.launches.sums.organs)
    assert journey.launches.sums.hops == whole.launches.sums.hops
    kinds = set(whole.events["kind"])
    assert kinds >= set(EventKind) - {EventKind.EXITED}


def test_rates_that_change_midway_spend_one_budget() -> None:
    """Half a mean life at one rate, then ten times the rate: survival exp(-1/2 - 10 (t - t1) r).

    n = 1e5, binomial errors; the cause is drawn by the rates in force when the budget ends.
    """
    n, rate = 100_000, 1e-4
    before = trap(other_death_rate=rate)
    after = trap(immune_death_rate=9 * rate, other_death_rate=rate)
    change = 0.5 / rate
    first = held(before, n, until=change, seed=56)
    launches = Launches(choose_backend("cpu"), after.hops, after.tables, seed=56)
    launches.population.restore(first.launches.population.on_host())
    n_early = first.of_kind(EventKind.DIED).size
    died = []
    for spent in (0.75, 1.0, 2.0):
        until = change + (spent - 0.5) / (10 * rate)
        events = launches.advance(round(until * 1e9))
        died.append(events[events["kind"] == EventKind.DIED])
        survival = np.exp(-spent)
        n_left = n - n_early - sum(events.size for events in died)
        assert abs(n_left - n * survival) < 5 * np.sqrt(n * survival * (1 - survival))
    late = np.concatenate(died)
    by_immune = np.count_nonzero(late["cause"] == DeathCause.IMMUNE)
    assert abs(by_immune - 0.9 * late.size) < 5 * np.sqrt(late.size * 0.09)


def test_cells_without_clocks_rest_for_ever() -> None:
    journey = held(trap(), 100, until=3e8, seed=57)
    cells = journey.launches.population.on_host()
    assert (cells["state"] == CellState.ARRESTED).all()
    assert (cells["budget"] > 0).all()
