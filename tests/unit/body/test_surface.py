"""Which surfaces are taken, what is mended, and which are refused with what words."""

import numpy as np
import pytest

from ctc.body.crossings import crossing_pairs
from ctc.body.surface import check_surface, load_surface
from ctc.errors import InputError
from tests.reference_data import require_reference
from tests.unit.body.surfaces import ball, cube, torus


def test_cube_has_its_vertices_and_volume():
    surface = check_surface(cube(0.1))
    assert surface.vertices.shape == (8, 3)
    assert surface.volume == pytest.approx(1e-3, rel=1e-12)
    assert surface.repairs == ()
    assert surface.n_cavities == 0


def test_moving_a_surface_keeps_its_volume():
    moved = check_surface(torus()).moved(np.array([1.0, -2.0, 0.5]))
    # The inscribed polygons: sin(a)/a of both circles, to second order in the step.
    assert moved.volume == pytest.approx(2 * np.pi**2 * 0.05 * 0.02**2, rel=0.02)
    assert moved.vertices.mean(axis=0) == pytest.approx([1.0, -2.0, 0.5], abs=1e-12)


@pytest.mark.parametrize("some", ["all", "every second", "the first"])
def test_triangles_that_face_inwards_are_turned_and_recorded(some):
    corners = ball()
    chosen = np.zeros(len(corners), dtype=bool)
    chosen[{"all": slice(None), "every second": slice(None, None, 2), "the first": 0}[some]] = True
    corners[chosen] = corners[chosen][:, ::-1]
    surface = check_surface(corners)
    assert surface.volume == pytest.approx(check_surface(ball()).volume, rel=1e-12)
    (repair,) = surface.repairs
    assert (repair.rule, repair.count) == ("inverted_normal", int(chosen.sum()))


def test_a_cavity_is_taken_out_whichever_way_it_faces():
    inner = ball(0.02)
    for shell in (inner, inner[:, ::-1]):
        surface = check_surface(np.concatenate([ball(0.05), shell]))
        assert surface.n_cavities == 1
        expected = check_surface(ball(0.05)).volume - check_surface(inner).volume
        assert surface.volume == pytest.approx(expected, rel=1e-12)


def test_a_collapsed_triangle_is_dropped_and_recorded():
    corners = np.concatenate([cube(), np.zeros((1, 3, 3)) + cube()[0, 0]])
    surface = check_surface(corners)
    assert len(surface.triangles) == 12
    assert surface.repairs[0].rule == "collapsed_triangle"


def _fin():
    """Cube with a third triangle on one of its edges, closed with a fourth and fifth."""
    box = cube()
    a, b = box[0, 0], box[0, 1]
    tip, other = np.array([0.0, 0.0, -0.2]), np.array([0.01, 0.0, -0.2])
    loose = [(a, b, tip), (b, a, other), (a, tip, other), (b, other, tip)]
    return np.concatenate([box, np.array(loose)])


