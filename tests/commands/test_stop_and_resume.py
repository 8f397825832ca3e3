"""Runs that are killed or stopped as processes of their own; many more kills: `test_crash.py`."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctc import pipeline
from ctc.cli.main import main
from ctc.record.reader import open_run
from tests.commands.asking import SCENARIO, snapshot, start
from tests.commands.conftest import Ask

WINDOW = '\n[[record.window]]\nstart = "10 min"\nduration = "20 min"\ninterval = "1 min"\n'
# Epochs enough that a signal meets the run in flight.
CASE = SCENARIO.replace('"1 h"', '"1 h"\nepoch = "10 s"').replace("0.02 g", "1 g") + WINDOW
SECONDS = 60.0


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Give a list of processes that will be ended whatever happens."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def begin(
    processes: list[subprocess.Popen[str]], *arguments: str, checkpoint_seconds: str = "0"
) -> subprocess.Popen[str]:
    """Start a run that the fixture ends."""
    Path("case.toml").write_text(CASE)
    processes.append(start(*arguments, checkpoint_seconds=checkpoint_seconds))
    return processes[-1]


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a file is there; the process must still be at work."""
    limit = time.monotonic() + SECONDS
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.01)


def wait_for_epochs(count: int, process: subprocess.Popen[str]) -> None:
    """Wait until the run in progress has recorded so many epochs."""
    limit = time.monotonic() + SECONDS
    n_epochs = 0
    while n_epochs < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        with open_run("case.vtkhdf") as run:
            n_epochs = run.n_epochs
        time.sleep(0.01)


def written(path: Path) -> int:
    """Return when a file was last written, 0 for the moment in which it is exchanged."""
    return path.stat().st_mtime_ns if path.exists() else 0


def digests(ask: Ask, run: str) -> tuple[str, str]:
    """Return both digests of a run."""
    figures = json.loads(ask("inspect", run, "--json").out)
    return figures["digest"], figures["record_digest"]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the digests of the run that nothing stops."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "case.toml").write_text(CASE)
    assert main(["run", str(folder / "case.toml"), "-o", str(folder / "case.vtkhdf")]) == 0
    with open_run(folder / "case.vtkhdf") as run:
        return run.end.digest, run.end.record_digest


def test_a_damaged_checkpoint_gives_way(
    ask: Ask, processes: list[subprocess.Popen[str]], unbroken: tuple[str, str]
) -> None:
    process = begin(processes, "run", "case.toml")
    wait_for(Path("case.checkpoint.previous.h5"), process)
    process.kill()
    process.communicate()
    Path("case.checkpoint.h5").write_bytes(b"\x00" * 100)
    assert ask("resume", "case").code == 0
    assert digests(ask, "case") == unbroken


def test_a_run_without_a_checkpoint(ask: Ask, processes: list[subprocess.Popen[str]]) -> None:
    """Readable, but only a new run can finish it; the message says so and changes nothing."""
    process = begin(processes, "run", "case.toml", checkpoint_seconds="1000")
    wait_for(Path("case.checkpoint.h5"), process)
    process.kill()
    process.communicate()
    Path("case.checkpoint.h5").unlink()
    assert ask("inspect", "case").code == 0
    before = snapshot(Path.cwd())
    refused = ask("resume", "case")
    refused.assert_refused("case.vtkhdf: ", "before the first was written", "anew with ctc run")
    assert snapshot(Path.cwd()) == before
    assert ask("run", "case.toml").code == 2
    assert ask("run", "case.toml", "--overwrite").code == 0


def test_a_stopped_run_goes_on(
    ask: Ask,
    processes: list[subprocess.Popen[str]],
    unbroken: tuple[str, str],
) -> None:
    process = begin(processes, "run", "case.toml", checkpoint_seconds="1000")
    wait_for(Path("case.vtkhdf"), process)
    wait_for_epochs(1, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 3, err
    assert out == ""
    assert err.splitlines()[-1].startswith("ctc: stopped: ")
    assert "ctc resume case.vtkhdf" in err
    stopped = json.loads(ask("inspect", "case", "--json").out)
    assert stopped["status"] == "stopped"
    assert 0 < stopped["simulated_seconds"] < stopped["planned_seconds"]
    assert stopped["n_shed"] == stopped["in_flight"] + sum(stopped["fates"].values())
    answer = ask("resume", "case.vtkhdf")
    assert answer.code == 0, answer.err
    assert "digest " in answer.out
    assert digests(ask, "case") == unbroken


def test_a_run_in_progress_is_left_alone(ask: Ask, processes: list[subprocess.Popen[str]]) -> None:
    process = begin(processes, "run", "case.toml")
    wait_for(Path("case.checkpoint.h5"), process)
    assert json.loads(ask("inspect", "case", "--json").out)["status"] == "running"
    for command in (("run", "case.toml", "--overwrite"), ("resume", "case")):
        ask(*command).assert_refused(f"process {process.pid} is writing")
    assert process.poll() is None


def test_other_kernels_do_not_go_on(
    ask: Ask, processes: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = begin(processes, "run", "case.toml")
    wait_for(Path("case.checkpoint.h5"), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    began_with = pipeline.kernel_hash()[:12]
    monkeypatch.setattr(pipeline, "kernel_hash", lambda: "0" * 64)
    before = snapshot(Path.cwd())
    refused = ask("resume", "case")
    refused.assert_refused("case.vtkhdf: ", f"kernels that it began with ({began_with})")
    assert snapshot(Path.cwd()) == before
