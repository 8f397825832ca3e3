"""Turning, shifting and zooming do to a picture what a hand expects."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.viewer.drawables import ClipPlane, Look
from ctc.viewer.viewpoint import orbit, plane_of, shift, viewpoint_of, zoom

LOOK = Look(centre=(0.1, -0.2, 1.1), azimuth=25.0, elevation=10.0, height=0.5)
POINT = np.array([[0.15, -0.1, 1.2]])
SIZE = (800, 600)


def pixel(look: Look) -> np.ndarray:
    return viewpoint_of(look, SIZE[0], height=SIZE[1]).project(POINT)[0]


@pytest.mark.parametrize(
    ("azimuth", "elevation", "right", "away"),
    [
        (0.0, 0.0, (1, 0, 0), (0, 1, 0)),
        (90.0, 0.0, (0, 1, 0), (-1, 0, 0)),
        (180.0, 0.0, (-1, 0, 0), (0, -1, 0)),
        (0.0, 90.0, (1, 0, 0), (0, 0, -1)),
    ],
)
def test_axes_are_those_of_the_body(azimuth, elevation, right, away):
    view = viewpoint_of(Look((0, 0, 0), azimuth, elevation), 10, height=10)
    assert np.allclose(view.right, right)
    assert np.allclose(view.away, away)
    assert np.allclose(np.cross(view.right, view.away), view.up)


def test_a_drag_moves_the_front_of_the_body_with_the_hand():
    front = np.array([[LOOK.centre[0], LOOK.centre[1] - 0.1, LOOK.centre[2]]])
    start = Look(LOOK.centre, 0.0, 0.0, 0.5)
    for drag, axis in (((30.0, 0.0), 0), ((0.0, 30.0), 1)):
        turned = orbit(start, drag[0], down=drag[1])
        view = viewpoint_of(turned, SIZE[0], height=SIZE[1])
        moved = view.project(front)[0] - (400.0, 300.0)
        assert moved[axis] > 5.0
        assert abs(moved[1 - axis]) < 1e-9


def test_the_eye_stops_at_the_poles_and_goes_round_the_equator():
    assert orbit(LOOK, 0.0, down=1e6).elevation < 90.0
    assert -180.0 <= orbit(LOOK, 1e4, down=0.0).azimuth < 180.0


def test_shifting_moves_every_point_with_the_pointer():
    moved = shift(LOOK, 40.0, down=-25.0, picture_height=SIZE[1])
    assert np.allclose(pixel(moved) - pixel(LOOK), (40.0, -25.0))


def test_zooming_keeps_what_is_under_the_pointer():
    at = tuple(pixel(LOOK))
    near = zoom(LOOK, 3.0, at=at, size=SIZE)
    assert near.height == pytest.approx(LOOK.height / 1.15**3)
    assert np.allclose(pixel(near), at)
    assert zoom(LOOK, 1e3, at=at, size=SIZE).height >= 1e-5
    assert zoom(LOOK, -1e3, at=at, size=SIZE).height <= 10.0


def test_a_plane_is_given_relative_to_the_centre():
    centre = np.array([0.0, 0.0, 1.0])
    clip = ClipPlane(point=(0.0, 0.0, 1.25), normal=(0.0, 0.0, 2.0))
    assert plane_of(clip, centre) == pytest.approx((0.0, 0.0, 1.0, 0.25))
    # Without one nothing is hidden.
    assert plane_of(None, centre) == (0.0, 0.0, 0.0, 1.0)
