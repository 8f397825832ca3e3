"""Flow of a network between open ends: a vessel tree, a capillary mesh, an organ by itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ctc.flow.balance import balance_flow
from ctc.flow.blood_state import BloodState
from ctc.flow.directed import directed_flow
from ctc.flow.field import FlowField
from ctc.flow.fixed_point import Round, settle
from ctc.flow.rheology import Blood
from ctc.flow.solve import node_values, require_connected
from ctc.vessels.network import VesselNetwork


def solve_open(
    network: VesselNetwork,
    blood: Blood,
    *,
    fixed_pressure: Mapping[int, float],
    injected_flow: Mapping[int, float] | None = None,
) -> tuple[VesselNetwork, FlowField]:
    """Steady flow of a network between nodes of known pressure.

    Parameters
    ----------
    network : VesselNetwork
        Of resistive segments.
    blood : Blood
        What flows; what enters has its haematocrit.
    fixed_pressure : mapping of node to Pa
        Every part that segments connect needs one.
    injected_flow : mapping of node to m^3/s, optional
        Blood put in from outside; negative where it is taken out.

    Returns
    -------
    network : VesselNetwork
        Turned so that blood flows from start to end in every segment.
    flow : FlowField
        Of it; residuals are those of the nodes where nothing enters or leaves.

    Raises
    ------
    InputError
        If a node is not there or its value not finite, a part is joined to no node of fixed
        pressure, a vessel is too narrow for red cells, or flow and red cells do not settle.
    """
    fixed_nodes, at_fixed = node_values("fixed_pressure", fixed_pressure, network, unit="Pa")
    injected, at_injected = node_values("injected_flow", injected_flow, network, unit="m^3/s")
    known, inflow = np.zeros(network.n_nodes), np.zeros(network.n_nodes)
    known[fixed_nodes] = at_fixed
    inflow[injected] = at_injected
    is_fixed = np.zeros(network.n_nodes, dtype=bool)
    is_fixed[fixed_nodes] = True
    is_open = is_fixed | (inflow != 0.0)
    state = BloodState(network, blood, fixed_nodes=fixed_nodes, is_open=is_open, given={})
    require_connected(network, state.resistive, fixed_nodes)

    def solve(is_balanced: bool, is_last: bool = False) -> Round:
        pressure = state.pressures(known, inflow=inflow, is_last=is_last)
        flow_rate = state.flows(pressure)
        if is_balanced:
            flow_rate = balance_flow(
                network.start_node,
                network.end_node,
                flow_rate=flow_rate,
                conductance=np.where(state.resistive, state.conductance, np.inf),
                inflow=inflow,
                is_open=is_fixed,
            )
        return Round(pressure, flow_rate)

    settle(state, solve)
    found = solve(True, is_last=True)
    state.follow_cells(found.flow_rate)
    open_nodes = tuple(np.flatnonzero(is_open).tolist())
    return directed_flow(
        network, state, pressure=found.pressure, flow_rate=found.flow_rate, open_nodes=open_nodes
    )
