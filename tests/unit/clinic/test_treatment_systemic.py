"""Effects under way: what changes nothing, how effects join, what reaches the biology."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.antiplatelet import antiplatelet_effect
from ctc.clinic.systemic import SystemicEffect, combined, joint_growth
from ctc.clinic.treated_biology import treated_biology
from ctc.clinic.treatment_laws import TreatmentLaws, resolve_treatment
from ctc.scenario.biology import Biology, OrganClocks
from ctc.scenario.clinic_tables import Antiplatelet
from ctc.scenario.host import biology_in_host
from ctc.scenario.load import load_scenario

PROTECTION = 5.75


@pytest.fixture(scope="module")
def biology() -> Biology:
    return biology_in_host(load_scenario("quick"))


@pytest.fixture(scope="module")
def laws() -> TreatmentLaws:
    return resolve_treatment(load_scenario("quick").parameters)


def treated(biology: Biology, effect: SystemicEffect) -> Biology:
    return treated_biology(biology, effect, platelet_protection=PROTECTION)


def test_no_effect_returns_the_very_same_biology(biology: Biology) -> None:
    assert treated(biology, SystemicEffect()) is biology
    of_lesions = SystemicEffect(growth_factor=-1.0, shedding_factor=0.5, growth_factor_of={"x": 0})
    assert treated(biology, of_lesions) is biology
    inert = replace(biology, is_inert=True)
    assert treated(inert, SystemicEffect(blood_hazard=1.0)) is inert


def test_factors_of_one_change_no_bit(biology: Biology) -> None:
    """An effect on one organ leaves the numbers of all others as they are, bit for bit."""
    found = treated(biology, SystemicEffect(colony_factor_of={"lung": 2.0}))
    assert replace(found, organs=biology.organs) == biology
    for organ in ("liver", "muscle", "brain"):
        assert found.clocks(organ) == biology.clocks(organ)
    assert found.clocks("left lung").colony_rate == 2.0 * biology.clocks("lung").colony_rate


def test_combined_without_or_with_neutral_effects_is_the_rest() -> None:
    one = SystemicEffect(blood_hazard=2.0, growth_factor=-0.5, colony_factor_of={"lung": 0.5})
    assert combined([]) == SystemicEffect()
    assert combined([one]) == one
    assert combined([SystemicEffect(), one, SystemicEffect()]) == one


def test_hazards_add_and_factors_multiply() -> None:
    a = SystemicEffect(
        blood_hazard=1.0, immune_factor=2.0, platelets=0.5, organ_death_rate_of={"lung": 1.0}
    )
    b = SystemicEffect(
        blood_hazard=2.0,
        immune_factor=3.0,
        platelets=0.5,
        organ_death_rate_of={"lung": 2.0, "liver": 4.0},
        colony_factor_of={"bone": 0.5},
    )
    both = combined([a, b, b])
    assert both.blood_hazard == 5.0
    assert both.immune_factor == 18.0
    assert both.platelets == 0.125
    assert both.organ_death_rate_of == {"lung": 5.0, "liver": 8.0}
    assert both.colony_factor_of == {"bone": 0.25}


@pytest.mark.parametrize(
    ("factors", "joint"),
    [
        ((), 1.0),
        ((0.5, 0.5), 0.25),
        ((0.0, 0.5), 0.0),
        ((-1.0, 0.5), -1.0),
        ((-1.0, -0.5), -1.5),
        ((-1.0, 0.5, -0.5), -1.5),
        ((2.0, 0.5), 1.0),
    ],
)
def test_growth_under_several_drugs(factors: tuple[float, ...], joint: float) -> None:
    for order in permutations(factors):
        assert joint_growth(order) == pytest.approx(joint)


@given(st.lists(st.floats(-10, 1), min_size=1, max_size=5), st.floats(-10, 1))
def test_one_more_drug_never_makes_a_tumour_grow_faster(old: list[float], new: float) -> None:
    assert joint_growth([*old, new]) <= joint_growth(old) + 1e-12


def test_growth_in_an_organ_joins_both_factors() -> None:
    effect = SystemicEffect(growth_factor=-1.0, growth_factor_of={"red marrow": 0.8, "lung": -0.5})
    assert effect.growth_in("red_marrow") == -1.0
    assert effect.growth_in("left lung") == -1.5
    assert effect.growth_in("liver") == -1.0


def test_drugs_leave_resistant_cells_alone_and_the_host_does_not() -> None:
    effect = combined(
        [
            SystemicEffect(growth_factor=-1.0),
            SystemicEffect(host_growth_factor=-0.5),
            SystemicEffect(host_growth_factor=0.5, growth_factor_of={"lung": 0.5}),
        ]
    )
    assert effect.growth_in("lung") == effect.growth_in("liver") == -1.5
    assert effect.resistant_growth_in("lung") == effect.resistant_growth_in("liver") == -0.5
    bone = SystemicEffect(growth_factor=0.5, growth_factor_of={"lung": 0.8})
    assert bone.growth_in("lung") == 0.4
    assert bone.resistant_growth_in("lung") == 0.8


def test_each_field_reaches_its_rates_and_no_other(biology: Biology) -> None:
    expected: dict[str, tuple[SystemicEffect, dict[str, float]]] = {}
    before = biology.clocks("liver")
    for name, effect, fields in (
        ("arrested", SystemicEffect(arrested_death_rate=1e-3), ["treatment_death_arrested"]),
        ("tissue", SystemicEffect(tissue_death_rate=1e-3), ["treatment_death_tissue"]),
        ("dormant", SystemicEffect(dormant_death_rate=1e-3), ["treatment_death_dormant"]),
        (
            "organ",
            SystemicEffect(organ_death_rate_of={"liver": 1e-3}),
            ["treatment_death_arrested", "treatment_death_tissue", "treatment_death_dormant"],
        ),
    ):
        expected[name] = (effect, dict.fromkeys(fields, 1e-3))
    expected["exit"] = (
        SystemicEffect(extravasation_factor=0.5),
        {"extravasation_rate": 0.5 * before.extravasation_rate},
    )
    expected["escape"] = (
        SystemicEffect(escape_factor=0.5),
        {"escape_rate": 0.5 * before.escape_rate},
    )
    expected["immune"] = (
        SystemicEffect(immune_factor=2.0),
        {"immune_death_rate": 2.0 * before.immune_death_rate},
    )
    expected["colony"] = (
        SystemicEffect(colony_factor=0.5),
        {
            "colony_rate": 0.5 * before.colony_rate,
            "escape_rate": 0.5 * before.escape_rate,
            "intravascular_rate": 0.5 * before.intravascular_rate,
        },
    )
    for effect, changes in expected.values():
        found = treated(biology, effect)
        after: OrganClocks = found.clocks("liver")
        assert after == replace(before, **changes)
        assert found.immune_hazard == biology.immune_hazard * effect.immune_factor
        assert found.treatment_hazard == 0.0
    in_blood = treated(biology, SystemicEffect(blood_hazard=1e-3))
    assert in_blood.treatment_hazard == 1e-3
    assert in_blood.clocks("liver") == before


def test_aspirin_leaves_as_many_to_leave_the_vessel_as_it_leaves_metastases(
    biology: Biology, laws: TreatmentLaws
) -> None:
    """0.64 (0.48-0.84), Rothwell 2012: what the factor was fitted to, by arrested clocks."""

    def leaving(of: Biology) -> float:
        clocks = of.clocks("lung")
        losses = clocks.immune_death_rate + clocks.other_death_rate + clocks.extravasation_rate
        return clocks.extravasation_rate / losses

    order = Antiplatelet(kind="antiplatelet")
    drug = antiplatelet_effect(order, 0.0, law=laws.antiplatelet)
    assert leaving(treated(biology, drug)) / leaving(biology) == pytest.approx(0.64, abs=0.005)


def test_platelets_of_host_and_drug_multiply() -> None:
    """A drug in a host of half the platelets is a host of their product, not two factors."""
    half = biology_in_host(load_scenario("quick", overrides=["host.platelets=0.5"]))
    quarter = biology_in_host(load_scenario("quick", overrides=["host.platelets=0.25"]))
    drug = SystemicEffect(platelets=0.5)
    found = treated_biology(half, drug, platelet_protection=PROTECTION, host_platelets=0.5)
    rate = quarter.clocks("lung").immune_death_rate
    assert found.clocks("lung").immune_death_rate == pytest.approx(rate)


@pytest.mark.parametrize(
    "effect",
    [
        SystemicEffect(blood_hazard=-1.0),
        SystemicEffect(platelets=float("nan")),
        SystemicEffect(colony_factor_of={"lung": -1.0}),
    ],
)
def test_negative_hazards_are_refused(biology: Biology, effect: SystemicEffect) -> None:
    with pytest.raises(ValueError, match=r"must be >= 0, got"):
        treated(biology, effect)
