"""The circulation of the shipped bodies: flows of the plan, and times of point tracers.

Point tracers that enter vessels in proportion to flow take volume over flow on average. The law of
one tube has a tail of 1/t^3 that the deviates cut at 2048 mean transits, so standard errors are
estimated from the data; they are within a few per cent of the true ones for n >= 1e4.
"""

import csv

import numpy as np
import pytest
from scipy.sparse import coo_array, eye_array
from scipy.sparse.linalg import spsolve

from ctc.flow.body_flow import flow_deviation
from ctc.states import EventKind
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind
from ctc.vessels.ports import region_ports
from tests.physics.bodies import BODIES, HUMANS, Body, flowing_volume, grown_body
from tests.physics.worlds import bolus, follow_out
from tests.reference_data import require_reference

# Blood volume over cardiac output. People: ICRP 89 through HEDOS (Shin 2021,
# doi:10.1088/1361-6560/ac16ea). Mouse: 84.7 mL/kg (Riches 1973, doi:10.1113/jphysiol.1973.sp010086)
# over 0.275 L/min (M/kg)^0.75; rat: 0.06 mL/g M + 0.77 mL (Lee and Blaufox 1985, J Nucl Med 26:72)
# over 0.235 L/min (M/kg)^0.75 (Arms and Travis 1988, EPA/600/6-88/004).
MEAN_CIRCULATION = {
    "human_male": 48.9,
    "human_female": 39.7,
    "mouse_25g": 60 * 84.7e-3 * 0.025 / (0.275 * 0.025**0.75),
    "rat_250g": 60 * (0.06 * 250 + 0.77) * 1e-3 / (0.235 * 0.25**0.75),
}


@pytest.fixture(params=BODIES)
def body(request: pytest.FixtureRequest) -> Body:
    return grown_body(request.param)


def exit_times(body: Body, segments: np.ndarray, outside: np.ndarray, *, n: int) -> np.ndarray:
    """Follow n tracers from the start of segments, by flow, until they would enter others [s]."""
    world = body.world
    litter = bolus(world.hops, segments, count=n, weight=world.flow.flow_rate[segments])
    journey = follow_out(world, litter, step=3600.0, leaving_before=outside, seed=61)
    left = journey.of_kind(EventKind.EXITED)
    assert left.size == n
    return left["time"] * 1e-9


def test_mean_time_between_passages_of_the_aortic_root(body: Body) -> None:
    """n = 1e6 tracers, each followed from the aortic root to its own return.

    Expected: the time that each segment takes, times the passages of a tracer through it on one
    round, to five standard errors (0.04 s each), and the published mean circulation time to 1 %.
    Where lymph leaves a vein the blood that runs on carries all tracers in a little less flow,
    so a tracer passes there up to 0.1 % more often than flow over cardiac output says; without
    lymph the sum would be the volume of all blood over the cardiac output.
    """
    n = 1_000_000
    heart = find_heart(body.world.network)
    root = np.flatnonzero(body.world.network.start_node == heart.aortic_root)
    time = exit_times(body, root, root, n=n)
    error = time.std() / np.sqrt(n)
    passages = passages_on_one_round(body, root)
    expected = float(np.sum(passages * body.world.flow.transit_time))
    assert error < 0.1
    assert abs(time.mean() - expected) < 5 * error
    assert time.mean() == pytest.approx(MEAN_CIRCULATION[body.plan.name], rel=0.01)


def passages_on_one_round(body: Body, root: np.ndarray) -> np.ndarray:
    """Return how often a tracer that leaves the aortic root passes each segment till it returns.

    Conservation of tracers, which stay in blood: at each node they divide by the flow of the
    blood vessels that leave it. Solved directly, with the loop cut open at the root.
    """
    network, flow_rate = body.world.network, body.world.flow.flow_rate
    n = network.n_segments
    blood = ~network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    leaving = np.bincount(
        network.start_node[blood], weights=flow_rate[blood], minlength=network.n_nodes
    )
    share = np.zeros(n)
    np.divide(flow_rate, leaving[network.start_node], out=share, where=blood)
    closed = share.copy()
    closed[root] = 0.0
    by_node = coo_array((closed, (np.arange(n), network.start_node)), shape=(n, network.n_nodes))
    ending = coo_array(
        (blood.astype(float), (network.end_node, np.arange(n))), shape=(network.n_nodes, n)
    )
    first = np.zeros(n)
    first[root] = share[root]
    step = eye_array(n, format="csc") - (by_node.tocsc() @ ending.tocsc())
    return spsolve(step.tocsc(), first)


