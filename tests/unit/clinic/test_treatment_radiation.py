"""Radiation of tumours: published dose tables, repopulation, tumour control, eradication."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.eradication import eradicated
from ctc.clinic.radiation import (
    RadiationLaw,
    biologically_effective_dose,
    control_among_patients,
    control_probability,
    equivalent_dose,
    fraction_survival,
    lethal_hits,
    repopulation_rate,
)
from ctc.clinic.treatment_laws import resolve_treatment
from ctc.scenario.load import load_scenario
from tests.unit.clinic.treated_patients import DAY

N_LESIONS = 40_000


@pytest.fixture(scope="module")
def law() -> RadiationLaw:
    """Of a cancer without numbers of its own."""
    scenario = load_scenario("quick", overrides=["cancer.set='cancers/lung'"])
    return resolve_treatment(scenario.parameters).radiation


@pytest.mark.parametrize(
    ("dose", "fractions", "alpha_beta", "effective"),
    [
        (2.0, 30, 10.0, 72.0),
        (2.0, 35, 10.0, 84.0),
        (12.0, 4, 10.0, 105.6),
        (18.0, 3, 10.0, 151.2),
        (10.0, 5, 10.0, 100.0),
        (7.5, 8, 10.0, 105.0),
        (34.0, 1, 10.0, 149.6),
        (2.0, 35, 3.0, 116.7),
        (2.67, 15, 4.0, 66.8),
    ],
)
def test_biologically_effective_doses_of_common_courses(
    dose: float, fractions: int, alpha_beta: float, effective: float
) -> None:
    """As tabulated for lung SBRT and breast courses, to the digits given there."""
    found = biologically_effective_dose(dose, fractions=fractions, alpha_beta=alpha_beta)
    assert found == pytest.approx(effective, abs=0.05)


@given(st.floats(0.1, 30.0), st.integers(1, 40), st.floats(0.5, 20.0))
def test_equivalent_dose_has_the_same_effect(dose: float, n: int, alpha_beta: float) -> None:
    total = equivalent_dose(dose, fractions=n, alpha_beta=alpha_beta)
    effective = biologically_effective_dose(dose, fractions=n, alpha_beta=alpha_beta)
    assert total * (1.0 + 2.0 / alpha_beta) == pytest.approx(effective)
    assert equivalent_dose(2.0, fractions=n, alpha_beta=alpha_beta) == pytest.approx(2.0 * n)


def test_hits_are_alpha_times_bed(law: RadiationLaw) -> None:
    effective = biologically_effective_dose(12.0, fractions=1, alpha_beta=law.alpha_beta)
    assert lethal_hits(12.0, law=law) == pytest.approx(law.alpha * effective)
    assert lethal_hits(12.0, law=law, sensitivity=0.5) == pytest.approx(0.5 * law.alpha * effective)


def course(law: RadiationLaw, *, dose: float, n: int, growth: float = 0.0) -> float:
    """Return ln S of a course of daily fractions."""
    parts = [
        fraction_survival(np.array([growth]), k, dose=dose, interval=DAY, law=law, sensitivity=1.0)[
            0
        ]
        for k in range(n)
    ]
    return float(np.log(parts).sum())


def test_repopulation_takes_back_its_dose_a_day(law: RadiationLaw) -> None:
    """Day 28 on: 0.6 Gy in 2 Gy fractions a day; the last of 50 fractions is on day 49."""
    lost = (49 - 28) * 0.6 * law.alpha * (1.0 + 2.0 / law.alpha_beta)
    killed = 50 * lethal_hits(2.0, law=law)
    assert course(law, dose=2.0, n=50) == pytest.approx(lost - killed, rel=1e-12)
    short = course(law, dose=2.0, n=29)
    assert short == pytest.approx(-29 * lethal_hits(2.0, law=law), rel=1e-12)


def test_clonogens_double_in_some_four_days(law: RadiationLaw) -> None:
    """Withers 1988: 0.6 Gy a day goes with 4 days; 3.2 to 4.6 for alpha of 0.3 to 0.21."""
    days = math.log(2.0) / repopulation_rate(law) / DAY
    assert 3.0 < days < 5.0


def test_a_lesion_that_grows_as_fast_gains_nothing_more(law: RadiationLaw) -> None:
    fast = repopulation_rate(law)
    slow = course(law, dose=2.0, n=40, growth=0.0)
    assert course(law, dose=2.0, n=40, growth=0.5 * fast) < slow
    without = course(law, dose=2.0, n=40, growth=2.0 * fast)
    assert without == pytest.approx(-40 * lethal_hits(2.0, law=law), rel=1e-12)


@given(st.floats(0.0, 100.0), st.integers(0, 100), st.floats(0.0, 10.0), st.floats(0.0, 1e9))
def test_survival_is_a_share(dose: float, k: int, sensitivity: float, interval: float) -> None:
    plain = RadiationLaw(0.3, 10.0, 0.25, 0.01, 0.6, 28 * DAY, 0.01, 0.1)
    found = fraction_survival(
        np.array([0.0, 1e-6]), k, dose=dose, interval=interval, law=plain, sensitivity=sensitivity
    )
    assert np.all((found >= 0.0) & (found <= 1.0))


@pytest.mark.parametrize("diameter", [0.01, 0.02, 0.03, 0.05])
@pytest.mark.parametrize(("dose", "n"), [(10.0, 5), (12.0, 4), (7.5, 8), (18.0, 3), (34.0, 1)])
def test_sbrt_controls_nine_of_ten(law: RadiationLaw, diameter: float, dose: float, n: int) -> None:
    """>= 90 % at BED10 >= 100 Gy, up to 5 cm: `alpha` and its spread were chosen to give it."""
    cells = math.pi / 6.0 * diameter**3 * 1e15
    assert control_among_patients(cells, dose, fractions=n, law=law) >= 0.9


def test_control_falls_with_size_and_rises_with_dose(law: RadiationLaw) -> None:
    control = [control_among_patients(n, 2.0, fractions=30, law=law) for n in (1e8, 1e10, 1e12)]
    assert control == sorted(control, reverse=True)
    doses = [control_among_patients(1e10, d, fractions=5, law=law) for d in (0.0, 4.0, 8.0, 12.0)]
    assert doses == sorted(doses)
    assert doses[0] == 0.0
    assert control[1] < control_among_patients(1e10, 12.0, fractions=4, law=law)


def test_control_without_a_spread_is_poisson(law: RadiationLaw) -> None:
    sharp = replace(law, alpha_spread=0.0)
    hits = 30 * lethal_hits(2.0, law=law)
    expected = math.exp(-1e10 * law.clonogen_share * math.exp(-hits))
    found = control_among_patients(1e10, 2.0, fractions=30, law=sharp)
    assert found == pytest.approx(expected, rel=1e-9)
    single = control_probability(1e10, np.array([hits]), clonogen_share=law.clonogen_share)
    assert single[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("cells", "survival", "share"),
    [(1e9, 1e-9, 1.0), (1e9, 2e-9, 0.5), (10.0, 0.1, 1.0), (1e12, 5e-10, 0.01), (1.0, 0.3, 1.0)],
)
def test_eradication_has_its_chance_and_its_mean(
    cells: float, survival: float, share: float
) -> None:
    """n = 40,000 lesions: the chance (1 - c S)^N and the mean N S, each within five errors."""
    deviates = np.random.Generator(np.random.Philox(3)).random(N_LESIONS)
    n = np.full(N_LESIONS, cells)
    is_gone, left = eradicated(n, np.full(N_LESIONS, survival), deviates, clonogen_share=share)
    chance = math.exp(cells * math.log1p(-survival * share))
    error = math.sqrt(chance * (1.0 - chance) / N_LESIONS)
    assert abs(is_gone.mean() - chance) <= 5.0 * error
    assert np.all(left[is_gone] == 0.0)
    assert np.all(left[~is_gone] >= 1.0)
    # Where it is gone its cells that are no clonogens are gone too.
    mean = cells * survival * (share + (1.0 - share) * (1.0 - chance))
    assert abs(left.mean() - mean) <= 5.0 * left.std() / math.sqrt(N_LESIONS)


def test_fractions_one_by_one_control_as_the_whole_course() -> None:
    """30 fractions of S = 0.5, c = 0.01 at the last: exp(-N c S^30); n = 40,000, five errors."""
    generator = np.random.Generator(np.random.Philox(5))
    cells, cured = np.full(N_LESIONS, 1e11), np.zeros(N_LESIONS, dtype=bool)
    for k in range(30):
        share = 0.01 if k == 29 else 1.0
        deviates = generator.random(N_LESIONS)
        gone, left = eradicated(cells, np.full(N_LESIONS, 0.5), deviates, clonogen_share=share)
        cured |= gone
        cells = np.maximum(left, 1.0)
    chance = math.exp(-1e11 * 0.01 * 0.5**30)
    error = math.sqrt(chance * (1.0 - chance) / N_LESIONS)
    assert abs(cured.mean() - chance) <= 5.0 * error


@given(
    st.floats(1.0, 1e18), st.floats(0.0, 1.0), st.floats(2.0**-54, 1.0 - 2.0**-53), st.floats(0, 1)
)
def test_what_is_left_is_never_more(n: float, s: float, u: float, c: float) -> None:
    gone, left = eradicated(np.array([n]), np.array([s]), np.array([u]), clonogen_share=c)
    assert left[0] <= max(n * (1.0 + 1e-12), 1.0) + 1.0
    assert gone[0] == (left[0] == 0.0)


def test_nothing_and_everything_survive() -> None:
    cells = np.array([1.0, 3.0, 1e5, 1e12, 1e18])
    deviates = np.array([0.0001, 0.9999, 0.5, 0.5, 0.5])
    gone, left = eradicated(cells, np.zeros(5), deviates)
    assert gone.all()
    gone, left = eradicated(cells, np.ones(5), deviates)
    assert not gone.any()
    np.testing.assert_array_equal(left[:4], cells[:4])
