"""Drugs that are given on and on: who responds, for how long, and what it does."""

from __future__ import annotations

import pytest

from ctc.clinic.antiplatelet import antiplatelet_effect
from ctc.clinic.bone_modifying import bone_modifying_effect
from ctc.clinic.immunotherapy import best_response, immunotherapy_effect
from ctc.clinic.systemic import SystemicEffect
from ctc.clinic.targeted import targeted_effect
from ctc.clinic.treatment_laws import TreatmentLaws, resolve_treatment
from ctc.errors import InputError
from ctc.scenario.clinic_tables import (
    Antiplatelet,
    BoneModifying,
    Immunotherapy,
    PatientSettings,
    Targeted,
)
from ctc.scenario.load import load_scenario
from ctc.states import Response
from tests.unit.clinic.treated_patients import DAY

MONTH = 365.25 / 12.0 * DAY
NEUTRAL = SystemicEffect()


@pytest.fixture(scope="module")
def laws() -> TreatmentLaws:
    return resolve_treatment(load_scenario("quick").parameters)


@pytest.mark.parametrize(
    ("regimen", "rate"), [("combination", 0.58), ("anti_pd1", 0.45), ("anti_ctla4", 0.19)]
)
def test_responses_come_at_the_rates_of_checkmate_067(
    laws: TreatmentLaws, regimen: str, rate: float
) -> None:
    """Ranks spread evenly over 1,000 patients: objective responses to half a patient."""
    ranks = [(k + 0.5) / 1000 for k in range(1000)]
    found = [best_response(regimen, rank, law=laws.immunotherapy) for rank in ranks]
    n = sum(each in (Response.COMPLETE, Response.PARTIAL) for each in found)
    assert n / 1000 == pytest.approx(rate, abs=5e-4)
    order = [Response.COMPLETE, Response.PARTIAL, Response.STABLE, Response.PROGRESSIVE]
    assert [order.index(each) for each in found] == sorted(order.index(each) for each in found)


def course(
    laws: TreatmentLaws, rank: float, months: float, duration: str | None = None
) -> SystemicEffect:
    order = Immunotherapy(kind="immunotherapy", regimen="combination", duration=duration)  # type: ignore[arg-type]
    patient = PatientSettings(immune_response=rank)
    return immunotherapy_effect(order, months * MONTH, law=laws.immunotherapy, patient=patient)


def test_complete_responses_last_beyond_the_last_dose(laws: TreatmentLaws) -> None:
    for months in (0.0, 12.0, 60.0):
        found = course(laws, 0.1, months, "3 months")
        assert found.host_growth_factor == laws.immunotherapy.complete_growth
        assert found.immune_factor == laws.immunotherapy.immune_factor


def test_partial_responses_deepen_then_hold(laws: TreatmentLaws) -> None:
    assert course(laws, 0.3, 3.0).host_growth_factor == laws.immunotherapy.partial_growth
    assert course(laws, 0.3, 7.0).host_growth_factor == 0.0
    assert course(laws, 0.3, 70.0).host_growth_factor == 0.0


def test_other_responses_are_lost_with_time_or_the_drug(laws: TreatmentLaws) -> None:
    """Ranks 0.348 to 0.58 respond without lasting, 0.58 to 0.70 are stable, the rest progress."""
    assert course(laws, 0.5, 17.0).host_growth_factor == 0.0
    assert course(laws, 0.5, 19.0) == NEUTRAL
    assert course(laws, 0.5, 4.0, "3 months") == NEUTRAL
    assert course(laws, 0.6, 6.0) == SystemicEffect(host_growth_factor=0.0)
    assert course(laws, 0.6, 8.0) == NEUTRAL
    assert course(laws, 0.6, 4.0, "3 months") == NEUTRAL
    assert course(laws, 0.9, 1.0) == NEUTRAL
    assert course(laws, 0.1, -1.0) == NEUTRAL


def test_classes_that_sum_above_one_are_refused() -> None:
    name = "treatment.immunotherapy.anti_pd1.stable"
    scenario = load_scenario("quick", overrides=[f"override.{name}=0.9"])
    with pytest.raises(InputError, match=r"must sum to <= 1, got 1\.35") as caught:
        resolve_treatment(scenario.parameters)
    assert caught.value.key == name


def test_inhibitors_act_on_their_pathway_in_those_who_respond(laws: TreatmentLaws) -> None:
    law = laws.targeted

    def effect(pathway: str, rank: float, since: float = 0.0) -> SystemicEffect:
        order = Targeted(kind="targeted", pathway=pathway, duration="1 year")  # type: ignore[arg-type]
        patient = PatientSettings(targeted_response=rank)
        return targeted_effect(order, since, law=law, patient=patient)

    assert effect("growth", 0.1) == SystemicEffect(growth_factor=law.growth_factor)
    assert effect("growth", 0.9) == SystemicEffect(growth_factor=law.other_growth_factor)
    assert effect("extravasation", 0.1) == SystemicEffect(
        extravasation_factor=law.extravasation_factor
    )
    assert effect("survival", 0.1) == SystemicEffect(
        tissue_death_rate=law.death_rate, dormant_death_rate=law.death_rate
    )
    assert effect("extravasation", 0.9) == effect("survival", 0.9) == NEUTRAL
    for since in (-1.0, 12.0 * MONTH):
        assert effect("growth", 0.1, since) == NEUTRAL


def test_bone_agents_act_in_bone_alone_and_while_given(laws: TreatmentLaws) -> None:
    order = BoneModifying(kind="bone_modifying", duration="3 years")  # type: ignore[arg-type]
    found = bone_modifying_effect(order, MONTH, law=laws.bone_modifying)
    for bone in ("red marrow", "spongy_bone", "compact bone", "other skeleton"):
        assert found.colonies_in(bone) == 0.83
        assert found.growth_in(bone) == found.resistant_growth_in(bone) == 0.8
    assert found.colonies_in("liver") == found.growth_in("liver") == 1.0
    assert bone_modifying_effect(order, 36.0 * MONTH, law=laws.bone_modifying) == NEUTRAL
    assert bone_modifying_effect(order, -1.0, law=laws.bone_modifying) == NEUTRAL


def test_antiplatelets_act_while_given(laws: TreatmentLaws) -> None:
    order = Antiplatelet(kind="antiplatelet", duration="1 year")  # type: ignore[arg-type]
    assert antiplatelet_effect(order, MONTH, law=laws.antiplatelet).platelets == 0.84
    assert antiplatelet_effect(order, 13.0 * MONTH, law=laws.antiplatelet) == NEUTRAL
