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
        with tempfile.TemporaryDirectory() as cache:
            kept = {"CTC_CACHE": cache}
            cold = {"CTC_VESSEL_CACHE": "off"}
            epochs = in_turn({"cold": lambda: _first_epoch(cold)}, 1 if conditions.is_quick else 5)
            _first_epoch(kept)
            epochs |= in_turn({"warm": lambda: _first_epoch(kept)}, conditions.runs(5))
        warm, cold_runs = (np.array(epochs[name]) for name in ("warm", "cold"))
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
                    "first epoch, vessels grown anew",
                    "s",
                    ours=cold_runs[:, 0],
                    is_less_better=True,
                ),
            )
        )


def _wall(*words: str) -> float:
    return time_once(
        lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=ROOT)
    ).wall


def _first_epoch(environment: dict[str, str]) -> tuple[float, float]:
    """Return wall and processor time from the command to the end of the first epoch [s]."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["quick", str(Path(folder) / "quick.vtkhdf")]
        found = run_child("first_epoch", words, environment=environment)
    return float(found["wall"]), float(found["processor"])
