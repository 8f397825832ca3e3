"""``ctc vessels import`` and ``export`` with the files of other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctc.record.network_file import load_near_organs, load_network
from tests.commands.asking import SCENARIO, snapshot
from tests.commands.conftest import Ask
from tests.unit.vessels.table_samples import write_sample

DATA = Path(__file__).parents[1] / "unit" / "formats" / "data"


@pytest.mark.parametrize("name", ["a.vtkhdf", "a.vtp", "a.graphml", "a_folder"])
def test_there_and_back(ask: Ask, body_file: Path, name: str) -> None:
    for suffix, package in ((".vtp", "vtk"), (".graphml", "networkx")):
        if name.endswith(suffix):
            pytest.importorskip(package)
    answer = ask("vessels", "export", body_file, "-o", name)
    assert answer.code == 0, answer.err
    assert "segments" in answer.out
    answer = ask("vessels", "import", name, "-o", "again.h5")
    assert answer.code == 0, answer.err
    hashes = [load_network(path)[0].hash() for path in (body_file, Path("again.h5"))]
    assert hashes[0] == hashes[1]


def test_a_run_is_exported_too(ask: Ask, tiny_run: Path) -> None:
    """The vessels that lie beside a run are the same as those in it."""
    assert ask("vessels", "export", tiny_run, "-o", "a.vtkhdf").code == 0
    for path in ("a.vtkhdf", "tiny.vessels.vtkhdf"):
        assert ask("vessels", "import", path, "-o", "a.h5", "--overwrite").code == 0
        assert load_network(Path("a.h5"))[0].hash() == load_network(tiny_run)[0].hash()


def test_a_tree_of_someone_else(ask: Ask, in_folder: Path) -> None:
    source = DATA / "vascusynth.xml"
    answer = ask("vessels", "import", source, "--unit", "0.04 mm", "--kind", "vein", "-o", "a.h5")
    assert answer.code == 0, answer.err
    assert "vein" in answer.out
    info = json.loads(ask("vessels", "info", "a.h5", "--json").out)
    assert info["n_segments"] == 3
    assert info["kinds"]["vein"]["lumen_radius_max"] == pytest.approx(8e-5)
    assert ask("vessels", "export", "a.h5", "-o", "a.swc").code == 0
    assert len((in_folder / "a.swc").read_text().splitlines()) == 2 + 4


def test_the_arteries_as_a_lumped_model(ask: Ask, body_file: Path, in_folder: Path) -> None:
    answer = ask("vessels", "export", body_file, "-o", "a.json")
    assert answer.code == 0, answer.err
    model = json.loads((in_folder / "a.json").read_text())
    names = {each["bc_name"].split(" at ")[0] for each in model["boundary_conditions"]}
    assert {"left kidney", "spleen", "liver"} <= names


REFUSED = {
    "suffix": (["export", "body.h5", "-o", "a.dat"], ["a.dat: suffix must tell the format"]),
    "no tree": (["export", "body.h5", "-o", "a.swc"], ["must be a single tree for SWC", "vtp"]),
    "unit": (["export", "body.h5", "-o", "a.vtp", "--unit", "ell"], ["--unit: unit must be one"]),
    "unit of a model": (
        ["export", "body.h5", "-o", "a.json", "--unit", "mm"],
        ["--unit: unit must be left out"],
    ),
    "no folder": (["export", "body.h5", "-o", "none/a.vtp"], ["existing folder"]),
    "there already": (
        ["export", "body.h5", "-o", "tree.swc", "--format", "vtkhdf"],
        ["tree.swc: output must not exist"],
    ),
    "no network": (["export", "tree.swc", "-o", "a.vtp"], ["tree.swc: "]),
    "no file": (["import", "none.swc", "-o", "a.h5"], ["none.swc: file must exist"]),
    "a network file": (["import", "body.h5", "-o", "a.h5"], ["suffix must tell the format"]),
    "radius name": (
        ["import", "tree.xml", "--radius-name", "width", "-o", "a.h5"],
        ["tree.xml: line ", "'width', got none"],
    ),
    "repair": (["import", "twice.swc", "--no-repair", "-o", "a.h5"], ["rule 'coincident_nodes'"]),
    "calibre": (
        ["import", "tree.swc", "--unit", "m", "-o", "a.h5"],
        ["tree.swc: median diameter", "lengths in m", "--unit"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_and_nothing_touched(ask: Ask, body_file: Path, in_folder: Path, case: str) -> None:
    arguments, phrases = REFUSED[case]
    (in_folder / "tree.swc").write_bytes((DATA / "tree.swc").read_bytes())
    (in_folder / "tree.xml").write_bytes((DATA / "vascusynth.xml").read_bytes())
    (in_folder / "twice.swc").write_text("1 0 0 0 0 9 -1\n2 0 9 0 0 9 1\n3 0 9 0 0 9 2\n")
    before = snapshot(in_folder)
    ask("vessels", *arguments).assert_refused(*phrases)
    assert snapshot(in_folder) == before


def test_imported_tables_keep_the_nodes_beside_organs(ask: Ask, in_folder: Path) -> None:
    """A run on the imported file lets cells enter where one on the tables does."""
    folder = in_folder / "tables"
    folder.mkdir()
    write_sample(folder)
    assert ask("vessels", "import", "tables", "-o", "a.h5").code == 0
    assert "left kidney" in load_near_organs(Path("a.h5"))
    case = SCENARIO.replace('"breast"\nmass', '"left kidney"\nmass')
    digests = []
    for name, body in (
        ("tables", 'source = "tables"\nfolder = "tables"\nflow = "pressures"'),
        ("file", 'source = "file"\npath = "a.h5"'),
    ):
        (in_folder / f"{name}.toml").write_text(case.replace("terminals = 2000", body))
        answer = ask("run", f"{name}.toml")
        assert answer.code == 0, answer.err
        digests.append(json.loads(ask("inspect", f"{name}.vtkhdf", "--json").out)["digest"])
    assert digests[0] == digests[1]


def test_tables_take_no_options_of_formats(ask: Ask, in_folder: Path) -> None:
    folder = in_folder / "tables"
    folder.mkdir()
    write_sample(folder)
    refused = ask("vessels", "import", "tables", "--unit", "mm", "-o", "a.h5")
    refused.assert_refused("--unit: unit must be left out for tables of a body")
