"""Good HDF5 files of every kind that ctc reads, made once by its own commands."""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import h5py
import numpy as np

from ctc.cli.main import main
from ctc.cohort.course import COURSE
from ctc.errors import StoppedEarly
from ctc.pipeline import load_scenario, open_sweep, run, run_sweep
from ctc.record.reader import open_run
from tools.fuzz.sample import Sample, lay_down

# What the damaged files lead to: it lies beside them, and nobody may read it.
SECRET = "outside/secret.h5"
# A sample with this name in it was changed by somebody who knows how to mend every checksum.
RESEALED = "resealed"
_TINY = ("--set", "body.terminals=1456", "--set", "source.mass=0.01 g")
_SHORT = ("--set", 'run.duration="4 h"', "--set", "record.tracked=100")
_MANY_FRAMES = ("--set", 'record.window.0.interval="0.1 s"')
_ORGAN = ("--organ", "liver", "--terminals", "200")
_PATIENT = """
[scenario]
title = "A patient"
[run]
duration = "300 days"
epoch = "30 days"
[body]
terminals = 1456
[cancer]
set = "cancers/breast"
[tumours]
lesions_shed = false
[cells]
weight = 1e10
[[source]]
kind = "tumour"
organ = "breast"
mass = "1 g"
shedding_rate = "100 1/g/day"
growth = "gompertz"
[[examination]]
kind = "mammography"
at = "0 days"
every = "100 days"
[[treatment]]
kind = "surgery"
after = "diagnosis"
delay = "30 days"
[override]
"tumour.overt_share" = 1e-10
"""
# So that its run can be shown, and exported in every form.
_SOME_FRAMES = """
[record]
tracked = 20
[[record.window]]
start = "0 s"
duration = "300 days"
interval = "30 days"
"""
_SWEEP = """
[sweep]
title = "A trial"
scenario = "patient.toml"
patients = 6
seed = 7
block = 2
[[vary]]
key = "source.0.mass"
distribution = "lognormal"
median = "1 g"
sigma = 0.5
at_most = "20 g"
basis = "assumed"
source = "made up"
[[arm]]
name = "surgery"
[[arm]]
name = "none"
remove = ["treatment.0"]
"""


def finished_runs() -> list[Sample]:
    """Return a short run, and one of a patient."""
    return [tiny_run(), _patient()]


@functools.cache
def tiny_run() -> Sample:
    """Return a short run with frames and events."""
    with _workshop() as folder:
        _command("run", "quick", *_TINY, *_SHORT, "-o", folder / "run.vtkhdf")
        return _gathered(folder, "run.*")


@functools.cache
def stopped_run() -> Sample:
    """Return the same run, stopped after three epochs, with its two checkpoints."""
    settings = [text for text in (*_TINY, *_SHORT) if text != "--set"]
    with _workshop() as folder:
        quick = load_scenario("quick", overrides=settings)
        with contextlib.suppress(StoppedEarly):
            run(quick, folder / "run.vtkhdf", device="cpu", threads=1, max_epochs=3)
        return _gathered(folder, "run.*")


@functools.cache
def killed_run() -> Sample:
    """Return a run that was killed with over 500 frames: a kill divides such indices of chunks."""
    with _workshop() as folder:
        words = ("run", "quick", *_TINY, *_SHORT, "-o", "run.vtkhdf", *_MANY_FRAMES)
        done = subprocess.run(
            [sys.executable, "-m", "ctc.cli.main", *words],
            check=False,
            capture_output=True,
            cwd=folder,
            env={**os.environ, "CTC_FAULT": "epoch.counted:3:kill"},
        )
        if done.returncode != -signal.SIGKILL:
            raise RuntimeError(done.stderr.decode())
        return _gathered(folder, "run.*")


@functools.cache
def straight_digest() -> str:
    """Return the digest of the run that never stopped."""
    with _workshop() as folder:
        lay_down(tiny_run(), folder)
        with open_run(folder / "run.vtkhdf") as run:
            return run.end.digest


