import numpy as np
import pytest

from ctc.body.shapes import (
    Box,
    Capsule,
    Composite,
    Ellipsoid,
    HalfSpace,
    Layer,
    Operation,
)

BALL = Ellipsoid((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def at(shape, *point):
    return float(shape.signed_distance(np.array([point], dtype=float))[0])


def test_ball_has_the_exact_distance():
    for radius in (0.0, 0.3, 1.0, 2.5):
        assert at(BALL, 0.0, radius, 0.0) == pytest.approx(radius - 1.0)


def test_ellipsoid_changes_sign_at_its_surface():
    shape = Ellipsoid((1.0, 2.0, 3.0), (0.5, 1.0, 2.0))
    assert at(shape, 1.0, 2.0, 4.99) < 0 < at(shape, 1.0, 2.0, 5.01)
    assert at(shape, 1.49, 2.0, 3.0) < 0 < at(shape, 1.51, 2.0, 3.0)


def test_capsule_and_box_have_the_exact_distance():
    tube = Capsule((0.0, 0.0, 0.0), (0.0, 0.0, 2.0), 0.5, 0.5)
    assert at(tube, 1.5, 0.0, 1.0) == pytest.approx(1.0)
    assert at(tube, 0.0, 0.0, 3.0) == pytest.approx(0.5)
    box = Box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0.25)
    assert at(box, 3.0, 0.0, 0.0) == pytest.approx(2.0)
    assert at(box, 0.0, 0.0, 0.0) == pytest.approx(-1.0)


def test_half_space_does_not_need_a_unit_normal():
    assert at(HalfSpace((0.0, 0.0, 1.0), (0.0, 0.0, 5.0)), 9.0, 9.0, 3.0) == pytest.approx(2.0)


def test_layer_lies_between_two_depths():
    layer = Layer(BALL, 0.1, 0.3)
    assert at(layer, 0.95, 0.0, 0.0) > 0
    assert at(layer, 0.8, 0.0, 0.0) < 0
    assert at(layer, 0.6, 0.0, 0.0) > 0


def test_composite_adds_cuts_and_confines_in_order():
    other = Ellipsoid((1.5, 0.0, 0.0), (1.0, 1.0, 1.0))
    hole = Ellipsoid((0.0, 0.0, 0.0), (0.2, 0.2, 0.2))
    below = HalfSpace((0.0, 0.0, 0.5), (0.0, 0.0, 1.0))
    shape = Composite(
        (
            (Operation.ADD, BALL),
            (Operation.ADD, other),
            (Operation.SUBTRACT, hole),
            (Operation.WITHIN, below),
        )
    )
    assert at(shape, 2.0, 0.0, 0.0) < 0
    assert at(shape, 0.0, 0.0, 0.0) > 0
    assert at(shape, 0.0, 0.0, 0.8) > 0
    low, high = shape.bounds()
    assert low.tolist() == [-1.0, -1.0, -1.0]
    assert high.tolist() == [2.5, 1.0, 0.5]
