"""Exact conservation of mass: rounding errors of a solve are pushed along a spanning forest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_flow import balanced_flow
from ctc.checks import FloatArray, IntArray


def balance_flow(
    start_node: IntArray,
    end_node: IntArray,
    *,
    flow_rate: FloatArray,
    conductance: FloatArray,
    inflow: FloatArray,
    is_open: npt.NDArray[np.bool_],
) -> FloatArray:
    """Return the flow nearest to a given one that conserves mass at every closed node.

    The segments of largest conductance that hold the network together (a maximum spanning
    forest) get the flow that the others leave over, summed from the leaves to the open nodes.
    A node's imbalance is then the rounding of one sum, whatever the span of conductances, and
    the corrected segments are those where a rounding of the pressure matters most.

    Parameters
    ----------
    start_node, end_node : (n_segments,) int32
        Ends of the segments.
    flow_rate : (n_segments,) float64 [m^3/s]
        Along each segment; values on the forest do not matter.
    conductance : (n_segments,) float64
        Order of preference for the forest, told apart to 1 part in 64; infinite for a pump.
    inflow : (n_nodes,) float64 [m^3/s]
        Flow that enters each node from outside; ignored at open nodes.
    is_open : (n_nodes,) bool
        Nodes that may take up any flow. A part of the network without one must balance of
        itself: its inflows sum to zero.

    Returns
    -------
    (n_segments,) float64 [m^3/s]
        Signed along each segment.
    """
    return balanced_flow(
        start_node,
        end_node,
        flow_rate=flow_rate,
        conductance=conductance,
        inflow=inflow,
        is_open=is_open,
    )


def mass_residual(
    start_node: IntArray,
    end_node: IntArray,
    *,
    flow_rate: FloatArray,
    is_closed: npt.NDArray[np.bool_],
    inflow: FloatArray | None = None,
) -> float:
    """Largest |sum Q| / sum |Q| over the closed nodes that anything flows through."""
    n_nodes = is_closed.size
    arriving = _sum_at(end_node, flow_rate, n_nodes)
    leaving = _sum_at(start_node, flow_rate, n_nodes)
    net = arriving - leaving
    through = _sum_at(end_node, np.abs(flow_rate), n_nodes)
    through += _sum_at(start_node, np.abs(flow_rate), n_nodes)
    if inflow is not None:
        net += inflow
        through += np.abs(inflow)
    used = is_closed & (through > 0)
    return float(np.max(np.abs(net[used]) / through[used], initial=0.0))


def _sum_at(node: IntArray, values: FloatArray, n_nodes: int) -> FloatArray:
    return np.asarray(np.bincount(node, weights=values, minlength=n_nodes), dtype=np.float64)
