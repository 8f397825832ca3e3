"""Row `memory`: bytes a cell, and what a run needs beyond its vessels that sheds very many."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ctc.simulation.population import BYTES_PER_CELL
from tools.bench.children import run_child
from tools.bench.hedos_peer import PATH_TABLE
from tools.bench.rows import Conditions, Goal, Outcome, figure_of

_SCENARIO = Path(__file__).resolve().parent / "data" / "many_cells.toml"
_FEW = "source.shedding_rate=1 1/g/s"
_ONE_EPOCH = "run.duration=1 s"
_BYTES_GOAL, _PEAK_GOAL = Goal(high=48.0), Goal(high=1e9)


@dataclass(frozen=True)
class Memory:
    """State arrays, and peaks of whole processes."""

    name: str = field(default="memory", init=False)
    what: str = field(
        default="bytes a cell; a run that sheds 1e8 cells, 1e7 alive at a time", init=False
    )

    def measure(self, conditions: Conditions) -> Outcome:
        """Run many cells and few in processes of their own."""
        cut = (_ONE_EPOCH,) if conditions.is_quick else ()
        with tempfile.TemporaryDirectory() as cache:
            # The first run grows the vessels, the others find them: growth has a peak of its own.
            _peak(cache, _ONE_EPOCH, _FEW)
            many, few = _peak(cache, *cut), _peak(cache, *cut, _FEW)
        beyond = many["peak"] - few["peak"]
        note = (
            f"peak resident size of the run {many['peak'] / 1e6:.0f} MB, of the same with "
            f"{few['shed']:,} cells {few['peak'] / 1e6:.0f} MB; {many['in_flight']:,} cells live "
            f"at the end, their state takes {many['in_flight'] * BYTES_PER_CELL / 1e6:.0f} MB. One "
            "run each: a peak does not hang on the clock."
        )
        return Outcome(
            (
                figure_of(
                    "state arrays, a cell",
                    "bytes",
                    ours=np.array([float(BYTES_PER_CELL)]),
                    peer=PATH_TABLE,
                    goal=_BYTES_GOAL,
                    is_less_better=True,
                ),
                figure_of(
                    f"peak beyond the vessels, {many['shed']:.1e} cells shed",
                    "bytes",
                    ours=np.array([float(beyond)]),
                    goal=conditions.of_whole(_PEAK_GOAL),
                    is_less_better=True,
                ),
            ),
            (note,),
        )


def _peak(cache: str, *overrides: str) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        words = [str(_SCENARIO), str(Path(folder) / "many.vtkhdf"), *overrides]
        return run_child("peak", words, environment={"CTC_CACHE": cache})
