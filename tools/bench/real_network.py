"""Row `real_network`: 16 x 10,000 tracers on the published network, attach chance 0.001."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ctc.errors import InputError
from ctc.pipeline import load_scenario, run
from ctc.scenario.scenario import Scenario
from tools.bench.rows import Conditions, Goal, Outcome, Peer, RowSkipped, figure_of
from tools.bench.timing import Lap

_SCENARIO = "imported_body"
_N_SOURCES = 16
_N_TRACERS, _N_TRACERS_QUICK = 160_000, 32_000
# Class `Tracer` of CTC-model (Font-Clos, Zapperi and La Porta 2020, doi:10.1016/j.isci.2020.101073)
# on the same vessels: 200 tracers at an attach chance of 0.001 in 7.4 s, one core of an AMD EPYC.
_PEER_RATE = 27.0  # [1/s]
_ORIGIN = "measured elsewhere: one core of an AMD EPYC, November 2026"
_GOAL = Goal(high=2.0)
_TABLES = ("nodes.csv", "segments.csv")


def require_tables(folder: Path) -> None:
    """Raise `InputError` unless a folder holds the tables of a network."""
    for name in _TABLES:
        if not (folder / name).is_file():
            message = f"--tables must hold {name}, got '{folder}'. Give the folder of the tables."
            raise InputError(message)


@dataclass(frozen=True)
class RealNetwork:
    """The experiment of Font-Clos 2020, one thread."""

    name: str = field(default="real_network", init=False)
    what: str = field(
        default="16 x 10,000 tracers on vessels of a real body, attach chance 0.001", init=False
    )

    def measure(self, conditions: Conditions) -> Outcome:
        """Run the scenario with import, flow and run file."""
        if conditions.tables is None:
            message = "its vessels are not shipped: give their folder by --tables"
            raise RowSkipped(message)
        n_tracers = _N_TRACERS_QUICK if conditions.is_quick else _N_TRACERS
        overrides = [f"body.folder={conditions.tables}"]
        overrides += [f"source.{i}.cells={n_tracers // _N_SOURCES}" for i in range(_N_SOURCES)]
        scenario = load_scenario(_SCENARIO, overrides=overrides)
        seconds = n_tracers / _PEER_RATE
        peer = Peer("CTC-model 2020 at its rate", seconds, _ORIGIN)
        n_runs = conditions.runs(5)
        found = [_run(scenario) for _ in range(n_runs)]
        wall, processor = (np.array([each[i] for each in found]) for i in range(2))
        hops, shed = found[0][2:]
        figures = (
            figure_of(
                "import, flow, walk and run file",
                "s of one core",
                ours=processor,
                peer=peer,
                goal=conditions.of_whole(_GOAL),
                is_less_better=True,
            ),
            figure_of("the same", "s", ours=wall, is_less_better=True),
        )
        notes = (f"{shed:,} tracers, {hops / shed:.0f} hops each; one thread of the kernels.",)
        return Outcome(figures, notes)


def _run(scenario: Scenario) -> tuple[float, float, int, int]:
    with tempfile.TemporaryDirectory() as folder:
        lap = Lap()
        summary = run(scenario, Path(folder) / "walk.vtkhdf", device="cpu", threads=1)
        taken = lap.taken()
    return taken.wall, taken.processor, summary.hops, summary.n_shed
