"""The closed loop: left heart -> body -> right heart -> lungs -> left heart."""

from __future__ import annotations

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.conductance import Haemodynamics
from ctc.flow.directed import directed_flow
from ctc.flow.field import FlowField
from ctc.flow.fixed_point import Round, settle
from ctc.flow.loop import Loop
from ctc.vessels.heart import CHAMBERS, Heart
from ctc.vessels.network import VesselNetwork

# Largest relative difference of what the lungs get from what returns to the right heart.
OUTPUT_TOLERANCE = 1e-10
# Where the search begins when the pressure of the pulmonary trunk is not above the left atrium's.
LUNG_DROP = 1e3


def solve_circulation(
    network: VesselNetwork,
    haemodynamics: Haemodynamics,
    *,
    lymph_flow: FloatArray | None = None,
    start: Loop | None = None,
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
    start : Loop, optional
        What `ctc.flow.tune.tune_to_plan` ended with, to go on from; its lymph flow counts.

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
    if start is not None and start.follows(network):
        loop = start
        loop.retune(network)
    else:
        loop = Loop(network, haemodynamics, lymph_flow=lymph_flow)
    chamber, root, inlet = (
        loop.heart.chambers[0],
        loop.heart.pulmonary_root,
        loop.heart.left_inlet,
    )

    def solve(is_balanced: bool) -> Round:
        pressure = loop.pressures()
        flow_rate = loop.flows(pressure)
        returned, taken = float(flow_rate[chamber]), loop.into_lungs(flow_rate)
        over = float(pressure[root] - pressure[inlet])
        if taken * over > 0.0 and returned > 0.0:
            # Exact in the next round where viscosities stay and nothing else joins the lungs.
            over *= returned / taken
        else:
            over = LUNG_DROP
        loop.set_pulmonary_trunk(float(pressure[inlet]) + over)
        # A heart that would pump backwards is refused below.
        error = abs(returned - taken) / returned if returned > 0.0 else 0.0
        if is_balanced:
            flow_rate = loop.balanced(flow_rate)
        return Round(pressure, flow_rate, error / OUTPUT_TOLERANCE)

    settle(loop.state, solve)
    pressure = loop.pressures(is_last=True)
    flow_rate = loop.flows(pressure)
    # Before mass is balanced, which would turn a flow that has nowhere to go.
    _require_forward(network, loop.heart, flow_rate)
    flow_rate = loop.balanced(flow_rate)
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
