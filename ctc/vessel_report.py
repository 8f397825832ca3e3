"""What the report of a run tells of its vessels: measures, and flows beside the body plan's."""

from __future__ import annotations

import numpy as np

from ctc.body.plan import load_body_plan
from ctc.flow.field import FlowField
from ctc.record.reader import Run
from ctc.report.material import VesselFacts
from ctc.vessel_figures import vessel_figures
from ctc.vessels.network import SegmentKind, VesselNetwork


def vessel_facts(run: Run) -> VesselFacts:
    """Measure the vessels of a run and the flow through the beds of its organs.

    Planned flows are given where the vessels were grown for a body plan.
    """
    network, flow = run.network(), run.flow()
    flows, transit = organ_flows(network, flow)
    planned: dict[str, float] = {}
    cardiac_output = 0.0
    body = run.scenario()["body"]
    if body["source"] == "grown":
        plan = load_body_plan(body["plan"])
        cardiac_output = plan.cardiac_output
        for organ in plan.organs:
            planned[organ.name] = sum(plan.flow_rate(region) for region in organ.regions)
    return VesselFacts(
        figures=vessel_figures(network, flow),
        planned_flows={name: value for name, value in planned.items() if name in flows},
        flows=flows,
        bed_transit=transit,
        cardiac_output=cardiac_output,
    )


def organ_flows(
    network: VesselNetwork, flow: FlowField
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the blood flow through the capillary beds of each organ, and their transit time.

    Returns
    -------
    flows : dict of str to float [m^3/s]
        Organs without a perfused bed are left out.
    transit : dict of str to float [s]
        Volume of the beds over their flow.
    """
    beds = network.is_kind(SegmentKind.CAPILLARY_BED) & (network.organ >= 0)
    n_organs = len(network.organ_names)
    organ = network.organ[beds]
    rate = np.bincount(organ, weights=flow.flow_rate[beds], minlength=n_organs)
    volume = np.bincount(organ, weights=network.volume[beds], minlength=n_organs)
    named = list(zip(network.organ_names, rate.tolist(), volume.tolist(), strict=True))
    flows = {name: q for name, q, _ in named if q > 0.0}
    return flows, {name: v / q for name, q, v in named if q > 0.0}
