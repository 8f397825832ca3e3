"""The closed loop: left heart -> body -> right heart -> lungs -> left heart."""

from __future__ import annotations

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.blood_state import BloodStart
from ctc.flow.conductance import Haemodynamics
from ctc.flow.directed import directed_flow
from ctc.flow.field import FlowField
from ctc.flow.fixed_point import Round, settle
from ctc.flow.loop import Loop
from ctc.vessels.heart import CHAMBERS, Heart
from ctc.vessels.network import VesselNetwork

# Largest relative difference of what the lungs get from what returns to the right heart.
OUTPUT_TOLERANCE = 1e-10


def solve_circulation(
    network: VesselNetwork,
    haemodynamics: Haemodynamics,
    *,
    lymph_flow: FloatArray | None = None,
    start: BloodStart | None = None,
) -> tuple[VesselNetwork, FlowField]:
    """Steady flow of the whole closed loop.

    The body is driven from the pressure of the aortic root to those of the two atria; the
    lungs are driven by the flow that comes back to the right heart. The chambers carry what
    conservation of mass asks of them, so mass is conserved at every node of the loop. Viscosity,
    haematocrit and flow are made to agree by a damped fixed point (`ctc.flow.fixed_point`); the
    aortic root has the haematocrit of the blood.

    Parameters
    ----------
    network : VesselNetwork
        Closed by four heart chambers.
    haemodynamics : Haemodynamics
        Blood and the pressures of aortic root, right and left atrium.
    lymph_flow : (n_segments,) float64 [m^3/s], optional
        Given flow of the lymphatic segments, >= 0, from start to end; 0 elsewhere. They pump:
        it is taken out at their start node and put in at their end node, without red cells, and
        it must balance by itself where only lymphatics meet. Lymph stands still when it is left
        out.
    start : BloodStart, optional
        Red cells and viscosities to begin with, from tuning.

    Returns
    -------
    network : VesselNetwork
        Turned so that blood flows from start to end in every segment.
    flow : FlowField
        Its flow; segments where nothing flows have an infinite transit time.

    Raises
    ------
    InputError
        If the heart is incomplete, a part is not joined to it, a chamber would have to pump
        backwards, a vessel is too narrow for red cells, or flow and red cells do not settle.
    """
    loop = Loop(
        network, haemodynamics, lymph_flow=lymph_flow, fixes_pulmonary_trunk=False, start=start
    )
    first_chamber = loop.heart.chambers[0]
    output = 0.0

    def solve() -> Round:
        nonlocal output
        loop.set_right_output(output)
        pressure = loop.pressures()
        flow_rate = loop.flows(pressure)
        returned = float(flow_rate[first_chamber])
        error = abs(returned - output)
        output = returned
        limit = OUTPUT_TOLERANCE * abs(returned)
        return Round(pressure, flow_rate, error / limit if limit > 0.0 else 0.0)

    settle(loop.state, solve)
    pressure = solve().pressure
    flow_rate = loop.balanced(loop.flows(pressure))
    _require_forward(network, loop.heart, flow_rate)
    loop.state.follow_cells(flow_rate)
    return directed_flow(network, loop.state, pressure=pressure, flow_rate=flow_rate)


def _require_forward(network: VesselNetwork, heart: Heart, flow_rate: FloatArray) -> None:
    for name, segment in zip(CHAMBERS, heart.chambers, strict=True):
        if not flow_rate[segment] > 0:
            message = (
                f"flow through the {name} must be > 0 m^3/s, got {flow_rate[segment]:g}. "
                "Check the direction of the chambers and the pressures."
            )
            raise InputError(message)
