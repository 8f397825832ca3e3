"""Resistance: Goldie and Coldman against an explicit branching process, shares under treatment."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.resistance import (
    first_resistant_size,
    mixed_survival,
    regrown_share,
    resistant_share,
    resistant_share_after,
    slowed_growth,
)

SHARES = st.floats(0.0, 1.0)
MUTATION, SIZE, N_TUMOURS = 2e-3, 500, 20_000


@pytest.fixture(scope="module")
def branching() -> np.ndarray:
    """Resistant cells of 20,000 tumours of 500 cells: one division at a time, mother by chance.

    The cell that divides is any with the same chance; of a sensitive one, one daughter is
    resistant with chance mu, so that each division makes one new cell.
    """
    generator = np.random.Generator(np.random.Philox(7))
    resistant = np.zeros(N_TUMOURS)
    for cells in range(1, SIZE):
        is_mother = generator.random(N_TUMOURS) * cells < resistant
        mutates = generator.random(N_TUMOURS) < MUTATION
        resistant += is_mother | mutates
    return resistant


def test_chance_of_no_resistant_cell(branching: np.ndarray) -> None:
    """exp(-mu (N - 1)) = 0.369 with n = 20,000: standard error 0.0034, limit five of them."""
    expected = math.exp(-MUTATION * (SIZE - 1))
    error = math.sqrt(expected * (1.0 - expected) / N_TUMOURS)
    assert abs(np.mean(branching == 0) - expected) < 5.0 * error


def test_first_size_has_that_law() -> None:
    """The quantile is exact: at u = exp(-mu (N - 1.5)) the first resistant cell comes at N."""
    sizes = np.array([2.0, 10.0, 1e4, 1e7])
    deviates = np.exp(-1e-3 * (sizes - 1.5))
    deviates[-1] = np.exp(-1e-7 * (sizes[-1] - 1.5))
    found = first_resistant_size(deviates[:-1], mutation_rate=1e-3)
    np.testing.assert_array_equal(found, sizes[:-1])
    assert first_resistant_size(deviates[-1:], mutation_rate=1e-7)[0] == sizes[-1]
    ends = np.array([2.0**-54, 1.0 - 2.0**-53])
    np.testing.assert_allclose(
        first_resistant_size(ends, mutation_rate=1e-7), [1e7 * 54 * math.log(2), 2.0], rtol=1e-6
    )
    assert np.all(np.isinf(first_resistant_size(deviates, mutation_rate=0.0)))


def test_mean_share_is_that_of_the_branching_process(branching: np.ndarray) -> None:
    """Mean of the law over N1 against 20,000 tumours; standard error from the data, limit five.

    Left out by the law, some 1 % of the mean: mothers that are resistant themselves do not mutate.
    """
    deviates = (np.arange(200_000) + 0.5) / 200_000
    first = first_resistant_size(deviates, mutation_rate=MUTATION)
    law = resistant_share(np.full(first.size, float(SIZE)), first, mutation_rate=MUTATION)
    shares = branching / SIZE
    error = shares.std() / math.sqrt(N_TUMOURS)
    assert error < 0.03 * law.mean()
    assert abs(shares.mean() - law.mean()) < 5.0 * error


def test_share_before_at_and_after_the_first_cell() -> None:
    first = np.array([1e6, 1e6, 1e6, np.inf])
    found = resistant_share(np.array([9e5, 1e6, 1e9, 1e12]), first, mutation_rate=1e-7)
    expected = [0.0, 1e-6, 1e-6 + 1e-7 * math.log(1e3), 0.0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert resistant_share(np.array([1e12]), np.array([1.0]), mutation_rate=1.0)[0] == 1.0


def test_mutants_arise_in_regrowth_too() -> None:
    """From the share at the treatment on, the law of the untreated lesion goes on."""
    first, then, now = np.array([1e6]), np.array([1e7]), np.array([1e10])
    share = resistant_share(then, first, mutation_rate=1e-7)
    grown = regrown_share(share, then, now, mutation_rate=1e-7)
    np.testing.assert_allclose(grown, resistant_share(now, first, mutation_rate=1e-7), rtol=1e-12)
    np.testing.assert_array_equal(regrown_share(share, now, then, mutation_rate=1e-7), share)
    none = regrown_share(np.zeros(1), np.ones(1), np.full(1, 1e9), mutation_rate=1e-7)
    assert none[0] == pytest.approx(1e-7 * math.log(1e9))


@given(SHARES, SHARES, SHARES)
def test_share_after_a_blow_stays_a_share_and_counts_cells(r: float, s: float, q: float) -> None:
    share, survival = np.array([r]), np.array([s])
    after = resistant_share_after(share, survival, q)
    left = mixed_survival(share, survival, q)
    assert 0.0 <= after[0] <= 1.0
    assert 0.0 <= left[0] <= 1.0
    assert after[0] * left[0] == pytest.approx(r * q, abs=1e-15)


@given(st.floats(1e-9, 1.0), st.floats(1e-12, 1.0))
def test_resistant_cells_gain_by_every_blow_that_spares_them(r: float, s: float) -> None:
    assert resistant_share_after(np.array([r]), np.array([s]))[0] >= r - 1e-15


@given(SHARES, st.floats(0.0, 1e4), st.floats(-100.0, 1.0))
def test_slowed_growth_stays_in_bounds(r: float, gain: float, factor: float) -> None:
    ratio, after = slowed_growth(np.array([r]), np.array([gain]), factor)
    assert np.isfinite(ratio[0])
    assert ratio[0] >= 0.0
    assert 0.0 <= after[0] <= 1.0
    assert after[0] >= r - 1e-12


def test_slowed_growth_solves_its_equations() -> None:
    """Odds grow by exp((1 - g) x); a factor of 1 changes neither growth nor share."""
    share, gain = np.array([0.0, 1e-6, 0.3, 1.0]), np.array([0.1, 2.0, 0.5, 1.0])
    ratio, after = slowed_growth(share, gain, -1.5)
    inside = slice(1, 3)
    odds = share[inside] / (1.0 - share[inside]) * np.exp(2.5 * gain[inside])
    np.testing.assert_allclose(after[inside], odds / (1.0 + odds), rtol=1e-12)
    assert list(after[[0, 3]]) == [0.0, 1.0]
    np.testing.assert_allclose(ratio[[0, 3]], np.exp([-0.15, 1.0]), rtol=1e-12)
    ratio, after = slowed_growth(share, gain, 1.0)
    np.testing.assert_allclose(ratio, np.exp(gain), rtol=1e-12)
    np.testing.assert_allclose(after, share, rtol=1e-12)


def test_where_the_host_acts_on_all_alike_shares_stay() -> None:
    share, gain = np.array([0.0, 1e-6, 0.3, 1.0]), np.array([0.1, 2.0, 0.5, 1.0])
    ratio, after = slowed_growth(share, gain, -1.5, resistant_factor=-1.5)
    np.testing.assert_allclose(ratio, np.exp(-1.5 * gain), rtol=1e-12)
    np.testing.assert_allclose(after, share, rtol=1e-12)


def test_two_short_steps_are_one_long_step() -> None:
    share, gain = np.array([1e-4]), np.array([1.0])
    first, halfway = slowed_growth(share, 0.5 * gain, -2.0)
    second, end = slowed_growth(halfway, 0.5 * gain, -2.0)
    ratio, after = slowed_growth(share, gain, -2.0)
    np.testing.assert_allclose(first * second, ratio, rtol=1e-12)
    np.testing.assert_allclose(end, after, rtol=1e-12)
