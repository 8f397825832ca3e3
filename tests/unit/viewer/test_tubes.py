"""Vessels as strokes: their area, depth and faintness."""

import numpy as np
import pytest

from ctc.viewer.camera import Camera, View
from ctc.viewer.tubes import draw_tubes

MIDDLE = 0.5025  # of a row of pixels
CAMERA = Camera(view=View.FRONT, left=0.0, top=1.0, scale=200.0, width=200, height=200)


def draw(start, end, radius, opacity=1.0):
    n = len(radius)
    return draw_tubes(
        np.array(start, dtype=float),
        np.array(end, dtype=float),
        radius=np.array(radius),
        colour=np.ones((n, 3), dtype=np.float32),
        opacity=np.full(n, opacity),
        camera=CAMERA,
    )


@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0, 70.0, 90.0, 200.0])
def test_a_tube_covers_its_true_area_at_every_angle(angle):
    """The area is 2 r L + pi r^2; the smooth edge of a slanted line is off by 1 %."""
    turn = np.deg2rad(angle)
    middle = np.array([0.5, 0.0, 0.5])
    half = 0.3 * np.array([np.cos(turn), 0.0, np.sin(turn)])
    drawn = draw([middle - half], [middle + half], [0.02])
    area = drawn.opacity.sum() / CAMERA.scale**2
    assert area == pytest.approx(2 * 0.02 * 0.6 + np.pi * 0.02**2, rel=0.015)
    assert drawn.pixel.size == np.unique(drawn.pixel).size


def test_the_middle_of_a_tube_is_its_radius_nearer_than_the_axis():
    drawn = draw([[0.2, 0.5, 0.5]], [[0.8, 0.5, 0.5]], [0.05])
    assert drawn.depth.min() == pytest.approx(0.45, abs=1e-3)
    assert drawn.depth.max() <= 0.5 + 1e-6


def test_a_thin_tube_is_faint_instead_of_vanishing():
    wide, thin, hair = (
        draw([[0.2, 0, MIDDLE]], [[0.8, 0, MIDDLE]], [r]) for r in (5e-3, 1e-3, 1e-7)
    )
    assert wide.opacity.max() == pytest.approx(1.0)
    assert 0.3 < thin.opacity.max() < 0.5
    assert 0.05 < hair.opacity.max() < 0.2


def test_tubes_are_cut_at_the_panel_and_left_out_beyond_it():
    drawn = draw(
        [[-1.0, 0, 0.5], [5.0, 0, 5.0], [0.5, 0, -3.0]],
        [[2.0, 0, 0.5], [6.0, 0, 5.0], [0.5, 0, 4.0]],
        [0.01, 0.01, 0.01],
    )
    assert drawn.pixel.min() >= 0
    assert drawn.pixel.max() < 200 * 200
    assert drawn.opacity.sum() == pytest.approx(2 * 4.0 * 200, rel=0.02)


def test_many_tubes_are_the_same_as_each_alone():
    random = np.random.default_rng(5)
    start, end = random.random((2, 40, 3))
    radius = 0.01 * random.random(40) + 1e-3
    together = draw(start, end, radius)
    alone = [draw(start[i : i + 1], end[i : i + 1], radius[i : i + 1]) for i in range(40)]
    assert together.pixel.size == sum(part.pixel.size for part in alone)
    np.testing.assert_array_equal(
        np.sort(together.opacity), np.sort(np.concatenate([part.opacity for part in alone]))
    )


def test_no_tube_gives_no_fragment():
    assert draw(np.zeros((0, 3)), np.zeros((0, 3)), []).pixel.size == 0
