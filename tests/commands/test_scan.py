"""``ctc scan`` on finished, running and killed runs, and what it refuses."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ctc.record.reader import open_run
from ctc.scan import examination
from tests.commands.asking import SCENARIO, start
from tests.commands.conftest import Ask

SMALL = ("--size", "500x600")


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cubes of a centimetre: the same ways in a fiftieth of the time."""
    monkeypatch.setattr(examination, "_FINEST", 1e-2)


@pytest.mark.parametrize("modality", ["pet", "ct"])
def test_a_scan_of_a_run(ask: Ask, tiny_run: Path, in_folder: Path, modality: str) -> None:
    line = ("scan", tiny_run.name, "--modality", modality, "--time", "2 h", *SMALL)
    answer = ask(*line, "-o", "scan.png")
    assert answer.code == 0, answer.err
    assert "1 primary tumour" in answer.out
    assert "Written to scan.png." in answer.out
    with Image.open(in_folder / "scan.png") as image:
        assert image.size == (500, 600)
        assert modality.upper() in image.text["Title"]  # type: ignore[attr-defined]
        pixels = np.asarray(image.convert("L"))
    # A body is there: a fair part of the picture is neither paper nor ink.
    assert ((pixels > 20) & (pixels < 235)).mean() > 0.05
    again = ask(*line, "-o", "again.png")
    assert again.code == 0
    assert (in_folder / "again.png").read_bytes() == (in_folder / "scan.png").read_bytes()
    ask(*line, "-o", "scan.png").assert_refused("picture must not exist yet")
    assert ask(*line, "-o", "scan.png", "--overwrite").code == 0


def test_a_tumour_is_shown_until_it_is_out(ask: Ask, tiny_run: Path) -> None:
    """It is taken out after 8 h; scans are of the end of the nearest epoch."""
    after = ask("scan", tiny_run.name, "-o", "after.png", "--time", "1 day", *SMALL)
    assert "0 primary tumours" in after.out


def test_a_run_in_progress_and_a_killed_one_are_scanned(ask: Ask, in_folder: Path) -> None:
    case = SCENARIO.replace('"1 h"', '"30 days"\nepoch = "10 s"')
    (in_folder / "case.toml").write_text(case, encoding="utf-8")
    process = start("run", "case.toml", "-o", "case.vtkhdf")
    try:
        limit = time.monotonic() + 120.0
        while not Path("case.vtkhdf").exists() or open_run("case.vtkhdf").n_epochs < 5:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < limit
            time.sleep(0.05)
        assert ask("scan", "case.vtkhdf", "-o", "live.png", *SMALL).code == 0
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    answer = ask("scan", "case.vtkhdf", "-o", "killed.png", *SMALL)
    assert answer.code == 0, answer.err
    assert "1 primary tumour" in answer.out


@pytest.mark.parametrize(
    ("options", "phrases"),
    [
        (("-o", "scan.jpg"), ("-o", ".png")),
        (("-o", "none/scan.png"), ("-o", "existing folder")),
        (("-o", "scan.png", "--time", "10 years"), ("--time", "0 s ..")),
        (("-o", "scan.png", "--time", "3 mm"), ("--time",)),
        (("-o", "scan.png", "--time=-1 h"), ("--time",)),
        (("-o", "scan.png", "--size", "10x10"), ("--size",)),
        (("-o", "scan.png", "--modality", "xray"), ("modality",)),
    ],
)
def test_what_is_refused(
    ask: Ask, tiny_run: Path, in_folder: Path, options: tuple[str, ...], phrases: tuple[str, ...]
) -> None:
    ask("scan", tiny_run.name, *options).assert_refused(*phrases)
    assert not (in_folder / "scan.png").exists()


def test_a_network_is_no_run(ask: Ask, body_file: Path) -> None:
    assert ask("scan", body_file.name, "-o", "scan.png").code == 2
