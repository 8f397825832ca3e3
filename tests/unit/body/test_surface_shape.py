"""Signed distance within closed surfaces against closed forms and another program."""

import os
import subprocess
import sys

import numpy as np
import pytest

from ctc.body.shapes import Box
from ctc.body.surface import check_surface, load_surface
from ctc.body.surface_shape import cube_root, surface_shape
from tests.architecture.sources import ROOT
from tests.reference_data import require_reference
from tests.unit.body.surfaces import ball, cube, torus
from tools.plain_numpy import plain_environment


def test_cube_has_the_exact_distance_near_its_faces_and_the_exact_sign_everywhere():
    shape = surface_shape(check_surface(cube(0.1)))
    box = Box((0.0, 0.0, 0.0), (0.05, 0.05, 0.05), 0.0)
    points = 0.103 * (np.random.default_rng(0).random((20000, 3)) - 0.5)
    found, exact = shape.signed_distance(points), box.signed_distance(points)
    assert np.array_equal(found < 0, exact < 0)
    cut = np.abs(exact) < 0.2 * shape.spacing
    assert found[cut] == pytest.approx(exact[cut], abs=1e-12)
    # Elsewhere linear interpolation, worst where the nearest face changes.
    assert np.abs(found - exact).max() < 0.6 * shape.spacing
    assert shape.bounds() == pytest.approx(np.array([[-0.05] * 3, [0.05] * 3]))


def test_points_on_and_level_with_vertices_and_edges():
    # Lines through vertices and along edges are where counting crossings goes wrong.
    shape = surface_shape(check_surface(ball(0.05, divisions=2)))
    steps = np.linspace(-0.07, 0.07, 15)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    radius = np.sqrt((grid**2).sum(axis=1))
    found = shape.signed_distance(grid)
    # The inscribed faces lie less than 8 % below the ball at two divisions.
    assert (found[radius < 0.046] < 0).all()
    assert (found[radius > 0.05 + 1e-9] > 0).all()


def test_ball_distance_to_second_order():
    shape = surface_shape(check_surface(ball(0.05, divisions=5)))
    points = 0.103 * (np.random.default_rng(2).random((20000, 3)) - 0.5)
    radius = np.sqrt((points**2).sum(axis=1))
    off = shape.signed_distance(points) - (radius - 0.05)
    # Faces lie up to (pi / 64)^2 / 2 of the radius inside; feet one cell apart miss the nearest
    # point by an eighth of a cell two cells away, and by less farther off.
    assert np.abs(off).max() < 0.05 * 0.0013 + 0.6 * shape.spacing
    assert np.abs(off).mean() < 0.05 * 0.0013 + 0.06 * shape.spacing


def test_hole_of_a_torus_is_outside():
    shape = surface_shape(check_surface(torus()))
    points = np.array([[0.0, 0, 0], [0.05, 0, 0], [-0.035, 0, 0], [0.0, 0.05, 0.019], [0, 0, 0.01]])
    assert (shape.signed_distance(points) < 0).tolist() == [False, True, True, True, False]
    assert shape.inscribed_radius() == pytest.approx(0.02, rel=0.1)


def test_cavity_is_outside():
    shape = surface_shape(check_surface(np.concatenate([ball(0.05), ball(0.02)])))
    line = np.column_stack([np.array([0.0, 0.015, 0.025, 0.045, 0.055])] + 2 * [np.zeros(5)])
    assert (shape.signed_distance(line) < 0).tolist() == [False, False, True, True, False]


def test_flipping_moving_and_order_change_no_sign():
    corners = torus()
    points = 0.15 * (np.random.default_rng(3).random((5000, 3)) - 0.5)
    inside = surface_shape(check_surface(corners)).signed_distance(points) < 0
    other = surface_shape(check_surface(corners[::-1, ::-1]))
    assert np.array_equal(other.signed_distance(points) < 0, inside)


def test_beyond_the_grid_the_distance_is_at_most_that_to_the_grid_too_long():
    shape = surface_shape(check_surface(cube(0.1)))
    points = 4.0 * (np.random.default_rng(5).random((2000, 3)) - 0.5)
    points = points[np.abs(points).max(axis=1) > 0.06]
    exact = Box((0.0, 0.0, 0.0), (0.05, 0.05, 0.05), 0.0).signed_distance(points)
    found = shape.signed_distance(points)
    assert (found > exact - 0.1 * shape.spacing).all()
    assert (found - exact).max() < 2.5 * np.sqrt(3) * shape.spacing


def test_cube_root():
    for value in (1e-9, 0.3, 1.0, 27.0, 1e6):
        assert cube_root(value) == pytest.approx(value ** (1 / 3), rel=1e-15)


PRINT_HASH = """
import hashlib
import numpy as np
from ctc.body.surface import check_surface
from ctc.body.surface_shape import surface_shape
from tests.unit.body.surfaces import torus
# Rounded, because the sample uses NumPy's sine and cosine.
shape = surface_shape(check_surface(np.round(torus(), 6)))
points = 0.15 * (np.random.Philox(key=1).random_raw(60000).reshape(-1, 3) / 2.0**64 - 0.5)
parts = (shape.distance, shape.nearest, shape.is_cut, shape.signed_distance(points))
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def test_bits_do_not_depend_on_the_processor():
    found = [
        subprocess.run(
            [sys.executable, "-c", PRINT_HASH],
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()[-1]
        for environment in (dict(os.environ), plain_environment())
    ]
    assert found[0] == found[1]


@pytest.mark.filterwarnings("ignore")
def test_real_organs_against_vtk():
    vtk = pytest.importorskip("vtk")
    folder = require_reference("data", "organs")
    for name in ("liver", "small_intestine"):
        path = folder / f"{name}.stl"
        reader = vtk.vtkSTLReader()
        reader.SetFileName(str(path))
        reader.Update()
        implicit = vtk.vtkImplicitPolyDataDistance()
        implicit.SetInput(reader.GetOutput())
        shape = surface_shape(load_surface(path, unit="mm"))
        low, high = shape.bounds()
        points = low + (high - low) * np.random.default_rng(4).random((1500, 3))
        other = np.array([implicit.EvaluateFunction(p) for p in points * 1e3]) * 1e-3
        found = shape.signed_distance(points)
        # vtk takes the sign from a normal, which fails at sharp edges: not beyond its distance.
        differ = (found < 0) != (other < 0)
        assert differ.mean() < 0.005
        assert np.abs(np.abs(found) - np.abs(other)).max() < 1.5 * shape.spacing
