"""Numbers that the host library makes for the kernels: functions, size classes, Poisson draws."""

import numpy as np
import pytest
from scipy import stats

from ctc.backends.host_tables import (
    exponential,
    logarithm,
    poisson,
    power,
    size_classes,
    transit_quantiles,
)

UNIT = 2.0**-53  # half a unit in the last place, relative


def random_numbers(n: int, *, key: int) -> np.ndarray:
    """Return uniform numbers in (0, 1)."""
    return (np.random.Philox(key=key).random_raw(n) + np.float64(0.5)) * 2.0**-64


def wide(x: np.ndarray) -> np.ndarray:
    """Return the same numbers in the widest type of the machine, whose functions are the judge."""
    return x.astype(np.longdouble)


def error_in_units(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    return np.abs((found - exact) / np.spacing(exact.astype(np.float64))).astype(np.float64)


@pytest.fixture(autouse=True)
def _needs_a_wider_type() -> None:
    if np.finfo(np.longdouble).nmant <= np.finfo(np.float64).nmant:
        pytest.skip("no floating-point type wider than float64 to compare with")


def test_exponential() -> None:
    """Within 1.5 units over all results that are normal numbers (1.16 found in 2e6)."""
    x = np.concatenate([random_numbers(200_000, key=1) * 1417.0 - 708.0, [0.0, -0.0, 1e-300, 1.0]])
    found = exponential(x)
    assert error_in_units(found, np.exp(wide(x))).max() < 1.5
    assert exponential(0.0) == 1.0
    assert exponential(-800.0) == 0.0
    assert exponential(-np.inf) == 0.0
    assert np.isfinite(exponential(1e4))


def test_logarithm() -> None:
    """Within 2.25 units, also near 1, where the logarithm is small (1.99 found in 5e6)."""
    near_one = 1.0 + (random_numbers(50_000, key=2) - 0.5) * 1e-3
    scales = 2.0 ** (np.floor(random_numbers(200_000, key=3) * 2040.0) - 1020.0)
    x = np.concatenate([near_one, scales * (1.0 + random_numbers(200_000, key=4)), [1.0, 2.0]])
    found = logarithm(x)
    assert logarithm(1.0) == 0.0
    other = x != 1.0
    assert error_in_units(found[other], np.log(wide(x[other]))).max() < 2.25


def test_power() -> None:
    """Relative error of x^y about |y log x| 2^-53, and 4 units of its own."""
    x = 10.0 ** (random_numbers(100_000, key=5) * 12.0 - 6.0)
    y = random_numbers(100_000, key=6) * 40.0 - 20.0
    exact = wide(x) ** wide(y)
    error = np.abs((power(x, y) - exact) / exact).astype(np.float64)
    assert (error < (2.0 * np.abs(y * np.log(x)) + 8.0) * UNIT).all()
    assert power(2.0, 10.0) == pytest.approx(1024.0, rel=1e-15)
    assert power(7.3, 0.0) == 1.0


@pytest.mark.parametrize("count", [1, 2, 64, 4096])
@pytest.mark.parametrize("sigma", [0.0, 0.25, 1.0])
def test_size_classes_are_quantiles_of_the_lognormal_law(count: int, sigma: float) -> None:
    """At the middle of each class; the normal quantile is good to 1.2e-9 of itself."""
    middle = (np.arange(count) + 0.5) / count
    exact = 6e-6 * np.exp(sigma * stats.norm.ppf(middle))
    np.testing.assert_allclose(size_classes(6e-6, sigma=sigma, count=count), exact, rtol=6e-9)


def test_transit_quantiles_are_those_of_a_weibull_law() -> None:
    """Between the nodes' own probabilities; the scale is set by the mean, good to 1e-3."""
    for shape in (1.0, 2.0, 4.0):
        quantile = transit_quantiles(shape)[:-1].astype(np.float64)
        law = stats.weibull_min(shape)
        exact = law.ppf(np.arange(1024) / 1024) / law.mean()
        np.testing.assert_allclose(quantile, exact, rtol=1e-3)


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
