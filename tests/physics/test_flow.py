"""Flow against closed forms, through the public API.

Direct solves in float64 carry a relative error of about 1e-16 times the number of segments on
a path; closed forms of a few tubes are compared at 1e-12.
"""

import numpy as np
import pytest

from ctc.flow.balance import mass_residual
from ctc.flow.conductance import segment_conductance
from ctc.flow.solve import momentum_residual, solve_network
from ctc.vessels.network import SegmentKind
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
