"""Runs in processes of their own, for what only a whole process has: peak memory, start-up.

    python -m tools.bench.children peak SCENARIO OUTPUT KEY=VALUE ...
    python -m tools.bench.children first_epoch SPAWNED SCENARIO OUTPUT
    python -m tools.bench.children phases SPAWNED SCENARIO OUTPUT KEY=VALUE ...
    python -m tools.bench.children patients JSON

Each prints one line of JSON. SPAWNED is the time at which the parent began the process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run_child(
    task: str, words: Sequence[str], *, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run a task in a process of its own and return what it printed.

    Parameters
    ----------
    task : str
        One of the four.
    words : sequence of str
        What follows it, without the time of the start.
    environment : mapping of str to str, optional
        Variables beside those of this process.

    Raises
    ------
    RuntimeError
        If it fails: with the end of what it said.
    """
    spawned = [] if task in ("peak", "patients") else [repr(time.time())]
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.children", task, *spawned, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ) | dict(environment or {}),
    )
    if done.returncode:
        message = f"{task} of {' '.join(words)} failed: {done.stderr.strip()[-1000:]}"
        raise RuntimeError(message)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _peak(words: Sequence[str]) -> dict[str, Any]:
    from ctc.pipeline import load_scenario, run  # noqa: PLC0415 - loading it is measured

    scenario, output, *overrides = words
    summary = run(load_scenario(scenario, overrides=overrides), Path(output), device="cpu")
    return {
        "peak": largest_resident_size(),
        "shed": summary.n_shed,
        "in_flight": summary.in_flight,
    }


def largest_resident_size() -> int:
    """Return the peak of this process [bytes].

    From Linux' own count where it is there: that of getrusage begins with the size of the parent.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _first_epoch(words: Sequence[str]) -> dict[str, Any]:
    from ctc.errors import StoppedEarly  # noqa: PLC0415 - loading it is measured
    from ctc.pipeline import load_scenario, run  # noqa: PLC0415 - loading it is measured

    spawned, scenario, output = words
    marks: dict[str, float] = {}

    def note(progress: Any) -> None:
        if progress.phase == "simulate" and not marks:
            marks["wall"] = time.time() - float(spawned)
            marks["processor"] = time.process_time()

    loaded = load_scenario(scenario)
    with suppress(StoppedEarly):
        run(loaded, Path(output), device="cpu", progress=note, max_epochs=1)
    return marks


def _phases(words: Sequence[str]) -> dict[str, Any]:
    from tools.bench.phases import phases_of_run  # noqa: PLC0415 - loading it is measured

    spawned, scenario, output, *overrides = words
    return phases_of_run(scenario, Path(output), overrides=overrides, spawned=float(spawned))


def _patients(words: Sequence[str]) -> dict[str, Any]:
    from tools.bench.patients import follow_patients  # noqa: PLC0415 - loading it is measured

    asked = json.loads(words[0])
    return follow_patients(**asked | {"meeting": Path(asked["meeting"])})


_TASKS: dict[str, Callable[[Sequence[str]], dict[str, Any]]] = {
    "peak": _peak,
    "first_epoch": _first_epoch,
    "phases": _phases,
    "patients": _patients,
}


if __name__ == "__main__":
    print(json.dumps(_TASKS[sys.argv[1]](sys.argv[2:])))
