"""A run and who follows it, each in a process of its own; samples of both every few seconds."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from ctc.record.checkpoint import read_checkpoint
from ctc.record.files import RunFiles
from ctc.stopping import CHECKPOINT_VARIABLE
from tools.soak.processes import look_at

ROOT = Path(__file__).resolve().parents[2]
# Checkpoints put aside at these shares of the time, to go on from afterwards.
EARLY, LATE = 0.03, 0.95
_PATIENCE = 300.0  # [s] for whatever a slow machine may keep us waiting for
_MOST_CHECKPOINT_SECONDS = 30.0
_CHECKPOINTS = 60  # at least so many in the whole time

Line = dict[str, Any]


@dataclass
class Course:
    """What was seen of one run.

    Attributes
    ----------
    epochs : list of dict
        Lines of `tools.soak.writer`, one an epoch.
    looks : list of dict
        Lines of `tools.soak.reader`.
    samples : list of dict
        ``time``, ``writer`` and ``reader`` (as `processes.Look`), ``size`` of the run file [bytes],
        ``pace``: seconds of processor time that one and the same small job took just then.
    writer_code, reader_code : int
        How they ended.
    """

    epochs: list[Line] = field(default_factory=list)
    looks: list[Line] = field(default_factory=list)
    samples: list[Line] = field(default_factory=list)
    writer_code: int = -1
    reader_code: int = -1


def early(files: RunFiles) -> RunFiles:
    """Return by what name the checkpoint that was put aside soon after the start is read."""
    return RunFiles.of(files.run.with_name("early.vtkhdf"))


def late(files: RunFiles) -> RunFiles:
    """Return by what name the one that was put aside shortly before the end is read."""
    return RunFiles.of(files.run.with_name("late.vtkhdf"))


def follow(
    files: RunFiles,
    scenario: Path | str,
    *,
    seconds: float,
    threads: int,
    overrides: Sequence[str] = (),
    plant: str | None = None,
    interval: float = 2.0,
) -> Course:
    """Run a scenario for some wall time, with a reader at its side.

    Parameters
    ----------
    files : RunFiles
        Where to; the folder is empty.
    scenario : path or str
        As for `ctc run`; it is to last longer than the time.
    seconds : float [s]
        From the first epoch to Ctrl-C.
    threads : int
        Of the writer.
    overrides : sequence of str
        As after ``--set``.
    plant : str, optional
        One of `tools.soak.writer.FAULTS`.
    interval : float [s]
        Between two samples.
    """
    course, logs = Course(), files.run.parent
    often = min(_MOST_CHECKPOINT_SECONDS, seconds / _CHECKPOINTS)
    command = ["tools.soak.writer", str(files.run), str(scenario), "--threads", str(threads)]
    command += [word for override in overrides for word in ("--set", override)]
    command += ["--plant", plant] if plant else []
    with (
        _lines(logs / "writer.jsonl", course.epochs) as epochs,
        _lines(logs / "reader.jsonl", course.looks) as looks,
        _started(command, epochs, {CHECKPOINT_VARIABLE: f"{often:g}"}) as writer,
    ):
        if not _more_lines(logs / "writer.jsonl", 1, writer):
            message = f"the writer must begin, ended with {writer.poll()} before its first epoch"
            raise RuntimeError(message)
        with _started(["tools.soak.reader", str(files.run)], looks, {}) as reader:
            _sample(course, files, writer, reader, seconds=seconds, interval=interval)
            _more_lines(logs / "writer.jsonl", 2, writer)  # the second began after the last sample
            if writer.poll() is None:
                writer.send_signal(signal.SIGINT)
            course.writer_code = writer.wait(_PATIENCE)
            _more_lines(logs / "reader.jsonl", 2, reader)  # the second look began after the end
            assert reader.stdin is not None
            reader.stdin.close()
            course.reader_code = reader.wait(_PATIENCE)
    return course


def _sample(
    course: Course,
    files: RunFiles,
    writer: subprocess.Popen[bytes],
    reader: subprocess.Popen[bytes],
    *,
    seconds: float,
    interval: float,
) -> None:
    began = time.monotonic()
    pace = _SmallJob()
    aside = [(early(files), EARLY), (late(files), LATE)]
    while (passed := time.monotonic() - began) < seconds or (aside and passed < _PATIENCE):
        of_writer, of_reader = look_at(writer.pid), look_at(reader.pid)
        if of_writer is None or of_reader is None:
            return  # its exit code says why
        course.samples.append(
            {
                "time": time.monotonic(),
                "writer": asdict(of_writer),
                "reader": asdict(of_reader),
                "size": files.run.stat().st_size,
                "pace": pace.seconds(),
            }
        )
        while aside and passed >= aside[0][1] * seconds and _put_aside(files, aside[0][0]):
            aside.pop(0)
        left = seconds - (time.monotonic() - began)
        time.sleep(min(interval, left) if left > 0 else interval)


def _put_aside(files: RunFiles, kept: RunFiles) -> bool:
    """Keep the checkpoint of now; returns False where there is none after the run's beginning."""
    try:
        # It is renamed into place, so a second name for it stays whole.
        os.link(files.checkpoint, kept.checkpoint)
    except FileNotFoundError:
        return False
    if int(read_checkpoint(kept).state["n_epochs_done"]):
        return True
    kept.checkpoint.unlink()
    return False


class _SmallJob:
    """One and the same work, timed now and then: how fast the machine is with all that it does."""

    def __init__(self) -> None:
        random = np.random.Generator(np.random.Philox(1))
        self._table = random.random(1 << 22)
        self._places = random.integers(0, self._table.size, 1 << 18)

    def seconds(self) -> float:
        """Return the processor time that it takes now [s]."""
        began = time.process_time()
        self._table[self._places].sum()
        return time.process_time() - began


@contextlib.contextmanager
def _lines(path: Path, into: list[Line]) -> Iterator[IO[bytes]]:
    """Give a file for lines of JSON, and read them at the end."""
    with path.open("wb") as file:
        yield file
    into += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextlib.contextmanager
def _started(
    command: Sequence[str], output: IO[bytes], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a module of ours; it has ended when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        cwd=ROOT,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _more_lines(path: Path, n: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait for more lines of a process; returns whether they came."""
    wanted = path.read_bytes().count(b"\n") + n
    end = time.monotonic() + _PATIENCE
    while path.read_bytes().count(b"\n") < wanted:
        if process.poll() is not None or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
