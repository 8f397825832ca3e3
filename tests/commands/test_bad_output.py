"""Where a run cannot be written or a device is missing: told before anything is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.asking import TINY, snapshot
from tests.commands.conftest import Ask

GROW = ("vessels", "grow", "--terminals", "2000")


@pytest.mark.parametrize("there", ["a.vtkhdf", "a.checkpoint.h5", "a.h5md", "a.vessels.vtkhdf"])
def test_an_existing_output_is_kept(ask: Ask, in_folder: Path, there: str) -> None:
    (in_folder / there).write_text("precious")
    before = snapshot(in_folder)
    ask("run", "quick", *TINY, "-o", "a.vtkhdf").assert_refused(f"{there}: ", "--overwrite")
    assert snapshot(in_folder) == before


def test_an_existing_network_is_kept(ask: Ask, in_folder: Path) -> None:
    (in_folder / "a.h5").write_text("precious")
    (in_folder / "tables").mkdir()
    before = snapshot(in_folder)
    ask(*GROW, "-o", "a.h5").assert_refused("a.h5: ", "must not exist", "--overwrite")
    ask("vessels", "import", "tables", "-o", "a.h5").assert_refused("a.h5: ", "--overwrite")
    assert snapshot(in_folder) == before


@pytest.mark.parametrize("command", [("run", "quick", *TINY), GROW])
@pytest.mark.parametrize(
    ("folder", "phrase"),
    [
        ("none", "got 'none', which does not exist. Make it"),
        ("file", "got 'file', which is a file"),
        ("file/deeper", "must lie in an existing folder"),
        ("/proc", "that you may write to, got '/proc'"),
    ],
)
def test_a_folder_that_cannot_be_written_is_refused(
    ask: Ask, in_folder: Path, command: tuple[str, ...], folder: str, phrase: str
) -> None:
    (in_folder / "file").write_text("precious")
    before = snapshot(in_folder)
    ask(*command, "-o", f"{folder}/a.vtkhdf").assert_refused(f"{folder}/a.vtkhdf: ", phrase)
    assert snapshot(in_folder) == before


def test_a_folder_is_no_output(ask: Ask, in_folder: Path) -> None:
    (in_folder / "a.vtkhdf").mkdir()
    ask("run", "quick", *TINY, "-o", "a.vtkhdf").assert_refused("must be a file, got a folder")
    ask(*GROW, "-o", "a.vtkhdf", "--overwrite").assert_refused("must be a file, got a folder")
    ask("schema", "-o", "none/schema.json").assert_refused("none", "existing folder")
    assert not list((in_folder / "a.vtkhdf").iterdir())


@pytest.mark.parametrize("device", ["cuda:77", "gpu", "cuda:x"])
def test_a_missing_device_is_told(ask: Ask, in_folder: Path, device: str) -> None:
    ask("run", "quick", *TINY, "--device", device).assert_refused("cuda")
    assert not list(in_folder.iterdir())


def test_too_few_terminals_are_refused(ask: Ask, in_folder: Path) -> None:
    few = ask("vessels", "grow", "--terminals", "500", "-o", "a.h5")
    few.assert_refused("--terminals: ", ">= 1456", "got 500")
    lost = ask(*GROW, "--organ", "lver", "-o", "a.h5")
    lost.assert_refused("--organ: ", "Did you mean 'liver'?")
    assert not list(in_folder.iterdir())


@pytest.mark.parametrize("output", ["a.gsd", "a.pvd", "a.csv", "a.h5md", "a.vtkhdf"])
def test_an_export_is_refused_before_it_is_written(ask: Ask, tiny_run: Path, output: str) -> None:
    before = snapshot(tiny_run.parent)
    command = ("export", tiny_run.name, "-o")
    ask(*command, f"none/{output}").assert_refused("got 'none', which does not exist. Make it")
    ask(*command, tiny_run.name, "--overwrite").assert_refused("must be another file")
    ask(*command, output, "--frames", "999:").assert_refused("--frames: ", "at least one of the")
    ask(*command, output, "--states", "exited").assert_refused("must hold at least one cell")
    ask(*command, "a.xyz").assert_refused("must end in .gsd")
    assert snapshot(tiny_run.parent) == before
