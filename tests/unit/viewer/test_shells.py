"""Shells of organs: silhouette and depth of a ball, thin layers, folds."""

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid, Layer
from ctc.body.territory import Territory
from ctc.viewer.camera import Camera, View
from ctc.viewer.palette import Shell
from ctc.viewer.shells import trace_shell

RADIUS = 0.04
GLASS = Shell("#ffffff", 0.5)
BALL = Territory("ball", Ellipsoid((0.5, 0.2, 0.5), (RADIUS,) * 3), np.zeros(3))


def camera(view=View.FRONT):
    box = np.array([[0.44, 0.44, 0.0], [0.56, 0.56, 0.0]])
    if view is not View.FRONT:
        box = np.array([[0.14, 0.44, 0.0], [0.26, 0.56, 0.0]])
    return Camera.fitting(box, view, width=120, height=120)


def test_a_ball_has_the_silhouette_and_the_front_of_a_ball():
    """Blurring by one grid step of 2.5 mm draws a ball of 40 mm in by about 2 sigma^2 / (2 R)."""
    seen = trace_shell([BALL], camera(), shell=GLASS, pitch=0.0025)
    solid = trace_shell([BALL], camera(), shell=Shell("#ffffff", 1.0), pitch=0.0025)
    assert solid.pixel.size / 1000.0**2 == pytest.approx(np.pi * RADIUS**2, rel=0.04)
    assert seen.depth.min() == pytest.approx(0.2 - RADIUS, abs=5e-4)
    x, y = seen.pixel % 120 + 0.5 - 60, seen.pixel // 120 + 0.5 - 60
    inner = np.hypot(x, y) < 0.9 * 1000 * RADIUS
    front = 0.2 - np.sqrt(RADIUS**2 - 1e-6 * (x**2 + y**2)[inner])
    np.testing.assert_allclose(seen.depth[inner], front, atol=1e-3)


def test_it_is_denser_at_the_rim_and_brighter_towards_the_light():
    seen = trace_shell([BALL], camera(), shell=Shell("#8080ff", 0.2), pitch=0.0025)
    x, y = seen.pixel % 120 - 60, seen.pixel // 120 - 60
    radius = np.hypot(x, y)
    rim = (radius > 34) & (radius < 37)
    assert seen.opacity[rim].mean() > seen.opacity[radius < 10].mean()
    upper_left = (x < -10) & (y < -10) & (radius < 25)
    lower_right = (x > 10) & (y > 10) & (radius < 25)
    assert seen.colour[upper_left].mean() > 1.5 * seen.colour[lower_right].mean()


def test_it_is_seen_from_the_side_where_it_lies():
    seen = trace_shell([BALL], camera(View.SIDE), shell=GLASS, pitch=0.0025)
    assert seen.pixel.size == pytest.approx(np.pi * 40**2, rel=0.06)
    assert seen.depth.min() == pytest.approx(-0.5 - RADIUS, abs=5e-4)


def test_a_layer_thinner_than_the_grid_is_seen_once_swollen():
    skin = Territory("skin", Layer(BALL.shape, 0.0, 0.0005), np.zeros(3))
    assert not trace_shell([skin], camera(), shell=GLASS, pitch=0.004).pixel.size
    seen = trace_shell([skin], camera(), shell=GLASS, pitch=0.004, swelling=0.004)
    assert seen.pixel.size == pytest.approx(np.pi * 44**2, rel=0.1)


def test_folds_change_the_surface_but_not_where_it_is():
    folded = Shell("#ffffff", 0.5, relief=(0.3, 0.03))
    plain = trace_shell([BALL], camera(), shell=GLASS, pitch=0.0025)
    seen = trace_shell([BALL], camera(), shell=folded, pitch=0.0025)
    assert seen.pixel.size == pytest.approx(plain.pixel.size, rel=0.15)
    assert seen.depth.min() == pytest.approx(plain.depth.min(), abs=0.006)
    rough, smooth = (
        np.std(part.depth[np.abs(np.hypot(part.pixel % 120 - 60, part.pixel // 120 - 60) - 20) < 1])
        for part in (seen, plain)
    )
    assert rough > 3 * smooth


def test_what_lies_outside_the_panel_has_no_fragment():
    far = Camera(view=View.FRONT, left=5.0, top=5.0, scale=100.0, width=50, height=50)
    assert trace_shell([BALL], far, shell=GLASS, pitch=0.0025).pixel.size == 0