@functools.cache
def network() -> Sample:
    """Return a grown organ as a network file."""
    with _workshop() as folder:
        _command("vessels", "grow", *_ORGAN, "-o", folder / "network.h5")
        return _gathered(folder, "network.h5")


@functools.cache
def line_files() -> tuple[Sample, ...]:
    """Return the same vessels as VTKHDF: of ours, and as older programs write HDF5."""
    with _workshop() as folder:
        lay_down(network(), folder)
        lines, old = folder / "network.vtkhdf", folder / "old.vtkhdf"
        _command("vessels", "export", folder / "network.h5", "-o", lines)
        with h5py.File(lines) as source, h5py.File(old, "w", libver="earliest") as target:
            for name in source:
                source.copy(name, target)
        return tuple({"network.vtkhdf": path.read_bytes(), **_outside()} for path in (lines, old))


@functools.cache
def sweep() -> Sample:
    """Return the folder of a finished sweep, with its blocks, and what it was made of."""
    with _workshop() as folder:
        (folder / "patient.toml").write_text(_PATIENT)
        (folder / "trial.toml").write_text(_SWEEP)
        go_on(folder)
        texts = _gathered(folder, "*.toml")
        return {**_gathered(folder, "trial.sweep/**/*"), **texts}


@functools.cache
def _patient() -> Sample:
    with _workshop() as folder:
        (folder / "patient.toml").write_text(_PATIENT + _SOME_FRAMES)
        _command("run", folder / "patient.toml", "-o", folder / "run.vtkhdf")
        return _gathered(folder, "run.*")


def go_on(folder: Path) -> str:
    """Follow the patients of a sweep that are not done yet, in no time, and return its digest."""
    target = folder / "trial.sweep"
    # Which commit it is, git is asked: a process that no reader of files may start.
    with mock.patch("ctc.record.provenance.program_commit", return_value=None):
        run_sweep(folder / "trial.toml", target, workers=1, device="cpu", follow=_follow)
    return str(open_sweep(target).digest)


def _follow(members: Sequence[Any], **_how: Any) -> Any:
    """Stand in for the engine: courses that the number of the patient alone tells."""
    rows = np.zeros(len(members), dtype=COURSE)
    for row, member in zip(rows, members, strict=True):
        for name in COURSE.names or ():
            if COURSE[name].kind == "f":
                row[name] = np.nan
        row["patient"], row["arm"] = member.patient, member.arm
        row["diagnosis_time"] = row["end_time"] = 1e7 * (1 + member.patient)
        row["diagnosis_diameter"], row["burden"] = 0.01, 1e9
    return rows


def _command(*arguments: Any) -> None:

    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main([str(argument) for argument in arguments])
    if code:
        raise RuntimeError(said.getvalue())


def _gathered(folder: Path, pattern: str) -> Sample:
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }
    return {**files, **_outside()}


@functools.cache
def _outside() -> dict[str, bytes]:
    with _folder() as folder:
        with h5py.File(folder / "secret.h5", "w", libver="v110") as file:
            file["x"] = np.arange(1000)
        return {SECRET: (folder / "secret.h5").read_bytes()}


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ctc-hdf5-") as name:
        yield Path(name)


@contextlib.contextmanager
def _workshop() -> Iterator[Path]:
    """Give an empty folder, quiet, with grown vessels kept from one file to the next."""
    names = ("CTC_CACHE", "CTC_VESSEL_CACHE", "CTC_CHECKPOINT_SECONDS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(zip(names, (_cache(), "on", "0"), strict=True))
    try:
        with (
            _folder() as folder,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            yield folder
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@functools.cache
def _cache() -> str:
    folder = tempfile.mkdtemp(prefix="ctc-hdf5-cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return os.environ.get("CTC_CACHE", folder)
