"""Distributions: quantiles beside SciPy's, moments with their errors, all that has no support."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import special, stats

from ctc.cohort.beta import beta_chance, beta_quantile
from ctc.cohort.deviates import patient_deviates
from ctc.cohort.distributions import Law, resolve_law
from ctc.cohort.normal import normal_chance, normal_quantile
from ctc.errors import InputError
from ctc.scenario.sweep_tables import Vary

YEAR = 365.25 * 86400.0
MIDDLE = np.linspace(1e-6, 1.0 - 1e-6, 20_001)
ENDS = 10.0 ** -np.linspace(2, 300, 500)


def law(distribution: str, **numbers: Any) -> dict[str, Any]:
    return {"key": "host.age", "distribution": distribution, **numbers}


# What a law is asked for, what SciPy makes of it, and the factor from its unit to SI.
LAWS: list[tuple[dict[str, Any], Any, float]] = [
    (law("normal", mean="60 years", spread="10 years"), stats.norm(60, 10), YEAR),
    (
        law("normal", mean="60 years", spread="10 years", at_least="50 years"),
        stats.truncnorm(-1, np.inf, 60, 10),
        YEAR,
    ),
    (
        law("normal", mean=0, spread=1, at_least=3, at_most=3.5),
        stats.truncnorm(3, 3.5),
        1.0,
    ),
    (law("lognormal", median="2 g", sigma=0.7), stats.lognorm(0.7, scale=2), 1e-3),
    (law("uniform", low="1 mm", high="3 mm"), stats.uniform(1, 2), 1e-3),
    (law("loguniform", low=0.01, high=10), stats.loguniform(0.01, 10), 1.0),
    (law("beta", mean=0.3, spread=0.1), stats.beta(6, 14), 1.0),
    (
        law("beta", mean="15 um", spread="1 um", low="10 um", high="20 um"),
        stats.beta(12, 12, 10, 10),
        1e-6,
    ),
]


def resolve(entry: dict[str, Any]) -> Law:
    return resolve_law(TypeAdapter(Vary).validate_python(entry))


def test_normal_quantile_is_accurate() -> None:
    """AS 241 states 1 part in 1e16; SciPy's own is good to about 1e-15."""
    for chance in (MIDDLE, ENDS, 1.0 - ENDS[ENDS > 1e-15]):
        expected = special.ndtri(chance)
        assert np.abs(normal_quantile(chance) - expected).max() < 4e-15 * np.abs(expected).max()


def test_normal_chance_is_accurate() -> None:
    value = np.linspace(-36.0, 9.0, 100_001)
    expected = special.ndtr(value)
    assert np.abs(normal_chance(value) - expected).max() < 1e-15
    is_tail = value < 0.0
    assert (np.abs(normal_chance(value) / expected - 1.0))[is_tail].max() < 1e-8


@pytest.mark.parametrize(
    "shapes", [(0.5, 0.5), (2.0, 5.0), (1e-4, 3.0), (0.3, 400.0), (9e3, 3e3), (1e4, 1e4)]
)
def test_beta_is_accurate(shapes: tuple[float, float]) -> None:
    a, b = shapes
    x = np.linspace(0.0, 1.0, 2001)
    assert np.abs(beta_chance(x, a, b=b) - special.betainc(a, b, x)).max() < 1e-11
    chance = MIDDLE[::200]
    assert np.abs(beta_quantile(chance, a, b=b) - special.betaincinv(a, b, chance)).max() < 1e-11


@settings(max_examples=25)
@given(st.floats(0.02, 0.98), st.floats(0.01, 0.99))
def test_beta_falls_nowhere(mean: float, share: float) -> None:
    spread = share * (mean * (1.0 - mean)) ** 0.5
    values = resolve(law("beta", mean=mean, spread=spread)).quantile(
        np.linspace(1e-9, 1.0 - 1e-9, 41)
    )
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0.0).all()
    assert values.min() >= 0.0
    assert values.max() <= 1.0


@pytest.mark.parametrize(("entry", "expected", "factor"), LAWS)
def test_quantiles_are_those_of_the_law(
    entry: dict[str, Any], expected: Any, factor: float
) -> None:
    found = resolve(entry)
    want = expected.ppf(MIDDLE) * factor
    got = found.quantile(MIDDLE)
    assert np.abs(got - want).max() < 1e-8 * np.abs(want).max()
    assert (np.diff(got) >= 0.0).all()


