"""Deviates: keyed by patient, in strata, by Sobol, and going together."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, spearmanr

from ctc.cohort.correlation import copula_factor, go_together
from ctc.cohort.deviates import patient_deviates, sobol_deviates, stratified_deviates
from ctc.errors import InputError, MissingDeviceError
from ctc.scenario.sweep_tables import Correlation


@given(st.integers(0, 2**64 - 1), st.integers(1, 300), st.integers(1, 300))
def test_a_patient_is_the_same_whatever_the_number(seed: int, few: int, more: int) -> None:
    few, more = sorted((few, more))
    short = patient_deviates(seed, "patient.age", count=few)
    assert np.array_equal(short, patient_deviates(seed, "patient.age", count=more)[:few])
    assert short.min() > 0.0
    assert short.max() < 1.0


def test_the_same_bits_for_ever() -> None:
    """Philox and SHA-256 are standards: a change here changes every cohort."""
    found = patient_deviates(7, "patient.age", count=3)
    assert found.tolist() == [0.8618001615690977, 0.15397687551614248, 0.3695308139749821]


def test_keys_and_seeds_are_independent() -> None:
    """20,000 deviates: uniform by Kolmogorov and Smirnov (p > 1e-4), |r| < 5 / sqrt(n)."""
    n = 20_000
    columns = [
        patient_deviates(seed, key, count=n)
        for seed, key in ((1, "a"), (1, "b"), (2, "a"), (2**64 - 1, "a"))
    ]
    assert all(kstest(column, "uniform").pvalue > 1e-4 for column in columns)
    table = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(table).max() < 5.0 / n**0.5


@pytest.mark.parametrize("count", [1, 2, 17, 1000])
def test_each_part_of_a_latin_hypercube_has_one(count: int) -> None:
    found = stratified_deviates(5, "a", count=count)
    assert sorted((found * count).astype(int).tolist()) == list(range(count))
    assert not np.array_equal(found, stratified_deviates(6, "a", count=count))


def test_sobol_points_are_balanced_and_cross() -> None:
    """Of 64 base points, A and B of each key have one in each of 64 parts; AB as Saltelli has it.

    A keyed shift by exclusive or moves the parts as wholes.
    """
    keys = ("a", "b", "c")
    points = sobol_deviates(3, keys, base=64).reshape(64, len(keys) + 2, len(keys))
    first, second = points[:, 0], points[:, -1]
    for column in range(3):
        for matrix in (first, second):
            assert sorted((matrix[:, column] * 64).astype(int).tolist()) == list(range(64))
        crossed = points[:, 1 + column]
        assert np.array_equal(crossed[:, column], second[:, column])
        others = [other for other in range(3) if other != column]
        assert np.array_equal(crossed[:, others], first[:, others])
    assert points.min() > 0.0
    assert points.max() < 1.0
    assert not np.array_equal(points, sobol_deviates(4, keys, base=64).reshape(points.shape))


@pytest.mark.parametrize("base", [1, 3, 100])
def test_sobol_needs_a_power_of_two(base: int) -> None:
    with pytest.raises(InputError, match="power of two") as refused:
        sobol_deviates(1, ("a", "b"), base=base)
    assert refused.value.key == "sweep.patients"


def _factor(*entries: tuple[str, str, float]) -> np.ndarray | None:
    asked = [Correlation(between=(a, b), rho=rho) for a, b, rho in entries]
    return copula_factor(asked, ["a", "b", "c"])


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.05, 0.6])
def test_ranks_go_together_as_asked(rho: float) -> None:
    """20,000 patients; Spearman's rho within five errors (1 - rho^2) 1.06 / sqrt(n - 3)."""
    n = 20_000
    factor = _factor(("a", "c", rho))
    assert factor is not None
    alone = np.stack([patient_deviates(9, key, count=n) for key in "abc"], axis=1)
    together = go_together(alone, factor)
    error = 1.06 / (n - 3) ** 0.5
    assert abs(spearmanr(together[:, 0], together[:, 2]).statistic - rho) < 5.0 * error
    assert abs(spearmanr(together[:, 0], together[:, 1]).statistic) < 5.0 * error
    assert np.abs(together[:, :2] - alone[:, :2]).max() < 1e-14
    assert all(kstest(together[:, k], "uniform").pvalue > 1e-4 for k in range(3))


def test_extreme_deviates_stay_inside() -> None:
    factor = _factor(("a", "b", 0.99), ("b", "c", 0.99), ("a", "c", 0.99))
    assert factor is not None
    for end in (2.0**-53, 1.0 - 2.0**-53):
        found = go_together(np.full((1, 3), end), factor)
        assert found.min() > 0.0
        assert found.max() < 1.0


@pytest.mark.parametrize(
    ("entries", "phrase"),
    [
        ([("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)], "positive definite"),
        ([("a", "b", 1.0)], "> -1 and < 1"),
        ([("a", "b", float("nan"))], "> -1 and < 1"),
        ([("a", "a", 0.5)], "two different"),
        ([("a", "x", 0.5)], "two keys that vary"),
        ([("a", "b", 0.5), ("b", "a", 0.4)], "given once"),
    ],
)
def test_contradictions_are_refused(entries: list[tuple[str, str, float]], phrase: str) -> None:
    with pytest.raises(InputError, match=phrase) as refused:
        _factor(*entries)
    assert (refused.value.key or "").startswith("correlation")


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(MissingDeviceError, match=r"pip install 'ctc\[sweep\]'"):
        sobol_deviates(1, ("a", "b"), base=4)
