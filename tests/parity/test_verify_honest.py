"""No honest run is called wrong: killed, running, extended, moved away from, thinned; or resealed.

What was doctored so that its checksums fit is called wrong in words, and never ends in a traceback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import ctc
from ctc.cli.main import main
from ctc.errors import StoppedEarly
from ctc.proof import origin
from ctc.proof.check import Verdict, asked
from ctc.proof.check import unknown as unknown_check
from ctc.proof.origin import SCENARIO as ORIGIN
from ctc.proof.origin import check_program, check_scenario
from ctc.proof.record import COUNTERS, COURSES, ORDER, SUMS, check_counters, check_events
from ctc.proof.verify import CELLS, CHECKS, WHOLE, Verification, verify_run
from ctc.record import provenance
from ctc.record.reader import Run, open_run
from ctc.rerun.comparison import Comparison, _compare_events
from ctc.rerun.replay import replay
from ctc.resources import resource_folder
from tests.parity.runs import SCENARIO
from tests.parity.test_verify import set_text, text_of
from tools.fuzz.hdf5_reseal import take_off_sums

CLEAN = "0" * 40
SETTINGS = ("record.events=all", "source.0.mass=0.1 g", "source.1.cells=100", "record.tracked=20")
CHILD = '[scenario]\nextends = "scenario.toml"\n\n[run]\nseed = 7\n'


@pytest.fixture(scope="module", autouse=True)
def clean_checkout() -> Iterator[None]:
    """Let a checkout with changed files be the program that made its runs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (provenance, origin):
            patch.setattr(module, "program_commit", lambda: CLEAN)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold a scenario that extends one beside it, and its run of five epochs."""
    found = tmp_path_factory.mktemp("honest")
    (found / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    (found / "child.toml").write_text(CHILD, encoding="utf-8")
    scenario = ctc.load_scenario(found / "child.toml", overrides=SETTINGS)
    ctc.run(scenario, found / "run.vtkhdf", device="cpu")
    return found


@pytest.fixture
def at_scenario(folder: Path) -> Iterator[Path]:
    """Give the folder to a test that changes its scenarios."""
    yield folder
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "child.toml").write_text(CHILD, encoding="utf-8")


def start(folder: Path, name: str, fault: str) -> subprocess.Popen[bytes]:
    """Begin the same run in a process of its own, with a fault."""
    command = [
        sys.executable,
        "-m",
        "ctc.cli.main",
        "run",
        "child.toml",
        "-o",
        name,
        "--device",
        "cpu",
    ]
    for setting in SETTINGS:
        command += ["--set", setting]
    environment = {**os.environ, "CTC_FAULT": fault, "CTC_CHECKPOINT_SECONDS": "0"}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)


def told(found: Verification, verdict: str) -> dict[str, str]:
    return {check.name: check.told for check in found.checks if check.verdict == verdict}


# --- runs that have not finished -------------------------------------------------------------


def test_a_run_killed_before_its_first_epoch_is_not_wrong(folder: Path) -> None:
    assert start(folder, "none.vtkhdf", "run.placed:1:kill").wait(120)
    found = verify_run(folder / "none.vtkhdf", is_full=True, run_again=ctc.run)
    assert told(found, "wrong") == {}
    assert set(told(found, "unknown")) == {CELLS, WHOLE}


def test_a_run_killed_at_its_third_epoch_is_run_again_that_far(folder: Path) -> None:
    """Frames of the epoch after it are in the file already, and no epoch has them."""
    assert start(folder, "third.vtkhdf", "epoch.stored:4:kill").wait(120)
    with open_run(folder / "third.vtkhdf") as run:
        assert (run.status, run.n_epochs) == ("killed", 3)
        assert int(run.frame_times[-1]) >= int(run.series()["time"][-1])
    found = verify_run(folder / "third.vtkhdf", n_cells=50, is_full=True, run_again=ctc.run)
    assert {**told(found, "wrong"), **told(found, "unknown")} == {}
    assert "3 epochs, no digest yet" in told(found, "right")[WHOLE]


def test_a_user_who_stops_the_second_run_is_not_told_that_it_differs(folder: Path) -> None:
    def stopped(scenario: Any, target: Path, **how: Any) -> None:
        ctc.run(scenario, target, device="cpu", max_epochs=1, seed=how["seed"])

    with pytest.raises(StoppedEarly):
        verify_run(folder / "run.vtkhdf", is_full=True, run_again=stopped, only=[WHOLE])


def test_a_run_that_goes_on_meanwhile_is_not_wrong(folder: Path) -> None:
    """A file has the tallies of the newest epoch only, and its status is that of now."""
    path = folder / "going.vtkhdf"
    process = start(folder, path.name, "epoch.counted:2:sleep,frames.stored:3:sleep")
    try:
        with opened_at(path, 2, process) as run:
            status = run.status
            process.wait(120)
            assert run.n_epochs < run.n_epochs_by_now == 5
            assert status == "running"
            assert asked(COUNTERS, lambda: check_counters(run, status)).verdict is Verdict.RIGHT
            assert {check.verdict for check in check_events(run)} == {Verdict.RIGHT}
    finally:
        process.kill()
        process.wait()


def opened_at(path: Path, n_epochs: int, process: subprocess.Popen[bytes]) -> Run:
    """Return the run of a process, open since it had done so many epochs."""
    while True:
        assert process.poll() is None
        if path.exists():
            run = open_run(path)
            if run.n_epochs >= n_epochs:
                return run
            run.close()
        time.sleep(0.02)


# --- scenarios that are gone, or others by now -----------------------------------------------


def edit_base(folder: Path) -> None:
    text = SCENARIO.replace('"tissue.organ.default.decision_time" = "2 h"\n', "")
    (folder / "scenario.toml").write_text(text, encoding="utf-8")


def edit_child(folder: Path) -> None:
    (folder / "child.toml").write_text(CHILD + "# more\n", encoding="utf-8")


def remove_both(folder: Path) -> None:
    for name in ("child.toml", "scenario.toml"):
        (folder / name).unlink()


def put_binary_there(folder: Path) -> None:
    (folder / "child.toml").write_bytes(bytes(range(256)) * 10)


def put_endless_there(folder: Path) -> None:
    with (folder / "child.toml").open("wb") as file:
        file.truncate(2**40)


@pytest.mark.parametrize(
    "change", [edit_base, edit_child, remove_both, put_binary_there, put_endless_there]
)
def test_a_changed_scenario_makes_no_lie_of_its_run(
    change: Callable[[Path], None], at_scenario: Path
) -> None:
    change(at_scenario)
    with open_run(at_scenario / "run.vtkhdf") as run:
        found = asked(ORIGIN, lambda: check_scenario(run))
    assert found.verdict is Verdict.RIGHT, found.told


def test_a_changed_set_of_the_user_makes_no_lie_of_its_run(folder: Path, tmp_path: Path) -> None:
    shipped = resource_folder("scenarios") / "parameters" / "cancers" / "breast.toml"
    shutil.copy(shipped, tmp_path / "mine.toml")
    text = SCENARIO.replace('"cancers/breast"', '"mine.toml"').replace('"5 h"', '"1 h"')
    text = text.replace('"90 min"', '"30 min"').replace('"3 h"', '"30 min"')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    scenario = ctc.load_scenario(tmp_path / "own.toml", overrides=SETTINGS)
    ctc.run(scenario, tmp_path / "own.vtkhdf", device="cpu")
    found = verify_run(tmp_path / "own.vtkhdf", run_again=ctc.run, only=[ORIGIN])
    assert set(told(found, "right")) == {ORIGIN}
    (tmp_path / "mine.toml").unlink()
    found = verify_run(tmp_path / "own.vtkhdf", run_again=ctc.run, only=[ORIGIN])
    assert set(told(found, "unknown")) == {ORIGIN}


# --- other programs, extracts, what is asked for ---------------------------------------------


def copied(folder: Path, target: Path, change: Callable[[h5py.File], None]) -> Path:
    shutil.copy(folder / "run.vtkhdf", target)
    with h5py.File(target, "r+") as file:
        change(file)
        take_off_sums(file)
    return target


def test_a_run_of_another_version_is_not_wrong_where_the_second_run_differs(
    folder: Path, tmp_path: Path
) -> None:
    def change(file: h5py.File) -> None:
        file.attrs.modify("version", np.bytes_("0.0.9"))
        file["status"].attrs.modify("digest", np.bytes_("a" * 64))

    path = copied(folder, tmp_path / "other.vtkhdf", change)
    found = verify_run(path, is_full=True, run_again=ctc.run, only=[WHOLE])
    assert set(told(found, "unknown")) == {WHOLE}


def test_changed_files_of_a_checkout_make_no_lie_of_its_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(file: h5py.File) -> None:
        file.attrs.modify("commit", np.bytes_(f"{CLEAN}-dirty"))
        file.attrs.modify("kernel_hash", np.bytes_("0" * 64))

    monkeypatch.setattr(origin, "program_commit", lambda: f"{CLEAN}-dirty")
    with open_run(copied(folder, tmp_path / "dirty.vtkhdf", change)) as run:
        assert check_program(run).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("how", [("--every", "2"), ("--cells", "5")])
def test_an_extract_is_not_wrong(folder: Path, tmp_path: Path, how: tuple[str, str]) -> None:
    path = tmp_path / "small.vtkhdf"
    assert main(["export", str(folder / "run.vtkhdf"), "-o", str(path), *how]) == 0
    found = verify_run(path, n_cells=50, is_full=True, run_again=ctc.run)
    assert told(found, "wrong") == {}
    assert {COUNTERS, COURSES, SUMS, CELLS, WHOLE} <= set(told(found, "unknown"))


def test_only_what_is_asked_for_is_told(folder: Path, tmp_path: Path) -> None:
    found = verify_run(folder / "run.vtkhdf", run_again=ctc.run, only=[COURSES])
    assert [check.name for check in found.checks] == [COURSES]


def test_what_stops_the_pass_of_events_is_asked_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def stopped(run: Any) -> Any:
        calls.append(run)
        message = "events end"
        raise ValueError(message)

    monkeypatch.setattr("ctc.proof.verify.check_events", stopped)
    found = verify_run(folder / "run.vtkhdf", run_again=ctc.run, only=[ORDER, COURSES, SUMS])
    assert list(told(found, "wrong")) == [ORDER, COURSES, SUMS]
    assert len(calls) == 1


def test_what_could_not_be_told_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [unknown_check(name, "not here") for name in CHECKS[:2]]
    found = Verification(folder / "run.vtkhdf", checks)
    monkeypatch.setattr("ctc.pipeline.verify", lambda *_, **__: found, raising=False)
    assert main(["verify", str(folder / "run.vtkhdf")]) == 0
    assert "Nothing is wrong; 2 of 2 checks could not be told here." in capsys.readouterr().out


def test_a_cell_of_five_thousand_digits_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(folder / "run.vtkhdf"), "--cell", "9" * 5000]) == 2
    assert "--cell" in capsys.readouterr().err


# --- files that were doctored and sealed again -----------------------------------------------


def change_resolved(old: str, new: str) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        text = text_of(file["scenario"], "resolved")
        assert old in text
        set_text(file["scenario"], "resolved", text.replace(old, new, 1))

    return change


def change_text(new: str) -> Callable[[h5py.File], None]:
    return lambda file: set_text(file["scenario"], "text", new)


def shed_without_end(file: h5py.File) -> None:
    file["organs/shed"][-1] = 2**62


DOCTORED: list[tuple[str, Callable[[h5py.File], None], str]] = [
    ("epoch of nothing", change_resolved('"epoch": 3600.0', '"epoch": 0.0'), COUNTERS),
    ("epoch of no time", change_resolved('"epoch": 3600.0', '"epoch": 1e-9'), COUNTERS),
    ("interval of nothing", change_resolved('"interval": 1800.0', '"interval": 0.0'), COUNTERS),
    ("interval of no time", change_resolved('"interval": 1800.0', '"interval": 1e-9'), COUNTERS),
    ("no window", change_resolved('"window"', '"windows"'), COUNTERS),
    ("no table", change_text("scenario = 3"), ORIGIN),
    ("no TOML", change_text("]["), ORIGIN),
    ("shed without end", shed_without_end, SUMS),
]


@pytest.mark.parametrize(("change", "name"), [each[1:] for each in DOCTORED], ids=lambda _: "")
def test_a_doctored_file_is_wrong_and_ends_in_no_traceback(
    change: Callable[[h5py.File], None], name: str, folder: Path, tmp_path: Path
) -> None:
    path = copied(folder, tmp_path / "doctored.vtkhdf", change)
    found = verify_run(path, run_again=ctc.run, only=[name])
    assert set(told(found, "wrong")) == {name}


def test_what_needs_too_much_memory_is_not_called_wrong() -> None:
    def ask() -> Any:
        raise MemoryError

    assert asked(SUMS, ask).verdict is Verdict.UNKNOWN


# --- cells set beside their record -----------------------------------------------------------


def test_the_way_of_a_cell_with_an_event_in_no_segment_is_drawn(
    folder: Path, tmp_path: Path
) -> None:
    with open_run(folder / "run.vtkhdf") as run:
        cell = int(run.events(0, 1)["cell"][0])
    found = replay(folder / "run.vtkhdf", cell)
    event = next(each for each in found.course if each.event is not None)
    event.event["segment"] = 2**32 - 1
    found.draw(tmp_path / "way.png", size=(400, 400))
    assert (tmp_path / "way.png").read_bytes().startswith(b"\x89PNG")


def test_each_cell_is_compared_with_its_own_events(folder: Path) -> None:
    with open_run(folder / "run.vtkhdf") as run:
        events = run.events(0, 2000)
    changed = events.copy()
    changed["time"][100] += 1
    changed = changed[changed["cell"] != changed["cell"][0]]
    found = Comparison()
    _compare_events(found, events, changed)
    cells = {int(events["cell"][at]) for at in (0, 100)}
    assert {int(each.split()[1].rstrip(":")) for each in found.differences} == cells
    assert found.n_different == 2
