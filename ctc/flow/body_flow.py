"""Flow of a grown body: tuned to its plan, solved, and compared with it."""

from __future__ import annotations

import numpy as np

from ctc.body.organ import Route
from ctc.body.plan import BodyPlan
from ctc.checks import FloatArray
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import Haemodynamics, load_haemodynamics
from ctc.flow.field import FlowField
from ctc.flow.lymph_flow import lymph_flow as planned_lymph_flow
from ctc.flow.rheology import Rheology
from ctc.flow.tune import tune_to_plan
from ctc.scenario.parameters import load_parameters
from ctc.vessels.network import SegmentKind, VesselNetwork


def solve_body(
    network: VesselNetwork,
    plan: BodyPlan,
    *,
    lymph_flow: FloatArray | None = None,
    rheology: Rheology = Rheology.PRIES,
) -> tuple[VesselNetwork, FlowField]:
    """Steady flow of a grown body, with the organ flows of its plan.

    Parameters
    ----------
    network : VesselNetwork
        Grown for that plan: a closed loop with the plan's regions.
    plan : BodyPlan
        Whose cardiac output and flow shares the beds are tuned to.
    lymph_flow : (n_segments,) float64 [m^3/s], optional
        Given flow of the lymphatic segments, as in `ctc.flow.circulation.solve_circulation`;
        the plan's where left out.
    rheology : Rheology
        Laws of the blood; its haematocrit is the body's.

    Returns
    -------
    network : VesselNetwork
        With the resistance factors that give the planned flows.
    flow : FlowField
        Of it; the arterial flow of every organ is the plan's to 1e-6. What lymph takes and gives
        back comes on top in the liver (3e-4) and the lungs (6e-5): see `flow_deviation`.

    Raises
    ------
    InputError
        If a region's vessels alone use up the pressure that it has, or a part is not joined.
    """
    haemodynamics = body_haemodynamics(plan, rheology)
    if lymph_flow is None:
        lymph_flow = planned_lymph_flow(network, plan)
    tuned, start = tune_to_plan(
        network, planned_flows(plan), haemodynamics=haemodynamics, lymph_flow=lymph_flow
    )
    return solve_circulation(tuned, haemodynamics, lymph_flow=lymph_flow, start=start)


def body_haemodynamics(plan: BodyPlan, rheology: Rheology = Rheology.PRIES) -> Haemodynamics:
    """Return blood of a body's haematocrit and red cells, and the pressures that drive it."""
    numbers = load_parameters(f"bodies/{plan.name}")
    size = "circulation.red_cell_size"
    return load_haemodynamics(
        rheology,
        haematocrit=numbers.value("circulation.haematocrit"),
        red_cell_size=numbers.value(size) if size in numbers else 1.0,
        pressures={key: each.value for key, each in numbers.group("pressure").items()},
    )


def planned_flows(plan: BodyPlan) -> dict[str, float]:
    """Return the arterial inflow of every region [m^3/s]: portal inflow follows from others."""
    return {
        region.name: plan.cardiac_output
        * sum(share for route, share in region.inflow.items() if route is not Route.PORTAL_VEIN)
        for region in plan.regions
    }


def flow_deviation(network: VesselNetwork, flow: FlowField, *, plan: BodyPlan) -> dict[str, float]:
    """Return by region the relative deviation of its bed flow from the plan's.

    Parameters
    ----------
    network, flow : VesselNetwork, FlowField
        From `solve_body`.
    plan : BodyPlan
        Portal inflow is counted in here.

    Returns
    -------
    dict of str to float
        Flow over planned flow, less 1.
    """
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    total = np.bincount(
        network.region[beds],
        weights=flow.flow_rate[beds],
        minlength=len(network.region_names),
    )
    return {
        region.name: float(
            total[network.region_names.index(region.name)] / plan.flow_rate(region) - 1.0
        )
        for region in plan.regions
    }