REFUSED = {
    "open cube": (cube()[1:], r"must be closed, got edges with one triangle .*3 of 18 edges"),
    "three triangles an edge": (_fin(), "must have two triangles an edge, got more"),
    "doubled face": (np.concatenate([cube(), cube()[:1]]), "must have two triangles an edge"),
    "two balls that cross": (
        np.concatenate([ball(0.05), ball(0.05, centre=(0.06, 0.003, 0.001))]),
        "must not cross or touch itself, got triangles",
    ),
    "two balls apart": (
        np.concatenate([ball(0.05), ball(0.02, centre=(0.2, 0.0, 0.0))]),
        "must be one piece .*, got 2 pieces of 5[0-9.]*, 3[0-9.]* mL",
    ),
    "ball in a cavity": (
        np.concatenate([ball(0.05), ball(0.03), ball(0.01)]),
        "must be one piece",
    ),
    "flat bag": (np.concatenate([cube()[:2]] * 2), "must have two triangles an edge"),
    "triangle without area": (
        np.concatenate([cube(), [[[0, 0, 0], [0.01, 0, 0], [0.02, 0, 0]]]]),
        "must have an area",
    ),
    "micrometres read as metres": (cube(1e5), r"must be 0.001 to 3 m long, got 100000 m"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_closed_surface_is_refused(name):
    corners, words = REFUSED[name]
    with pytest.raises(InputError, match=words):
        check_surface(np.asarray(corners, dtype=float))


def _pairs(corners):
    flat = corners.reshape(-1, 3)
    vertices, index = np.unique(flat, axis=0, return_inverse=True)
    return crossing_pairs(vertices, index.reshape(-1, 3)).tolist()


TRIANGLE = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
MEETING = {
    "pierced": ([[0.2, 0.2, -1.0], [0.2, 0.2, 1.0], [5.0, 5.0, 0.5]], True),
    "above": ([[0.2, 0.2, 1e-15], [0.4, 0.2, 1.0], [0.2, 0.4, 1.0]], False),
    "stands on it": ([[0.2, 0.2, 0.0], [0.4, 0.2, 1.0], [0.2, 0.4, 1.0]], True),
    "edge through its plane, beside it": (
        [[2.0, 2.0, -1.0], [2.0, 2.0, 1.0], [3.0, 2.0, 0]],
        False,
    ),
    "within it, same plane": ([[0.1, 0.1, 0.0], [0.2, 0.1, 0.0], [0.1, 0.2, 0.0]], True),
    "beside it, same plane": ([[0.6, 0.6, 0.0], [2.0, 0.6, 0.0], [0.6, 2.0, 0.0]], False),
    "line of an edge, beyond it": ([[2.0, 0.0, 0.0], [3.0, 0.0, 0.0], [2.0, 0.0, 1.0]], False),
    "one corner, apart": ([[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]], False),
    "one corner, same plane, overlapping": ([[0, 0, 0], [2.0, 1.0, 0.0], [1.0, 2.0, 0.0]], True),
    "one corner, through it": ([[0, 0, 0], [0.3, 0.3, 1.0], [0.3, 0.3, -1.0]], True),
    "one edge, hinged": ([[0, 0, 0], [1.0, 0, 0], [0.3, 0.3, 0.5]], False),
    "one edge, flat": ([[0, 0, 0], [1.0, 0, 0], [0.3, -0.5, 0.0]], False),
    "one edge, folded over": ([[0, 0, 0], [1.0, 0, 0], [0.3, 0.5, 0.0]], True),
}


@pytest.mark.parametrize("name", MEETING)
def test_two_triangles_meet_or_not(name):
    other, meets = MEETING[name]
    turned = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
    for matrix in (np.eye(3), turned):
        pair = np.array([TRIANGLE, other], dtype=float) @ matrix
        for corners in (pair, pair[:, [1, 2, 0]], pair[::-1, ::-1]):
            # A rotation rounds what lies exactly in the plane, and what lies 1e-15 above it.
            if matrix is not turned or name in ("pierced", "one corner, through it"):
                assert _pairs(corners) == ([[0, 1]] if meets else [])


def test_crossings_are_those_of_a_test_of_all_pairs_by_segments():
    # Lines through triangles by solving for the point of intersection, pair by pair.
    rng = np.random.default_rng(1)
    corners = rng.random((60, 1, 3)) + 0.8 * rng.random((60, 3, 3))

    def pierces(p, q, triangle):
        a, b, c = triangle
        t, u, v = np.linalg.solve(np.column_stack([q - p, a - b, a - c]), a - p)
        return 0 < t < 1 and u > 0 and v > 0 and u + v < 1

    expected = [
        [i, j]
        for i in range(60)
        for j in range(i + 1, 60)
        if any(
            pierces(one[k], one[(k + 1) % 3], two)
            for one, two in ((corners[i], corners[j]), (corners[j], corners[i]))
            for k in range(3)
        )
    ]
    assert len(expected) > 50
    assert _pairs(corners) == expected


@pytest.mark.parametrize("seed", range(4))
def test_flat_faces_at_any_angle_do_not_cross_themselves(seed):
    # Turned, the many triangles of a flat face lie in one plane only up to rounding.
    corners = cube()
    for _ in range(3):
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        ab, bc, ca = 0.5 * (a + b), 0.5 * (b + c), 0.5 * (c + a)
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        corners = np.concatenate([np.stack(part, axis=1) for part in parts])
    vertices, index = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    turned = vertices @ turn + np.array([0.3, -1.2, 0.9])
    for scale in (np.float64, np.float32):
        flat = turned.astype(scale).astype(np.float64)
        surface = check_surface(flat[index.reshape(-1, 3)])
        assert surface.volume == pytest.approx(1e-3, rel=1e-5)


def test_real_organs_are_closed_and_have_their_known_volumes():
    folder = require_reference("data", "organs")
    # cm^3 of the table beside the files, whose last digit is rounded.
    known = {"liver": 1463.1, "brain": 1412.6, "small_intestine": 653.1, "spleen": 112.3}
    for name, volume in known.items():
        surface = load_surface(folder / f"{name}.stl", unit="mm")
        assert surface.volume * 1e6 == pytest.approx(volume, abs=0.06)
        assert surface.repairs == ()
