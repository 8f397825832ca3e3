"""Growth laws: their differential equations, their inverses, and published curves."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ctc.errors import InputError
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.simulation.growth import age_at, grown_cells

DAY = 86_400.0
MONTH = 365.25 / 12 * DAY
CAPACITY = 3.1e12
LAWS = [GrowthLaw(kind, CAPACITY, reference_cells=1e9, exponent=0.5) for kind in GrowthKind]


def rate(law: GrowthLaw, cells: float, doubling_time: float) -> float:
    """dN/dt, written from the definitions of the laws, not from the closed forms."""
    specific = math.log(2.0) / doubling_time
    reference = law.reference_cells
    if law.kind is GrowthKind.EXPONENTIAL:
        return specific * cells
    if law.kind is GrowthKind.GOMPERTZ:
        b = specific / math.log(law.capacity / reference)
        return b * cells * math.log(law.capacity / cells)
    if law.kind is GrowthKind.LOGISTIC:
        s = specific / (1.0 - reference / law.capacity)
        return s * cells * (1.0 - cells / law.capacity)
    return specific * reference ** (1.0 - law.exponent) * cells**law.exponent


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
@pytest.mark.parametrize("initial", [1e7, 1e9, 1e11])
def test_closed_forms_solve_their_equations(law: GrowthLaw, initial: float) -> None:
    """Against Runge-Kutta of order 8 with a relative tolerance of 1e-11, over 200 days."""
    doubling, end = 80.0 * DAY, 200.0 * DAY
    times = np.linspace(0.0, end, 9)
    solved = solve_ivp(
        lambda _, n: [rate(law, n[0], doubling)],
        (0.0, end),
        [initial],
        method="DOP853",
        t_eval=times,
        rtol=1e-11,
        atol=0.0,
    )
    found = grown_cells(law, times, initial=initial, doubling_time=doubling)
    np.testing.assert_allclose(found, solved.y[0], rtol=1e-8)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
def test_doubling_time_holds_at_the_reference_size(law: GrowthLaw) -> None:
    """Over 1e-4 of a doubling time the growth is ln 2 times that, to second order."""
    step = 1e-4
    found = grown_cells(law, step * DAY, initial=1e9, doubling_time=DAY)
    assert found == pytest.approx(1e9 * (1.0 + math.log(2.0) * step), rel=1e-8)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
def test_age_turns_growth_round(law: GrowthLaw) -> None:
    cells = np.array([1.0, 10.0, 3.5e4, 1e9, 1e12])
    age = age_at(law, cells, initial=1.0, doubling_time=72.5 * DAY)
    assert age[0] == 0.0
    assert (np.diff(age) > 0).all()
    found = grown_cells(law, age, initial=1.0, doubling_time=72.5 * DAY)
    np.testing.assert_allclose(found, cells, rtol=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
def test_growth_has_bounds(law: GrowthLaw) -> None:
    ages = np.array([-DAY, 0.0, 1e3 * DAY, 1e6 * DAY, 1e9 * DAY])
    found = grown_cells(law, ages, initial=1.0, doubling_time=50.0 * DAY)
    assert found[0] == found[1] == pytest.approx(1.0, rel=1e-13)
    assert (np.diff(found) >= 0).all()
    assert found[-1] == pytest.approx(CAPACITY, rel=1e-9)
    assert found.max() <= CAPACITY
    asleep = grown_cells(law, ages, initial=7.0, doubling_time=math.inf)
    np.testing.assert_allclose(asleep, 7.0, rtol=1e-13)
    assert asleep.min() >= 7.0


def test_gompertz_is_that_of_breast_cancer() -> None:
    """Norton 1988: N_inf 3.1e12, mean ln b -2.9 per month, lethal 1e12 cells.

    With b = exp(-2.9) a tumour of 1 g (1e9 cells) doubles in ln 2 / (b ln 3100) = 1.57 months:
    within the 1.7 +/- 0.9 months of Coumans 2013. Put in as such, the form N(t) = N0 exp(k (1 -
    exp(-b t))), k = ln(N_inf / N0), of the paper comes out, and 1 g takes
    ln(ln 3100 / ln 3.1) / b = 35.7 months to the lethal number.
    """
    b = math.exp(-2.9) / MONTH
    doubling = math.log(2.0) / (b * math.log(3100.0))
    assert doubling / MONTH == pytest.approx(1.57, abs=0.01)
    law = GrowthLaw(GrowthKind.GOMPERTZ, CAPACITY, reference_cells=1e9)
    times = np.array([1.0, 12.0, 36.0, 120.0]) * MONTH
    k = math.log(CAPACITY / 1e9)
    wanted = [1e9 * math.exp(k * (1.0 - math.exp(-b * t))) for t in times]
    found = grown_cells(law, times, initial=1e9, doubling_time=doubling)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    lethal = age_at(law, 1e12, initial=1e9, doubling_time=doubling)
    assert float(lethal) / MONTH == pytest.approx(35.7, abs=0.1)


def test_half_power_grows_with_the_square_of_time() -> None:
    """Hart 1998, exponent 0.5: the square root of the size rises by the same in equal times."""
    law = GrowthLaw(GrowthKind.POWER_LAW, CAPACITY, reference_cells=1e9, exponent=0.5)
    times = np.linspace(0.0, 1000.0, 11) * DAY
    found = grown_cells(law, times, initial=1e9, doubling_time=52.0 * DAY)
    steps = np.diff(np.sqrt(found))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-10)


def test_exponential_growth_doubles() -> None:
    law = GrowthLaw(GrowthKind.EXPONENTIAL, 1e15)
    found = grown_cells(law, np.arange(20) * DAY, initial=3.0, doubling_time=DAY)
    np.testing.assert_allclose(found, 3.0 * 2.0 ** np.arange(20), rtol=1e-12)


@pytest.mark.parametrize("kind", [GrowthKind.GOMPERTZ, GrowthKind.LOGISTIC])
def test_a_reference_above_the_capacity_is_refused(kind: GrowthKind) -> None:
    with pytest.raises(InputError, match="must be below the capacity of 1e\\+06 cells"):
        GrowthLaw(kind, 1e6, reference_cells=1e6)
