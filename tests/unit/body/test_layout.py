"""Mouse and rat: a body with the anatomy of another, in its own proportions and with its own flows.

Expected flows are those of Shah and Betts 2012, doi:10.1007/s10928-011-9232-2, plasma and blood
cells together [mL/h], typed in apart from the parameter sets.
"""

import dataclasses
import math

import numpy as np
import pytest

from ctc.body.layout import read_layout, regions_in_layout
from ctc.body.lymph import load_lymph_plan
from ctc.body.plan import Route, load_body_plan
from ctc.body.territory import load_territories
from ctc.errors import InputError
from ctc.scenario.parameters import Parameter, ParameterSet, load_parameters

RODENTS = ("mouse_25g", "rat_250g")
BASE = "human_female"
BLOOD_FLOW = {
    "mouse_25g": {
        "lung": 678.4,
        "heart": 66.4,
        "muscle": 156.6,
        "skin": 50.6,
        "fat": 24.4,
        "brain": 21.4,
        "kidney": 124.6,
        "small intestine": 105.6,
        "pancreas": 11.34,
        "spleen": 14.88,
    },
    "rat_250g": {
        "lung": 5354.0,
        "heart": 275.0,
        "muscle": 1682.0,
        "skin": 363.0,
        "fat": 408.0,
        "brain": 118.8,
        "kidney": 663.0,
        "small intestine": 723.0,
        "pancreas": 115.2,
        "spleen": 325.0,
    },
}
BONE = ("red marrow", "spongy bone", "compact bone", "other skeleton")
BONE_FLOW = {"mouse_25g": 27.6, "rat_250g": 111.6}


@pytest.fixture(params=RODENTS)
def plan(request):
    return load_body_plan(request.param)


def test_flows_are_those_of_the_source(plan):
    """To 0.1 %, the rounding of the table; all of the lungs but the deep bronchi's return."""
    flows = BLOOD_FLOW[plan.name]
    for organ, flow in flows.items():
        if organ == "lung":
            continue
        share = plan.organ(organ).inflow(Route.AORTA)
        assert share == pytest.approx(flow / flows["lung"], rel=2e-3), organ
    bone = math.fsum(plan.organ(name).flow_fraction for name in BONE)
    assert bone == pytest.approx(BONE_FLOW[plan.name] / flows["lung"], rel=2e-3)


def test_lungs_get_what_returns_and_the_liver_what_the_gut_drains(plan):
    returned = math.fsum(
        region.flow_fraction
        for region in plan.regions
        if region.drainage not in (Route.PORTAL_VEIN, Route.LEFT_ATRIUM)
    )
    assert plan.organ("lung").flow_fraction == pytest.approx(returned, abs=1e-12)
    drained = math.fsum(
        region.flow_fraction for region in plan.regions if region.drainage is Route.PORTAL_VEIN
    )
    assert plan.organ("liver").inflow(Route.PORTAL_VEIN) == pytest.approx(drained, abs=1e-12)


def test_flow_is_divided_over_regions_as_in_the_layout(plan):
    base = load_body_plan(BASE)
    for organ in plan.organs:
        there = base.organ(organ.name)
        for own, other in zip(organ.regions, there.regions, strict=True):
            assert (own.name, own.drainage) == (other.name, other.drainage)
            assert own.flow_fraction / organ.flow_fraction == pytest.approx(
                other.flow_fraction / there.flow_fraction, rel=1e-12
            )


def test_only_the_mouse_has_a_gallbladder():
    assert load_body_plan("mouse_25g").organ("gallbladder").flow_fraction > 0.0
    with pytest.raises(InputError, match="got 'gallbladder'"):
        load_body_plan("rat_250g").organ("gallbladder")


