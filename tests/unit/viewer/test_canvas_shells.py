"""Shells with fewer triangles, for a moving camera, look much like the whole ones."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.viewer.drawables import FloatArray32, IntArray32, OrganShell
from tests.unit.viewer.offscreen import offscreen_canvas


def ball(radius: float, n: int) -> tuple[FloatArray32, IntArray32]:
    """Return a closed sphere of n rings of 2 n corners, counter-clockwise from outside."""
    theta = np.pi * (np.arange(n) + 0.5) / n
    phi = np.pi * np.arange(2 * n) / n
    t, p = np.meshgrid(theta, phi, indexing="ij")
    ring = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], axis=-1)
    vertices = np.concatenate([ring.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]])
    i, j = np.meshgrid(np.arange(n - 1), np.arange(2 * n), indexing="ij")
    a, b = 2 * n * i + j, 2 * n * i + (j + 1) % (2 * n)
    c, d = a + 2 * n, b + 2 * n
    sides = np.stack([a, c, b, b, c, d], axis=-1).reshape(-1, 3)
    j = np.arange(2 * n)
    top = np.stack([np.full(2 * n, 2 * n * n), j, (j + 1) % (2 * n)], axis=1)
    last = 2 * n * (n - 1)
    bottom = np.stack([np.full(2 * n, 2 * n * n + 1), last + (j + 1) % (2 * n), last + j], axis=1)
    triangles = np.concatenate([sides, top, bottom])
    return (radius * vertices).astype(np.float32), triangles.astype(np.int32)


def volume(vertices: FloatArray32, triangles: IntArray32) -> float:
    corner = vertices[triangles].astype(np.float64)
    return float(np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])) / 6.0)


def test_fewer_triangles_still_enclose_the_same_space():
    shells = pytest.importorskip("ctc.viewer.canvas_shells")
    vertices, triangles = ball(0.05, 100)
    few = shells.coarse_triangles(vertices, triangles, n_steps=30)
    assert len(few) < 0.3 * len(triangles)
    assert volume(vertices, few) == pytest.approx(volume(vertices, triangles), rel=0.03)
    edges = np.sort(np.concatenate([few[:, [0, 1]], few[:, [1, 2]], few[:, [2, 0]]]), axis=1)
    _, count = np.unique(edges, axis=0, return_counts=True)
    assert (count % 2 == 0).all()


def test_normals_point_out_of_a_sphere():
    shells = pytest.importorskip("ctc.viewer.canvas_shells")
    vertices, triangles = ball(0.05, 40)
    normals = shells.smooth_normals(vertices, triangles)
    assert np.abs(normals - vertices / 0.05).max() < 0.03


def test_a_moving_shell_looks_much_like_a_resting_one():
    vertices, triangles = ball(0.08, 100)
    shell = OrganShell("ball", vertices, triangles, np.array([200, 90, 60, 160], dtype=np.uint8))
    with offscreen_canvas() as canvas:
        empty = canvas.render().astype(int)
        canvas.set_shells([shell])
        rest = canvas.render().astype(int)
        canvas.is_moving = True
        moving = canvas.render().astype(int)
        assert not np.array_equal(rest, moving)
        assert abs(rest - moving).mean() < 0.05 * abs(rest - empty).mean()