def test_every_region_holds_its_blood_for_volume_over_flow(body: Body) -> None:
    """n = 50,000 tracers a region, from its inlets to its outlets, five standard errors."""
    n = 50_000
    network, flow = body.world.network, body.world.flow
    missed = []
    for index, ports in enumerate(region_ports(network)):
        own = network.region == index
        inlets = np.flatnonzero(own & np.isin(network.start_node, ports.inlet_nodes))
        time = exit_times(body, inlets, np.flatnonzero(~own), n=n)
        expected = flowing_volume(body.world, own) / flow.flow_rate[inlets].sum()
        error = time.std() / np.sqrt(n)
        if abs(time.mean() - expected) >= 5 * error:
            missed.append(f"{ports.region}: {time.mean():.4g} s, not {expected:.4g} +- {error:.2g}")
    assert not missed


def test_flow_shares_are_those_of_the_plan(body: Body) -> None:
    deviation = flow_deviation(body.world.network, body.world.flow, plan=body.plan)
    assert max(abs(value) for value in deviation.values()) < 1e-3


def test_mass_is_conserved_at_every_node(body: Body) -> None:
    """|sum Q| / sum |Q|, recomputed here with exact sums."""
    network, flow = body.world.network, body.world.flow
    net = np.zeros(network.n_nodes)
    through = np.zeros(network.n_nodes)
    for nodes, sign in ((network.start_node, -1.0), (network.end_node, 1.0)):
        np.add.at(net, nodes, sign * flow.flow_rate)
        np.add.at(through, nodes, flow.flow_rate)
    assert np.max(np.abs(net) / through) < 1e-12
    assert flow.mass_residual < 1e-12


def test_cardiac_output_leaves_the_heart(body: Body) -> None:
    heart = find_heart(body.world.network)
    output = body.world.flow.flow_rate[heart.chambers[3]]
    assert output == pytest.approx(body.plan.cardiac_output, rel=1e-6)


# Rows of the published table that go by another name in a plan, or are split there. The lower
# rectum, the breasts, prostate or uterus are parts of "all other"; the gallbladder hangs on the
# liver's supply and drains into the portal vein.
PARTS = {
    "coronary": ("heart",),
    "bronchial": ("bronchi",),
    "kidneys": ("kidney",),
    "adrenals": ("adrenal",),
    "stomach_oesophagus": ("stomach",),
    "large_intestine": ("large intestine", "rectum, upper"),
    "gonads": ("testis", "ovary"),
    "skeletal_muscle": ("muscle",),
    "all_other": ("other", "breast", "prostate", "uterus", "rectum, lower"),
}
NO_ORGANS = {
    "right_heart",
    "left_heart",
    "aorta",
    "pulmonary_artery",
    "large_arteries",
    "large_veins",
    "superior_vena_cava",
    "inferior_vena_cava",
}


@pytest.mark.parametrize("body", HUMANS, indirect=True)
def test_flow_shares_are_those_of_the_published_table(body: Body) -> None:
    """Flow through the beds of every organ against ICRP 89: largest deviation below 0.1 %."""
    path = require_reference("reference", "data", "icrp89_flows_volumes.csv")
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if f"human_{row['sex']}" == body.plan.name]
    network, output = body.world.network, body.plan.cardiac_output
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    flow_rate = body.world.flow.flow_rate
    deviations = {}
    for row in rows:
        name = row["compartment"]
        if name in NO_ORGANS:
            continue
        parts = PARTS.get(name, (name.replace("_", " "),))
        organs = [i for i, organ in enumerate(network.organ_names) if organ in parts]
        regions = [i for i, region in enumerate(network.region_names) if region in parts]
        chosen = beds & (np.isin(network.organ, organs) | np.isin(network.region, regions))
        share = flow_rate[chosen].sum() / output
        deviations[name] = share / (float(row["flow_percent_CO"]) / 100.0) - 1.0
    assert len(deviations) == 24
    assert max(abs(value) for value in deviations.values()) < 1e-3, deviations
