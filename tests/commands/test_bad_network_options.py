"""Options of ``ctc vessels`` that would be passed over or destroy what they read are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctc.body.surface_files import write_stl
from tests.commands.asking import ROOT, snapshot
from tests.commands.conftest import Ask
from tests.unit.body.surfaces import ball

TREE = "1 2 0 0 0 1 -1\n2 2 0 0 100 1 1\n"


@pytest.fixture
def tree(in_folder: Path) -> Path:
    (in_folder / "tree.swc").write_text(TREE)
    return in_folder / "tree.swc"


REFUSED = {
    "a radius name where the format has one radius": (
        ("import", "tree.swc", "--radius-name", "width", "-o", "a.h5"),
        ("--radius-name:", "must be left out for swc", "'width'"),
    ),
    "a file to tables": (
        ("import", "tree.swc", "--format", "tables", "-o", "a.h5"),
        ("tree.swc: tables must be a folder, got a file",),
    ),
    "its own source": (
        ("import", "tree.swc", "-o", "tree.swc", "--overwrite"),
        ("tree.swc: output must be another file than the one that is read",),
    ),
    "coordinates no body has": (
        ("import", "huge.swc", "-o", "a.h5"),
        ("huge.swc: coordinates must lie within 100 m", "1e+302", "--unit"),
    ),
    "a device": (
        ("import", "/dev/zero", "--format", "swc", "-o", "a.h5"),
        ("/dev/zero: file must be a file or a pipe, got a device",),
    ),
    "an organ without a name": (
        ("grow", "--organ", "", "-o", "a.h5"),
        ("--organ: organ must be one of this body's, got ''",),
    ),
    "a unit without a surface": (
        ("grow", "--organ", "liver", "--unit", "cm", "-o", "a.h5"),
        ("--unit: unit must come with a surface, got no --mesh",),
    ),
    "an endless hilum": (
        ("grow", "--organ", "liver", "--mesh", "ball.stl", "--hilum", "nan,0,0", "-o", "a.h5"),
        ("--hilum: hilum must be three finite numbers x,y,z, got 'nan,0,0'",),
    ),
    "its own surface": (
        ("grow", "--organ", "liver", "--mesh", "ball.stl", "-o", "./ball.stl", "--overwrite"),
        ("ball.stl: output must be another file than the one that is read",),
    ),
    "a wrong unit of a surface": (
        ("grow", "--organ", "liver", "--mesh", "ball.stl", "--unit", "kg", "-o", "a.h5"),
        ("--unit: unit must be a length, got 'kg'",),
    ),
    "a surface too small for its root": (
        ("grow", "--organ", "liver", "--mesh", "tiny.stl", "--hilum", "0,0,0", "-o", "a.h5",
         "--terminals", "64"),
        ("tiny.stl: territory must be wider than its root vessel",),
    ),
    "a folder to measure": (("info", "."), ("network must be a file, got a folder",)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_one_message_and_nothing_touched(
    ask: Ask, tree: Path, in_folder: Path, name: str
) -> None:
    arguments, phrases = REFUSED[name]
    (in_folder / "huge.swc").write_text(TREE.replace(" 100 ", " 1e308 "))
    write_stl(in_folder / "ball.stl", ball(50.0))
    write_stl(in_folder / "tiny.stl", ball(9.0))
    before = snapshot(in_folder)
    ask("vessels", *arguments).assert_refused(*phrases)
    assert snapshot(in_folder) == before


def test_export_and_measure_refuse_what_would_be_lost_or_ignored(
    ask: Ask, body_file: Path, in_folder: Path
) -> None:
    write_stl(in_folder / "ball.stl", ball(50.0))
    before = snapshot(in_folder)
    line = ("export", body_file, "--format", "vtp", "-o", "body.h5", "--overwrite")
    ask("vessels", *line).assert_refused("output must be another file")
    ask("vessels", "export", body_file, "-o", "a.swc").assert_refused("body.h5: network must be a")
    ask("vessels", "info", body_file, "--unit", "cm").assert_refused("--unit:", "no --mesh")
    ask("vessels", "info", body_file, "--plot", "a.pdf").assert_refused("--plot:", ".png")
    line = ("info", body_file, "--organ", "liver", "--mesh", "ball.stl")
    ask("vessels", *line).assert_refused("ball.stl: surface must be the one", "no surface")
    assert snapshot(in_folder) == before


def test_titles_are_no_formulas(ask: Ask, tree: Path) -> None:
    """Dollar signs once made matplotlib read a title as a formula, and fail."""
    assert ask("vessels", "import", tree, "-o", "a$x$.h5").code == 0
    title = r"a$\frac{$ _ ^"
    assert ask("vessels", "draw", "a$x$.h5", "--title", title, "-o", "a.png").code == 0
    assert ask("vessels", "info", "a$x$.h5", "--plot", "b.png").code == 0


def test_names_with_commas_are_quoted(ask: Ask, body_file: Path) -> None:
    answer = ask("vessels", "info", body_file, "--organ", "zzz")
    answer.assert_refused("'left lung, upper', 'left lung, lower'")


@pytest.mark.parametrize("option", [("--unit", "mm"), ("--kind", "vein"), ("--radius-name", "r")])
@pytest.mark.parametrize("name", ["a.vtkhdf", "a_folder"])
def test_a_file_of_ours_says_all_itself(
    ask: Ask, tree: Path, name: str, option: tuple[str, str]
) -> None:
    assert ask("vessels", "import", tree, "-o", "a.h5").code == 0
    assert ask("vessels", "export", "a.h5", "-o", name).code == 0
    answer = ask("vessels", "import", name, *option, "-o", "b.h5")
    answer.assert_refused(f"{option[0]}: ", "must be left out for a network that ctc wrote")


def test_tables_cut_at_a_line_are_no_smaller_network(ask: Ask, tree: Path, in_folder: Path) -> None:
    """Once the rows that were left were read as the whole network."""
    tree.write_text(TREE + "3 2 0 50 100 1 2\n4 2 0 -50 100 1 2\n")
    assert ask("vessels", "import", tree, "-o", "a.h5").code == 0
    assert ask("vessels", "export", "a.h5", "-o", "a_folder").code == 0
    rows = (in_folder / "a_folder" / "segments.csv").read_text().splitlines(keepends=True)
    (in_folder / "a_folder" / "segments.csv").write_text("".join(rows[:-1]))
    answer = ask("vessels", "import", "a_folder", "-o", "b.h5")
    answer.assert_refused("must have the 3 segments of its header, got 2", "cut short")
    (in_folder / "a_folder" / "segments.csv").unlink()
    answer = ask("vessels", "import", "a_folder", "-o", "b.h5")
    answer.assert_refused("folder must hold segments.csv, got none")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_behind_the_printed_answer_is_no_internal_error(
    ask: Ask, tree: Path, in_folder: Path
) -> None:
    assert ask("vessels", "import", tree, "-o", "a.h5").code == 0
    for arguments in (("vessels", "info", "a.h5"), ("vessels", "info", "a.h5", "--json")):
        command = [sys.executable, "-m", "ctc.cli.main", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with Path("/dev/full").open("w") as full:
            answer = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                cwd=in_folder, env=environment,
            )  # fmt: skip
        assert answer.returncode == 5, answer.stderr
        assert answer.stderr.startswith("ctc: error: output could not be written (No space")
        assert answer.stderr.count("\n") == 1
