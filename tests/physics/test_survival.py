"""Survival in the blood: the budget over a million hops, causes, and attachment."""

import numpy as np
import pytest

from ctc.states import CellState, DeathCause, EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.probe import probe
from tests.physics.worlds import (
    Vessel,
    World,
    bolus,
    follow,
    follow_out,
    living,
    made_world,
    plug_of,
)

HOP = 1e-4  # [s]
N_HOPS = 1_000_000
SURVIVAL_UNIT = 2.0**-45


def ring(hazard: float, **changes: float) -> World:
    """Two segments of 0.1 ms joined head to tail, for cells that take exactly that."""
    return made_world(
        [Vessel("a", "b", transit=HOP), Vessel("b", "a", transit=HOP)],
        plug_of(shear_sensitivity=hazard, **changes),
    )


def drawn_budgets(n: int, *, seed: int) -> np.ndarray:
    """Return the unit-exponential budgets that cells 0 to n-1 are born with."""
    budget = probe(np.arange(n, dtype=np.uint32), 0, seed=seed).budget
    return (budget >> np.uint64(13)) * SURVIVAL_UNIT


def test_a_million_hops_of_a_tenth_of_a_millisecond() -> None:
    """A path of 1e6 hops (100 s) at a hazard of 0.01 /s is survived with chance exp(-h t) = 1/e.

    n = 600: 220.7 expected to live, binomial standard error 11.8. Sharper: each cell must die when
    its own budget B is gone, at B / h. A hop spends round(2^45 * 1e-6) = 3.5e7 units, so rounding
    costs at most 1.4e-8 and the float32 product 1.2e-7; the time is good to 3e-7 of itself.
    """
    n, hazard, seed = 600, 0.01, 31
    world = ring(hazard)
    duration = N_HOPS * HOP
    journey = follow(world, bolus(world.hops, [0], count=n), until=duration, seed=seed)
    died = journey.of_kind(EventKind.DIED)
    chance = np.exp(-hazard * duration)
    assert abs(n - died.size - n * chance) < 5 * np.sqrt(n * chance * (1 - chance))
    expected = drawn_budgets(n, seed=seed) / hazard
    assert set(died["cell"]) == set(np.flatnonzero(expected < duration))
    np.testing.assert_allclose(died["time"] * 1e-9, expected[died["cell"]], rtol=3e-7)


@pytest.mark.parametrize("hazard", [2e-5, 1e-6, 1e-7])
def test_small_spends_are_not_lost(hazard: float) -> None:
    """What 20,000 hops cost at hazards of once in 14 h, 12 days and 4 months, against h t.

    A spend of 0.1 ms is h * 3.5e9 units of 2^-45, that is 7e4, 3.5e3 and 350: rounding it to a
    unit costs at most half a unit a hop. (A float32 budget near 1 would drop or double spends
    below 6e-8: all of these.)
    """
    world = ring(hazard)
    litter = bolus(world.hops, [0], count=50)
    journey = follow(world, litter, until=20_000 * HOP, seed=32)
    held = journey.launches.population.on_host()
    alive = held["state"] == CellState.CIRCULATING
    n_hops = journey.launches.sums.hops / 50 + 1
    spent = drawn_budgets(50, seed=32) - held["budget"] * SURVIVAL_UNIT
    assert alive.all()
    half_unit = 0.5 * n_hops * SURVIVAL_UNIT
    np.testing.assert_allclose(
        spent, hazard * n_hops * HOP, rtol=3e-7, atol=half_unit + SURVIVAL_UNIT
    )


def test_points_live_as_long_as_their_budget_whatever_their_streamlines() -> None:
    """Transits of one tube differ without bound, yet lives are exponential.

    n = 20,000 at h = 1 /s over hops of 10 ms on average: lives have mean 1 s and standard error
    1/sqrt(n). Each is B / h again; a transit is charged as a float32.
    """
    n = 20_000
    world = made_world(
        [Vessel("a", "b", transit=1e-2), Vessel("b", "a", transit=1e-2)],
        living(anoikis_hazard=1.0),
    )
    journey = follow_out(world, bolus(world.hops, [0], count=n), step=20.0, seed=33)
    died = journey.of_kind(EventKind.DIED)
    life = died["time"] * 1e-9
    assert died.size == n
    assert abs(life.mean() - 1.0) < 5 / np.sqrt(n)
    np.testing.assert_allclose(life, drawn_budgets(n, seed=33)[died["cell"]], rtol=2e-6, atol=1e-8)
    assert (died["cause"] == DeathCause.ANOIKIS).all()


