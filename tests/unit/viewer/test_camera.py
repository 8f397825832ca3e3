"""Where points of the body fall on a panel."""

import numpy as np
import pytest

from ctc.viewer.camera import Camera, View, turn, turn_back, turned_box

LEFT_HAND, BACK, HEAD = np.eye(3)


@pytest.mark.parametrize(
    ("view", "right", "away"),
    [
        (View.FRONT, LEFT_HAND, BACK),
        (View.BACK, -LEFT_HAND, -BACK),
        (View.SIDE, BACK, -LEFT_HAND),
    ],
)
def test_what_is_right_and_away_in_each_view(view, right, away):
    np.testing.assert_array_equal(turn(np.stack([right, HEAD, away]), view), np.eye(3))


@pytest.mark.parametrize("view", list(View))
def test_turning_back_undoes_turning_and_nothing_is_mirrored(view):
    points = np.array([[0.1, -0.2, 0.3], [1.0, 2.0, -3.0]])
    np.testing.assert_allclose(turn_back(turn(points, view), view), points)
    x, y, z = turn(np.eye(3), view).T
    # Right, up and away from the eye are left-handed in the same way in every view.
    assert np.dot(np.cross(x, y), z) == pytest.approx(-1.0)


def test_a_box_stays_a_box():
    box = turned_box(np.array([[0.0, 1.0, 2.0], [3.0, 5.0, 9.0]]), View.BACK)
    np.testing.assert_array_equal(box, [[-3.0, 2.0, -5.0], [0.0, 9.0, -1.0]])


def test_a_fitting_camera_shows_the_box_in_the_middle_at_the_largest_scale():
    box = np.array([[-1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    camera = Camera.fitting(box, View.FRONT, width=400, height=300)
    assert camera.scale == pytest.approx(200.0)
    corners = camera.project(np.array([[-1.0, 0.0, 0.0], [1.0, 7.0, 1.0]]))
    np.testing.assert_allclose(corners, [[0.0, 250.0, 0.0], [400.0, 50.0, 7.0]])
    left, right, bottom, top = camera.extent()
    assert (left, right) == pytest.approx((-1.0, 1.0))
    assert (bottom, top) == pytest.approx((-0.25, 1.25))
