"""A cluster that somebody else started, one process after another, and what becomes of its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from distributed import Client
from distributed.comm import CommClosedError

from ctc.distributed import dask_shards, losses
from ctc.distributed.cluster import open_workers
from ctc.distributed.dask_shards import DaskShards
from ctc.errors import WorkerLostError
from tests.physics.mixed import mixed_setting

WITHIN = 60.0  # [s] for processes to appear and for Dask to see that they are gone


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start processes of Dask, which are gone after the test."""
    processes = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            processes.append(
                subprocess.Popen([sys.executable, "-m", "dask", *command], stdout=log, stderr=log)
            )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def until(is_so: Callable[[], bool]) -> None:
    began = time.perf_counter()
    while not is_so():
        assert time.perf_counter() - began < WITHIN
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("lost", "why"), [("worker", "its process ended"), ("scheduler", "the scheduler does not")]
)
def test_a_loss_that_dask_knows_of_already_is_told(
    started: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, lost: str, why: str
) -> None:
    """Once Dask knows it, it refuses to begin a call, rather than to answer it."""
    file = tmp_path / "scheduler.json"
    scheduler = started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file),
        "--no-dashboard",
    )  # fmt: skip
    until(file.exists)
    for _ in range(2):
        started(
            "worker", "--scheduler-file", str(file), "--no-nanny", "--no-dashboard",
            "--local-directory", str(tmp_path),
        )  # fmt: skip
    address = json.loads(file.read_text())["address"]
    with open_workers(address, 2, device="cpu", threads=1) as workers:
        shards = workers.shards(mixed_setting(cells=100), chunk=None, folder=Path())
        assert isinstance(shards, DaskShards)
        first = shards._actors[0]
        if lost == "worker":
            os.kill(shards.processes()[0], signal.SIGKILL)
        else:
            scheduler.kill()
        until(lambda: first._future.status not in ("finished", "pending"))
        calls = (
            shards.record_counts,
            lambda: shards.on_one("kernel_time"),
            lambda: shards.n_events(0),
            lambda: shards.next_events(0),
        )
        for call in calls:
            with pytest.raises(WorkerLostError, match=rf"worker tcp://\S+ was lost \({why}"):
                call()
        shards.close()


SCRIPT = """
from pathlib import Path
from ctc.distributed import dask_shards, losses
from ctc.distributed.cluster import open_workers
with open_workers(None, 1, device="cpu", threads=1):
    pass
"""


def test_a_script_without_a_guard_hears_of_it(tmp_path: Path) -> None:
    """Its worker imports it, begins a worker of its own, and ends."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    last = done.stderr.splitlines()[-1]
    assert "WorkerLostError: worker on this machine was lost (it did not start: " in last
    assert 'belongs below if __name__ == "__main__":' in last


def test_a_worker_that_is_lost_before_it_has_cells_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def scatter(*_arguments: object, **_options: object) -> None:
        raise CommClosedError("in <TCP>: Stream is closed")

    with open_workers(None, 1, device="cpu", threads=1) as workers:
        monkeypatch.setattr(Client, "scatter", scatter)
        with pytest.raises(WorkerLostError, match=r"did not start: .* closed\)\. See what it"):
            workers.shards(mixed_setting(cells=100), chunk=None, folder=Path())


def test_a_frozen_worker_is_warned_of_once_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dask_shards, "_LOOK", 0.1)
    monkeypatch.setattr(losses, "_LONG", 2.0)
    with open_workers(None, 1, device="cpu", threads=1) as workers:
        shards = workers.shards(mixed_setting(cells=100), chunk=None, folder=Path())
        process = shards.processes()[0]
        os.kill(process, signal.SIGSTOP)
        waker = threading.Timer(5.0, os.kill, (process, signal.SIGCONT))
        waker.start()
        with caplog.at_level("WARNING", logger="ctc"):
            assert shards.record_counts().born.sum() == 0
        waker.join()
        shards.close()
    said = [record.getMessage() for record in caplog.records if record.name.startswith("ctc")]
    assert len(said) == 1
    assert said[0].startswith("worker tcp://127.0.0.1:")
    assert "was not heard of for 2 s" in said[0]


def test_a_worker_whose_own_work_ran_out_of_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_workers(None, 1, device="cpu", threads=1) as workers:
        shards = workers.shards(mixed_setting(cells=100), chunk=None, folder=Path())
        monkeypatch.setattr(dask_shards, "_LOOK", 60.0)  # its own limit plays no part
        failed = Future()
        failed.set_exception(TimeoutError("a lock was not free"))
        with pytest.raises(WorkerLostError, match="a lock was not free"):
            shards._result(0, failed)
        shards.close()
