"""Segments whose flow no pressure drives: heart chambers and lymphatics."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, require_shape
from ctc.errors import InputError
from ctc.vessels.network import SegmentKind, VesselNetwork

# A node where only lymphatics meet must balance by itself, to the rounding of a few sums.
LYMPH_IMBALANCE = 1e-13


def is_lymphatic(network: VesselNetwork) -> npt.NDArray[np.bool_]:
    """Return (n_segments,) bool, true for lymphatic vessels and nodes."""
    return network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)


def is_resistive(network: VesselNetwork) -> npt.NDArray[np.bool_]:
    """Return (n_segments,) bool, true where blood flows because pressure drives it."""
    pumps = (SegmentKind.HEART_CHAMBER, SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    return ~network.is_kind(*pumps)


def checked_lymph_flow(network: VesselNetwork, lymph_flow: FloatArray | None) -> FloatArray:
    """Return a copy of the given lymph flow; zeros where none is given.

    Parameters
    ----------
    network : VesselNetwork
        With or without lymphatics.
    lymph_flow : (n_segments,) float64 [m^3/s] or None
        Of the lymphatic segments, from start to end.

    Returns
    -------
    (n_segments,) float64 [m^3/s]

    Raises
    ------
    InputError
        If a flow is negative or no number, if a segment that is no lymphatic has one, or if a
        node where only lymphatics meet does not balance.
    """
    if lymph_flow is None:
        return np.zeros(network.n_segments)
    flow = np.array(lymph_flow, dtype=np.float64)
    require_shape("lymph_flow", flow, (network.n_segments,))
    lymphatic = is_lymphatic(network)
    wrong = ~(flow >= 0.0) | ~np.isfinite(flow) | (~lymphatic & (flow != 0.0))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        rule = ">= 0 m^3/s" if lymphatic[first] else "0 m^3/s outside lymphatics"
        message = (
            f"lymph_flow must be {rule}, got {flow[first]:g} at segment {first} "
            f"({int(wrong.sum())} of {flow.size} segments). Turn lymphatics with their flow."
        )
        raise InputError(message)
    _require_balance(network, lymphatic, flow)
    return flow


def lymph_inflow(network: VesselNetwork, lymph_flow: FloatArray) -> FloatArray:
    """Return what lymphatics put into each node less what they take, (n_nodes,) [m^3/s].

    Exactly 0 where only lymphatics meet.
    """
    lymphatic = is_lymphatic(network)
    if not lymphatic.any():
        return np.zeros(network.n_nodes)
    inflow = _sum_at(network.end_node, lymph_flow, network.n_nodes)
    inflow -= _sum_at(network.start_node, lymph_flow, network.n_nodes)
    inflow[_only_lymph(network, lymphatic)] = 0.0
    return inflow


def _only_lymph(network: VesselNetwork, lymphatic: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    carries_blood = np.zeros(network.n_nodes, dtype=bool)
    carries_blood[network.start_node[~lymphatic]] = True
    carries_blood[network.end_node[~lymphatic]] = True
    return ~carries_blood


def _require_balance(
    network: VesselNetwork, lymphatic: npt.NDArray[np.bool_], flow: FloatArray
) -> None:
    if not lymphatic.any():
        return
    arriving = _sum_at(network.end_node, flow, network.n_nodes)
    leaving = _sum_at(network.start_node, flow, network.n_nodes)
    leak = np.abs(arriving - leaving) > LYMPH_IMBALANCE * (arriving + leaving)
    leak &= _only_lymph(network, lymphatic)
    if leak.any():
        node = int(np.flatnonzero(leak)[0])
        message = (
            f"lymph_flow must balance where only lymphatics meet, got {arriving[node]:g} m^3/s in "
            f"and {leaving[node]:g} out at node {node} ({int(leak.sum())} nodes). Sum the flows "
            "from the organs to the ducts."
        )
        raise InputError(message)


def _sum_at(node: npt.NDArray[np.int32], values: FloatArray, n_nodes: int) -> FloatArray:
    return np.asarray(np.bincount(node, weights=values, minlength=n_nodes), dtype=np.float64)
