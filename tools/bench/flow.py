"""How fast flow is solved: the figures of the pressure solver and of the red cells.

    python -m tools.bench flow                      2e6 segments, a mesh of 1e4: a quarter minute
    python -m tools.bench flow --segments 10000000
    python -m tools.bench flow --json               the same for programs

Measures, on an arterial and a venous tree that share their terminals, joined by capillaries: the
order of elimination, one factor with its pressures (one core), and flow with red cells until they
agree; and the last on a cubic mesh of capillaries. Single runs: others on the machine show.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ctc.backends.host_flow import PressureFactor
from ctc.checks import FloatArray, IntArray
from ctc.flow.conductance import segment_conductance
from ctc.flow.open_network import solve_open
from ctc.flow.rheology import load_blood
from ctc.vessels.network import SegmentKind, VesselNetwork, tube_volume

LINEAR_GOAL, RHEOLOGY_GOAL = 0.1, 6.0
_REPEATS = 3


@dataclass(frozen=True)
class FlowFigures:
    """Figures of one network.

    Attributes
    ----------
    shape : str
        Of the network.
    n_segments : int
        In it.
    order, linear, rheology : float [s]
        Finding the order of elimination; factor and pressures, best of the repeats; all of
        flow and red cells.
    mass_residual, red_cell_residual : float
        Largest at any node.
    peak_memory : float [byte]
        Of the process until then.
    """

    shape: str
    n_segments: int
    order: float
    linear: float
    rheology: float
    mass_residual: float
    red_cell_residual: float
    peak_memory: float


def tree_pair(n_terminals: int, *, seed: int) -> tuple[VesselNetwork, dict[int, float]]:
    """Return two trees of one random shape with common terminals, and the pressures of its ends.

    Radii by Murray's law with exponent 3 from terminal vessels of 6.4 um, each side of a
    bifurcation getting 30 to 70 % of the terminals beyond; lengths 10 to 30 radii.
    """
    rng = np.random.default_rng(seed)
    n = 2 * n_terminals - 1
    parent, size = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    stack, k = [(n_terminals, -1)], 0
    share = rng.uniform(0.3, 0.7, n).tolist()
    while stack:
        beyond, above = stack.pop()
        parent[k], size[k] = above, beyond
        if beyond > 1:
            first = max(1, min(beyond - 1, int(beyond * share[k])))
            stack += [(beyond - first, k), (first, k)]
        k += 1
    radius = 6.4e-6 * np.cbrt(size)
    length = radius * rng.uniform(10.0, 30.0, n)
    start, end = np.where(parent < 0, 0, parent + 1), np.arange(n) + 1
    last = np.flatnonzero(size == 1)
    outlet = n + 1
    network = _network(
        start=np.concatenate([start, end[last], outlet + end]),
        end=np.concatenate([end, outlet + end[last], outlet + start]),
        radius=np.concatenate([radius, np.full(last.size, 3e-6), 1.2 * radius]),
        length=np.concatenate([length, np.full(last.size, 5e-4), length]),
    )
    return network, {0: 1.2e4, outlet: 1e3}


def capillary_mesh(n: int, *, seed: int) -> tuple[VesselNetwork, dict[int, float]]:
    """Return a mesh of capillaries of 4 to 10 um, and the pressures of its ends.

    A cube of which four in ten capillaries across are left out: some four join at a node.
    """
    rng = np.random.default_rng(seed)
    index = np.arange(n**3).reshape(n, n, n)
    start, end = [], []
    for axis in range(3):
        here, there = index.take(range(n - 1), axis).ravel(), index.take(range(1, n), axis).ravel()
        kept = rng.random(here.size) < (1.0 if axis == 0 else 0.6)
        start.append(here[kept])
        end.append(there[kept])
    count = sum(each.size for each in start)
    network = _network(
        start=np.concatenate(start),
        end=np.concatenate(end),
        radius=rng.uniform(2e-6, 5e-6, count),
        length=rng.uniform(3e-5, 9e-5, count),
    )
    fixed = {}
    for side, pressure in ((index[0], 4e3), (index[-1], 2e3)):
        for node in rng.choice(side.ravel(), max(1, side.size // 20), replace=False):
            fixed[int(node)] = pressure
    return network, fixed


def measure(shape: str, network: VesselNetwork, fixed: dict[int, float]) -> FlowFigures:
    """Solve one network, first linear, then with red cells."""
    is_fixed = np.zeros(network.n_nodes, dtype=bool)
    is_fixed[list(fixed)] = True
    known = np.zeros(network.n_nodes)
    known[list(fixed)] = list(fixed.values())
    conductance = segment_conductance(network, 3.5e-3)
    begun = time.perf_counter()
    factor = PressureFactor(network.start_node, network.end_node, is_fixed=is_fixed)
    order = time.perf_counter() - begun
    linear = np.inf
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        factor.refresh(conductance)
        factor.solve(known, inflow=np.zeros(network.n_nodes))
        linear = min(linear, time.perf_counter() - begun)
    del factor
    begun = time.perf_counter()
    _, flow = solve_open(network, load_blood(), fixed_pressure=fixed)
    return FlowFigures(
        shape=shape,
        n_segments=network.n_segments,
        order=order,
        linear=linear,
        rheology=time.perf_counter() - begun,
        mass_residual=flow.mass_residual,
        red_cell_residual=flow.red_cell_residual,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0,
    )


def _network(
    *, start: IntArray, end: IntArray, radius: FloatArray, length: FloatArray
) -> VesselNetwork:
    count = start.size
    nowhere = np.full(count, -1)
    return VesselNetwork(
        node_position=np.zeros((int(max(start.max(), end.max())) + 1, 3)),
        start_node=start.astype(np.int32),
        end_node=end.astype(np.int32),
        lumen_radius=radius,
        length=length,
        volume=tube_volume(radius, length),
        resistance_factor=np.ones(count),
        kind=np.full(count, SegmentKind.ARTERY),
        organ=nowhere,
        region=nowhere,
        name=nowhere,
        organ_names=(),
        region_names=(),
        vessel_names=(),
        origin="made for a benchmark",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench flow", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--segments", type=int, default=2_000_000, help="of the trees")
    parser.add_argument("--mesh", type=int, default=15, help="nodes along an edge of the mesh")
    parser.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_args(arguments)
    figures = [
        measure("trees", *tree_pair(max(2, chosen.segments // 5), seed=1)),
        measure("mesh", *capillary_mesh(chosen.mesh, seed=2)),
    ]
    if chosen.json:
        print(json.dumps([asdict(each) for each in figures], indent=1))
        return 0
    for each in figures:
        print(
            f"{each.shape:6} {each.n_segments:9} segments: order {each.order:.2f} s, linear "
            f"{each.linear:.3f} s, with red cells {each.rheology:.2f} s, mass "
            f"{each.mass_residual:.1e}, red cells {each.red_cell_residual:.1e}, peak "
            f"{each.peak_memory / 1e9:.2f} GB"
        )
    return 0
