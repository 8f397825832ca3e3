"""Pressure and flow of a network of resistances between nodes of known pressure or inflow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ctc.backends.host_flow import PressureFactor, connected_parts, flow_rates
from ctc.checks import FloatArray, IntArray, require_positive, require_shape
from ctc.errors import InputError
from ctc.flow.balance import balance_flow
from ctc.flow.pumps import is_resistive
from ctc.vessels.network import VesselNetwork

# A flow below this share of the flow that its conductance would carry under the whole
# pressure difference of the network is rounding of the two pressures, which are known to
# about 1e-15 of that difference each: the segment is stagnant.
STAGNANT_SHARE = 1e-13


def solve_network(
    network: VesselNetwork,
    conductance: FloatArray,
    *,
    fixed_pressure: Mapping[int, float],
    injected_flow: Mapping[int, float] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Pressure at the nodes and flow in the segments of a network of resistances.

    Kirchhoff's law, ``sum over the segments of a node of G (p_node - p_other) = inflow``, is
    solved by sparse elimination; then the flows are made to conserve mass at every node that
    has no fixed pressure (`balance_flow`).

    Parameters
    ----------
    network : VesselNetwork
        Heart chambers are left out: they are pumps, and carry no flow here.
    conductance : (n_segments,) float64 [m^3/s/Pa]
        > 0; not read for heart chambers.
    fixed_pressure : mapping of node to Pa
        Every part that segments connect needs one.
    injected_flow : mapping of node to m^3/s, optional
        Flow put in from outside; negative where it is taken out.

    Returns
    -------
    pressure : (n_nodes,) float64 [Pa]
        NaN at nodes that no resistive segment touches.
    flow_rate : (n_segments,) float64 [m^3/s]
        Signed along each segment; 0 for heart chambers and stagnant segments.

    Raises
    ------
    InputError
        If a conductance is not positive, a node is not there or its value not finite, or a part
        of the network is joined to no node of fixed pressure; names that part's organ or region.
    """
    resistive = is_resistive(network)
    require_shape("conductance", conductance, (network.n_segments,))
    require_positive("conductance", conductance[resistive], unit="m^3/s/Pa", item="segment")
    start_node, end_node = network.start_node[resistive], network.end_node[resistive]
    fixed_nodes, at_fixed = node_values("fixed_pressure", fixed_pressure, network, unit="Pa")
    injected, at_injected = node_values("injected_flow", injected_flow, network, unit="m^3/s")
    require_connected(network, resistive, fixed_nodes)
    is_fixed = np.zeros(network.n_nodes, dtype=bool)
    is_fixed[fixed_nodes] = True
    factor = PressureFactor(start_node, end_node, is_fixed=is_fixed)
    factor.refresh(conductance[resistive])
    known = np.full(network.n_nodes, np.nan)
    known[fixed_nodes] = at_fixed
    inflow = np.zeros(network.n_nodes)
    inflow[injected] = at_injected
    pressure = factor.solve(known, inflow=inflow)
    flow_rate = np.zeros(network.n_segments)
    flow_rate[resistive] = balance_flow(
        start_node,
        end_node,
        flow_rate=resistive_flow(start_node, end_node, conductance[resistive], pressure=pressure),
        conductance=conductance[resistive],
        inflow=inflow,
        is_open=is_fixed,
    )
    return pressure, flow_rate


def node_values(
    name: str, given: Mapping[int, float] | None, network: VesselNetwork, *, unit: str
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return given nodes in rising order and their values; InputError if one is not there."""
    known = given or {}
    nodes = np.array(sorted(known), dtype=np.int64)
    values = np.array([known[int(node)] for node in nodes], dtype=np.float64)
    absent = (nodes < 0) | (nodes >= network.n_nodes)
    if absent.any():
        message = (
            f"{name} must be at nodes 0 .. {network.n_nodes - 1}, got node "
            f"{nodes[np.argmax(absent)]}. Name a node of the network."
        )
        raise InputError(message)
    bad = ~np.isfinite(values)
    if bad.any():
        first = int(np.argmax(bad))
        message = (
            f"{name} must be finite, got {values[first]:g} {unit} at node {nodes[first]}. "
            "Correct it."
        )
        raise InputError(message)
    return nodes, values


def resistive_flow(
    start_node: IntArray, end_node: IntArray, conductance: FloatArray, *, pressure: FloatArray
) -> FloatArray:
    """Return G (p_start - p_end), (n_segments,) float64 [m^3/s], 0 where that is rounding."""
    span = float(np.nanmax(pressure) - np.nanmin(pressure)) if pressure.size else 0.0
    return flow_rates(
        start_node,
        end_node,
        conductance=conductance,
        pressure=pressure,
        least_drop=STAGNANT_SHARE * span,
    )


def momentum_residual(
    network: VesselNetwork, conductance: FloatArray, *, pressure: FloatArray, flow_rate: FloatArray
) -> float:
    """Largest |Q - G dp| over the resistive segments, over the largest flow."""
    resistive = is_resistive(network)
    drop = pressure[network.start_node[resistive]] - pressure[network.end_node[resistive]]
    error = np.abs(flow_rate[resistive] - conductance[resistive] * drop)
    largest = float(np.max(np.abs(flow_rate), initial=0.0))
    return float(np.max(error, initial=0.0)) / largest if largest > 0 else 0.0


def require_connected(
    network: VesselNetwork,
    resistive: npt.NDArray[np.bool_],
    fixed_nodes: npt.NDArray[np.int64],
) -> None:
    """Raise InputError if a part of the network is joined to no node of fixed pressure."""
    start_node, end_node = network.start_node[resistive], network.end_node[resistive]
    n_nodes = network.n_nodes
    part = connected_parts(start_node, end_node, n_nodes=n_nodes)
    has_fixed = np.zeros(n_nodes, dtype=bool)
    has_fixed[part[fixed_nodes]] = True
    loose = ~has_fixed[part[start_node]]
    if not loose.any():
        return
    segments = np.flatnonzero(resistive)[loose]
    n_loose = int(np.unique(part[start_node[loose]]).size)
    message = (
        f"every vessel must be joined to the heart, got {segments.size} of "
        f"{network.n_segments} segments in {n_loose} loose part(s), the first at segment "
        f"{segments[0]} ({place_name(network, segments)}). Join them, or drop them from the "
        "network."
    )
    raise InputError(message)


def place_name(network: VesselNetwork, segments: npt.NDArray[np.int64]) -> str:
    """Names of the regions, organs or vessels that segments belong to."""
    for what, index, names in (
        ("region", network.region, network.region_names),
        ("organ", network.organ, network.organ_names),
        ("vessel", network.name, network.vessel_names),
    ):
        found = np.unique(index[segments])
        found = found[found >= 0]
        if found.size:
            shown = ", ".join(f"'{names[i]}'" for i in found[:4])
            return f"{what} {shown}" + (", ..." if found.size > 4 else "")
    return "no region named"
