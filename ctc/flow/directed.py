"""From a solved flow to the network turned along it and its FlowField."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.balance import mass_residual
from ctc.flow.blood_state import BloodState
from ctc.flow.conductance import wall_shear_stress
from ctc.flow.field import FlowField
from ctc.flow.rheology import tube_haematocrit
from ctc.flow.solve import momentum_residual
from ctc.vessels.network import VesselNetwork

# More than rounding leaves over: then a loop of flow kept the sweep from closing.
RED_CELL_TOLERANCE = 1e-10


def directed_flow(
    network: VesselNetwork,
    state: BloodState,
    *,
    pressure: FloatArray,
    flow_rate: FloatArray,
    open_nodes: tuple[int, ...] = (),
) -> tuple[VesselNetwork, FlowField]:
    """Return the network turned along a flow, and that flow with its residuals.

    Parameters
    ----------
    network : VesselNetwork
        In any direction.
    state : BloodState
        With the conductances that the pressures were solved with, and the red cells of the flow.
    pressure : (n_nodes,) float64 [Pa]
        At the nodes.
    flow_rate : (n_segments,) float64 [m^3/s]
        Signed along each segment.
    open_nodes : tuple of int
        Nodes where blood enters or leaves the network.

    Returns
    -------
    network : VesselNetwork
        With start and end exchanged where the flow was negative.
    flow : FlowField
        With flow rates >= 0.

    Raises
    ------
    InputError
        If red cells are not conserved to 1e-10 at every node.
    """
    momentum = momentum_residual(network, state.conductance, pressure=pressure, flow_rate=flow_rate)
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
    haematocrit = state.haematocrit
    _require_plasma(haematocrit)
    viscosity = state.blood.viscosity * state.viscosity
    red_cells = mass_residual(
        turned.start_node,
        turned.end_node,
        flow_rate=forward * haematocrit,
        is_closed=is_closed,
    )
    if not red_cells <= RED_CELL_TOLERANCE:
        message = (
            f"red cells must be conserved to {RED_CELL_TOLERANCE:g} at every node, got "
            f"{red_cells:.3g}: rounding of nearly equal pressures closes a loop of flow. Take "
            "out vessels that almost nothing flows through, or take rheology = 'constant'."
        )
        raise InputError(message)
    field = FlowField(
        pressure=pressure,
        flow_rate=forward,
        transit_time=transit_time,
        discharge_haematocrit=haematocrit,
        tube_haematocrit=tube_haematocrit(
            2.0 * network.lumen_radius / state.blood.red_cell_size, haematocrit
        ),
        apparent_viscosity=viscosity,
        wall_shear_stress=wall_shear_stress(network, forward, viscosity=viscosity),
        mass_residual=mass_residual(
            turned.start_node, turned.end_node, flow_rate=forward, is_closed=is_closed
        ),
        red_cell_residual=red_cells,
        momentum_residual=momentum,
    )
    return turned, field


def _require_plasma(haematocrit: FloatArray) -> None:
    dense = ~(haematocrit < 1.0)
    if dense.any():
        first = int(np.flatnonzero(dense)[0])
        message = (
            f"discharge_haematocrit must be < 1, got {haematocrit[first]:g} at segment {first} "
            f"({int(dense.sum())} of {dense.size} segments): lymphatics take nearly all that "
            "flows there. Lower lymph_flow, or take it from wider veins."
        )
        raise InputError(message)
