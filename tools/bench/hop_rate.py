"""Row `hops`: the full physics a hop, by instruction set, in trees of tubes and in a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType

import numpy as np

from ctc.backends.base import choose_backend
from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.pipeline import load_scenario, prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.hop_table import HopTable
from ctc.simulation.setting import Setting
from tools.bench.kernel_clock import KernelClock
from tools.bench.rows import Conditions, Figure, Goal, Outcome, figure_of
from tools.bench.same_hop import numpy_hop_rate
from tools.bench.timing import in_turn
from tools.bench.tree_of_tubes import TubeWalk, grow_tubes, tube_tables

_UNIT = "hops/s a core"
_GOALS = {"avx512": Goal(low=2e8), "avx2": Goal(low=1.2e8), "pack4": Goal(low=7e7)}
_OUT_OF_CACHE = Goal(low=5e7)
_GPU_GOAL = Goal(low=5e10)


@dataclass(frozen=True)
class HopRate:
    """Hops a second and core of the kernels, while cells are advanced."""

    name: str = field(default="hops", init=False)
    what: str = field(default="the kernels' whole hop, while cells advance", init=False)
    levels: int = 17
    large_levels: int = 24
    quick_large_levels: int = 21
    count: int = 100_000

    def measure(self, conditions: Conditions) -> Outcome:
        """Measure trees of two sizes, and the body of the main scenario."""
        variants = cpu_variants()
        figures = []
        for levels, goals in self.goals(conditions).items():
            figures += self._in_tree(grow_tubes(levels), variants, conditions, goals=goals)
            scattered = grow_tubes(levels, is_scattered=True)
            figures += self._in_tree(scattered, variants[:1], conditions, how=", scattered")
        figures += _in_body(conditions)
        if conditions.device:
            figures += self._on_device(conditions)
        note = (
            "cells of 12 to 20 um; processor time of one thread; tubes lie depth first, as in a "
            "body, or their pairs are scattered over the table."
        )
        return Outcome(tuple(figures), (note,))

    def goals(self, conditions: Conditions) -> dict[int, Mapping[str, Goal | None]]:
        """Return the goals by instruction set of each tree, by its levels."""
        large = self.quick_large_levels if conditions.is_quick else self.large_levels
        out_of_cache = conditions.of_whole(_OUT_OF_CACHE)
        return {self.levels: _GOALS, large: {cpu_variants()[0]: out_of_cache}}

    def _in_tree(
        self,
        hops: HopTable,
        variants: Sequence[str],
        conditions: Conditions,
        *,
        goals: Mapping[str, Goal | None] = MappingProxyType({}),
        how: str = "",
    ) -> list[Figure]:
        tables = tube_tables()
        levels = hops.records.size.bit_length() - 1
        walks = {
            variant: TubeWalk(hops, CpuBackend(threads=1, variant=variant), count=self.count)
            for variant in variants
        }
        jobs: dict[str, Callable[[], float]] = {
            name: partial(_per_core, walk) for name, walk in walks.items()
        }
        jobs["NumPy"] = partial(numpy_hop_rate, hops, tables)
        found = {name: np.array(rates) for name, rates in in_turn(jobs, conditions.runs()).items()}
        return [
            figure_of(
                f"2^{levels} tubes{how}, {variant}",
                _UNIT,
                ours=found[variant],
                peer=found["NumPy"],
                peer_name="NumPy, same laws",
                goal=goals.get(variant),
            )
            for variant in variants
        ]

    def _on_device(self, conditions: Conditions) -> list[Figure]:
        backend = choose_backend(conditions.device)
        walk = TubeWalk(grow_tubes(20), backend, count=10_000_000)
        rates = [(found := walk.run()).hops / found.taken.wall for _ in range(conditions.runs())]
        name = f"2^20 tubes, {backend.description}"
        return [figure_of(name, "hops/s", ours=np.array(rates[1:]), goal=_GPU_GOAL)]


def _per_core(walk: TubeWalk) -> float:
    return walk.run().per_core


@cache
def quick_setting() -> Setting:
    """Return the main scenario, prepared once."""
    return prepare(load_scenario("quick")).setting


def _in_body(conditions: Conditions) -> list[Figure]:
    """Return the first hour of the main scenario, one thread."""
    setting = quick_setting()

    def rate(variant: str) -> float:
        clock = KernelClock(CpuBackend(threads=1, variant=variant))
        simulation = Simulation(setting, clock)
        simulation.step()
        return simulation.hops / clock.of("ctc_advance").processor

    variants = cpu_variants()[:1] if conditions.is_quick else cpu_variants()
    found = in_turn({v: partial(rate, v) for v in variants}, conditions.runs(5))
    return [
        figure_of(f"quick.toml, first hour, {variant}", _UNIT, ours=np.array(rates))
        for variant, rates in found.items()
    ]