def test_causes_of_death_are_in_proportion_to_their_hazards() -> None:
    """n = 2e5 deaths at 5 : 2 : 1 and binomial standard errors."""
    n, hazards = 200_000, np.array([5.0, 2.0, 1.0])
    world = made_world(
        [Vessel("a", "b", transit=0.1), Vessel("b", "a", transit=0.1)],
        plug_of(shear_sensitivity=hazards[0], immune_hazard=hazards[1], anoikis_hazard=hazards[2]),
    )
    journey = follow_out(world, bolus(world.hops, [0], count=n), step=10.0, seed=34)
    causes = journey.of_kind(EventKind.DIED)["cause"]
    shares = hazards / hazards.sum()
    for cause, share in zip(
        (DeathCause.SHEAR, DeathCause.IMMUNE, DeathCause.ANOIKIS), shares, strict=True
    ):
        error = np.sqrt(n * share * (1 - share))
        assert abs(np.count_nonzero(causes == cause) - n * share) < 5 * error


def test_attachment_takes_its_chance_in_every_segment() -> None:
    """A chance of 0.01 a segment: of n = 1e5, (1 - 0.01)^k are left after k segments.

    The segment of birth counts as entered. Cells take 1 s a segment exactly, and those that stop
    do so within the segment, so k segments are entered until just before k seconds.
    """
    n, chance = 100_000, 0.01
    world = made_world([Vessel("a", "b"), Vessel("b", "a")], plug_of(attach_probability=chance))
    journey = follow(world, bolus(world.hops, [0], count=n), until=300.0, seed=35)
    attached = journey.of_kind(EventKind.ATTACHED)
    for k in (1, 2, 10, 70, 300):
        left = n - np.count_nonzero(attached["time"] <= round(k * 1e9))
        survival = (1.0 - chance) ** k
        assert abs(left - n * survival) < 5 * np.sqrt(n * survival * (1 - survival))
    held = journey.launches.population.on_host()
    assert np.count_nonzero(held["state"] == CellState.ARRESTED) == attached.size


def test_cells_do_not_attach_to_lymphatics() -> None:
    """The chance of 0.01 is that of blood vessels: of n = 1,000, none is held in 300 s of lymph."""
    duct = Vessel("a", "b", kind=SegmentKind.LYMPHATIC)
    node = Vessel("b", "a", kind=SegmentKind.LYMPH_NODE)
    world = made_world([duct, node], plug_of(attach_probability=0.01))
    journey = follow(world, bolus(world.hops, [0], count=1000), until=300.0, seed=36)
    assert journey.of_kind(EventKind.ATTACHED).size == 0
    assert journey.launches.population.count == 1000


def test_attachment_and_death_share_what_is_lost() -> None:
    """At p = 0.02 and h = 0.03 in 1 s, n = 1e5, binomial error.

    A loss is by attachment with chance -log(1-p) / (h - log(1-p)).
    """
    n, chance, hazard = 100_000, 0.02, 0.03
    world = made_world(
        [Vessel("a", "b"), Vessel("b", "a")],
        plug_of(attach_probability=chance, shear_sensitivity=hazard),
    )
    journey = follow(world, bolus(world.hops, [0], count=n), until=1000.0, seed=36)
    toll = -np.log1p(-chance)
    share = toll / (toll + hazard)
    n_attached = journey.of_kind(EventKind.ATTACHED).size
    assert n_attached + journey.of_kind(EventKind.DIED).size == n
    assert abs(n_attached - n * share) < 5 * np.sqrt(n * share * (1 - share))


def test_only_deaths_have_a_cause() -> None:
    """The file format says so: DeathCause of a death, else 0."""
    world = made_world([Vessel("a", "b"), Vessel("b", "a")], plug_of(attach_probability=0.5))
    journey = follow(world, bolus(world.hops, [0], count=100), until=10.0)
    attached = journey.of_kind(EventKind.ATTACHED)
    assert attached.size > 90
    assert (attached["cause"] == DeathCause.NONE).all()


def test_certain_attachment_holds_every_cell_in_its_first_segment() -> None:
    world = made_world([Vessel("a", "b"), Vessel("b", "a")], plug_of(attach_probability=1.0))
    journey = follow(world, bolus(world.hops, [0], count=1000), until=10.0)
    assert journey.of_kind(EventKind.ATTACHED).size == 1000
    assert journey.launches.sums.hops == 0
