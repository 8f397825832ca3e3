"""The solver's own promises: exact balance, named loose parts, directed result."""

import dataclasses

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.balance import balance_flow, mass_residual
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics, segment_conductance
from ctc.flow.solve import momentum_residual, place_name, resistive_flow, solve_network
from ctc.vessels.heart import CHAMBERS, find_heart
from ctc.vessels.network import SegmentKind
from tests.unit.flow.loops import Builder, small_body


def test_closed_loop_conserves_mass_through_the_heart() -> None:
    network, flow = solve_circulation(small_body(), load_haemodynamics())
    assert flow.mass_residual < 1e-14
    assert flow.momentum_residual < 1e-10
    chambers = flow.flow_rate[list(find_heart(network).chambers)]
    # Kidney and liver return to the right heart, all lungs to the left: one loop, one flow.
    np.testing.assert_allclose(chambers, chambers[0], rtol=1e-14)


def test_segments_are_turned_with_the_flow() -> None:
    network = small_body()
    rng = np.random.default_rng(0)
    turn = (rng.random(network.n_segments) < 0.5) & ~network.is_kind(SegmentKind.HEART_CHAMBER)
    shuffled = network.replace(
        start_node=np.where(turn, network.end_node, network.start_node),
        end_node=np.where(turn, network.start_node, network.end_node),
    )
    straight, flow = solve_circulation(network, load_haemodynamics())
    again, flow_again = solve_circulation(shuffled, load_haemodynamics())
    assert (flow_again.flow_rate >= 0).all()
    np.testing.assert_array_equal(again.start_node, straight.start_node)
    np.testing.assert_allclose(flow_again.flow_rate, flow.flow_rate, rtol=1e-10)


def test_transit_time_is_volume_over_flow_and_infinite_in_a_dead_end() -> None:
    builder = Builder()
    builder.add("in", "middle")
    builder.add("middle", "out")
    dead = builder.add("middle", "tip")
    network = builder.network()
    conductance = segment_conductance(network, 3.5e-3)
    _, flow = solve_network(network, conductance, fixed_pressure={0: 100.0, 2: 0.0})
    assert flow[dead] == 0.0
    assert flow[0] == flow[1] > 0.0


def test_a_loose_part_is_named() -> None:
    builder = Builder()
    builder.add("in", "out")
    builder.add("a", "b", region="left kidney")
    network = builder.network()
    conductance = segment_conductance(network, 3.5e-3)
    with pytest.raises(InputError, match=r"joined to the heart.*region 'left kidney'"):
        solve_network(network, conductance, fixed_pressure={0: 1.0, 1: 0.0})


def test_a_missing_chamber_is_named() -> None:
    network = small_body()
    names = tuple("aorta" if n == CHAMBERS[2] else n for n in network.vessel_names)
    with pytest.raises(InputError, match="one heart chamber 'left atrium', got 0"):
        solve_circulation(network.replace(vessel_names=names), load_haemodynamics())


def test_a_chamber_that_would_pump_backwards_is_refused() -> None:
    upside_down = dataclasses.replace(load_haemodynamics(), aortic_root=-1e4)
    with pytest.raises(InputError, match="flow through the right atrium must be > 0"):
        solve_circulation(small_body(), upside_down)


def test_balance_moves_only_what_is_missing() -> None:
    # Two parallel paths; the given flows leave 1e-3 over at the middle nodes.
    start, end = np.array([0, 1, 0, 2]), np.array([1, 3, 2, 3])
    is_open = np.array([True, False, False, True])
    flow = balance_flow(
        start.astype(np.int32),
        end.astype(np.int32),
        flow_rate=np.array([1.0, 1.001, 2.0, 2.001]),
        conductance=np.array([1.0, 10.0, 10.0, 1.0]),
        inflow=np.zeros(4),
        is_open=is_open,
    )
    np.testing.assert_array_equal(flow, [1.0, 1.0, 2.001, 2.001])


def test_injected_flow_leaves_at_the_fixed_node() -> None:
    builder = Builder()
    builder.add("in", "middle")
    builder.add("middle", "out")
    network = builder.network()
    conductance = segment_conductance(network, 3.5e-3)
    pressure, flow = solve_network(
        network, conductance, fixed_pressure={2: 7.0}, injected_flow={0: 2e-9}
    )
    np.testing.assert_allclose(flow, 2e-9, rtol=1e-15)
    np.testing.assert_allclose(pressure[0] - 7.0, 2e-9 * (1 / conductance).sum(), rtol=1e-12)


def test_mass_residual_sees_a_leak() -> None:
    start, end = np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.int32)
    is_closed = np.array([False, True, False])
    leak = mass_residual(start, end, flow_rate=np.array([1.0, 0.5]), is_closed=is_closed)
    assert leak == pytest.approx(0.5 / 1.5)


def test_a_drop_that_is_rounding_drives_nothing() -> None:
    """1e-15 of the pressure difference of the network; ten thousand times that is a flow."""
    pressure = np.array([1.0, 1.0 - 1e-15, 1.0 - 1e-11, 0.0])
    start, end = np.array([0, 1, 2]), np.array([1, 2, 3])
    flow = resistive_flow(start, end, np.ones(3), pressure=pressure)
    assert flow[0] == 0.0
    np.testing.assert_allclose(flow[1:], [1e-11, 1.0], rtol=1e-3)


def test_a_network_that_stands_still_has_no_residual() -> None:
    network = small_body()
    nothing = np.zeros(network.n_segments)
    pressure = np.ones(network.n_nodes)
    found = momentum_residual(network, nothing + 1.0, pressure=pressure, flow_rate=nothing)
    assert found == 0.0


@pytest.mark.parametrize("n_regions", [0, 1, 4, 5, 7])
def test_a_place_is_named_by_four_of_its_regions(n_regions: int) -> None:
    builder = Builder()
    for k in range(n_regions):
        builder.add(str(k), str(k + 1), region=f"r{k}")
    builder.add("x", "y")
    network = builder.network()
    shown = ", ".join(f"'r{k}'" for k in range(min(n_regions, 4)))
    wanted = f"region {shown}" + (", ..." if n_regions > 4 else "")
    named = wanted if n_regions else "no region named"
    assert place_name(network, np.arange(network.n_segments)) == named
