"""Fixtures of the record's tests: the samples, and processes that write them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ctc.record.reader import open_run

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """Return the module ``samples.py`` of this folder."""
    spec = importlib.util.spec_from_file_location("record_samples", HERE / "samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start_writer() -> Iterator[Start]:
    """Start ``writing_process.py`` with some arguments and return it once the file stands."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(HERE / "writing_process.py"), *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def check_complete(samples: ModuleType) -> Callable[[Path], dict[str, int]]:
    """Return a function that checks all that counts in a run file against the samples."""

    def check(path: Path) -> dict[str, int]:
        with open_run(path) as run:
            n_epochs = run.n_epochs
            assert run.n_frames in (n_epochs, n_epochs + 1)
            for index in range(run.n_frames):
                frame = run.frame(index)
                assert frame.time == samples.frame_time(index)
                for name, column in samples.cells(index).items():
                    np.testing.assert_array_equal(getattr(frame, name), column)
            assert run.damaged_frames() == []
            for found, made in (
                (run.events(), samples.events),
                (run.lesion_history(), samples.lesions),
                (run.litters(), samples.litters),
                (run.effects(), samples.effects),
                (run.examinations(), lambda epoch: samples.clinic(epoch)["examinations"]),
                (run.findings(), lambda epoch: samples.clinic(epoch)["findings"]),
                (run.treatments(), lambda epoch: samples.clinic(epoch)["treatments"]),
                (run.milestones(), lambda epoch: samples.clinic(epoch)["milestones"]),
            ):
                empty = found[:0]
                wanted = np.concatenate([empty, *(made(epoch) for epoch in range(n_epochs))])
                np.testing.assert_array_equal(found, wanted)
            series = run.series()
            for epoch in range(n_epochs):
                for name, value in samples.series(epoch).items():
                    np.testing.assert_array_equal(series[name][epoch], value)
            if n_epochs:
                tallies = run.tallies()
                for name, value in samples.tallies(n_epochs - 1).items():
                    np.testing.assert_array_equal(tallies[name], value)
            return {"frames": run.n_frames, "epochs": n_epochs, "events": run.n_events}

    return check
