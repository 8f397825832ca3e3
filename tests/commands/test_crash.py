"""Kills at every fault point and some others lose nothing; `python -m tools.crash` does more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctc.fault_points import POINTS
from ctc.record.counters import Counters
from ctc.record.writer import RunWriter
from tests.commands.asking import ROOT
from tools.crash import cases
from tools.crash.attacks import Attack
from tools.crash.campaign import NOT_IN_SHORT
from tools.crash.children import Child
from tools.crash.episodes import Tally
from tools.crash.promised import after, before
from tools.crash.subjects import new_run

_PATIENCE = 550.0  # [s]
_ELSEWHERE = ("call before", "call inside", "call after", "full disk", "moment writer")


def test_kills_at_every_fault_point_lose_nothing(tmp_path: Path) -> None:
    """And elsewhere: the short form once made none of those, as the last point ended the run."""
    command = [sys.executable, "-m", "tools.crash", "--short", "--json", "--folder", str(tmp_path)]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    assert found["lost"] == []
    killed = {name for name, counts in found["by_attack"].items() if counts["killed"]}
    assert set(POINTS) - {name.split()[-1] for name in killed} <= NOT_IN_SHORT
    assert found["points_not_met"] == []
    assert found["calls_counted"]
    wanted = {f"{what}: {name}" for what in ("run", "sweep") for name in _ELSEWHERE}
    assert wanted <= killed
    assert found["kills"] >= len(POINTS) - len(NOT_IN_SHORT) + 8
    assert found["full_disks"] >= 2
    assert found["same_digests"] >= 4
    assert list(tmp_path.iterdir()) == []


def killed_run(work: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., None]) -> str:
    """Return what is told of a run that was killed after four epochs, with another writer."""
    subject = new_run(work)
    monkeypatch.setattr(RunWriter, "_set", write)
    start = before(subject.start, cases.run_command(), run=cases.RUN, sweep=cases.SWEEP)
    never = {"CTC_CHECKPOINT_SECONDS": "1000"}
    attack = Attack("point", "epoch.counted", 4)
    child = Child(subject.start, cases.run_command(), attack, environment=never)
    assert child.end().is_killed
    return "; ".join(subject.problems(subject.start, after(start, child.passed())))


def test_a_writer_that_does_not_flush_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves is the beginning of a whole run, which once was all that was asked."""

    def forget(self: RunWriter, counters: Counters) -> None:
        self._counters = counters

    told = killed_run(tmp_path, monkeypatch, forget)
    assert "4 epochs were counted, the run holds 0" in told
    assert "frames were counted, the run holds 0" in told


def test_a_writer_that_flushes_has_kept_all_that_it_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert killed_run(tmp_path, monkeypatch, RunWriter._set) == ""


def test_a_campaign_that_met_nothing_or_was_ended_is_not_good() -> None:
    tally = Tally(wanted=frozenset({"run.begun"}))
    assert not tally.is_good
    tally.tried["run: point run.begun"] += 1
    assert tally.points_not_met == ("run.begun",)
    tally.met["run: point run.begun"] += 1
    tally.met["run: full disk"] += 1
    assert tally.is_good
    assert (tally.kills, tally.full_disks) == (1, 1)
    tally.is_interrupted = True
    assert not tally.is_good
