"""Flow against closed forms, through the public API.

Direct solves in float64 carry a relative error of about 1e-16 times the number of segments on
a path; closed forms of a few tubes are compared at 1e-12.
"""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from ctc.backends.host_flow import PressureFactor
from ctc.flow.balance import mass_residual
from ctc.flow.conductance import segment_conductance
from ctc.flow.solve import momentum_residual, solve_network
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.flow.loops import Builder

MU = 3.5e-3


def poiseuille(radius: float, length: float) -> float:
    return np.pi * radius**4 / (8 * MU * length)


def test_conductance_of_a_tube_and_of_a_bundle() -> None:
    builder = Builder()
    builder.add("a", "b", radius=2e-3, length=3e-2)
    builder.add("a", "b", radius=4e-6, length=5e-4, n=1000, kind=SegmentKind.CAPILLARY_BED)
    network = builder.network()
    got = segment_conductance(network.replace(resistance_factor=np.array([1.0, 2.0])), MU)
    wanted = [poiseuille(2e-3, 3e-2), 1000 * poiseuille(4e-6, 5e-4) / 2]
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_two_tubes_in_series() -> None:
    builder = Builder()
    builder.add("in", "middle", radius=1e-3, length=2e-2)
    builder.add("middle", "out", radius=5e-4, length=1e-2)
    network = builder.network()
    g1, g2 = poiseuille(1e-3, 2e-2), poiseuille(5e-4, 1e-2)
    pressure, flow = solve_network(
        network, segment_conductance(network, MU), fixed_pressure={0: 100.0, 2: 20.0}
    )
    np.testing.assert_allclose(flow, 80.0 * g1 * g2 / (g1 + g2), rtol=1e-12)
    np.testing.assert_allclose(pressure[1], (100 * g1 + 20 * g2) / (g1 + g2), rtol=1e-12)


def test_two_tubes_in_parallel_share_by_the_fourth_power() -> None:
    builder = Builder()
    builder.add("in", "top", radius=2e-3)
    builder.add("top", "bottom", radius=1e-3)
    builder.add("top", "bottom", radius=2e-3)
    builder.add("bottom", "out", radius=2e-3)
    network = builder.network()
    _, flow = solve_network(
        network, segment_conductance(network, MU), fixed_pressure={0: 1.0, 3: 0.0}
    )
    assert flow[2] / flow[1] == pytest.approx(16.0, rel=1e-12)
    assert flow[1] + flow[2] == pytest.approx(flow[0], rel=1e-15)


@pytest.mark.parametrize("unbalanced", [False, True])
def test_wheatstone_bridge(unbalanced: bool) -> None:
    builder = Builder()
    for start, end in (("in", "left"), ("in", "right"), ("left", "out"), ("right", "out")):
        builder.add(start, end)
    bridge = builder.add("left", "right")
    network = builder.network()
    g = np.array([1.0, 2.0, 3.0, 5.0 if unbalanced else 6.0, 4.0])
    node = builder.nodes
    pressure, flow = solve_network(network, g, fixed_pressure={node["in"]: 1.0, node["out"]: 0.0})
    # Kirchhoff at the two inner nodes, by Cramer's rule.
    a = np.array([[g[0] + g[2] + g[4], -g[4]], [-g[4], g[1] + g[3] + g[4]]])
    left, right = np.linalg.solve(a, g[:2])
    np.testing.assert_allclose(
        [pressure[node["left"]], pressure[node["right"]]], [left, right], rtol=1e-12
    )
    if unbalanced:
        assert flow[bridge] == pytest.approx(g[4] * (left - right), rel=1e-10)
    else:
        assert flow[bridge] == 0.0


@pytest.mark.parametrize("decades", [0, 6, 10])
def test_mass_is_conserved_in_a_looped_network_across_decades(decades: int) -> None:
    """Random graph of mean degree six; one rounding a summand, so 1e-15 a node is expected."""
    rng = np.random.default_rng(decades)
    n_nodes, n_segments = 3000, 9000
    chain = np.column_stack([np.arange(n_nodes - 1), np.arange(1, n_nodes)])
    more = rng.integers(0, n_nodes, (n_segments, 2))
    ends = np.vstack([chain, more[more[:, 0] != more[:, 1]]])
    builder = Builder()
    for name in range(n_nodes):
        builder.nodes[str(name)] = name
    for start, end in ends:
        builder.add(str(start), str(end))
    network = builder.network()
    conductance = 10.0 ** (rng.random(network.n_segments) * decades)
    pressure, flow = solve_network(
        network,
        conductance,
        fixed_pressure={0: 1.0, 1500: 0.0, 2999: 0.3},
        injected_flow={700: 0.01},
    )
    is_closed = np.ones(n_nodes, dtype=bool)
    is_closed[[0, 1500, 2999]] = False
    inflow = np.zeros(n_nodes)
    inflow[700] = 0.01
    residual = mass_residual(
        network.start_node,
        network.end_node,
        flow_rate=flow,
        is_closed=is_closed,
        inflow=inflow,
    )
    assert residual < 1e-13
    assert momentum_residual(network, conductance, pressure=pressure, flow_rate=flow) < 1e-9


