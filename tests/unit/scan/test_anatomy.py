"""A body of balls: what is inside, what lies over what, walls and layers."""

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid, Layer
from ctc.body.territory import Territory
from ctc.scan.anatomy import paint_body
from ctc.scan.volume import Grid
from ctc.scenario.bodies import organ_names
from ctc.scenario.parameters import load_parameters

VALUES = load_parameters("scan")
SUV = {name: entry.value for name, entry in VALUES.group("uptake").items()}
DENSITY = {name: entry.value for name, entry in VALUES.group("hounsfield").items()}


def ball(name, x, radius, z=0.0):
    return Territory(name, Ellipsoid((x, 0.0, z), (radius,) * 3), np.zeros(3))


def body():
    whole = Ellipsoid((0.0, 0.0, 0.0), (0.15,) * 3)
    return {
        "skin": (Territory("skin", Layer(whole, 0.0, 3e-3), np.zeros(3)),),
        "liver": (ball("liver", -0.06, 0.04),),
        "brain": (ball("left brain", 0.05, 0.04), ball("right brain", 0.03, 0.04)),
        "heart": (ball("left heart wall", 0.0, 0.045, z=0.09),),
        "kidney": (ball("left kidney", 0.0, 0.03, z=-0.09),),
        "gallbladder": (ball("gallbladder", -0.06, 0.012),),
    }


def painted(pitch=4e-3, **more):
    grid = Grid.around(np.array([[-0.15] * 3, [0.15] * 3]), pitch, room=0.02)
    options = {"values": SUV, "size": 1.0, "is_patchy": False, "seed": 1} | more
    return grid, paint_body(grid, body(), **options)


def at(grid, volume, *place):
    index = np.rint((np.array(place) - grid.low) / grid.pitch).astype(int)
    return float(volume[tuple(index)])


def test_what_the_skin_encloses_is_body():
    grid, volume = painted()
    assert at(grid, volume, 0.0, -0.10, 0.0) == pytest.approx(SUV["soft tissue"])
    assert at(grid, volume, 0.0, 0.0, 0.165) == pytest.approx(SUV["air"])
    assert at(grid, volume, -0.09, 0.0, 0.0) == pytest.approx(SUV["liver"])
    # The gallbladder lies in the liver and is not painted over.
    assert at(grid, volume, -0.06, 0.0, 0.0) == pytest.approx(SUV["gallbladder"])


def test_a_thin_slab_is_filled_across_its_thickness():
    grid = Grid.around(
        np.array([[-0.15, -0.004, -0.15], [0.15, 0.004, 0.15]]),
        2e-3,
        room=np.array([0.02, 0.0, 0.02]),
    )
    volume = paint_body(
        grid, body(), values=DENSITY, size=1.0, is_patchy=False, seed=1, level_axis=1
    )
    assert at(grid, volume, -0.09, 0.0, 0.0) == pytest.approx(DENSITY["liver"])
    assert at(grid, volume, 0.0, 0.0, -0.13) == pytest.approx(DENSITY["soft tissue"])
    assert at(grid, volume, 0.16, 0.0, 0.0) == pytest.approx(DENSITY["air"])


def test_a_cut_between_two_parts_is_no_cortex():
    """Between the halves lies white matter; at the outside cortex."""
    grid, volume = painted()
    assert at(grid, volume, 0.04, 0.0, 0.0) == pytest.approx(SUV["white matter"])
    assert at(grid, volume, 0.086, 0.0, 0.0) == pytest.approx(SUV["brain"])


def test_kidneys_hold_urine_and_the_heart_blood():
    grid, volume = painted()
    assert at(grid, volume, 0.0, 0.0, -0.09) == pytest.approx(SUV["renal pelvis"])
    assert at(grid, volume, 0.0, 0.025, -0.09) == pytest.approx(SUV["kidney"])
    heart = volume[:, :, grid.window(np.array([[0, 0, 0.05], [0, 0, 0.13]]))[2]]
    assert heart.max() == pytest.approx(SUV["heart"], rel=0.05)
    assert np.count_nonzero(np.abs(heart - SUV["blood"]) < 0.05) > 50


@pytest.mark.parametrize("plan", ["human_female", "human_male", "mouse_25g", "rat_250g"])
@pytest.mark.parametrize("values", [SUV, DENSITY], ids=["uptake", "hounsfield"])
def test_every_organ_of_a_body_has_a_value(plan, values):
    lacking = set(organ_names(plan)) - set(values)
    assert not lacking
    assert {"air", "soft tissue", "white matter", "right heart", "blood", "renal pelvis"} <= set(
        values
    )


def test_a_smaller_body_has_thinner_walls():
    """Half the size on half the pitch: the same cubes."""
    grid, volume = painted()
    half = {
        organ: tuple(
            Territory(
                part.name,
                _halved(part.shape),
                np.zeros(3),
            )
            for part in parts
        )
        for organ, parts in body().items()
    }
    small = Grid(low=0.5 * grid.low, pitch=0.5 * grid.pitch, shape=grid.shape)
    other = paint_body(small, half, values=SUV, size=0.5, is_patchy=False, seed=1)
    assert np.abs(other - volume).max() < 0.01


def _halved(shape):
    if isinstance(shape, Layer):
        return Layer(_halved(shape.of), 0.5 * shape.from_depth, 0.5 * shape.to_depth)
    return Ellipsoid(tuple(0.5 * x for x in shape.centre), tuple(0.5 * x for x in shape.half_axes))
