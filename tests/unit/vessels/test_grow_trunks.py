"""Wrong tables of trunks and ports are refused with file, row and remedy."""

import shutil

import numpy as np
import pytest

import ctc.body.table
from ctc.body.plan import load_body_plan
from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.vessels.trunks import load_trunks


@pytest.fixture
def plan():
    return load_body_plan("human_male")


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """Return a function that replaces text in a copy of one of the tables."""
    source = resource_folder("scenarios") / "parameters" / "bodies"
    folder = tmp_path / "parameters" / "bodies"
    shutil.copytree(source, folder)
    monkeypatch.setattr(ctc.body.table, "resource_folder", lambda _: tmp_path)

    def replace(table, old, new):
        path = folder / f"human_{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def test_trunks_run_with_the_flow(plan):
    trunks = load_trunks(plan)
    names = np.array(trunks.vessel_names)[trunks.name]
    height = trunks.node_position[:, 2]
    falls = height[trunks.end_node] < height[trunks.start_node]
    assert falls[names == "abdominal aorta"].all()
    assert not falls[names == "inferior vena cava"].any()
    assert falls[names == "superior vena cava"].all()
    # The portal vein runs from the gut up to the liver.
    assert not falls[names == "portal vein"].any()


def test_vessel_that_serves_no_region_is_left_out(plan, edit):
    assert "left gonadal artery" in load_trunks(plan).vessel_names
    assert "left ovary" not in load_trunks(plan).ports
    edit("ports", "left testis,yes,left gonadal artery,1", "left testis,yes,left renal artery,0.5")
    names = load_trunks(plan).vessel_names
    assert "left gonadal artery" not in names
    assert "right gonadal artery" not in names


def test_third_vessel_at_a_node_is_refused(plan, edit):
    edit("ports", "liver,,common hepatic artery,1,", "liver,,splenic artery,1,")
    edit("ports", "pancreas,,splenic artery,0.3,", "pancreas,,splenic artery,1,")
    with pytest.raises(InputError, match=r"branching must be binary.*splenic artery"):
        load_trunks(plan)


def test_port_off_the_plans_route_is_refused(plan, edit):
    edit("ports", "splenic vein,1,,", "left renal vein,1,,")
    with pytest.raises(InputError, match=r"line \d+: vein must lie on .*'portal_vein'.*'spleen'"):
        load_trunks(plan)


def test_unknown_vessel_suggests_the_near_name(plan, edit):
    edit("ports", "spleen,,splenic artery", "spleen,,splenc artery")
    with pytest.raises(InputError, match="Did you mean 'splenic artery'"):
        load_trunks(plan)


def test_region_without_port_is_refused(plan, edit):
    edit("ports", ",spleen,", ",splen,")
    with pytest.raises(InputError, match="region must have a port, got none for 'spleen'"):
        load_trunks(plan)


def test_wrong_number_and_wrong_point_name_the_row(plan, edit):
    edit("trunks", "2 -126 1104", "2 -126")
    with pytest.raises(InputError, match=r"human_trunks\.csv: line \d+: path_mm must be points"):
        load_trunks(plan)


def test_row_without_source_is_refused(plan, edit):
    edit("ports", "assumed,textbook anatomy", "guessed,textbook anatomy")
    with pytest.raises(InputError, match="basis of measured, fitted, derived, assumed"):
        load_trunks(plan)
