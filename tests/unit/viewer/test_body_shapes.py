"""Whose shapes are drawn: those of the body plan, of own surfaces, or none."""

import numpy as np
import pytest

from ctc.body.plan import load_body_plan
from ctc.body.territory import load_territories
from ctc.viewer.body_shapes import body_size, fitting_territories
from ctc.viewer.organ_shells import organ_shells
from tests.unit.body.surfaces import ball

PLAN = "human_male"


@pytest.fixture(scope="module")
def places():
    shapes = load_territories(load_body_plan(PLAN))
    return np.array([shape.bounds().mean(axis=0) for shape in shapes.values()])


def write_obj(path, triangles):
    corners, index = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    lines = [f"v {x} {y} {z}" for x, y, z in corners * 1e3]
    lines += [f"f {a} {b} {c}" for a, b, c in index.reshape(-1, 3) + 1]
    path.write_text("\n".join(lines) + "\n")


def test_the_vessels_of_another_body_have_no_shapes(places):
    assert fitting_territories(PLAN, places)["liver"]
    assert fitting_territories(PLAN, places + 3.0) == {}


def test_own_surfaces_take_the_place_of_shapes_and_lost_ones_leave_none(places, tmp_path):
    shape = fitting_territories(PLAN, places)["liver"][0]
    centre = shape.hilum + np.array([0.0, 0.0, 0.02])
    file = tmp_path / "liver.obj"
    write_obj(file, ball(0.05, centre=centre))
    own = fitting_territories(
        PLAN, places, surfaces={"liver": str(file), "left kidney": str(tmp_path / "lost.stl")}
    )
    (liver,) = organ_shells({"liver": own["liver"]}, sources=())
    away = np.linalg.norm(liver.vertices - centre, axis=1)
    assert away.min() > 0.045
    assert away.max() < 0.052
    assert [part.name for part in own["kidney"]] == ["right kidney"]
    assert len(own["lung"]) == len(fitting_territories(PLAN, places)["lung"])


@pytest.mark.parametrize("organ", ["liver", "bladder", "spleen", "pancreas"])
def test_a_shell_encloses_the_volume_of_its_territories(places, organ):
    parts = fitting_territories(PLAN, places)[organ]
    (shell,) = organ_shells({organ: parts}, sources=())
    a, b, c = np.moveaxis(shell.vertices.astype(np.float64)[shell.triangles], 1, 0)
    enclosed = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0
    wanted = sum(part.sample_and_volume(20_000, 1)[1] for part in parts)
    # Rounding by one step of the grid costs edges; sampling is off by 1 % or less.
    assert enclosed == pytest.approx(wanted, rel=0.05)


def test_what_is_drawn_at_a_size_of_its_own_goes_with_the_body():
    mouse = load_body_plan("mouse_25g")
    assert body_size({"plan": PLAN}) == 1.0
    assert body_size({"plan": "mouse_25g"}) == mouse.layout.length < 0.1
    assert body_size({"plan": "mouse_25g", "source": "tables"}) == 1.0
    assert body_size({}) == 1.0


def test_organs_of_a_mouse_are_meshed_as_finely_as_a_persons():
    """The grid of a woman's adrenals is the finest there is; a mouse's needs a finer one.

    Meshes of the same shape on grids that are as much smaller: points within a tenth.
    """
    counts = {}
    for plan in ("human_female", "mouse_25g"):
        shapes = load_territories(load_body_plan(plan))
        sides = [shapes["left adrenal"], shapes["right adrenal"]]
        (shell,) = organ_shells({"adrenal": sides}, sources=(), size=body_size({"plan": plan}))
        counts[plan] = len(shell.vertices)
    assert counts["human_female"] > 500
    assert counts["mouse_25g"] == pytest.approx(counts["human_female"], rel=0.1)
