"""A campaign: one target fed with many inputs, in a process that may hang or die."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tools.fuzz.judge import Outcome, Verdict
from tools.fuzz.report import Report
from tools.fuzz.target import Target

_ROOT = Path(__file__).resolve().parents[2]
# Native code does not hear an alarm: the process is ended when it is silent for so long.
_SILENCE = 90.0
# The pipes of a process close before the system tells how it ended.
_LAST_BREATH = 30.0


class Worker:
    """A process of `tools.fuzz.worker`, started anew when it is gone."""

    def __init__(self, start: Sequence[str] = ("-m", "tools.fuzz.worker")) -> None:
        self._start = tuple(start)
        self._folder = tempfile.TemporaryDirectory(prefix="ctc-fuzz-")
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._folder.cleanup()
        self._errors.close()

    def ask(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Send a request and give its answers; the last says ``done`` or ``died``."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        while True:
            line = self._line(process)
            if not line:
                yield {"died": self._end(is_gone=line is not None)}
                return
            answer = json.loads(line)
            yield answer
            if "done" in answer:
                return

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._read = b""
            self._process = subprocess.Popen(
                [sys.executable, *self._start, str(Path(self._folder.name) / "input")],
                cwd=_ROOT,
                env={**os.environ, "PYTHONPATH": str(_ROOT), "CTC_VESSEL_CACHE": "off"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
            )
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes | None:
        """Return the next line; None where the process is silent, nothing where it is gone."""
        assert process.stdout is not None
        until = time.monotonic() + _SILENCE
        while b"\n" not in self._read:
            ready, _, _ = select.select([process.stdout], [], [], max(until - time.monotonic(), 0))
            if not ready:
                return None
            piece = os.read(process.stdout.fileno(), 2**16)
            if not piece:
                return b""
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _end(self, *, is_gone: bool = False) -> str:
        """End the process, if there is one, and say how it went."""
        process, self._process = self._process, None
        if process is None:
            return ""
        if is_gone:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_BREATH)
        was_gone = process.poll()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        return "silent" if was_gone is None else f"exit status {was_gone}"

    def last_words(self) -> str:
        """Return the end of what processes wrote to their stderr."""
        self._errors.seek(0, os.SEEK_END)
        size = self._errors.tell()
        self._errors.seek(max(size - 3000, 0))
        return self._errors.read().decode("utf-8", "replace")


def run_target(
    target: Target,
    worker: Worker,
    *,
    seed: int,
    seconds: float = 0.0,
    count: int = 0,
    hostile: int = 0,
    minimise: bool = True,
) -> Report:
    """Feed a target with inputs that only the seed and their number tell.

    Parameters
    ----------
    target : Target
    worker : Worker
    seed : int
    seconds : float [s]
        How long, if neither number is given.
    count : int
        How many inputs.
    hostile : int
        How many hostile inputs, after all good and odd ones.
    minimise : bool
        Whether failing samples are made small.
    """
    report = Report(target.name)
    if target.lacks:
        report.skipped = f"needs {', '.join(target.lacks)}"
        return report
    began = time.monotonic()
    first = 0
    while True:
        left: dict[str, Any] = {"seconds": seconds - (time.monotonic() - began)}
        if hostile:
            left = {"hostile": hostile}
        elif count:
            left = {"count": count - first}
        if next(iter(left.values())) <= 0:
            break
        begun, is_hostile = first - 1, False
        request = {
            "target": target.name,
            "seed": seed,
            "first": first,
            "minimise": minimise,
            **left,
        }
        for answer in worker.ask(request):
            if "verdict" in answer:
                verdict = Verdict.from_dict(answer["verdict"])
                report.add(answer["ended"], verdict, is_hostile=answer["hostile"])
            if "begun" in answer:
                begun, is_hostile = answer["begun"], answer["hostile"]
            if "died" in answer:
                how = answer["died"]
                outcome = Outcome.HUNG if how == "silent" else Outcome.DIED
                text = f"{how}\n{worker.last_words()}"
                verdict = Verdict(outcome, f"{target.name}: {how}", text)
                report.add(begun, verdict, is_hostile=is_hostile)
        if "done" in answer or begun < first:
            break  # a process that dies before its first input would do so again
        first = begun + 1
    report.seconds = time.monotonic() - began
    return report
