"""The flow of a body at another cardiac output."""

from __future__ import annotations

from dataclasses import replace

from ctc.checks import require_positive
from ctc.errors import InputError
from ctc.flow.field import FlowField


def at_cardiac_output(flow: FlowField, factor: float) -> FlowField:
    """Return a flow in which everything runs faster by one factor.

    Flows, pressures and wall shear stresses are multiplied and transit times divided by it: the
    flow of the same vessels and the same blood. Shares of organs stay, although muscle takes a
    larger one in an exercising body.

    Parameters
    ----------
    flow : FlowField
        At rest, or at that output already: the flow of a run is stored as its cells felt it.
    factor : float
        Cardiac output over that at rest, > 0; that of the flow gives the very same flow.

    Raises
    ------
    InputError
        If the flow is one in exercise, and of another output: it would be taken twice.
    """
    require_positive("factor", factor)
    if factor == flow.exercise:
        return flow
    if flow.exercise != 1.0:
        message = (
            f"value must be that of the flow that the vessels come with, {flow.exercise:g}, got "
            f"{factor:g}. Write exercise = {flow.exercise:g}, or take vessels with a flow at rest."
        )
        raise InputError(message, key="host.exercise")
    return replace(
        flow,
        pressure=flow.pressure * factor,
        flow_rate=flow.flow_rate * factor,
        transit_time=flow.transit_time / factor,
        wall_shear_stress=flow.wall_shear_stress * factor,
        exercise=factor,
    )
