"""Row `quick_run`: the main scenario from the command to the closed file, by phase."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tools.bench.children import run_child
from tools.bench.phases import IN_EPOCH, OUTPUT, PHASES, RECORD, SETTLE
from tools.bench.rows import Conditions, Goal, Outcome, figure_of
from tools.bench.timing import in_turn

_HOST_GOAL, _OUTPUT_GOAL = Goal(high=10.0), Goal(high=10.0)
_TRACKED = "record.tracked=100000"
_SHORT = ("run.duration=2 h", "body.terminals=1500")


@dataclass(frozen=True)
class QuickRun:
    """The main scenario as a user starts it, vessels grown anew."""

    name: str = field(default="quick_run", init=False)
    what: str = field(default="scenarios/quick.toml from end to end, by phase", init=False)

    def measure(self, conditions: Conditions) -> Outcome:
        """Run it as it is and with 1e5 tracked cells, in turn; if quick, with them only."""
        overrides = _SHORT if conditions.is_quick else ()

        def run(*more: str) -> dict[str, Any]:
            with tempfile.TemporaryDirectory() as folder:
                words = ["quick", str(Path(folder) / "quick.vtkhdf"), *overrides, *more]
                return run_child("phases", words, environment={"CTC_VESSEL_CACHE": "off"})

        jobs: dict[str, Callable[[], dict[str, Any]]] = {"tracked": partial(run, _TRACKED)}
        if not conditions.is_quick:
            jobs["plain"] = run
        found = in_turn(jobs, conditions.runs(5))
        tracked = found["tracked"]
        plain = found.get("plain", tracked)
        wall = np.array([each["wall"] for each in plain])
        figures = (
            figure_of("whole run", "s", ours=wall, is_less_better=True),
            figure_of(
                "host's share of an epoch",
                "%",
                ours=np.array([host_share(each["phases"]) for each in plain]),
                goal=conditions.of_whole(_HOST_GOAL),
                is_less_better=True,
            ),
            figure_of(
                "output's share of the wall, 1e5 tracked",
                "%",
                ours=np.array([_percent_of_output(each) for each in tracked]),
                goal=conditions.of_whole(_OUTPUT_GOAL),
                is_less_better=True,
            ),
            figure_of(
                "threads that write, share of the processor, 1e5 tracked",
                "%",
                ours=np.array([100.0 * each["threads"] / each["processor"] for each in tracked]),
                is_less_better=True,
            ),
        )
        first = plain[0]
        notes = (
            f"{first['shed']:,} cells, {first['hops']:,} hops"
            + (f" ({', '.join((*_SHORT, _TRACKED))})" if conditions.is_quick else "")
            + "; the host's share is what epochs wait for outside the kernels: counting of "
            "events, removal of the dead, colonies, handing over to threads. These put events in "
            "order, hash and write beside the kernels, and on processors slow them.",
        )
        return Outcome(figures, notes, median_shares([each["phases"] for each in plain]))


def host_share(phases: Mapping[str, float]) -> float:
    """Return what of the epochs is not spent in kernels [%]."""
    host = phases[SETTLE] + phases[RECORD]
    return 100.0 * host / sum(phases[name] for name in IN_EPOCH)


def median_shares(runs: list[Mapping[str, float]]) -> dict[str, float]:
    """Return each phase's part of a run, the median over runs made to add up to 1."""
    middle = {
        name: float(np.median([phases[name] / sum(phases.values()) for phases in runs]))
        for name in PHASES
    }
    total = sum(middle.values())
    return {name: share / total for name, share in middle.items()}


def _percent_of_output(found: Mapping[str, Any]) -> float:
    return 100.0 * sum(float(found["phases"][n]) for n in OUTPUT) / float(found["wall"])