def test_lengths_are_cube_roots_of_masses(plan):
    """Of the body, and of every organ that is scaled by itself: to 1e-3 of the length."""
    numbers, base = load_parameters(f"bodies/{plan.name}"), load_parameters(f"bodies/{BASE}")
    mass = numbers.value("stature.mass") / base.value("stature.mass")
    assert plan.layout.length**3 == pytest.approx(mass, rel=3e-3)
    assert len(plan.layout.organ_length) == 10
    for organ, length in plan.layout.organ_length.items():
        ratio = plan.organ(organ).tissue_mass / load_body_plan(BASE).organ(organ).tissue_mass
        assert (length * plan.layout.length) ** 3 == pytest.approx(ratio, rel=3e-3), organ


def test_territories_are_similar_to_those_of_the_layout(plan):
    """Hila stay where the scaled vessels end; volumes go with the cube of the organ's length.

    Volumes by 4,000 points of an even sequence, good to about 1/sqrt(n): 5 % of their ratio.
    """
    base = load_body_plan(BASE)
    there, here = load_territories(base), load_territories(plan)
    scale = plan.layout.length
    for organ in plan.organs:
        factor = scale * plan.layout.organ_length.get(organ.name, 1.0)
        for region in organ.regions:
            old, new = there[region.name], here[region.name]
            np.testing.assert_allclose(new.hilum, scale * old.hilum, rtol=1e-12, atol=1e-12)
            points, before = old.sample_and_volume(4000, seed=1)
            moved = new.hilum + factor * (points - old.hilum)
            assert (new.signed_distance(moved) < 0.0).mean() > 0.999
            after = new.sample_and_volume(4000, seed=1)[1]
            assert after == pytest.approx(factor**3 * before, rel=0.05), region.name


def test_people_have_a_layout_of_their_own():
    for name in ("human_male", BASE):
        layout = load_body_plan(name).layout
        assert (layout.body, layout.length, layout.organ_length) == (name, 1.0, {})


def test_lymph_goes_with_cardiac_output_and_shares_of_the_layout(plan):
    base = load_body_plan(BASE)
    formed = {
        each.name: math.fsum(source.flow_rate for source in load_lymph_plan(each).sources)
        for each in (plan, base)
    }
    outputs = plan.cardiac_output / base.cardiac_output
    assert formed[plan.name] / formed[BASE] == pytest.approx(outputs, rel=1e-3)
    lymph = load_lymph_plan(plan)
    assert lymph.node_length == pytest.approx(10e-3 * plan.layout.length, rel=1e-12)
    thoracic = lymph.station("thoracic duct, terminal part").outflow
    assert 0.25 < thoracic / formed[plan.name] < 0.36


def entries(**values: float) -> ParameterSet:
    names = {key.replace("__", "."): value for key, value in values.items()}
    found = {key: Parameter(key, value, "1", "assumed", "test") for key, value in names.items()}
    return ParameterSet("test", found)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"layout__human_femal__length": 0.1}, "Did you mean 'human_female'"),
        (
            {"layout__human_male__length": 1.0, "layout__human_female__length": 1.0},
            "one other body",
        ),
        ({"layout__human_female__length": 0.0}, "length must be > 0, got 0"),
        ({"layout__human_female__length": 1.0, "organ__liver__length": -1.0}, "got -1"),
        ({"layout__human_female__height": 1.0}, "got 'layout.human_female.length'"),
        ({"layout__test__length": 1.0}, "one other body"),
    ],
)
def test_wrong_layouts_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        read_layout(entries(**values), "test")


def test_organs_that_do_not_fit_the_layout_are_refused(plan):
    base = load_body_plan(BASE).organs
    organs = [dataclasses.replace(organ, regions=()) for organ in plan.organs]
    flows = {organ.name: organ.inflow(Route.AORTA) for organ in plan.organs}
    flows["lung"] = 0.0
    renamed = [dataclasses.replace(organs[0], name="hart"), *organs[1:]]
    with pytest.raises(InputError, match="Did you mean 'heart'"):
        regions_in_layout(renamed, flows, base=base)
    with pytest.raises(InputError, match=r"arterial_flow must be > 0.*got 0"):
        regions_in_layout(organs, {**flows, "kidney": 0.0}, base=base)
    with pytest.raises(InputError, match=r"arterial_flow must be left out.*got 0\.01"):
        regions_in_layout(organs, {**flows, "lung": 0.01}, base=base)
