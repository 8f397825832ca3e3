"""Numbers that the host library makes for the kernels: functions, size classes, Poisson draws."""

import numpy as np
import pytest
from scipy import stats

from ctc.backends.host_tables import (
    exponential,
    logarithm,
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
