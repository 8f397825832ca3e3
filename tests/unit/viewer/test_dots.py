"""Cells as lights."""

import numpy as np
import pytest

from ctc.viewer.camera import Camera, View
from ctc.viewer.dots import DotShape, draw_dots

CAMERA = Camera(view=View.FRONT, left=0.0, top=1.0, scale=100.0, width=100, height=100)
RED, GREEN = np.eye(3, dtype=np.float32)[:2]


def picture(position, colour, **how):
    image = np.zeros((100, 100, 3), dtype=np.float32)
    how = {"radius": 6.0, "camera": CAMERA} | how
    draw_dots(image, np.array(position), colour=np.array(colour), **how)
    return image


def test_a_dot_lies_where_the_cell_is_and_has_a_halo():
    image = picture([[0.305, 0.0, 0.705]], [RED])
    assert image[29, 30, 0] == pytest.approx(1.0, abs=0.01)
    assert 0.0 < image[29, 42, 0] < 0.4
    assert not image[80:, 80:].any()


def test_the_nearer_dot_covers_the_farther_one_whatever_their_order():
    cells = [[0.5, 0.1, 0.5], [0.5, -0.1, 0.5]]
    first = picture(cells, [RED, GREEN])
    second = picture(cells[::-1], [GREEN, RED])
    np.testing.assert_allclose(first, second, atol=1e-6)
    assert first[50, 53, 1] > 0.9
    assert first[50, 53, 0] < 0.4


def test_a_diamond_is_pointed():
    disc = picture([[0.505, 0.0, 0.505]], [RED], strength=0.0)
    diamond = picture([[0.505, 0.0, 0.505]], [RED], strength=0.0, shape=DotShape.DIAMOND)
    assert diamond[49, 57, 0] > 0.9
    assert disc[49, 57, 0] == 0.0
    assert diamond[54, 55, 0] == 0.0


def test_a_ring_is_hollow():
    """A ring of 20 pixels around (50.5, 49.5): drawn 20 to the right, not in its middle."""
    ring = picture([[0.505, 0.0, 0.505]], [RED], radius=20.0, strength=0.0, shape=DotShape.RING)
    assert ring[49, 69, 0] > 0.9
    assert not ring[40:59, 41:60].any()
    assert ring[49, 73, 0] == 0.0


def test_crowds_never_exceed_white_and_dots_outside_change_nothing():
    image = picture(np.full((500, 3), 0.5), np.ones((500, 3), dtype=np.float32))
    assert image.max() <= 1.0
    assert not picture([[9.0, 0.0, 9.0]], [RED]).any()
    assert not picture(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.float32)).any()
