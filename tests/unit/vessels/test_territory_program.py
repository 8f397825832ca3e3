"""Territories as the host library evaluates them: the same surface as the shapes' own."""

from dataclasses import dataclass

import numpy as np
import pytest

from ctc.backends.host_growth import signed_distances
from ctc.body.plan import load_body_plan
from ctc.body.shapes import Composite, Ellipsoid, HalfSpace, Operation
from ctc.body.territory import Territory, load_territories
from ctc.errors import InputError
from ctc.vessels.grow import field_of
from ctc.vessels.territory_program import territory_program


@pytest.mark.parametrize("body", ["human_male", "human_female", "mouse_25g", "rat_250g"])
def test_every_territory_of_a_body_is_the_same_in_the_library(body):
    """Within 1e-12 m: both do the same operations, sums of squares in another order at most."""
    rng = np.random.default_rng(1)
    for territory in load_territories(load_body_plan(body)).values():
        low, high = territory.bounds()
        points = low + rng.random((2000, 3)) * (high - low)
        found = signed_distances(field_of(territory_program(territory)), points)
        assert found == pytest.approx(territory.signed_distance(points), abs=1e-12), territory.name


@dataclass(frozen=True)
class Ball:
    """A shape without a step in the library."""

    radius: float

    def signed_distance(self, points):
        return np.sqrt((points**2).sum(axis=1)) - self.radius

    def bounds(self):
        return np.array([[-self.radius] * 3, [self.radius] * 3])


def test_a_shape_without_formula_is_sampled_and_never_larger():
    territory = Territory("ball", Ball(0.05), np.zeros(3))
    program = territory_program(territory)
    assert program.grid is not None
    points = np.random.default_rng(2).random((20_000, 3)) * 0.1 - 0.05
    found = signed_distances(field_of(program), points)
    own = territory.signed_distance(points)
    assert (own[found < 0.0] < 0.0).all()
    # The margin and the curvature within a cell: less than half of one.
    assert np.abs(found - own).max() < 0.5 * program.grid.spacing


def test_a_territory_without_end_is_refused():
    territory = Territory("half", HalfSpace((0, 0, 0), (0, 0, 1)), np.zeros(3))
    with pytest.raises(InputError, match="territory must have bounds on all sides"):
        territory_program(territory)


def test_shapes_nested_too_deep_are_refused():
    ball = Ellipsoid((0, 0, 0), (1, 1, 1))
    shape = ball
    for _ in range(20):
        shape = Composite(((Operation.ADD, ball), (Operation.WITHIN, shape)))
    with pytest.raises(InputError, match="nested at most 16 deep"):
        territory_program(Territory("onion", shape, np.zeros(3)))
