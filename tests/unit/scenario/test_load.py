"""Scenario files: what they resolve to, inheritance, --set, and the way back from a run file."""

import json
from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.scenario.bodies import weight_notes
from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import restore_scenario
from ctc.scenario.sources import resolve_sources

SHIPPED = sorted(resource_folder("scenarios").glob("*.toml"))

GOOD = """
[scenario]
title = "test"
[run]
duration = "1 day"
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "43 g"
stop = "8 h"
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text=GOOD, name="case.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_loads(path):
    folder = ["body.folder=tables"] if path.stem == "imported_body" else []
    scenario = load_scenario(path, overrides=folder)
    assert scenario.settings.scenario.question
    assert sum(source.expected_cells for source in resolve_sources(scenario)) > 0


def test_quick_sheds_a_million_cells():
    (source,) = resolve_sources(load_scenario("quick"))
    assert source.expected_cells == pytest.approx(1e6, rel=0.01)


def test_values_are_si_and_defaults_are_filled_in(write):
    settings = load_scenario(write()).settings
    assert settings.run.duration == 86400.0
    assert settings.run.epoch == 3600.0
    assert settings.source[0].mass == 0.043
    assert settings.body.terminals == 20_000


def test_shedding_rate_comes_from_the_cancer_unless_given(write):
    path = write()
    (own,) = resolve_sources(load_scenario(path))
    assert own.rate == pytest.approx(43 * 7e4 / 86400)
    (given,) = resolve_sources(load_scenario(path, overrides=["source.shedding_rate=1 1/g/s"]))
    assert given.rate == pytest.approx(43.0)
    assert given.expected_cells == pytest.approx(43.0 * 8 * 3600)


def test_set_reaches_tables_lists_and_parameters(write):
    overrides = [
        "run.duration=2 days",
        "source.0.mass='1 g'",
        "body.terminals=1e5",
        "body.repair=false",
        "override.tumour_cell.diameter=15 um",
    ]
    scenario = load_scenario(write(), overrides=overrides)
    assert scenario.settings.run.duration == 172800.0
    assert scenario.settings.source[0].mass == 0.001
    assert scenario.settings.body.terminals == 100_000
    assert scenario.settings.body.repair is False
    assert scenario.parameters.value("tumour_cell.diameter") == 15e-6
    assert scenario.overrides == tuple(overrides)


def test_override_table_takes_quoted_and_nested_names(write):
    text = GOOD + '[override]\n"tumour_cell.diameter" = "9 um"\ntissue.colony_factor = 0.5\n'
    parameters = load_scenario(write(text)).parameters
    assert parameters.value("tumour_cell.diameter") == 9e-6
    assert parameters.value("tissue.colony_factor") == 0.5
    assert "9 um" in parameters["tumour_cell.diameter"].source


def test_extends_merges_tables_and_replaces_lists(write):
    write()
    child = write(
        '[scenario]\ntitle = "child"\nextends = "case.toml"\n[run]\nseed = 7\n', "child.toml"
    )
    settings = load_scenario(child).settings
    assert (settings.scenario.title, settings.run.seed) == ("child", 7)
    assert settings.run.duration == 86400.0
    assert len(settings.source) == 1


def test_extends_goes_one_level_only(write):
    write()
    write('[scenario]\ntitle = "b"\nextends = "case.toml"\n', "b.toml")
    with pytest.raises(InputError, match="inherit at most once"):
        load_scenario(write('[scenario]\ntitle = "c"\nextends = "b.toml"\n', "c.toml"))


def test_paths_are_relative_to_the_file_that_holds_them(write, tmp_path, monkeypatch):
    text = GOOD.replace("[cancer]", '[body]\nsource = "tables"\nfolder = "tables"\n[cancer]')
    path = write(text)
    assert load_scenario(path).settings.body.folder == str(tmp_path / "tables")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    moved = load_scenario(path, overrides=["body.folder=mine"])
    assert moved.settings.body.folder == str(elsewhere / "mine")
    surfaces = '[body.surfaces]\nliver = "own/liver.stl"\nlung = "/all/lung.stl"\n[cancer]'
    found = load_scenario(write(GOOD.replace("[cancer]", surfaces))).settings.body.surfaces
    assert found == {"liver": str(tmp_path / "own" / "liver.stl"), "lung": "/all/lung.stl"}


def test_own_parameter_set_is_read_from_beside_the_scenario(write):
    write(
        '[tumour_cell.diameter]\nvalue = 20\nunit = "um"\nbasis = "assumed"\nsource = "a test"\n',
        "mine.toml",
    )
    text = GOOD.replace("cancers/breast", "mine.toml").replace(
        'stop = "8 h"', 'shedding_rate = "1 1/g/s"'
    )
    assert load_scenario(write(text)).parameters.value("tumour_cell.diameter") == 20e-6


def test_restored_scenario_is_the_same_in_every_bit(write):
    scenario = load_scenario(write(), overrides=["source.mass=0.1 g"])
    again = restore_scenario(scenario.resolved(), scenario.text)
    assert again.settings == scenario.settings
    assert dict(again.parameters) == dict(scenario.parameters)
    assert again.resolved() == scenario.resolved()
    assert resolve_sources(again) == resolve_sources(scenario)


def test_resolved_text_names_the_source_of_every_parameter(write):
    content = json.loads(load_scenario(write()).resolved())
    assert content["run"]["duration"] == 86400.0
    assert content["scenario"]["title"] == "test"
    assert all(p["source"] and p["basis"] for p in content["parameters"].values())


@pytest.mark.parametrize("damaged", ["{", "{}", '{"format": 99}'])
def test_damaged_resolved_text_is_refused(damaged):
    with pytest.raises(InputError, match="stored scenario"):
        restore_scenario(damaged, "")


def test_text_is_kept_byte_for_byte(write):
    path = write(GOOD.replace("\n", "\r\n"))
    assert load_scenario(path).text == path.read_bytes().decode()


def test_missing_file_suggests_a_near_one(write):
    path = write()
    with pytest.raises(InputError, match=r"Did you mean '.*case\.toml'\?"):
        load_scenario(Path(path.parent / "cas.toml"))


def test_a_near_name_is_found_however_long_the_folder_is_named(write):
    folder = write().parent / ("long" * 40)
    folder.mkdir()
    (folder / "case.toml").touch()
    with pytest.raises(InputError, match=r"Did you mean '.*case\.toml'\?"):
        load_scenario(folder / "cas.toml")
    with pytest.raises(InputError, match="Did you mean 'cancers/breast'"):
        load_scenario(Path("cancers/brest"))


def test_a_tumour_heavier_than_the_body_is_noted(write):
    path = write()
    assert weight_notes(load_scenario(path)) == ()
    assert weight_notes(load_scenario(path, overrides=["body.plan=rat_250g"])) == ()
    (note,) = weight_notes(load_scenario(path, overrides=["body.plan=mouse_25g"]))
    assert "source.0.mass = 43 g is more than the body's 25 g" in note
