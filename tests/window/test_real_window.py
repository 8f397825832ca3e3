"""A real window on a screen of its own, used with clicks and keys; what it did is checked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from ctc.states import CellState
from ctc.viewer.palette import STATE_NAMES
from tests.window.conftest import ROOT


@pytest.fixture(scope="module")
def steps(start_window, run_file, tmp_path_factory):
    """Return what each step in a window came to."""
    folder = tmp_path_factory.mktemp("used")
    run = folder / "run.vtkhdf"
    shutil.copy2(run_file, run)
    process = start_window("use", run, folder)
    out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert errors == ""
    lines = [json.loads(line) for line in out.splitlines()]
    return {line.pop("step"): line for line in lines} | {"folder": folder}


def test_a_run_opens_on_its_last_frame_and_gets_its_organs(steps):
    assert steps["open"]["shells"]
    assert steps["open"]["index"] == 20
    assert steps["open"]["status"] == "finished, 21 frames"


def test_playing_goes_on_until_it_is_stopped(steps):
    assert steps["play"] == {"first": 0, "rose": True, "still": True}


def test_a_click_on_the_bar_shows_that_frame(steps):
    assert steps["scrub"] == {"index": 7, "field": "1 h 7 s"}


def test_a_time_can_be_typed(steps):
    assert steps["type"]["index"] == steps["type"]["nearest"] == 12


def test_a_click_on_a_cell_tells_its_story(steps):
    found = steps["pick"]
    assert found["title"] == f"Cell {found['identity']}"
    assert found["rows"]["cell"] == str(found["identity"])
    assert found["rows"]["state"] == STATE_NAMES[CellState(found["state"])]


def test_a_followed_cell_stays_in_the_centre(steps):
    found = steps["follow"]
    assert found["released"]
    assert found["was_following"]
    (look_first, cell_first), (look_last, cell_last) = found["centres"]
    np.testing.assert_allclose(look_first, cell_first, atol=1e-6)
    np.testing.assert_allclose(look_last, cell_last, atol=1e-6)
    assert np.linalg.norm(np.subtract(cell_last, cell_first)) > 1e-3
    assert not found["is_following"]
    assert found["title"] == "Nothing picked"


def test_a_filter_leaves_cells_out(steps):
    found = steps["filter"]
    assert found["circulating"] > 0
    assert found["after"] == found["before"] - found["circulating"]


def test_a_drag_turns_the_body(steps):
    assert steps["turn"]["after"] != steps["turn"]["before"]


def test_a_clip_plane_cuts_and_closes(steps):
    assert steps["clip"]["cut"] > 0.5
    assert steps["clip"]["again"] < 0.01


def test_a_click_in_a_plot_goes_to_that_time(steps):
    assert steps["plot"]["index"] == steps["plot"]["nearest"]


def test_blood_is_drawn_from_the_vessel_that_was_chosen(steps):
    assert steps["blood"]["shown"]
    assert steps["blood"]["passed"] > 0.0


def test_help_opens_and_closes(steps):
    assert steps["help"] == {"opened": True, "closed": True}


def test_view_and_picture_are_kept_beside_the_run(steps):
    assert {"run.view.toml", "run-1.png"} <= set(steps["keep"]["files"])
    assert "run-1.png" in steps["keep"]["message"]
    assert "closed" in steps


def test_a_dropped_run_opens_with_its_kept_view_and_another_file_is_refused(steps):
    found = steps["open another"]
    assert found["is_kept"]
    assert "run-1.png" in found["refused"]
    assert found["is_new"]
    assert found["bright"] > 0.01
    assert found["height"] == pytest.approx(found["kept_height"])


def test_a_movie_is_made_while_the_window_goes_on(steps):
    assert "run-1.mp4" in steps["keep"]["files"], steps["keep"]["made"]
    assert steps["keep"]["made"].endswith("run-1.mp4.")
    start = (steps["folder"] / "run-1.mp4").read_bytes()[:64]
    assert b"ftyp" in start


def test_the_window_is_not_black(steps):
    images = pytest.importorskip("PIL.Image")
    with images.open(steps["folder"] / "window.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    middle = pixels[100:700, 400:1100]
    assert (middle.max(axis=2) > 60).mean() > 0.02
    assert len(np.unique(middle.reshape(-1, 3), axis=0)) > 500


def test_a_live_window_follows_a_writer_and_outlives_it(start_window, tmp_path):
    run = tmp_path / "live.vtkhdf"
    script = ROOT / "tests" / "unit" / "record" / "writing_process.py"
    writer = subprocess.Popen(
        [sys.executable, str(script), str(run), "0", "100000", "0.25", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        window = start_window("watch", run)
        assert window.stdout is not None
        rising = json.loads(window.stdout.readline())
        assert rising["after"] > rising["before"] + 2
        assert rising["index"] == rising["after"] - 1
        assert rising["status"].startswith("running, ")
        assert window.poll() is None
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        gone = json.loads(window.stdout.readline())
        assert gone["gone"]
        assert gone["status"].startswith("the writer has gone, ")
        assert gone["visible"]
        assert gone["index"] == 0
        assert window.wait(30) == 0
    finally:
        writer.kill()
        writer.communicate()
