"""HEDOS beside us: its rates elsewhere, its example run from a checkout, its law in NumPy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from ctc.errors import InputError
from tools.bench.hedos_graph import DURATION, N_STEPS, SCALE, TIME_STEP, CompartmentGraph
from tools.bench.rows import Peer
from tools.bench.timing import time_once

# Particle-seconds a second of `walk_v1`, one core of an AMD EPYC, HEDOS 139e1a2 with NumPy 2.4,
# best of several runs: 1e5 particles in 7.2 s, 1e6 in 87.3 s. Measured by us; no rate is published.
_ORIGIN = "measured elsewhere: one core of an AMD EPYC, November 2026"
MEASURED_ELSEWHERE = {
    100_000: Peer("HEDOS 139e1a2", 1.67e6, _ORIGIN),
    1_000_000: Peer("HEDOS 139e1a2", 1.37e6, _ORIGIN),
}
PATH_TABLE = Peer("HEDOS, path table of 120 s", float(N_STEPS), "by its layout: a byte a step")
_EXAMPLE = Path("examples") / "BloodDose.py"
_EXAMPLE_PARTICLES = 100_000
# Runs the example and prints what its functions called walk... take in all, callees included.
_SCRIPT = """
import cProfile, io, json, pstats, runpy, sys
from contextlib import redirect_stdout
sys.path.insert(0, "."); sys.argv = [sys.argv[1]]
profile = cProfile.Profile()
with redirect_stdout(io.StringIO()):
    profile.enable()
    runpy.run_path(sys.argv[0], run_name="__main__")
    profile.disable()
walks = [row[3] for key, row in pstats.Stats(profile).stats.items() if key[2].startswith("walk")]
print(json.dumps(max(walks, default=0.0)))
"""
_STEPPED_PARTICLES, _STEPPED_STEPS = 100_000, 60


def require_checkout(folder: Path) -> None:
    """Raise `InputError` unless a folder holds HEDOS' example."""
    if not (folder / _EXAMPLE).is_file():
        message = f"--hedos must hold {_EXAMPLE}, got '{folder}'. Give a checkout of mghro/hedos."
        raise InputError(message)


def measure_checkout(folder: Path) -> Peer:
    """Run HEDOS' own example in a checkout of it and return the rate of its walk.

    Under Python's profiler, which makes it a few per cent slower.

    Raises
    ------
    InputError
        If the folder holds no such example, or it fails.
    """
    require_checkout(folder)
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(_EXAMPLE)],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_without_screen(),
    )
    seconds = float(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else 0.0
    if seconds <= 0.0:
        message = f"--hedos must run its example, got: {done.stderr.strip()[-500:]}. Try it there."
        raise InputError(message)
    return Peer("HEDOS", _EXAMPLE_PARTICLES * DURATION / seconds)


def _without_screen() -> dict[str, str]:
    return dict(os.environ) | {"MPLBACKEND": "Agg"}


def stepped_rate(graph: CompartmentGraph) -> float:
    """Time HEDOS' law step by step in NumPy, with its path table [particle-s/s a core].

    A particle leaves within a step with the chance of its hazard at the step's start. All
    compartments at once, which is faster than one after another as HEDOS goes.
    """
    rng = np.random.default_rng(1)
    n = len(graph.names)
    scale = SCALE * graph.mean_dwell
    cumulative = np.cumsum(graph.chance, axis=1)
    start = rng.choice(n, _STEPPED_PARTICLES, p=graph.share)
    path = np.empty((_STEPPED_PARTICLES, N_STEPS), dtype=np.uint8)

    def walk() -> None:
        place = start.copy()
        age = scale[place] * rng.random(place.size)
        for step in range(_STEPPED_STEPS):
            path[:, step] = place
            hazard = 2.0 * age / scale[place] ** 2
            goes = np.flatnonzero(rng.random(place.size) < hazard * TIME_STEP)
            age += TIME_STEP
            chance = cumulative[place[goes]]
            place[goes] = (rng.random((goes.size, 1)) < chance).argmax(axis=1)
            age[goes] = 0.0

    seconds = time_once(walk).processor
    return _STEPPED_PARTICLES * _STEPPED_STEPS * TIME_STEP / seconds
