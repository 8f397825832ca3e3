"""Dying: exponential lives, what they end of, and budgets that are kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ctc.simulation.dying import Dying
from ctc.states import Milestone
from tests.unit.clinic.treated_patients import made_disease
from tests.unit.simulation.cared import DAY, NS, care_of, live, patient_of, plan_of

N = 20_000
LETHAL = 1e14  # cells, far beyond what kills: the hazard is the fastest one
LOOK = '[[examination]]\nkind = "mri"\nat = "0 days"\n'
EPOCH = 10 * DAY


def lives(
    plan, *, cells: float, epoch: int = EPOCH, most: int, n: int = N
) -> list[tuple[int, int]]:
    """Return cause and moment [ns] of the death of n patients; cause 0 for those who lived."""
    disease = made_disease([cells] if cells else [])
    found = []
    for patient in range(n):
        dying, death = Dying(plan, seed=1, patient=patient), None
        for k in range(most):
            death = dying.spend(disease, start=k * epoch * NS, end=(k + 1) * epoch * NS)
            if death is not None:
                break
        found.append((0, 0) if death is None else (int(death[0]), death[1]))
    return found


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan in which both causes kill: cancer within 30 days, others within 60."""
    return plan_of(
        tmp_path_factory.mktemp("dying"),
        LOOK,
        "override.prognosis.dying_time=30 days",
        "override.prognosis.female.accident_rate=6.0875 1/year",
        "override.prognosis.female.ageing_rate=0 1/year",
    )


def test_lives_are_exponential_and_causes_go_by_their_hazards(plan) -> None:
    """n = 20,000 of hazard 1/30 + 1/60 a day: mean 20 days, SE 20 / sqrt(n), cancer in 2 of 3."""
    found = lives(plan, cells=LETHAL, most=60)
    cause = np.array([each[0] for each in found])
    days = np.array([each[1] for each in found]) / (DAY * NS)
    assert (cause > 0).all()
    assert days.mean() == pytest.approx(20.0, abs=5 * 20.0 / math.sqrt(N))
    for t in (5.0, 20.0, 60.0):
        chance = math.exp(-t / 20.0)
        error = math.sqrt(chance * (1 - chance) / N)
        assert (days > t).mean() == pytest.approx(chance, abs=5 * error)
    share = (cause == Milestone.DEATH_BY_CANCER).mean()
    assert share == pytest.approx(2 / 3, abs=5 * math.sqrt(2 / 9 / N))


def test_nobody_dies_of_a_cancer_that_is_not_there(plan) -> None:
    found = lives(plan, cells=0.0, most=10, n=2000)
    assert {each[0] for each in found} == {0, int(Milestone.DEATH_BY_OTHER)}


def test_epochs_of_any_length_give_the_same_moment(plan) -> None:
    """Where hazards stay: a budget is spent, no chance is drawn anew."""
    one, other = (
        np.array(lives(plan, cells=LETHAL, epoch=epoch, most=most, n=2000))
        for epoch, most in ((EPOCH, 60), (7 * DAY, 90))
    )
    np.testing.assert_array_equal(one[:, 0], other[:, 0])
    np.testing.assert_allclose(one[:, 1], other[:, 1], rtol=1e-9)


def test_budgets_are_kept(plan) -> None:
    disease = made_disease([LETHAL])
    whole, stopped = Dying(plan, seed=1, patient=4), Dying(plan, seed=1, patient=4)
    day = DAY * NS
    assert whole.spend(disease, start=0, end=day) == stopped.spend(disease, start=0, end=day)
    fresh = Dying(plan, seed=2, patient=9)
    fresh.restore(stopped.state())
    for k in range(1, 400):
        one, other = (
            each.spend(disease, start=k * day, end=(k + 1) * day) for each in (whole, fresh)
        )
        assert one == other
    assert whole.is_over
    assert whole.spend(disease, start=400 * day, end=401 * day) is None


@pytest.mark.parametrize("is_mortal", [True, False])
def test_a_death_is_noted_once_and_kept(*, is_mortal: bool, tmp_path: Path) -> None:
    """A mortal patient is dead, also after a resume; the other lives on behind the milestone."""
    plan = plan_of(
        tmp_path,
        LOOK,
        "override.prognosis.female.accident_rate=10 1/year",
        f"patient.is_mortal={str(is_mortal).lower()}",
    )
    patient = patient_of(plan, masses=())
    rows = live(patient, 100)
    deaths = np.concatenate([row["milestones"]["kind"] for row in rows])
    assert deaths.tolist() == [Milestone.DEATH_BY_OTHER]
    assert patient.is_alive is not is_mortal
    again = patient_of(plan, masses=())
    again.restore({name: value() for name, value in patient.state_parts().items()})
    assert again.is_alive is not is_mortal
    assert care_of(again).knowledge.reached == care_of(patient).knowledge.reached
