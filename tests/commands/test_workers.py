"""Runs that are split over shards and workers, and what is wrong with how that was asked for."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from ctc import pipeline
from ctc.distributed import cluster
from ctc.errors import WorkerLostError
from ctc.record.reader import open_run
from ctc.summary import Progress
from tests.commands.asking import SCENARIO, snapshot
from tests.commands.conftest import Ask

WINDOW = '\n[[record.window]]\nstart = "10 min"\nduration = "20 min"\ninterval = "1 min"\n'
CASE = SCENARIO.replace('"1 h"', '"1 h"\nepoch = "5 min"').replace("0.02 g", "0.2 g") + WINDOW


@pytest.fixture
def case(in_folder: Path) -> Path:
    path = in_folder / "case.toml"
    path.write_text(CASE)
    return path


def figures_of(path: str) -> tuple[str, str, str]:
    with open_run(Path(path)) as run:
        found = run.summary()
    return found["digest"], found["record_digest"], found["device"]


def test_shards_are_told_and_change_nothing(ask: Ask, case: Path) -> None:
    assert ask("run", case, "-o", "one.vtkhdf", "--device", "cpu").code == 0
    split = ("--device", "cpu", "--threads", "2", "--shards", "2")
    answer = ask("run", case, "-o", "two.vtkhdf", *split, "--timings")
    assert answer.code == 0, answer.err
    rows = [line.split() for line in answer.out.splitlines() if "the rest of the epochs" in line]
    assert [row[-2] for row in rows] == ["-"]  # of two threads no clock tells whose it was
    assert "on 2 shards on cpu (" in answer.out
    one, two = figures_of("one.vtkhdf"), figures_of("two.vtkhdf")
    assert one[:2] == two[:2]
    assert two[2].startswith("2 shards on cpu (")


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        (("--shards", "2", "--workers", "2"), "--shards: value must be left out with --workers"),
        (("--device", "cuda:0,00"), "must name each GPU once, got 'cuda:0,00'"),
        (("--device", "cuda:\u0663"), "--device: value must be auto, cpu, cuda, cuda:N"),
        (("--device", "cuda", "--threads", "3"), "--threads: value must be left out with 'cuda'"),
        (("--device", "cuda:0,1", "--workers", "2"), "--device: value must be one device for each"),
    ],
)
def test_options_that_contradict_one_another_are_refused(
    ask: Ask, case: Path, options: tuple[str, ...], phrase: str
) -> None:
    before = snapshot(case.parent)
    ask("run", case, "-o", "run.vtkhdf", *options).assert_refused(phrase)
    assert snapshot(case.parent) == before


def test_what_to_install_for_workers(ask: Ask, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PACKAGE", "no_such_package")
    before = snapshot(case.parent)
    ask("run", case, "--workers", "2").assert_refused("pip install 'ctc[distributed]'")
    ask("run", case, "--scheduler", "tcp://host:1").assert_refused("pip install")
    assert snapshot(case.parent) == before


def test_a_scheduler_that_does_not_answer(
    ask: Ask, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ANSWER", 1.0)
    answer = ask("run", case, "--device", "cpu", "--scheduler", "tcp://127.0.0.1:9")
    answer.assert_refused("--scheduler: value must be the address", "got 'tcp://127.0.0.1:9'")
    assert not Path("case.vtkhdf").exists()


def test_a_lost_worker_leaves_a_checkpoint_to_go_on_from(
    ask: Ask, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two workers one is killed after the third epoch; the run goes on with none, then ends."""
    monkeypatch.setenv("CTC_CHECKPOINT_SECONDS", "0")
    assert ask("run", case, "-o", "whole.vtkhdf", "--device", "cpu").code == 0
    n_epochs = 0

    def kill_one(progress: Progress) -> None:
        nonlocal n_epochs
        n_epochs += progress.phase == "simulate"
        if n_epochs == 3:
            workers = multiprocessing.active_children()
            assert len(workers) == 2
            os.kill(workers[0].pid, signal.SIGKILL)

    scenario = pipeline.load_scenario(case)
    lost = Path("lost.vtkhdf")
    with pytest.raises(WorkerLostError, match=r"Go on with: ctc resume lost\.vtkhdf") as caught:
        pipeline.run(scenario, lost, device="cpu", workers=2, threads=1, progress=kill_one)
    assert caught.value.exit_code == 4
    assert 1 <= n_epochs < 12
    answer = ask("resume", lost, "--device", "cpu", "--shards", "3")
    assert answer.code == 0, answer.err
    assert figures_of("lost.vtkhdf")[:2] == figures_of("whole.vtkhdf")[:2]
    with open_run(lost) as run:
        assert run.summary()["device"].startswith("2 Dask workers: 2 x cpu (")
