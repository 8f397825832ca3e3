"""Numbers of cells that the host draws: Poisson and binomial, and the chances that they take."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from ctc.backends.host_tables import binomial, loss, poisson


@pytest.mark.parametrize(
    ("mean", "n"), [(0.3, 100_000), (3.0, 100_000), (30.0, 100_000), (1e3, 50_000), (1e6, 10_000)]
)
def test_poisson_numbers_have_their_chances(mean: float, n: int) -> None:
    """Chi-square over classes of equal chance where there are many, else single numbers.

    k classes: mean k-1, variance 2 (k-1), limit five standard errors above.
    """
    bits = np.random.Philox(key=[7, round(10 * mean)]).random_raw(n)
    drawn = np.array([poisson(mean, int(b)) for b in bits])
    law = stats.poisson(mean)
    edges = np.unique(law.ppf(np.linspace(0, 1, 51)[1:-1]))
    chance = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    found = np.bincount(np.searchsorted(edges, drawn), minlength=chance.size)
    usable = chance * n > 5
    chi_square = float(((found - n * chance)[usable] ** 2 / (n * chance[usable])).sum())
    freedom = np.count_nonzero(usable) - 1
    assert chi_square < freedom + 5 * np.sqrt(2.0 * freedom)


@pytest.mark.parametrize(("mean", "n"), [(1e9, 400), (0.03, 100_000), (12.5, 50_000)])
def test_poisson_moments(mean: float, n: int) -> None:
    """Mean with error sqrt(m/n); variance m with error sqrt((2 m^2 + m) / n)."""
    bits = np.random.Philox(key=8).random_raw(n)
    drawn = np.array([poisson(mean, int(b)) for b in bits], dtype=np.float64)
    assert abs(drawn.mean() - mean) < 5 * np.sqrt(mean / n)
    assert abs(((drawn - mean) ** 2).mean() - mean) < 5 * np.sqrt((2 * mean**2 + mean) / n)


@pytest.mark.parametrize("mean", [1e-12, 0.5, 1.0, 15.999, 16.0, 31.03, 1e4, 1e9])
def test_poisson_at_the_ends_of_the_deviate(mean: float) -> None:
    """The smallest deviate gives the mode; the largest one a number, and no endless loop.

    The chances sum to 1 but for rounding, below 1e-12 for means up to 1e9: up to there from the
    end, a number lies within the twelve standard deviations that such a chance allows.
    """
    assert poisson(mean, 0) == int(mean)
    spread = 12 * np.sqrt(mean) + 20
    assert abs(poisson(mean, round((1.0 - 1e-12) * 2.0**64)) - mean) < spread
    assert poisson(mean, 2**64 - 1) >= 0


def test_poisson_of_no_mean_and_of_a_wrong_one() -> None:
    assert poisson(0.0, 2**63) == 0
    for wrong in (-1.0, np.nan, np.inf, 2e15):
        with pytest.raises(ValueError, match="mean must be in"):
            poisson(wrong, 0)


def numbers(n: int, chance: float, bits: np.ndarray) -> np.ndarray:
    """Binomial numbers of one law, one for each word."""
    ones = np.ones(bits.size)
    return binomial(
        np.full(bits.size, n, dtype=np.uint64), chance * ones, (1 - chance) * ones, bits
    )


@pytest.mark.parametrize(
    ("n", "chance"),
    [(1, 0.5), (2, 0.9), (7, 0.3), (40, 0.02), (1000, 0.5), (10**6, 1e-5), (10**6, 0.37)],
)
def test_binomial_numbers_have_their_chances(n: int, chance: float) -> None:
    """As for Poisson numbers: chi-square of 100,000 draws over classes of equal chance."""
    n_draws = 100_000
    drawn = numbers(n, chance, np.random.Philox(key=[9, n]).random_raw(n_draws))
    law = stats.binom(n, chance)
    edges = np.unique(law.ppf(np.linspace(0, 1, 51)[1:-1]))
    classes = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    found = np.bincount(np.searchsorted(edges, drawn), minlength=classes.size)
    usable = classes * n_draws > 5
    expected = n_draws * classes[usable]
    chi_square = float(((found[usable] - expected) ** 2 / expected).sum())
    freedom = np.count_nonzero(usable) - 1
    assert chi_square < freedom + 5 * np.sqrt(2.0 * freedom)
    assert drawn.min() >= 0
    assert drawn.max() <= n


@pytest.mark.parametrize(("n", "chance"), [(10**9, 0.5), (10**12, 3e-4), (10**9, 1e-12)])
def test_binomial_moments_of_large_numbers(n: int, chance: float) -> None:
    """500 draws: the mean with error sqrt(npq / 500), the variance with sqrt(2 / 500) of itself.

    Where npq is below 1 the variance is that of rare events, with error sqrt((2 v^2 + v) / 500).
    """
    drawn = numbers(n, chance, np.random.Philox(key=10).random_raw(500)).astype(np.float64)
    variance = n * chance * (1 - chance)
    assert abs(drawn.mean() - n * chance) < 5 * np.sqrt(variance / 500)
    error = np.sqrt((2 * variance**2 + variance) / 500)
    assert abs(((drawn - n * chance) ** 2).mean() - variance) < 5 * error


@pytest.mark.parametrize("n", [1, 2, 15, 16, 10**6, 10**15])
@pytest.mark.parametrize("chance", [1e-18, 1e-6, 0.5, 1 - 1e-6])
def test_binomial_at_the_ends_of_the_deviate(n: int, chance: float) -> None:
    """The smallest deviate gives the mode, the largest a number of trials, and no endless loop."""
    if n * chance > 1e9:
        pytest.skip("too many steps")
    ends = np.array([0, round((1.0 - 1e-12) * 2.0**64), 2**64 - 1], dtype=np.uint64)
    found = numbers(n, chance, ends)
    mode = min(int((n + 1.0) * chance), n)
    assert found[0] == mode
    assert abs(found[1] - n * chance) < 12 * np.sqrt(n * chance * (1 - chance)) + 20
    assert (found >= 0).all()
    assert (found <= n).all()


def test_binomial_of_nothing_and_of_certainty() -> None:
    bits = np.array([2**63, 2**64 - 1], dtype=np.uint64)
    assert numbers(0, 0.5, bits).tolist() == [0, 0]
    assert numbers(5, 0.0, bits).tolist() == [0, 0]
    assert numbers(5, 1.0, bits).tolist() == [5, 5]


def test_the_loss_of_a_small_hazard_keeps_its_digits() -> None:
    """1 - exp(-h) to 4 units in the last place, from the smallest hazard to a sure loss."""
    hazard = np.concatenate([10.0 ** np.arange(-300, 3, 0.37), [0.0, 800.0]])
    np.testing.assert_allclose(loss(hazard), -special.expm1(-hazard), rtol=4 * 2.0**-52, atol=0)