@pytest.mark.parametrize(("entry", "expected", "factor"), LAWS)
def test_moments_of_drawn_patients(entry: dict[str, Any], expected: Any, factor: float) -> None:
    """20,000 patients; mean and spread within five standard errors of the law's.

    The error of the spread s is s sqrt((kurtosis + 2) / 4 n), kurtosis over that of Gauss' law.
    """
    n = 20_000
    values = resolve(entry).quantile(patient_deviates(3, "host.age", count=n)) / factor
    mean, variance, excess = (float(x) for x in expected.stats("mvk"))
    spread = variance**0.5
    assert abs(values.mean() - mean) < 5.0 * spread / n**0.5
    assert abs(values.std() - spread) < 5.0 * spread * ((excess + 2.0) / (4.0 * n)) ** 0.5


def test_choice_goes_by_weights() -> None:
    """20,000 patients; each share within five standard errors sqrt(p (1 - p) / n)."""
    n = 20_000
    found = resolve(law("choice", values=["a", "b", "c"], weights=[5, 0, 1]))
    assert found.labels == ("a", "b", "c")
    codes = found.quantile(patient_deviates(1, "host.age", count=n))
    p = 5.0 / 6.0
    assert abs((codes == 0).mean() - p) < 5.0 * (p * (1.0 - p) / n) ** 0.5
    assert set(codes.tolist()) == {0.0, 2.0}


def test_choice_of_quantities_has_their_unit() -> None:
    found = resolve(law("choice", values=["2 cm", "10 mm"]))
    assert found.quantile(np.array([0.1, 0.9])).tolist() == [0.02, 0.01]
    assert found.unit == "m"


# What is refused, and what the message names.
BAD: list[tuple[dict[str, Any], str, str]] = [
    (law("uniform", low=2, high=1), "high", "> low"),
    (law("uniform", low=1, high=1), "high", "> low"),
    (law("uniform", low=1, high="2 mm"), "high", "unit"),
    (law("uniform", low="soon", high=1), "low", "number with a unit"),
    (law("uniform", low="1 furlongs/mole", high=2), "low", "unit"),
    (law("loguniform", low=0, high=1), "low", "> 0"),
    (law("normal", mean=1, spread=0), "spread", "> 0"),
    (law("normal", mean=1, spread=-1), "spread", "> 0"),
    (law("normal", mean=1, spread="1 s"), "spread", "as mean is"),
    (law("normal", mean=0, spread=1, at_least=2, at_most=1), "at_most", "at_least"),
    (law("normal", mean=0, spread=1, at_least=9), "at_least", "nothing is left"),
    (law("normal", mean=0, spread=1, at_most=-9), "at_least", "nothing is left"),
    (law("lognormal", median=0, sigma=1), "median", "> 0"),
    (law("lognormal", median=1, sigma=0), "sigma", "> 0"),
    (law("lognormal", median=1, sigma=1, at_most=-1), "at_least", "nothing is left"),
    (law("beta", mean=1.5, spread=0.1), "mean", "between"),
    (law("beta", mean=0.5, spread=0.6), "spread", "the most"),
    (law("beta", mean=0.5, spread=0.0), "spread", "> 0"),
    (law("beta", mean=0.5, spread=1e-4), "spread", "shapes"),
    (law("beta", mean=0.5, spread=0.1, low=1, high=0), "high", "> low"),
    (law("choice", values=[1, 2], weights=[1]), "weights", "as many as"),
    (law("choice", values=[1, 2], weights=[1, -1]), "weights", ">= 0"),
    (law("choice", values=[1, 2], weights=[0, 0]), "weights", "not all 0"),
    (law("choice", values=[1, 1]), "values", "different"),
    (law("choice", values=["1 mm", "1 s"]), "values", "one dimension"),
    (law("choice", values=["1 mm", "2 mn"]), "values", "known unit"),
]


@pytest.mark.parametrize(("entry", "key", "phrase"), BAD)
def test_laws_without_support_are_refused(entry: dict[str, Any], key: str, phrase: str) -> None:
    with pytest.raises(InputError) as refused:
        resolve(entry)
    assert refused.value.key == key
    assert phrase in refused.value.message
