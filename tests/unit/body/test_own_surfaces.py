"""Surfaces that a scenario names."""

import hashlib

import pytest

from ctc.body.own_surfaces import load_own_surfaces
from ctc.body.plan import load_body_plan
from ctc.body.surface_files import write_stl
from ctc.body.territory import load_territories
from ctc.errors import InputError
from ctc.scenario.load import load_scenario
from tests.unit.body.surfaces import ball

PLAN = load_body_plan("human_male")


@pytest.fixture
def spleen(tmp_path):
    centre = load_territories(PLAN)["spleen"].bounds().mean(axis=0)
    path = tmp_path / "spleen.stl"
    write_stl(path, 1e3 * ball(0.03, centre=centre)[:, ::-1])
    return path


def test_territories_repairs_and_hashes(spleen):
    own = load_own_surfaces(PLAN, {"spleen": str(spleen)})
    assert list(own.territories) == ["spleen"]
    assert own.repairs[0].rule == "inverted_normal"
    assert own.hashes == {"spleen": hashlib.sha256(spleen.read_bytes()).hexdigest()}
    assert load_own_surfaces(PLAN, {}).territories == {}


def test_a_region_has_one_surface(spleen, tmp_path):
    centre = load_territories(PLAN)["left kidney"].bounds().mean(axis=0)
    path = tmp_path / "kidney.stl"
    write_stl(path, 1e3 * ball(0.1, centre=centre))
    files = {"kidney": str(path), "left kidney": str(path)}
    with pytest.raises(InputError, match=r"body.surfaces.left kidney: region must have one"):
        load_own_surfaces(PLAN, files)


def test_scenario_takes_paths_relative_to_its_file(tmp_path):
    text = '[scenario]\ntitle = "a"\nextends = "{}"\n[body.surfaces]\nliver = "organs/liver.stl"\n'
    base = tmp_path / "base.toml"
    base.write_text(
        '[scenario]\ntitle = "a"\n[run]\nduration = "1 d"\n[cells]\ninert = true\n'
        '[[source]]\nkind = "bolus"\ncells = 10\norgan = "liver"\n'
    )
    (tmp_path / "a.toml").write_text(text.format("base.toml"))
    body = load_scenario(tmp_path / "a.toml").settings.body
    assert body.surfaces == {"liver": str(tmp_path / "organs" / "liver.stl")}
    other = ["body.surfaces.liver=/data/other.stl"]
    body = load_scenario(tmp_path / "a.toml", overrides=other).settings.body
    assert body.surfaces == {"liver": "/data/other.stl"}
    with pytest.raises(InputError, match=r"body.surfaces: key must be left out unless"):
        load_scenario(tmp_path / "a.toml", overrides=["body.source=file", "body.path=/a.h5"])
