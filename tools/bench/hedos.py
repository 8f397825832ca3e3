"""Row `hedos`: HEDOS' own problem by the kernels' beds and by an entry of its own on packs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.checks import FloatArray
from tools.bench.hedos_graph import DURATION, CompartmentGraph, read_graph
from tools.bench.hedos_kernels import CompartmentWalk
from tools.bench.hedos_packs import walk_packs
from tools.bench.hedos_peer import MEASURED_ELSEWHERE, measure_checkout, stepped_rate
from tools.bench.native_code import native_library, packed_variants
from tools.bench.rows import Conditions, Figure, Goal, Outcome, Peer, RowSkipped, figure_of
from tools.bench.timing import in_turn, time_once

_UNIT = "particle-s/s a core"
_GOALS = {100_000: Goal(low=200.0, is_of_ratio=True), 1_000_000: Goal(low=400.0, is_of_ratio=True)}
_PATH_GOAL = Goal(low=50.0, is_of_ratio=True)
_FEW, _MANY = 100_000, 1_000_000
# Compartments, whose deviations are looked at together, are 33.
_DEVIATION_GOAL = Goal(high=5.0)


@dataclass(frozen=True)
class Hedos:
    """Blood between 33 compartments for 120 s, Weibull stays."""

    name: str = field(default="hedos", init=False)
    what: str = field(
        default="blood between 33 compartments of ICRP 89, Weibull stays, 120 s", init=False
    )

    def measure(self, conditions: Conditions) -> Outcome:
        """Measure both ways of ours, and what HEDOS gives."""
        graph = read_graph()
        peers = dict(MEASURED_ELSEWHERE)
        if conditions.hedos is not None:
            peers[_FEW] = measure_checkout(conditions.hedos)
        figures, notes = _by_kernels(graph, conditions, peers=peers)
        try:
            more = _by_packs(graph, conditions, peers=peers)
        except RowSkipped as word:
            notes.append(f"the entry on packs was left out: {word}.")
        else:
            figures += more
        return Outcome(tuple(figures), tuple(notes))


def _by_kernels(
    graph: CompartmentGraph, conditions: Conditions, *, peers: dict[int, Peer]
) -> tuple[list[Figure], list[str]]:
    """Return figures of the kernels, which take a compartment for a bed."""
    backend = CpuBackend(threads=1)
    walks = {
        n: CompartmentWalk(graph, backend, n_particles=n)
        for n in ((_FEW,) if conditions.is_quick else (_FEW, _MANY))
    }
    jobs: dict[str, Callable[[], float]] = {
        str(n): partial(_rate, n, walk.run) for n, walk in walks.items()
    }
    jobs["NumPy"] = partial(stepped_rate, graph)
    found = {name: np.array(rates) for name, rates in in_turn(jobs, conditions.runs()).items()}
    how = f"kernels, a compartment a bed, {cpu_variants()[0]}"
    figures = [
        figure_of(
            f"{n:.0e} particles, {how}", _UNIT, ours=found[str(n)], peer=peers[n], goal=_GOALS[n]
        )
        for n in walks
    ]
    figures.append(
        figure_of(
            f"{_FEW:.0e} particles, {how}",
            _UNIT,
            ours=found[str(_FEW)],
            peer=found["NumPy"],
            peer_name="its stepped law in NumPy",
        )
    )
    walk = walks[max(walks)]
    figures.append(_deviation("kernels", graph, walk.occupancy(), n=max(walks)))
    worst = float(np.abs(graph.equilibrium() - graph.share).max())
    notes = [
        (
            "a compartment is a bed of our kernels that stops nothing; its law of transit is the "
            "Weibull law of shape 2 itself, between 1,024 quantiles."
        ),
        (
            "shares of the blood and the flows of the table do not agree: 2 % of the cardiac "
            "output too much enters large_veins, and the long run differs from the volumes by up "
            f"to {worst:.4f}. Deviations are from the exact long run of the table's flows."
        ),
    ]
    return figures, notes


def _by_packs(
    graph: CompartmentGraph, conditions: Conditions, *, peers: dict[int, Peer]
) -> list[Figure]:
    """Return figures of the entry that does nothing but this."""
    variant = packed_variants()[0]
    native_library("hedos.cpp", variant)
    jobs: dict[str, Callable[[], float]] = {
        "few": lambda: _rate(_FEW, lambda: walk_packs(graph, _FEW, variant=variant)),
        "many": lambda: _rate(_MANY, lambda: walk_packs(graph, _MANY, variant=variant)),
        "path": lambda: _rate(
            _FEW, lambda: walk_packs(graph, _FEW, variant=variant, has_path=True)
        ),
    }
    found = {name: np.array(rates) for name, rates in in_turn(jobs, conditions.runs()).items()}
    how = f"its law alone on our packs, {variant}"
    occupancy = walk_packs(graph, _MANY, variant=variant).occupancy(len(graph.names))
    return [
        figure_of(
            f"1e+05 particles, {how}",
            _UNIT,
            ours=found["few"],
            peer=peers[_FEW],
            goal=_GOALS[_FEW],
        ),
        figure_of(
            f"1e+06 particles, {how}",
            _UNIT,
            ours=found["many"],
            peer=peers[_MANY],
            goal=_GOALS[_MANY],
        ),
        figure_of(
            "1e+05 particles with the path table, packs",
            _UNIT,
            ours=found["path"],
            peer=peers[_FEW],
            goal=_PATH_GOAL,
        ),
        _deviation("packs", graph, occupancy, n=_MANY),
    ]


def _rate(n_particles: int, walk: Callable[[], object]) -> float:
    return n_particles * DURATION / time_once(walk).processor


def _deviation(how: str, graph: CompartmentGraph, occupancy: FloatArray, *, n: int) -> Figure:
    return figure_of(
        f"largest deviation of the occupancy at the end, {how}, n = {n:.0e}",
        "standard errors",
        ours=np.array([largest_deviation(graph, occupancy, n_particles=n)]),
        goal=_DEVIATION_GOAL,
        is_less_better=True,
    )


def largest_deviation(graph: CompartmentGraph, occupancy: FloatArray, *, n_particles: int) -> float:
    """Return the largest deviation from the exact long run, in binomial standard errors."""
    expected = graph.equilibrium()
    error = np.sqrt(expected * (1.0 - expected) / n_particles)
    return float(np.abs((occupancy - expected) / error).max())
