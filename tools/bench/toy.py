"""Row `toy`: the toy hop by NumPy, Numba, Warp and our packs, all to the same bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ctc.checks import FloatArray
from tools.bench.native_code import build_natives, packed_variants
from tools.bench.rows import Conditions, Figure, Goal, Outcome, RowSkipped, figure_of
from tools.bench.timing import Lap, in_turn
from tools.bench.toy_tree import LEVELS, ToyTree, Walk, Words, grow_toy_tree, particles, walk_numpy
from tools.bench.toy_walks import Walker, numba_walk, packs, warp_walk

_UNIT = "hops/s a core"
_GOAL = Goal(low=3.0, is_of_ratio=True)


@dataclass(frozen=True)
class ToyHop:
    """The toy hop of particles through a closed random tree.

    Attributes
    ----------
    levels : int
        The tree has 2^levels branches.
    count, quick_count : int
        Particles.
    """

    name: str = field(default="toy", init=False)
    what: str = field(default="a walk through 2^17 branches with a hash, no physics", init=False)
    levels: int = LEVELS
    count: int = 300_000
    quick_count: int = 50_000

    def measure(self, conditions: Conditions) -> Outcome:
        """Run every contender in turn; all must come to the same bits."""
        tree = grow_toy_tree(self.levels)
        names = particles(self.quick_count if conditions.is_quick else self.count)
        variants = packed_variants()
        build_natives("toy.cpp", variants)
        walkers: dict[str, Walker] = {
            variant: packs(tree, names, variant=variant) for variant in variants
        }
        widest = variants[0]
        walkers["NumPy"] = lambda: walk_numpy(tree, names)
        notes = []
        for make in (_numba_walkers, _warp_walkers):
            try:
                walkers |= make(tree, names)
            except RowSkipped as word:
                notes.append(f"left out: {word}.")
        rates, digests = _race(walkers, conditions.runs())
        n_different = len(set(digests.values()))
        same = "all equal" if n_different == 1 else f"{n_different} DIFFERENT ONES"
        notes.append(f"SHA-256 of segments, clocks and draws of {len(digests)} contenders: {same}.")
        figures = [_beside(widest, rates, peer=other) for other in walkers if other not in variants]
        rivals = [other for other in walkers if other.startswith("Numba")]
        if rivals:
            goal = conditions.of_whole(_GOAL)
            best = max(rivals, key=lambda other: float(np.median(rates[other])))
            figures = [f for f in figures if f.peer is None or f.peer.name != best]
            figures += [
                _beside(each, rates, peer=best, goal=goal if each == widest else None)
                for each in variants
            ]
        return Outcome(tuple(figures), tuple(notes))


def _numba_walkers(tree: ToyTree, names: Words) -> dict[str, Walker]:
    found: dict[str, Walker] = {}
    for threads, has_records in ((1, False), (2, False), (1, True)):
        walk, version = numba_walk(tree, names, threads=threads, has_records=has_records)
        how = ", one record a branch" if has_records else f", {threads} threads"
        how = "" if threads == 1 and not has_records else how
        found[f"Numba {version}{how}"] = walk
    return found


def _warp_walkers(tree: ToyTree, names: Words) -> dict[str, Walker]:
    walk, version = warp_walk(tree, names)
    return {f"Warp {version} CPU": walk}


def _race(walkers: dict[str, Walker], n_runs: int) -> tuple[dict[str, FloatArray], dict[str, str]]:
    digests: dict[str, str] = {}

    def timed(name: str, walker: Walker) -> float:
        lap = Lap()
        walk: Walk = walker()
        seconds = lap.taken().processor
        digests[name] = walk.digest()
        return walk.n_hops / seconds

    jobs = {name: partial(timed, name, walker) for name, walker in walkers.items()}
    found = in_turn(jobs, n_runs)
    return {name: np.array(values) for name, values in found.items()}, digests


def _beside(
    variant: str, rates: dict[str, FloatArray], *, peer: str, goal: Goal | None = None
) -> Figure:
    return figure_of(
        f"ours, {variant}",
        _UNIT,
        ours=rates[variant],
        peer=rates[peer],
        peer_name=peer,
        goal=goal,
    )
