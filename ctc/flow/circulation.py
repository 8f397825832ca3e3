"""The closed loop: left heart -> body -> right heart -> lungs -> left heart."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.balance import balance_flow, mass_residual
from ctc.flow.conductance import Haemodynamics, segment_conductance, wall_shear_stress
from ctc.flow.field import FlowField
from ctc.flow.pumps import checked_lymph_flow, is_lymphatic, is_resistive, lymph_inflow
from ctc.flow.solve import (
    PressureProblem,
    momentum_residual,
    require_connected,
    resistive_flow,
)
from ctc.vessels.heart import CHAMBERS, Heart, find_heart
from ctc.vessels.network import VesselNetwork


def solve_circulation(
    network: VesselNetwork,
    haemodynamics: Haemodynamics,
    *,
    lymph_flow: FloatArray | None = None,
) -> tuple[VesselNetwork, FlowField]:
    """Steady flow of the whole closed loop.

    The body is driven from the pressure of the aortic root to those of the two atria; the
    lungs are driven by the flow that comes back to the right heart. The chambers carry what
    conservation of mass asks of them, so mass is conserved at every node of the loop.

    Parameters
    ----------
    network : VesselNetwork
        Closed by four heart chambers.
    haemodynamics : Haemodynamics
        Viscosity and the pressures of aortic root, right and left atrium.
    lymph_flow : (n_segments,) float64 [m^3/s], optional
        Given flow of the lymphatic segments, >= 0, from start to end; 0 elsewhere. They pump:
        it is taken out at their start node and put in at their end node, and it must balance
        by itself where only lymphatics meet. Lymph stands still when it is left out.

    Returns
    -------
    network : VesselNetwork
        Turned so that blood flows from start to end in every segment.
    flow : FlowField
        Its flow; segments where nothing flows have an infinite transit time.

    Raises
    ------
    InputError
        If the heart is incomplete, a part is not joined to it, or a chamber would have to
        pump backwards.
    """
    heart = find_heart(network)
    conductance = segment_conductance(network, haemodynamics.viscosity)
    resistive = is_resistive(network)
    pumped = checked_lymph_flow(network, lymph_flow)
    from_lymph = lymph_inflow(network, pumped)
    fixed = {
        heart.aortic_root: haemodynamics.aortic_root,
        heart.right_inlet: haemodynamics.right_atrium,
        heart.left_inlet: haemodynamics.left_atrium,
    }
    fixed_nodes = np.fromiter(sorted(fixed), dtype=np.int64, count=len(fixed))
    require_connected(network, resistive, fixed_nodes)
    start_node, end_node = network.start_node[resistive], network.end_node[resistive]
    problem = PressureProblem(
        start_node, end_node, n_nodes=network.n_nodes, fixed_nodes=fixed_nodes
    )
    pressure = np.zeros(network.n_nodes)
    for node, value in fixed.items():
        pressure[node] = value
    inflow = from_lymph.copy()
    resistor = conductance[resistive]
    # The flow back to the right heart does not depend on the lungs, which lie behind it, so
    # the first solve (lungs at rest) gives what the second one puts into them.
    pressure = problem.solve(resistor, pressure, inflow=inflow)
    returned = resistive_flow(start_node, end_node, resistor, pressure=pressure)
    at_heart = np.bincount(end_node, weights=returned, minlength=network.n_nodes)
    at_heart -= np.bincount(start_node, weights=returned, minlength=network.n_nodes)
    returning = at_heart[heart.right_inlet] + from_lymph[heart.right_inlet]
    inflow[heart.pulmonary_root] += returning
    pressure = problem.solve(resistor, pressure, inflow=inflow)
    # Between atrium and ventricle only chambers end: they fill at the atrium's pressure.
    pressure[network.end_node[heart.chambers[0]]] = haemodynamics.right_atrium
    pressure[network.end_node[heart.chambers[2]]] = haemodynamics.left_atrium
    flow_rate = pumped
    flow_rate[resistive] = resistive_flow(start_node, end_node, resistor, pressure=pressure)
    preference = np.where(resistive, conductance, np.inf)
    nowhere_open = np.zeros(network.n_nodes, dtype=bool)
    balanced = ~is_lymphatic(network)
    flow_rate[balanced] = balance_flow(
        network.start_node[balanced],
        network.end_node[balanced],
        flow_rate=flow_rate[balanced],
        conductance=preference[balanced],
        inflow=from_lymph,
        is_open=nowhere_open,
    )
    _require_forward(network, heart, flow_rate)
    return directed_flow(
        network,
        conductance,
        pressure=pressure,
        flow_rate=flow_rate,
        viscosity=haemodynamics.viscosity,
    )


def directed_flow(
    network: VesselNetwork,
    conductance: FloatArray,
    *,
    pressure: FloatArray,
    flow_rate: FloatArray,
    viscosity: float,
    open_nodes: tuple[int, ...] = (),
) -> tuple[VesselNetwork, FlowField]:
    """Return the network turned along a flow, and that flow with its residuals.

    Parameters
    ----------
    network : VesselNetwork
        In any direction.
    conductance : (n_segments,) float64 [m^3/s/Pa]
        That the pressures were solved with.
    pressure : (n_nodes,) float64 [Pa]
        At the nodes.
    flow_rate : (n_segments,) float64 [m^3/s]
        Signed along each segment.
    viscosity : float [Pa s]
        For the record.
    open_nodes : tuple of int
        Nodes where blood enters or leaves the network.

    Returns
    -------
    network : VesselNetwork
        With start and end exchanged where the flow was negative.
    flow : FlowField
        With flow rates >= 0.
    """
    momentum = momentum_residual(network, conductance, pressure=pressure, flow_rate=flow_rate)
    is_closed = np.ones(network.n_nodes, dtype=bool)
    is_closed[list(open_nodes)] = False
    backwards = flow_rate < 0
    turned = network.replace(
        start_node=np.where(backwards, network.end_node, network.start_node),
        end_node=np.where(backwards, network.start_node, network.end_node),
    )
    forward = np.abs(flow_rate)
    transit_time = np.full(network.n_segments, np.inf)
    np.divide(network.volume, forward, out=transit_time, where=forward > 0)
    apparent_viscosity = np.full(network.n_segments, viscosity)
    field = FlowField(
        pressure=pressure,
        flow_rate=forward,
        transit_time=transit_time,
        discharge_haematocrit=np.full(network.n_segments, np.nan),
        tube_haematocrit=np.full(network.n_segments, np.nan),
        apparent_viscosity=apparent_viscosity,
        wall_shear_stress=wall_shear_stress(network, forward, viscosity=apparent_viscosity),
        mass_residual=mass_residual(
            turned.start_node, turned.end_node, flow_rate=forward, is_closed=is_closed
        ),
        red_cell_residual=np.nan,
        momentum_residual=momentum,
    )
    return turned, field


def _require_forward(network: VesselNetwork, heart: Heart, flow_rate: FloatArray) -> None:
    for name, segment in zip(CHAMBERS, heart.chambers, strict=True):
        if not flow_rate[segment] > 0:
            message = (
                f"flow through the {name} must be > 0 m^3/s, got {flow_rate[segment]:g}. "
                "Check the direction of the chambers and the pressures."
            )
            raise InputError(message)
