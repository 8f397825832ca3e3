"""The flow of a body at another cardiac output."""

from __future__ import annotations

from dataclasses import replace

from ctc.checks import require_positive
from ctc.flow.field import FlowField


def at_cardiac_output(flow: FlowField, factor: float) -> FlowField:
    """Return a flow in which everything runs faster by one factor.

    Flows, pressures and wall shear stresses are multiplied and transit times divided by it: the
    flow of the same vessels and the same blood. Shares of organs stay, although muscle takes a
    larger one in an exercising body.

    Parameters
    ----------
    flow : FlowField
        At rest.
    factor : float
        Cardiac output over that at rest, > 0; 1 gives the very same flow.
    """
    require_positive("factor", factor)
    if factor == 1.0:
        return flow
    return replace(
        flow,
        pressure=flow.pressure * factor,
        flow_rate=flow.flow_rate * factor,
        transit_time=flow.transit_time / factor,
        wall_shear_stress=flow.wall_shear_stress * factor,
    )
