"""Row `start_up`: how long a user waits for the first sign of life, and for the first epoch."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tools.bench.children import ROOT, run_child
from tools.bench.rows import Conditions, Goal, Outcome, figure_of
from tools.bench.timing import in_turn, time_once

_HELP_GOAL, _EPOCH_GOAL = Goal(high=0.3), Goal(high=2.0)


@dataclass(frozen=True)
class StartUp:
    """Processes from their start."""

    name: str = field(default="start_up", init=False)
    what: str = field(default="from the command to help, and to the first epoch", init=False)

    def measure(self, conditions: Conditions) -> Outcome:
        """Start processes, ours and bare Python with NumPy and h5py, in turn."""
        jobs = {
            "help": lambda: _wall("-m", "ctc.cli.main", "--help"),
            "peer": lambda: _wall("-c", "import numpy, h5py"),
        }
        found = {name: np.array(times) for name, times in in_turn(jobs, conditions.runs()).items()}
        with tempfile.TemporaryDirectory() as folder:
            caches = [Path(folder) / str(i) for i in range(1 if conditions.is_quick else 5)]
            cold = np.array([_first_epoch(cache) for cache in caches])
            warm = np.array([_first_epoch(caches[0]) for _ in range(conditions.runs(5))])
        return Outcome(
            (
                figure_of(
                    "ctc --help",
                    "s",
                    ours=found["help"],
                    peer=found["peer"],
                    peer_name="import numpy, h5py",
                    goal=_HELP_GOAL,
                    is_less_better=True,
                ),
                figure_of(
                    "first epoch of quick.toml done, warm caches",
                    "s",
                    ours=warm[:, 0],
                    goal=_EPOCH_GOAL,
                    is_less_better=True,
                ),
                figure_of(
                    "the same, processor of its threads",
                    "s",
                    ours=warm[:, 1],
                    is_less_better=True,
                ),
                figure_of(
                    "first epoch, empty caches: vessels grown and kept",
                    "s",
                    ours=cold[:, 0],
                    is_less_better=True,
                ),
            )
        )


def _wall(*words: str) -> float:
    return time_once(
        lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=ROOT)
    ).wall


def _first_epoch(cache: Path) -> tuple[float, float]:
    """Return wall and processor time from the command to the end of the first epoch [s]."""
    environment = {"CTC_CACHE": str(cache), "CTC_VESSEL_CACHE": "on"}
    with tempfile.TemporaryDirectory() as folder:
        words = ["quick", str(Path(folder) / "quick.vtkhdf")]
        found = run_child("first_epoch", words, environment=environment)
    return float(found["wall"]), float(found["processor"])