def test_ladder() -> None:
    """Rungs r between rails of resistance 1: what the far end shows obeys a recurrence.

    Seen from one end, ``Z' = 2 + r Z / (r + Z)``, begun with Z = infinity; with r = 1 its limit is
    1 + sqrt(3).
    """
    n_rungs = 40
    builder = Builder()
    for k in range(n_rungs):
        builder.add(f"a{k}", f"a{k + 1}")
        builder.add(f"b{k + 1}", f"b{k}")
        builder.add(f"a{k + 1}", f"b{k + 1}")
    network = builder.network()
    fixed = {builder.nodes["a0"]: 1.0, builder.nodes["b0"]: 0.0}
    _, flow = solve_network(network, np.ones(network.n_segments), fixed_pressure=fixed)
    seen = 3.0
    for _ in range(n_rungs - 1):
        seen = 2.0 + seen / (1.0 + seen)
    assert flow[0] == pytest.approx(1.0 / seen, rel=1e-14)
    assert flow[0] == pytest.approx(1.0 / (1.0 + np.sqrt(3.0)), rel=1e-14)
    # Rungs carry ever less, by the factor 2 - sqrt(3) each; the tenth 1e-6, known to 1e-10.
    rungs = flow[2:32:3]
    np.testing.assert_allclose(rungs[1:] / rungs[:-1], 2.0 - np.sqrt(3.0), rtol=1e-8)


def test_loop() -> None:
    """A ring of n equal tubes fed at one node and drained m tubes on: shares n - m to m."""
    n, m = 12, 5
    builder = Builder()
    for k in range(n):
        builder.add(str(k), str((k + 1) % n))
    network = builder.network()
    _, flow = solve_network(
        network, np.full(n, 3.0), fixed_pressure={m: 0.0}, injected_flow={0: 1.0}
    )
    np.testing.assert_allclose(flow[:m], (n - m) / n, rtol=1e-14)
    np.testing.assert_allclose(flow[m:], -m / n, rtol=1e-14)


def test_tree() -> None:
    """A symmetric tree of depth 12: 2^k tubes of conductance g^k a level, in series."""
    depth, g = 12, 0.7
    builder, conductance = Builder(), []
    level = ["root"]
    builder.add("heart", "root")
    conductance.append(1.0)
    for k in range(1, depth):
        below = []
        for node in level:
            for side in "01":
                builder.add(node, node + side)
                conductance.append(g**k)
                below.append(node + side)
        level = below
    network = builder.network()
    fixed = {builder.nodes["heart"]: 1.0} | {builder.nodes[node]: 0.0 for node in level}
    _, flow = solve_network(network, np.array(conductance), fixed_pressure=fixed)
    resistance = sum(1.0 / (2**k * g**k) for k in range(depth))
    assert flow[0] == pytest.approx(1.0 / resistance, rel=1e-13)
    np.testing.assert_allclose(flow[-(2 ** (depth - 1)) :], flow[0] / 2 ** (depth - 1), rtol=1e-13)


def bundle(n_terminals: int, n_trees: int, rng: np.random.Generator) -> VesselNetwork:
    """Return trees of one random shape that share their terminals, joined by beds."""
    builder = Builder()
    stack = [("", n_terminals)]
    while stack:
        path, n = stack.pop()
        last = n == 1
        for tree in range(n_trees):
            end = f"terminal{path}" if last and tree > 0 else f"{tree}{path}"
            builder.add(f"{tree}{path[:-1]}" if path else f"root {tree}", end)
        if last:
            builder.add(f"0{path}", f"terminal{path}")
            continue
        left = int(rng.integers(1, n))
        stack += [(path + "0", left), (path + "1", n - left)]
    return builder.network()


