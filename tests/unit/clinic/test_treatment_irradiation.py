"""Fields around tumours: cells that rest in the organ, and blood that runs through."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ctc.clinic.irradiation import field_shares, irradiation, mean_blood_dose
from ctc.clinic.radiation import RadiationLaw, lethal_hits
from ctc.clinic.systemic import SystemicEffect
from ctc.scenario.clinic_tables import PatientSettings, Radiation
from tests.unit.clinic.treated_patients import DAY

LAW = RadiationLaw(0.3, 10.0, 0.25, 0.01, 0.6, 28 * DAY, 0.01, 0.1)
ORDER = Radiation(kind="radiation", dose="2 Gy", fractions=30)  # type: ignore[arg-type]
PATIENT = PatientSettings(radiosensitivity=1.2)


def effect_of(n: int, shares: dict[str, float], *, blood: float = 0.0) -> SystemicEffect:
    return irradiation(
        ORDER, n, epoch=DAY, shares=shares, blood_share=blood, law=LAW, patient=PATIENT
    )


def test_no_fraction_no_effect() -> None:
    assert effect_of(0, {"lung": 1.0}, blood=0.1) == SystemicEffect()
    assert effect_of(1, {"lung": 0.0}) == SystemicEffect()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_cells_that_stay_survive_as_the_field_says(n: int) -> None:
    """1 - f + f S^n over one epoch, sides left out; the whole organ in the field at f = 1."""
    survival = math.exp(-n * lethal_hits(2.0, law=LAW, sensitivity=1.2))
    rates = effect_of(n, {"left_lung": 0.25, "liver": 1.0}).organ_death_rate_of
    assert set(rates) == {"lung", "liver"}
    assert math.exp(-rates["lung"] * DAY) == pytest.approx(0.75 + 0.25 * survival)
    assert math.exp(-rates["liver"] * DAY) == pytest.approx(survival)


def test_a_whole_organ_is_exact_however_few_survive() -> None:
    order = Radiation(kind="radiation", dose="100 Gy")  # type: ignore[arg-type]
    effect = irradiation(
        order, 9, epoch=DAY, shares={"liver": 1.0}, blood_share=1.0, law=LAW, patient=PATIENT
    )
    hits = 9 * lethal_hits(100.0, law=LAW, sensitivity=1.2)
    assert effect.organ_death_rate_of["liver"] * DAY == pytest.approx(hits)
    assert effect.blood_hazard * DAY == pytest.approx(hits)


def test_mean_dose_of_blood_from_the_tumour_of_the_hedos_case() -> None:
    """2 Gy to 20.475 mL of tumour blood out of 3.9 L: 10.5 mGy a fraction in the mean."""
    assert mean_blood_dose(2.0, 20.475 / 3900.0) == pytest.approx(10.5e-3)


def test_blood_dose_of_a_long_beam_is_the_mean_one() -> None:
    """4,000 cells that come and go for 600 s, in the field 3 s and outside 57 s in the mean.

    The mean dose is d v exactly (v = 0.05), within five standard errors of the simulation. The
    spread falls with the number of passages: its square is 2 v (1 - v) tau / T d^2 with
    tau = 3 * 57 / 60 s of the exchange, T the length of the beam (ergodic theorem), so the law
    that gives every cell the mean dose leaves out beta times that, 0.3 % of the linear term.
    """
    generator = np.random.Generator(np.random.Philox(11))
    n, beam, dose, share = 4000, 600.0, 2.0, 0.05
    is_inside = generator.random(n) < share
    clock, inside = np.zeros(n), np.zeros(n)
    while np.any(clock < beam):
        stay = generator.exponential(np.where(is_inside, 3.0, 57.0))
        stay = np.minimum(stay, np.maximum(beam - clock, 0.0))
        inside += np.where(is_inside, stay, 0.0)
        clock += stay
        is_inside = ~is_inside
    doses = dose * inside / beam
    assert abs(doses.mean() - mean_blood_dose(dose, share)) < 5.0 * doses.std() / math.sqrt(n)
    variance = 2.0 * share * (1.0 - share) * 3.0 * 57.0 / 60.0 / beam * dose * dose
    assert doses.var() == pytest.approx(variance, rel=0.2)
    survival = np.exp(-LAW.alpha * doses * (1.0 + doses / LAW.alpha_beta)).mean()
    law = math.exp(-lethal_hits(mean_blood_dose(dose, share), law=LAW))
    assert survival == pytest.approx(law, abs=5e-4)


def test_short_and_long_beams_agree_for_small_doses() -> None:
    share, dose = 0.05, 0.1
    long = lethal_hits(mean_blood_dose(dose, share), law=LAW)
    short = -math.log(1.0 - share + share * math.exp(-lethal_hits(dose, law=LAW)))
    assert long == pytest.approx(short, rel=0.02)


def test_share_of_an_organ_in_the_field() -> None:
    """A ball of D + 2 m; two of them add, no more than the organ; 0.1 where nothing is known."""
    ball = math.pi / 6.0 * 0.04**3
    volumes = {"lung": 1e-3, "brain": 1e-5}
    targets = [("left_lung", 0.02), ("right_lung", 0.02), ("brain", 0.02), ("skin", 0.01)]
    found = field_shares(targets, volumes, law=LAW)
    assert found == {"brain": 1.0, "lung": pytest.approx(2.0 * ball / 1e-3), "skin": 0.1}
    assert field_shares([], volumes, law=LAW) == {}
