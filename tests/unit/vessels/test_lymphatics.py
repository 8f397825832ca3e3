"""Lymphatics of grown bodies: what is laid out, where it begins and ends, what it holds."""

import dataclasses

import numpy as np
import pytest

from ctc.body.lymph import load_lymph_plan
from ctc.body.plan import load_body_plan
from ctc.errors import InputError
from ctc.flow.lymph_flow import lymph_figures, lymph_flow
from ctc.vessels.body_network import build_body_network
from ctc.vessels.lymphatics import lay_out_lymphatics
from ctc.vessels.network import SegmentKind
from ctc.vessels.trunks import load_trunks

LYMPH = (SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)


@pytest.fixture(scope="module", params=["human_male", "human_female", "mouse_25g", "rat_250g"])
def plan(request):
    return load_body_plan(request.param)


@pytest.fixture(scope="module")
def network(plan):
    return build_body_network(plan, n_terminals=1500, seed=7)


def named(network, name):
    return np.flatnonzero(network.name == network.vessel_index(name))


def length_of(network, *names):
    return sum(network.length[named(network, name)].sum() for name in names)


def test_lymph_stands_behind_all_blood(network, plan):
    is_lymph = network.is_kind(*LYMPH)
    first = int(np.argmax(is_lymph))
    assert is_lymph[first:].all()
    assert network.volume[:first].sum() == pytest.approx(plan.blood_volume, rel=1e-12)
    touched = np.concatenate([network.start_node[:first], network.end_node[:first]])
    only_lymph = np.setdiff1d(np.arange(network.n_nodes), touched)
    assert np.array_equal(only_lymph, np.arange(touched.max() + 1, network.n_nodes))


def test_given_flow_balances_where_only_lymph_flows(network, plan):
    flow = lymph_flow(network, plan)
    is_lymph = network.is_kind(*LYMPH)
    assert (flow[is_lymph] > 0).all()
    assert (flow[~is_lymph] == 0).all()
    has_blood = np.zeros(network.n_nodes, dtype=bool)
    for nodes in (network.start_node, network.end_node):
        has_blood[nodes[~is_lymph]] = True
    net = np.bincount(network.end_node, weights=flow, minlength=network.n_nodes)
    net -= np.bincount(network.start_node, weights=flow, minlength=network.n_nodes)
    assert np.abs(net[~has_blood]).max() < 1e-13 * flow.max()
    assert abs(net[has_blood].sum()) < 1e-12 * flow.sum()


def test_lymph_leaves_where_the_veins_of_regions_meet_the_trunks(network, plan):
    trunks = load_trunks(plan)
    for region in ("liver", "left kidney", "left breast", "skin, left thigh"):
        own = [n for n in network.vessel_names if n.startswith(f"lymph of {region} to ")]
        starts = {int(network.start_node[named(network, name)[0]]) for name in own}
        assert starts == {trunks.ports[region].vein_node}


def test_ducts_end_in_the_venous_angles(network):
    for side, duct in (
        ("left", "thoracic duct, terminal part"),
        ("right", "right lymphatic duct"),
    ):
        last = network.end_node[named(network, duct)[-1]]
        for vein in ("subclavian vein", "internal jugular vein"):
            assert last in network.end_node[named(network, f"{side} {vein}")]
        assert last in network.start_node[named(network, f"{side} brachiocephalic vein")]


def test_thoracic_duct_is_as_long_as_published(network, plan):
    """38-45 cm in the adult (textbook), here in a body of its height; a tenth either way."""
    length = length_of(network, "cisterna chyli", "thoracic duct", "thoracic duct, terminal part")
    assert 0.9 * 0.38 < length / plan.shape_scale < 1.1 * 0.45


def test_figures_of_lymph_are_the_plans(network, plan):
    """A node is an ellipsoid of 10 by 5 by 5 mm, in a rodent as much smaller as its body."""
    lymph = load_lymph_plan(plan)
    figures = lymph_figures(network, lymph_flow(network, plan))
    nodes = [station for station in lymph.stations if station.n_nodes]
    assert figures["n_stations"] == len(nodes)
    assert figures["n_nodes"] == sum(station.n_nodes for station in nodes)
    one = np.pi / 6.0 * 10e-3 * 5e-3**2 * plan.layout.length**3
    assert figures["node_volume"] == pytest.approx(figures["n_nodes"] * one, rel=1e-12)
    formed = sum(source.flow_rate for source in lymph.sources)
    assert figures["formed"] == pytest.approx(formed, rel=1e-12)
    back = figures["reabsorbed"] + figures["efferent"]
    assert back == pytest.approx(formed, rel=1e-12)
    duct = lymph.station("thoracic duct, terminal part").outflow
    assert figures["thoracic_duct"] == pytest.approx(duct, rel=1e-12)
    blood = network.replace(kind=np.zeros(network.n_segments))
    assert lymph_figures(blood, lymph_flow(network, plan)) == {}


def test_collectors_run_at_their_speed(network, plan):
    flow = lymph_flow(network, plan)
    ducts = [each.name for each in load_lymph_plan(plan).stations if not each.n_nodes]
    is_duct = np.isin(network.name, [network.vessel_index(name) for name in ducts])
    collectors = network.is_kind(SegmentKind.LYMPHATIC) & ~is_duct
    speed = flow / (np.pi * network.lumen_radius**2)
    assert speed[collectors] == pytest.approx(np.full(collectors.sum(), 5e-4), rel=1e-12)
    # Peaks of several mm/s are seen in lymphatics; ducts are wide enough for that.
    assert speed[is_duct].max() < 6e-3


def test_a_foreign_lymphatic_is_refused(network, plan):
    names = tuple("other" if n == "thoracic duct" else n for n in network.vessel_names)
    with pytest.raises(InputError, match="lymphatic vessel must be one of the body's, got 'other'"):
        lymph_flow(network.replace(vessel_names=names), plan)


def test_duct_that_ends_in_an_unknown_vein_is_refused(plan):
    trunks = load_trunks(plan)
    without = dict(trunks.first_node)
    del without["left subclavian vein"]
    with pytest.raises(InputError, match="vein must be one of this body's vessels"):
        lay_out_lymphatics(plan, dataclasses.replace(trunks, first_node=without))
