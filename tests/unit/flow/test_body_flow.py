"""Flow of grown bodies: organ flows of the plan, mass, the two circulations."""

import numpy as np
import pytest

from ctc.body.plan import load_body_plan
from ctc.flow.body_flow import body_haemodynamics, flow_deviation, planned_flows, solve_body
from ctc.flow.conductance import load_haemodynamics
from ctc.vessels.body_network import build_body_network
from ctc.vessels.heart import find_heart


@pytest.mark.parametrize("body", ["human_male", "human_female"])
def test_organ_flows_are_the_plans(body: str) -> None:
    plan = load_body_plan(body)
    grown = build_body_network(plan, n_terminals=1500, seed=3)
    network, flow = solve_body(grown, plan)
    deviation = flow_deviation(network, flow, plan=plan)
    assert set(deviation) == {region.name for region in plan.regions}
    assert max(abs(value) for value in deviation.values()) < 1e-6
    assert flow.mass_residual < 1e-12
    assert flow.momentum_residual < 1e-8
    assert flow.red_cell_residual < 1e-10
    # A body holds fewer red cells for its blood than its veins show (F-cell ratio, 0.91 in
    # living adults; a network without arterioles below 100 um comes nearer to 1).
    held = float(np.sum(flow.tube_haematocrit * network.volume) / np.sum(network.volume))
    aortic = flow.discharge_haematocrit[find_heart(network).chambers[3]]
    assert aortic == body_haemodynamics(plan).blood.haematocrit
    assert 0.9 < held / aortic < 1.0
    assert (flow.flow_rate > 0).all()
    # The left heart pumps the whole output, the right one what the venae cavae bring.
    left = flow.flow_rate[find_heart(network).chambers[3]]
    assert left == pytest.approx(plan.cardiac_output, rel=1e-6)
    # Blood runs the way it was grown: from the arteries to the veins everywhere.
    assert (network.start_node == grown.start_node).all()


def test_pulmonary_trunk_has_its_pressure() -> None:
    plan = load_body_plan("human_male")
    network, flow = solve_body(build_body_network(plan, n_terminals=1500, seed=3), plan)
    trunk = flow.pressure[find_heart(network).pulmonary_root]
    assert trunk == pytest.approx(load_haemodynamics().pulmonary_trunk, rel=1e-4)


def test_planned_inflow_leaves_out_what_comes_by_the_portal_vein() -> None:
    plan = load_body_plan("human_male")
    flows = planned_flows(plan)
    assert (
        flows["liver"]
        < 0.1 * plan.cardiac_output
        < plan.flow_rate(next(region for region in plan.regions if region.name == "liver"))
    )
