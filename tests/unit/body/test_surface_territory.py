"""Surfaces in place of a plan's shapes."""

import numpy as np
import pytest

from ctc.body.plan import load_body_plan
from ctc.body.surface import check_surface
from ctc.body.surface_territory import place_surface, regions_named
from ctc.body.territory import load_territories
from ctc.errors import InputError
from tests.unit.body.surfaces import ball

PLAN = load_body_plan("human_male")


def test_names_stand_for_organs_regions_and_sides():
    assert regions_named(PLAN, "liver") == ("liver",)
    assert regions_named(PLAN, "left kidney") == ("left kidney",)
    assert regions_named(PLAN, "left lung") == ("left lung, upper", "left lung, lower")
    assert len(regions_named(PLAN, "lung")) == 4
    with pytest.raises(InputError, match="Did you mean 'left kidney'"):
        regions_named(PLAN, "left kidny")


def test_a_surface_with_a_hilum_is_moved_onto_the_plans():
    hilum = np.array([0.95, 1.0, 1.0])
    surface = check_surface(ball(0.05, centre=(1.0, 1.0, 1.0)))
    placed = place_surface(PLAN, "left kidney", surface, hilum=hilum)
    territory = placed.territories["left kidney"]
    drawn = load_territories(PLAN)["left kidney"]
    assert np.allclose(territory.hilum, drawn.hilum)
    assert np.allclose(placed.offset, drawn.hilum - hilum)
    points = territory.sample(200, seed=1) - placed.offset
    assert (np.sqrt(((points - 1.0) ** 2).sum(axis=1)) < 0.05).all()


def test_a_surface_in_the_bodys_axes_keeps_its_place():
    drawn = load_territories(PLAN)["spleen"]
    centre = drawn.bounds().mean(axis=0)
    placed = place_surface(PLAN, "spleen", check_surface(ball(0.03, centre=centre)))
    assert not placed.offset.any()
    assert placed.territories["spleen"].signed_distance(centre[None, :])[0] < -0.025


def test_regions_divide_one_surface_between_them():
    drawn = load_territories(PLAN)
    regions = [
        region.name for organ in PLAN.organs if organ.name == "brain" for region in organ.regions
    ]
    boxes = np.stack([drawn[name].bounds() for name in regions])
    centre = 0.5 * (boxes[:, 0].min(axis=0) + boxes[:, 1].max(axis=0))
    surface = check_surface(ball(0.06, centre=centre))
    placed = place_surface(PLAN, "brain", surface)
    points = centre + 0.07 * (2 * np.random.default_rng(0).random((4000, 3)) - 1)
    inside = {name: placed.territories[name].signed_distance(points) < 0 for name in regions}
    assert (np.sum(list(inside.values()), axis=0) <= 1).all()
    left, right = (
        np.any([part for name, part in inside.items() if side in name], axis=0)
        for side in ("left", "right")
    )
    whole = np.sqrt(((points - centre) ** 2).sum(axis=1)) < 0.0595
    # The parts leave the planes between them out, three of the ball.
    assert (left | right)[whole].mean() > 0.95
    assert abs(left.sum() / right.sum() - 1) < 0.2


def test_a_surface_elsewhere_or_a_hilum_far_outside_is_refused():
    surface = check_surface(ball(0.03, centre=(2.0, 2.0, 2.0)))
    with pytest.raises(InputError, match="must lie where the body has its liver"):
        place_surface(PLAN, "liver", surface)
    with pytest.raises(InputError, match=r"hilum must lie inside .* which is 30 mm outside"):
        place_surface(PLAN, "liver", surface, hilum=np.array([2.06, 2.0, 2.0]))
    with pytest.raises(InputError, match="finite"):
        place_surface(PLAN, "liver", surface, hilum=np.array([np.nan, 2.0, 2.0]))
