"""Row `threads`: the same walk on one thread, on two, and on all cores."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ctc.backends.cpu import CpuBackend
from tools.bench.rows import Conditions, Outcome, figure_of
from tools.bench.timing import in_turn
from tools.bench.tree_of_tubes import TubeWalk, grow_tubes

_LEVELS = 17


@dataclass(frozen=True)
class Threads:
    """Hops a second of wall time."""

    name: str = field(default="threads", init=False)
    what: str = field(default="hops a second of wall time over threads", init=False)

    def measure(self, conditions: Conditions) -> Outcome:
        """Walk on each number of threads in turn; the cells must end the same."""
        numbers = sorted({1, 2, len(os.sched_getaffinity(0))})
        hops = grow_tubes(_LEVELS)
        count = 200_000 if conditions.is_quick else 1_000_000
        walks = {n: TubeWalk(hops, CpuBackend(threads=n), count=count) for n in numbers}

        def rate(n: int) -> float:
            found = walks[n].run()
            return found.hops / found.taken.wall

        found = in_turn({str(n): partial(rate, n) for n in numbers}, conditions.runs(5))
        rates = {n: np.array(found[str(n)]) for n in numbers}
        same = len({walk.digest() for walk in walks.values()}) == 1
        return Outcome(
            tuple(
                figure_of(
                    f"{n} thread{'s' if n > 1 else ''}",
                    "hops/s",
                    ours=rates[n],
                    peer=rates[1] if n > 1 else None,
                    peer_name="1 thread",
                )
                for n in numbers
            ),
            (f"SHA-256 of all cells at the end: {'all equal' if same else 'DIFFERENT'}.",),
        )
