"""Meshes are closed, look outwards and lie on the surface."""

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.viewer.organ_shells import organ_shells, sample_distance
from ctc.viewer.palette import SOURCE_COLOUR, rgb
from ctc.viewer.shell_mesh import mesh_surface


def ball(x, radius, name="liver"):
    return Territory(name, Ellipsoid((x, 0.2, 1.0), (radius,) * 3), np.zeros(3))


def enclosed_volume(vertices, triangles):
    a, b, c = np.moveaxis(vertices.astype(np.float64)[triangles], 1, 0)
    return np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0


def edge_counts(triangles):
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0, return_counts=True)[1]


def directed_edges(triangles):
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(pairs, axis=0, return_counts=True)[1]


@pytest.mark.parametrize("pitch", [0.002, 0.005])
def test_a_ball_is_closed_round_and_seen_from_outside(pitch):
    radius = 0.04
    distance, low = sample_distance([ball(0.1, radius)], pitch=pitch)
    vertices, triangles = mesh_surface(distance, low, pitch)
    away = np.linalg.norm(vertices - np.array([0.1, 0.2, 1.0]), axis=1)
    # Linear interpolation along each axis is off by pitch^2 / 8 times the second derivative. Those
    # of a distance sum to 2 / radius, here taken where the grid reaches farthest in.
    assert np.abs(away - radius).max() < pitch**2 / (4.0 * (radius - 2.0 * pitch))
    assert (edge_counts(triangles) == 2).all(), "every edge joins two triangles"
    assert (directed_edges(triangles) == 1).all(), "neighbours run along it in opposite ways"
    # Positive, so the triangles look out. Corners lie up to pitch^2 / (4 radius) too deep, and a
    # triangle that fits in a circle of radius pitch up to pitch^2 / (2 radius) below them.
    wanted = 4.0 / 3.0 * np.pi * radius**3
    lost = 3.0 * 0.75 * (pitch / radius) ** 2
    assert wanted * (1.0 - lost) < enclosed_volume(vertices, triangles) < wanted


def test_organs_get_shells_and_the_body_an_outline():
    territories = {
        "liver": (ball(0.0, 0.05),),
        "muscle": (ball(0.0, 0.1),),
        "kidney": (),
        "skin": (ball(0.0, 0.2, "skin"),),
    }
    liver, skin = organ_shells(territories, sources=("liver",))
    assert (liver.name, skin.name) == ("liver", "skin")
    assert liver.colour[:3].tolist() == [round(255 * float(v)) for v in rgb(SOURCE_COLOUR)]
    assert 0 < skin.colour[3] < liver.colour[3]
    for shell in (liver, skin):
        assert shell.vertices.dtype == np.float32
        assert shell.triangles.dtype == np.int32
        assert (edge_counts(shell.triangles) == 2).all()
    assert enclosed_volume(liver.vertices, liver.triangles) == pytest.approx(
        4.0 / 3.0 * np.pi * 0.05**3, rel=0.03
    )


class Layer:
    """A thin layer: the outline of a body that is hollow."""

    name = "skin"

    def __init__(self, radius, thickness):
        self.radius, self.thickness = radius, thickness

    def bounds(self):
        return np.array([[-self.radius] * 3, [self.radius] * 3])

    def signed_distance(self, points):
        away = np.linalg.norm(points, axis=1) - self.radius + 0.5 * self.thickness
        return np.abs(away) - 0.5 * self.thickness


def test_a_layer_is_drawn_by_its_outer_surface_alone():
    (skin,) = organ_shells({"skin": (Layer(0.15, 0.003),)}, sources=())
    away = np.linalg.norm(skin.vertices, axis=1)
    assert away.min() > 0.15
    assert away.max() < 0.15 + 0.02


def test_no_shapes_give_no_shells():
    assert organ_shells({}, sources=()) == ()
