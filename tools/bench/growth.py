"""Row `growth`: how the cost of a walk grows with cells and with vessels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ctc.backends.cpu import CpuBackend
from ctc.simulation.hop_table import NANOSECONDS
from tools.bench.rows import Conditions, Goal, Outcome, figure_of
from tools.bench.timing import exponent, in_turn
from tools.bench.tree_of_tubes import TubeWalk, grow_tubes

_LINEAR, _SUBLINEAR = Goal(low=0.97, high=1.03), Goal(high=0.99)
_LEVELS = 17
# Some 26 hops a cell: loading and storing it count, as they do in a run.
_UNTIL = 3 * int(NANOSECONDS)
# The smallest walk is repeated until it lasts as long as this many cells.
_LEAST = 200_000


@dataclass(frozen=True)
class Growth:
    """Exponents of cost, one thread, processor time of the kernels."""

    name: str = field(default="growth", init=False)
    what: str = field(default="exponent of the cost over cells and over vessels", init=False)

    def measure(self, conditions: Conditions) -> Outcome:
        """Fit both exponents, round by round."""
        cells, by_cells = _over_cells(conditions)
        sizes, by_size = _over_vessels(conditions)
        ns = ", ".join(
            f"2^{level} {1e9 * cost:.1f}" for level, cost in zip(sizes, by_size[1], strict=True)
        )
        per_cell = ", ".join(
            f"{n:.0e} {1e6 * cost / n:.3f}" for n, cost in zip(cells, by_cells[1], strict=True)
        )
        return Outcome(
            (
                figure_of(
                    f"cost over cells, {cells[0]:.0e} to {cells[-1]:.0e}",
                    "exponent",
                    ours=by_cells[0],
                    goal=conditions.of_whole(_LINEAR),
                    is_less_better=True,
                ),
                figure_of(
                    f"cost of a hop over vessels, 2^{sizes[0]} to 2^{sizes[-1]}",
                    "exponent",
                    ours=by_size[0],
                    goal=conditions.of_whole(_SUBLINEAR),
                    is_less_better=True,
                ),
            ),
            (
                f"microseconds a cell: {per_cell}.",
                (
                    f"nanoseconds a hop: {ns}. A hop does the same in any network; what grows is "
                    "the wait for its record of 16 bytes, as the table outgrows one cache after "
                    "another (2^16 fill 1 MiB, 2^21 fill 32 MiB)."
                ),
            ),
        )


_Found = tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[float]]


def _over_cells(conditions: Conditions) -> tuple[list[int], _Found]:
    counts = [10**power for power in range(4, 7 if conditions.is_quick else 8)]
    hops = grow_tubes(_LEVELS)
    walks = {n: TubeWalk(hops, CpuBackend(threads=1), count=n) for n in counts}

    def cost(n: int) -> float:
        repeats = max(1, _LEAST // n)
        return sum(walks[n].run(_UNTIL).taken.processor for _ in range(repeats)) / repeats

    found = in_turn({str(n): partial(cost, n) for n in counts}, conditions.runs(5))
    return counts, _fitted(np.array(counts, dtype=np.float64), found)


def _over_vessels(conditions: Conditions) -> tuple[list[int], _Found]:
    levels = list(range(12, 21 if conditions.is_quick else 25, 2))
    found: dict[str, list[float]] = {}
    for level in levels:
        # One tree at a time: the largest takes a quarter of a gigabyte.
        walk = TubeWalk(grow_tubes(level), CpuBackend(threads=1), count=50_000)
        runs = [walk.run() for _ in range(conditions.runs(5))]
        found[str(level)] = [each.taken.processor / each.hops for each in runs]
    return levels, _fitted(2.0 ** np.array(levels), found)


def _fitted(
    sizes: np.ndarray[tuple[int], np.dtype[np.float64]], found: dict[str, list[float]]
) -> _Found:
    rounds = np.array(list(found.values())).T
    fits = np.array([exponent(sizes, costs) for costs in rounds])
    return fits, [float(np.median(costs)) for costs in rounds.T]
