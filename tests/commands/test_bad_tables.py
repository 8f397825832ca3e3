"""Wrong tables of vessels, by ``ctc vessels import`` and in a run: refused, nothing touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.asking import SCENARIO, snapshot
from tests.commands.conftest import Ask
from tests.unit.vessels.table_samples import NODES, SEGMENTS, swapped, write_sample

ORGANS = {"body": 'source = "tables"\nfolder = "tables"\nflow = "pressures"'}
# Two nodes and a vessel of their own, far from any heart.
ISLAND = [*NODES, "x1,1,1,1,artery,,,x", "x2,2,2,2,artery,,,x"]

# Table, its lines, what the message must say; refused whether repairs are allowed or not.
ALWAYS = {
    "truncated row": (
        "nodes",
        [*NODES[:-1], NODES[-1][:9]],
        ["nodes.csv: line 13: ", "must have 8 values", "cut short"],
    ),
    "duplicate node": (
        "nodes",
        swapped(NODES, NODES[2], NODES[2].replace("a1", "a0")),
        ["nodes.csv: line 3: ", "must be unique, got 'a0' twice", "Rename"],
    ),
    "missing node": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("a2", "z9")),
        ["segments.csv: line 3: ", "must be a node", "'z9'"],
    ),
    "not a number": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("1.5", "nan")),
        ["segments.csv: line 3: ", "radius_mm must be a finite number, got 'nan'"],
    ),
    "no rows": ("segments", SEGMENTS[:1], ["segments.csv: ", "must hold segments"]),
    "empty file": ("nodes", [""], ["nodes.csv: ", "must have a column 'node'"]),
    "no heart": (
        "nodes",
        swapped(NODES, NODES[1], NODES[1].replace("aortic_root", "")),
        ["nodes.csv: ", "must name a 'aortic_root' node"],
    ),
}
# Refused unless repairs are allowed.
UNREPAIRED = {
    "zero radius": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("1.5", "0")),
        ["segments.csv: ", "radius_mm must be > 0 mm, got 0 at segment 's1'", "allow repairs"],
    ),
    "negative radius": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("1.5", "-1")),
        ["segments.csv: ", "radius_mm must be > 0 mm, got -1 at segment 's1'"],
    ),
    "zero length": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("11", "0")),
        ["segments.csv: ", "length_mm must be > 0 mm, got 0 at segment 's1'", "allow repairs"],
    ),
    "loop onto itself": (
        "segments",
        swapped(SEGMENTS, SEGMENTS[2], SEGMENTS[2].replace("a2", "a1")),
        ["segments.csv: ", "must join two nodes, got 'a1' twice at segment 's1'"],
    ),
}


@pytest.fixture
def folder(in_folder: Path) -> Path:
    tables = in_folder / "tables"
    tables.mkdir()
    (in_folder / "case.toml").write_text(
        SCENARIO.replace("terminals = 2000", ORGANS["body"]).replace(
            '"breast"\nmass', '"left kidney"\nmass'
        )
    )
    return tables


def refuse(ask: Ask, *, repair: bool, phrases: list[str]) -> None:
    """Both ways to read tables must refuse them alike."""
    before = snapshot(Path.cwd())
    no_repair = [] if repair else ["--no-repair"]
    ask("vessels", "import", "tables", "-o", "a.h5", *no_repair).assert_refused(*phrases)
    flag = f"body.repair={str(repair).lower()}"
    for command in ("run", "check"):
        ask(command, "case.toml", "--set", flag).assert_refused(*phrases)
    assert snapshot(Path.cwd()) == before


@pytest.mark.parametrize("repair", [True, False])
@pytest.mark.parametrize("case", ALWAYS)
def test_wrong_tables_are_refused(ask: Ask, folder: Path, case: str, *, repair: bool) -> None:
    table, lines, phrases = ALWAYS[case]
    write_sample(folder, **{table: lines})
    refuse(ask, repair=repair, phrases=phrases)


@pytest.mark.parametrize("case", UNREPAIRED)
def test_tables_in_need_of_repair(ask: Ask, folder: Path, case: str) -> None:
    table, lines, phrases = UNREPAIRED[case]
    write_sample(folder, **{table: lines})
    refuse(ask, repair=False, phrases=phrases)
    answer = ask("vessels", "import", "tables", "-o", "a.h5")
    assert answer.code == 0, answer.err
    assert "Repairs" in answer.out


def test_a_disconnected_organ(ask: Ask, folder: Path) -> None:
    """Refused as it stands; a repair drops it, and then no cell can enter there."""
    segments = [*SEGMENTS, "s99,x1,x2,1,1,vessel,"]
    write_sample(folder, nodes=ISLAND, segments=segments)
    refuse(ask, repair=False, phrases=["nodes.csv: ", "joined to the heart", "'x1'"])
    nodes = [line.replace(",,,x", ",,spleen,x") if line[0] == "x" else line for line in ISLAND]
    write_sample(folder, nodes=nodes, segments=segments)
    lost = ask("run", "case.toml", "--set", "source.organ=spleen")
    lost.assert_refused("--set: source.0.organ: ", "'spleen'")
    assert not (folder.parent / "case.vtkhdf").exists()


def test_an_unreadable_table(ask: Ask, folder: Path) -> None:
    write_sample(folder)
    (folder / "nodes.csv").write_bytes(b"\xff\xfe\x00")
    refuse(ask, repair=True, phrases=["nodes.csv: line 1: ", "must be UTF-8 text"])
    (folder / "nodes.csv").unlink()
    refuse(ask, repair=True, phrases=["nodes.csv: ", "folder must hold nodes.csv"])
    (folder / "nodes.csv").mkdir()
    refuse(ask, repair=True, phrases=["nodes.csv: ", "must be a readable file"])


def test_good_tables_run(ask: Ask, folder: Path) -> None:
    write_sample(folder)
    assert ask("vessels", "import", "tables", "-o", "a.h5").code == 0
    answer = ask("run", "case.toml")
    assert answer.code == 0, answer.err
