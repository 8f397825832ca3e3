"""Flow of grown bodies: organ flows of the plan, mass, the two circulations."""

import numpy as np
import pytest

from ctc.body.lymph import load_lymph_plan
from ctc.body.plan import BodyPlan, load_body_plan
from ctc.errors import InputError
from ctc.flow.body_flow import body_haemodynamics, flow_deviation, planned_flows, solve_body
from ctc.flow.conductance import load_haemodynamics
from ctc.flow.lymph_flow import lymph_figures, lymph_flow
from ctc.flow.rheology import relative_viscosity, tube_haematocrit
from ctc.vessels.body_network import build_body_network
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind, VesselNetwork

PORTAL = (
    "portal vein",
    "splenic vein",
    "superior mesenteric vein",
    "ileocolic vein",
    "inferior mesenteric vein",
    "superior rectal vein",
)


def lymph_into(network: VesselNetwork, plan: BodyPlan, vessels: tuple[str, ...]) -> float:
    """Return the lymph put into the nodes of some vessels less that taken there [m^3/s]."""
    lymph = lymph_flow(network, plan)
    own = np.isin(network.name, [network.vessel_index(name) for name in vessels])
    nodes = np.union1d(network.start_node[own], network.end_node[own])
    put_in = lymph[np.isin(network.end_node, nodes)].sum()
    return float(put_in - lymph[np.isin(network.start_node, nodes)].sum())


@pytest.mark.parametrize("body", ["human_male", "human_female", "mouse_25g", "rat_250g"])
def test_organ_flows_are_the_plans(body: str) -> None:
    plan = load_body_plan(body)
    grown = build_body_network(plan, n_terminals=1500, seed=3)
    network, flow = solve_body(grown, plan)
    deviation = flow_deviation(network, flow, plan=plan)
    assert set(deviation) == {region.name for region in plan.regions}
    # The liver gets what lymph leaves of the gut's blood and what nodes beside the portal vein
    # give back; the lungs get what comes back to the heart.
    lungs = {region.name for region in plan.organ("lung").regions}
    untouched = deviation.keys() - lungs - {"liver"}
    assert max(abs(deviation[name]) for name in untouched) < 1e-6
    liver = next(region for region in plan.regions if region.name == "liver")
    gained = lymph_into(grown, plan, PORTAL) / plan.flow_rate(liver)
    assert deviation["liver"] == pytest.approx(gained, abs=1e-6)
    assert max(abs(deviation[name]) for name in lungs) < 1e-3
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
    # Blood runs the way it was grown: from the arteries to the veins in every region.
    in_region = network.region >= 0
    assert (network.start_node == grown.start_node)[in_region].all()


@pytest.mark.parametrize("body", ["mouse_25g", "rat_250g"])
def test_small_red_cells_make_a_vessel_wider_to_the_laws(body: str) -> None:
    """Viscosity and tube haematocrit are those of human blood in vessels as much wider."""
    plan = load_body_plan(body)
    blood = body_haemodynamics(plan).blood
    assert 0.8 < blood.red_cell_size < 0.86
    network, flow = solve_body(build_body_network(plan, n_terminals=1500, seed=3), plan)
    tubes = network.is_kind(SegmentKind.ARTERIOLE, SegmentKind.CAPILLARY_BED)
    wide = 2.0 * network.lumen_radius[tubes] / blood.red_cell_size
    cells = flow.discharge_haematocrit[tubes]
    wanted = blood.viscosity * relative_viscosity(wide, cells)
    np.testing.assert_allclose(flow.apparent_viscosity[tubes], wanted, rtol=1e-6)
    held = tube_haematocrit(wide, cells)
    np.testing.assert_allclose(flow.tube_haematocrit[tubes], held, rtol=1e-12)


def test_a_body_may_have_its_own_pressures() -> None:
    own = body_haemodynamics(load_body_plan("mouse_25g"))
    shipped = load_haemodynamics()
    assert own.aortic_root > shipped.aortic_root
    assert own.right_atrium == shipped.right_atrium
    with pytest.raises(InputError, match="Did you mean 'aortic_root'"):
        load_haemodynamics(pressures={"aortic_rot": 1e4})


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


def test_lymph_figures_tell_water_of_nodes_from_that_of_ducts() -> None:
    """What nodes give back and what the ducts bring are the plan's, and all that was formed."""
    plan = load_body_plan("human_female")
    grown = build_body_network(plan, n_terminals=1500, seed=3)
    found = lymph_figures(grown, lymph_flow(grown, plan))
    stations = load_lymph_plan(plan).stations
    at_nodes = sum(station.reabsorbed for station in stations)
    by_ducts = sum(station.outflow for station in stations if station.vein)
    assert 0.0 < found["efferent"] < found["reabsorbed"]
    assert found["reabsorbed"] == pytest.approx(at_nodes, rel=1e-12)
    assert found["efferent"] == pytest.approx(by_ducts, rel=1e-12)
    assert found["formed"] == pytest.approx(at_nodes + by_ducts, rel=1e-12)
    # 100 of 120 mL/h by the thoracic duct (Guyton and Hall): within 5 %.
    assert found["thoracic_duct"] / found["efferent"] == pytest.approx(100.0 / 120.0, rel=0.05)
