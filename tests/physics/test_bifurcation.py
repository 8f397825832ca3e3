"""Which daughter cells take: the excluded share, and the draw through real networks."""

import numpy as np
import pytest

from ctc.states import EventKind
from tests.physics.probe import probe
from tests.physics.worlds import (
    BLOOD,
    EXACT_RADIUS,
    Vessel,
    bolus,
    follow,
    living,
    made_world,
)
from tests.reference.laws import excluded_share, first_daughter_chance, uniform_deviate
from tests.reference.philox import STREAM_HOP, philox_of_cell


def share_taken(
    shares: list[float], *, size_ratio: float = 0.0, n: int = 1_000_000
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many of n cells went into each daughter of one node, and in which order.

    The feeder is passed in 2048 * 10 ns at most and no daughter is left in the time followed.
    """
    biology = BLOOD if size_ratio == 0 else living(diameter_median=2 * size_ratio * EXACT_RADIUS)
    daughters = [Vessel("b", f"d{i}", flow=f, transit=1e6) for i, f in enumerate(shares)]
    world = made_world([Vessel("a", "b", transit=1e-8), *daughters], biology)
    journey = follow(world, bolus(world.hops, [0], count=n), until=1.0, seed=21)
    at = world.hops.segment[journey.launches.population.on_host()["segment"]]
    return np.bincount(at, minlength=1 + len(shares))[1:], at


@pytest.mark.parametrize(
    ("size_ratio", "published"), [(0.1, 0.0029), (0.2, 0.0154), (0.5, 0.1266), (0.8, 0.3336)]
)
def test_excluded_share_is_the_published_table(size_ratio: float, published: float) -> None:
    """The table of the circulation page has four decimals."""
    assert abs(float(probe(0, size_ratio=size_ratio).excluded[0]) - published) <= 0.5e-4


def test_excluded_share_is_the_integral() -> None:
    """Fit good to 1.2e-7 and twelve roundings of 2^-24 at worst: 8.5e-7 of it in all.

    The root counts five times, its square twice, three products and two steps once.
    """
    ratio = np.linspace(0.0, 1.0, 1001).astype(np.float32)
    found = probe(0, size_ratio=ratio).excluded
    exact = np.array([excluded_share(float(r)) for r in ratio])
    assert found[0] == 0.0
    np.testing.assert_allclose(found[1:], exact[1:], rtol=8.5e-7)
    assert exact[-1] == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("share", [0.5, 0.3, 0.01, 1e-3])
def test_points_divide_by_the_flow(share: float) -> None:
    """n = 1e6, binomial: five standard errors are 5 sqrt(n s (1 - s))."""
    n = 1_000_000
    (first, second), _ = share_taken([share, 1.0 - share], n=n)
    assert first + second == n
    assert abs(first - n * share) < 5 * np.sqrt(n * share * (1 - share))


@pytest.mark.parametrize("size_ratio", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("share", [0.5, 0.4, 0.2, 0.05, 0.002])
def test_finite_cells_divide_by_what_they_can_reach(size_ratio: float, share: float) -> None:
    """n = 2e5: chance (share - X0) / (1 - 2 X0), none where the share is below X0."""
    n = 200_000
    (first, _), _ = share_taken([share, 1.0 - share], size_ratio=size_ratio, n=n)
    chance = float(first_daughter_chance(share, excluded_share(size_ratio)))
    if chance == 0.0:
        assert first == 0
    else:
        assert abs(first - n * chance) < 5 * np.sqrt(n * chance * (1 - chance)) + 1e-6 * n


def test_a_cell_that_fills_the_feeder_takes_the_larger_daughter() -> None:
    (first, second), _ = share_taken([0.49, 0.51], size_ratio=1.5, n=1000)
    assert (first, second) == (0, 1000)


@pytest.mark.parametrize(
    "flows", [[1.0, 2.0, 3.0], [5.0, 1.0, 1.0, 3.0], [0.01, 7.0, 1e-4, 2.0, 0.5, 1.0, 0.49]]
)
def test_nodes_of_many_daughters_divide_by_the_flow(flows: list[float]) -> None:
    """n = 1e6, points; chi-square of k classes has mean k-1 and variance 2(k-1)."""
    n = 1_000_000
    counts, _ = share_taken(flows, n=n)
    expected = n * np.array(flows) / sum(flows)
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    freedom = len(flows) - 1
    assert chi_square < freedom + 5 * np.sqrt(2.0 * freedom)


def test_a_daughter_of_one_part_in_a_million_is_met() -> None:
    """A ring that a cell leaves with chance 1e-6 at every round, about 6e7 rounds.

    Expected number of exits = rounds times chance, Poisson: standard error its root. (Shares down
    to 1e-9 are met exactly: test_deviate.py counts every deviate.)
    """
    share, n = 1e-6, 1000
    world = made_world(
        [
            Vessel("a", "b", flow=1.0, transit=1e-4),
            Vessel("b", "a", flow=1.0 - share, transit=1e-4),
            Vessel("b", "out", flow=share, transit=1e-4),
        ]
    )
    journey = follow(world, bolus(world.hops, [0], count=n), until=12.0, seed=22)
    n_out = journey.of_kind(EventKind.EXITED).size
    # Hops = rounds (b to a or out) + returns (a to b) + exits, and a round but the last returns.
    rounds = (journey.launches.sums.hops - n_out) / 2
    assert rounds > 5e7
    assert abs(n_out - rounds * share) < 5 * np.sqrt(rounds * share) + n * share


def first_daughter_deviate(cell: np.ndarray, *, seed: int) -> np.ndarray:
    """Deviate that decides the first hop of each cell, from the reference's words."""
    words = philox_of_cell(cell, STREAM_HOP, draw=0, seed=seed)
    high = (words[:, 0] >> np.uint32(1)).astype(np.float32) * np.float32(2.0**-31)
    low = uniform_deviate(words[:, 1]).astype(np.float32) * np.float32(2.0**-31)
    return np.asarray(high + low)


def test_the_draw_uses_every_bit_of_the_fine_deviate() -> None:
    """A share one float above a cell's own deviate takes it, a share equal to that does not.

    The deviate is recomputed from the reference's words: 31 bits of the first and 23 of the second.
    A deviate of 23 bits would differ from it by some 2^-24 and fall on the wrong side.
    """
    deviate = first_daughter_deviate(np.arange(20_000), seed=23)
    small = np.flatnonzero(deviate < 2.0**-10)
    assert small.size > 5
    for cell in small:
        below = float(deviate[cell])
        above = float(np.nextafter(deviate[cell], np.float32(1.0)))
        for share, expected in ((below, 2), (above, 1)):
            daughters = [Vessel("b", "c", flow=share), Vessel("b", "d", flow=1.0 - share)]
            world = made_world([Vessel("a", "b", transit=1e-8), *daughters])
            litter = bolus(world.hops, [0], count=1, first_id=int(cell))
            journey = follow(world, litter, until=1e-4, seed=23)
            at = world.hops.segment[journey.launches.population.on_host()["segment"]]
            assert at.tolist() == [expected]


def test_daughter_and_streamline_of_two_hops_are_independent() -> None:
    """Four deviates a block: two daughters and two streamlines, n = 1e6 blocks.

    Correlations of independent uniform numbers have the standard error 1e-3. The streamline beside
    the rarest daughters (one in 1e4, 2e6 hops) is uniform: mean 1/2, standard error 0.29 / sqrt(n).
    """
    words = philox_of_cell(np.arange(1_000_000), STREAM_HOP, draw=7, seed=29)
    first, second = probe(words[:, 0], words[:, 1]), probe(words[:, 2], words[:, 3])
    four = np.stack([first.fine, first.second, second.fine, second.second]).astype(np.float64)
    off = np.corrcoef(four)[~np.eye(4, dtype=bool)]
    assert np.abs(off).max() < 5e-3
    daughter = np.concatenate([first.fine, second.fine])
    streamline = np.concatenate([first.second, second.second]).astype(np.float64)
    beside_rare = streamline[daughter < 1e-4]
    assert beside_rare.size > 100
    assert abs(beside_rare.mean() - 0.5) < 5 * np.sqrt(1 / 12 / beside_rare.size)
