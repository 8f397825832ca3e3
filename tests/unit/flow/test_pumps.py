"""Given lymph flow: taken from blood vessels, given back, and refused where it cannot be."""

import numpy as np
import pytest

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics
from ctc.flow.tune import tune_to_plan
from ctc.vessels.network import SegmentKind, VesselNetwork
from tests.unit.flow.loops import Builder, small_builder
from tests.unit.flow.test_tune import TARGETS

LYMPH = 2e-8


def body_with_lymph() -> tuple[VesselNetwork, FloatArray]:
    """Return a body whose kidney and gut give lymph to a node and a duct, and the lymph flow."""
    builder: Builder = small_builder()
    kidney = builder.add("kidney/v00", "station", radius=1e-4, kind=SegmentKind.LYMPHATIC)
    gut = builder.add("gut/v0", "station", radius=1e-4, kind=SegmentKind.LYMPHATIC)
    station = builder.add("station", "duct", radius=2e-3, kind=SegmentKind.LYMPH_NODE)
    duct = builder.add("duct", "hepatic", radius=1e-3, length=0.4, kind=SegmentKind.LYMPHATIC)
    network = builder.network_of_used_nodes()
    flow = np.zeros(network.n_segments)
    flow[[kidney, gut, station, duct]] = [0.5 * LYMPH, 0.25 * LYMPH, 0.75 * LYMPH, 0.75 * LYMPH]
    return network, flow


def test_mass_closes_with_the_lymph_loop_and_organ_flows_stay_the_plans() -> None:
    network, lymph = body_with_lymph()
    blood = load_haemodynamics()
    tuned, _ = tune_to_plan(network, TARGETS, haemodynamics=blood, lymph_flow=lymph)
    turned, flow = solve_circulation(tuned, blood, lymph_flow=lymph)
    assert flow.mass_residual < 1e-12
    lymphatic = lymph > 0
    np.testing.assert_array_equal(flow.flow_rate[lymphatic], lymph[lymphatic])
    beds = turned.is_kind(SegmentKind.CAPILLARY_BED)
    kidney = turned.region == turned.region_names.index("kidney")
    assert flow.flow_rate[beds & kidney].sum() == pytest.approx(TARGETS["kidney"], rel=1e-6)
    # What the lymphatics took is missing in the kidney's vein, the last of its tree.
    outlet = kidney & (turned.end_node == turned.start_node[0])
    assert flow.flow_rate[outlet].sum() == pytest.approx(TARGETS["kidney"] - 0.5 * LYMPH, rel=1e-6)


def test_blood_thickens_where_lymph_leaves_and_thins_where_it_returns() -> None:
    """Red cells stay: H rises by the flow over what is left of it, and the loop closes."""
    network, lymph = body_with_lymph()
    blood = load_haemodynamics()
    turned, flow = solve_circulation(network, blood, lymph_flow=lymph)
    assert flow.red_cell_residual < 1e-12
    q, h = flow.flow_rate, flow.discharge_haematocrit
    np.testing.assert_array_equal(h[lymph > 0], 0.0)
    duct = int(np.flatnonzero(lymph > 0)[-1])
    before = (turned.end_node == turned.end_node[duct]) & (lymph == 0)
    after = turned.start_node == turned.end_node[duct]
    thick = (q[before] * h[before]).sum() / q[before].sum()
    assert h[after] == pytest.approx(thick * q[before].sum() / (q[before].sum() + lymph[duct]))
    assert h[after] < thick
    left_ventricle = turned.name == turned.vessel_names.index("left ventricle")
    assert h[left_ventricle] == blood.blood.haematocrit


def test_lymph_that_is_not_given_stands_still() -> None:
    network, lymph = body_with_lymph()
    _, flow = solve_circulation(network, load_haemodynamics())
    assert (flow.flow_rate[lymph > 0] == 0).all()
    assert np.isinf(flow.transit_time[lymph > 0]).all()


@pytest.mark.parametrize(
    ("segment", "value", "message"),
    [
        (-1, -1e-9, "lymph_flow must be >= 0"),
        (-1, float("nan"), "lymph_flow must be >= 0"),
        (0, 1e-9, "lymph_flow must be 0 m.3/s outside lymphatics"),
        (-1, 3e-9, "lymph_flow must balance where only lymphatics meet"),
    ],
)
def test_bad_lymph_flow_is_refused(segment: int, value: float, message: str) -> None:
    network, lymph = body_with_lymph()
    lymph[segment] = value
    with pytest.raises(InputError, match=message):
        solve_circulation(network, load_haemodynamics(), lymph_flow=lymph)
