import dataclasses
import math

import pytest

from ctc.body.circuit import circuit, require_closed
from ctc.body.plan import Route, load_body_plan
from ctc.errors import InputError

BODIES = ("human_male", "human_female", "mouse_25g", "rat_250g")


@pytest.mark.parametrize("name", BODIES)
def test_shares_sum_to_one(name):
    plan = load_body_plan(name)
    volumes = [organ.blood_volume_fraction for organ in plan.organs]
    assert math.fsum([*volumes, *plan.trunk_volume_fractions.values()]) == pytest.approx(
        1.0, abs=1e-12
    )
    flows = [organ.inflow(Route.AORTA) for organ in plan.organs]
    assert math.fsum(flows) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", BODIES)
def test_every_compartment_passes_on_what_it_gets(name):
    plan = load_body_plan(name)
    balance: dict[str, float] = {}
    for exchange in circuit(plan.organs):
        balance[exchange.source] = balance.get(exchange.source, 0.0) - exchange.flow_fraction
        balance[exchange.target] = balance.get(exchange.target, 0.0) + exchange.flow_fraction
    assert max(abs(excess) for excess in balance.values()) < 1e-12


def test_mean_circulation_time_is_that_of_the_reference_adult():
    for name, seconds in (("human_male", 48.9), ("human_female", 39.7)):
        plan = load_body_plan(name)
        assert plan.blood_volume / plan.cardiac_output == pytest.approx(seconds, abs=0.05)


def test_female_bronchial_leak_is_mended_by_the_azygos_route():
    bronchi = load_body_plan("human_female").organ("bronchi")
    drained = {region.drainage: region.flow_fraction for region in bronchi.regions}
    assert drained == {
        Route.LEFT_ATRIUM: pytest.approx(0.005),
        Route.SUPERIOR_VENA_CAVA: pytest.approx(0.02),
    }


def test_rectum_drains_upper_part_portal_and_lower_part_caval():
    rectum = load_body_plan("human_male").organ("rectum").drainage()
    assert set(rectum) == {Route.PORTAL_VEIN, Route.INFERIOR_VENA_CAVA}
    assert math.fsum(rectum.values()) == pytest.approx(1.0)


def test_muscle_drains_55_percent_upwards():
    drainage = load_body_plan("human_male").organ("muscle").drainage()
    assert drainage[Route.SUPERIOR_VENA_CAVA] == pytest.approx(0.55)


def test_shares_that_do_not_sum_to_one_are_refused():
    plan = load_body_plan("human_male")
    organ = plan.organs[0]
    wrong = dataclasses.replace(organ, blood_volume_fraction=organ.blood_volume_fraction + 1e-9)
    with pytest.raises(InputError, match="blood volume fractions must sum to 1"):
        dataclasses.replace(plan, organs=(wrong, *plan.organs[1:]))


def test_loop_that_does_not_close_is_refused():
    plan = load_body_plan("human_male")
    kidney = plan.organ("kidney")
    astray = tuple(
        dataclasses.replace(region, drainage=Route.PORTAL_VEIN) for region in kidney.regions
    )
    organs = [organ for organ in plan.organs if organ.name != "kidney"]
    with pytest.raises(
        InputError, match=r"outflow must be the inflow, got an excess of -0\.19 .* at right heart"
    ):
        require_closed([*organs, dataclasses.replace(kidney, regions=astray)], body="test")


def test_unknown_body_and_organ_suggest_the_near_name():
    with pytest.raises(InputError, match="human_male"):
        load_body_plan("human_mal")
    with pytest.raises(InputError, match="Did you mean 'kidney'"):
        load_body_plan("human_male").organ("kidny")
    with pytest.raises(InputError, match="Did you mean 'left kidney'"):
        load_body_plan("human_male").organ_of("left kidny")
