"""Shapes painted into cubes: totals are exact, blur leaves what the closed form says."""

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.clinic.recovery import recovery_coefficient
from ctc.scan.scanner import blurred, counted, extent, mean_along, projected
from ctc.scan.volume import Grid, covered, joined, paint, paint_ball
from ctc.viewer.camera import View

PITCH = 4e-3
MIDDLE = np.array([0.0, 0.0, 0.0])


def cube(half=0.06, pitch=PITCH):
    return Grid.around(np.array([[-half] * 3, [half] * 3]), pitch, room=0.0)


def ball(name, centre, radius):
    return Territory(name, Ellipsoid(tuple(centre), (radius,) * 3), np.zeros(3))


@pytest.mark.parametrize("radius", [2e-5, 1e-4, 1e-3, 2.5e-3, 4e-3, 1e-2, 3e-2])
@pytest.mark.parametrize("shift", [0.0, 0.3, 0.5])
def test_a_ball_keeps_its_total_however_small(radius, shift):
    grid = cube()
    volume = np.zeros(grid.shape, dtype=np.float32)
    paint_ball(volume, grid, centre=MIDDLE + shift * PITCH, radius=radius, value=8.0)
    total = float(volume.sum(dtype=np.float64)) * PITCH**3
    assert total == pytest.approx(8.0 * 4.0 / 3.0 * np.pi * radius**3, rel=0.02)
    assert volume.max() <= 8.0 * (1.0 + 1e-6)


@pytest.mark.parametrize("diameter", [4e-3, 8e-3, 12e-3, 20e-3])
def test_blur_leaves_the_recovery_coefficient(diameter):
    """At its centre, on cubes of 1.5 mm: within 4 points, most of it the cubes' own blur."""
    grid = cube(half=0.03, pitch=1.5e-3)
    volume = np.zeros(grid.shape, dtype=np.float32)
    centre = grid.low + grid.pitch * (np.array(grid.shape) // 2)
    paint_ball(volume, grid, centre=centre, radius=0.5 * diameter, value=1.0)
    expected = recovery_coefficient(np.array([diameter]), resolution=5.5e-3)[0]
    assert blurred(volume, grid, resolution=5.5e-3).max() == pytest.approx(expected, abs=0.04)


def test_what_lies_outside_the_grid_changes_nothing():
    grid = cube()
    volume = np.zeros(grid.shape, dtype=np.float32)
    paint_ball(volume, grid, centre=np.array([1.0, 0.0, 0.0]), radius=0.01, value=8.0)
    assert not volume.any()
    assert list(covered(grid, [ball("far", (1.0, 0.0, 0.0), 0.01)])) == []


def test_cubes_at_a_boundary_are_covered_in_part():
    grid = cube()
    ((window, part, _),) = covered(grid, [ball("one", (0.001, 0.0, 0.0), 0.03)])
    volume = np.zeros(grid.shape, dtype=np.float32)
    paint(volume, window, part, value=1.0)
    total = float(volume.sum()) * PITCH**3
    assert total == pytest.approx(4.0 / 3.0 * np.pi * 0.03**3, rel=0.02)
    assert ((volume > 0.0) & (volume < 1.0)).any()


def test_parts_of_an_organ_are_joined():
    grid = cube()
    both = [ball("left", (-0.015, 0.0, 0.0), 0.02), ball("right", (0.015, 0.0, 0.0), 0.02)]
    window, part = joined(grid, both)
    middle = tuple(n // 2 for n in part.shape)
    assert part[middle] == 1.0
    assert part.shape[0] > part.shape[1] == part.shape[2]
    assert [w.stop - w.start for w in window] == list(part.shape)


def test_noise_goes_with_the_root_of_the_uptake_and_by_the_seed():
    grid = cube()
    flat = [np.full(grid.shape, value, dtype=np.float32) for value in (0.5, 2.0, 8.0)]
    options = {"resolution": 5.5e-3, "noise": 0.1, "reference": 2.0}
    low, middle, high = (counted(each, grid, seed=1, **options) for each in flat)
    assert middle.mean() == pytest.approx(2.0, rel=0.01)
    assert middle.std() == pytest.approx(0.2, rel=0.02)
    assert high.std() / middle.std() == pytest.approx(2.0, rel=0.01)
    assert middle.std() / low.std() == pytest.approx(2.0, rel=0.01)
    assert np.array_equal(middle, counted(flat[1], grid, seed=1, **options))
    assert not np.array_equal(middle, counted(flat[1], grid, seed=2, **options))
    assert low.min() >= 0.0


def test_pictures_are_seen_as_the_camera_sees():
    """Left, back and above: from the front right of the middle, from the left right of it."""
    grid = cube()
    volume = np.zeros(grid.shape, dtype=np.float32)
    paint_ball(volume, grid, centre=np.array([0.03, 0.02, 0.04]), radius=5e-3, value=3.0)
    for view, across in ((View.FRONT, 0.03), (View.BACK, -0.03), (View.SIDE, 0.02)):
        picture = projected(volume, view)
        row, column = np.unravel_index(int(picture.argmax()), picture.shape)
        left, right, bottom, top = extent(grid, view)
        x = left + (column + 0.5) / picture.shape[1] * (right - left)
        z = top - (row + 0.5) / picture.shape[0] * (top - bottom)
        assert x == pytest.approx(across, abs=PITCH)
        assert z == pytest.approx(0.04, abs=PITCH)
        assert mean_along(volume, view).shape == picture.shape