def cube(n: int, rng: np.random.Generator) -> VesselNetwork:
    """Return a cubic mesh with a quarter of its segments left out."""
    index = np.arange(n**3).reshape(n, n, n)
    builder = Builder(nodes={str(k): k for k in range(n**3)})
    for axis in range(3):
        here = index.take(range(n - 1), axis).ravel()
        there = index.take(range(1, n), axis).ravel()
        for a, b in zip(here, there, strict=True):
            if axis == 0 or rng.random() < 0.6:
                builder.add(str(a), str(b))
    return builder.network()


@pytest.mark.parametrize("shape", ["two trees", "three trees", "mesh", "star", "parallel"])
def test_pressures_are_those_of_an_independent_solver(shape: str) -> None:
    """SciPy's sparse LU on the same network, conductances over four decades: within 1e-9."""
    rng = np.random.default_rng(len(shape))
    if shape == "two trees":
        network = bundle(400, 2, rng)
    elif shape == "three trees":
        network = bundle(400, 3, rng)
    elif shape == "mesh":
        network = cube(11, rng)
    else:
        builder = Builder()
        for k in range(200):
            builder.add("hub", f"{k}" if shape == "star" else f"{k % 7}")
            builder.add(f"{k % 50}", f"{(k + 1) % 7}")
        network = builder.network()
    n = network.n_nodes
    conductance = 10.0 ** rng.uniform(-2.0, 2.0, network.n_segments)
    fixed = {0: 100.0, n - 1: 3.0, n // 2: 40.0}
    pressure, flow = solve_network(
        network, conductance, fixed_pressure=fixed, injected_flow={n // 3: 0.7}
    )
    start, end = network.start_node, network.end_node
    ends = np.concatenate([start, end, start, end]), np.concatenate([end, start, start, end])
    values = np.concatenate([-conductance, -conductance, conductance, conductance])
    matrix = coo_array((values, ends), shape=(n, n)).tocsc()
    known = np.zeros(n)
    known[list(fixed)] = list(fixed.values())
    right = -(matrix @ known)
    right[n // 3] += 0.7
    free = np.setdiff1d(np.arange(n), list(fixed))
    wanted = known.copy()
    wanted[free] = spsolve(matrix[free][:, free], right[free])
    np.testing.assert_allclose(pressure, wanted, rtol=1e-9)
    drop = wanted[start] - wanted[end]
    np.testing.assert_allclose(flow, conductance * drop, rtol=1e-9, atol=1e-9 * np.abs(flow).max())


def test_bundles_are_eliminated_without_a_core() -> None:
    """Two trees cost two conductances a node, three trees three: no node is left over."""
    for n_trees in (2, 3):
        network = bundle(500, n_trees, np.random.default_rng(n_trees))
        is_fixed = np.zeros(network.n_nodes, dtype=bool)
        is_fixed[:n_trees] = True
        size = PressureFactor(network.start_node, network.end_node, is_fixed=is_fixed).size
        assert size.n_core == 0
        assert size.n_entries <= n_trees * size.n_light


def test_an_older_factor_improves_a_guess_to_the_new_pressures() -> None:
    """Conductances changed by up to a factor of 2: conjugate gradients end where a factor does.

    The error left is 1e-11 of the root of the power, and pressures here span 1: 1e-9 is asked.
    """
    rng = np.random.default_rng(8)
    network = cube(9, rng)
    is_fixed = np.zeros(network.n_nodes, dtype=bool)
    is_fixed[[0, network.n_nodes - 1]] = True
    known = np.zeros(network.n_nodes)
    known[0] = 1.0
    inflow = np.zeros(network.n_nodes)
    inflow[100] = 0.2
    old = rng.uniform(1.0, 3.0, network.n_segments)
    new = old * rng.uniform(0.7, 1.4, network.n_segments)
    factor = PressureFactor(network.start_node, network.end_node, is_fixed=is_fixed)
    factor.refresh(old)
    guess = factor.solve(known, inflow=inflow)
    got = factor.improve(guess, conductance=new, inflow=inflow, tolerance=1e-11)
    assert got is not None
    factor.refresh(new)
    np.testing.assert_allclose(got, factor.solve(known, inflow=inflow), atol=1e-9)
    assert np.abs(got - guess).max() > 1e-3
    # With conductances of another network it gives up rather than run on.
    far = 10.0 ** rng.uniform(-8.0, 8.0, network.n_segments)
    assert factor.improve(guess, conductance=far, inflow=inflow, tolerance=1e-14) is None
