"""Tuning: the planned flows come out, and what cannot be met is said."""

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow import tune
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import load_haemodynamics, segment_conductance
from ctc.flow.tune import tune_to_plan
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind
from tests.unit.flow.loops import small_body

CARDIAC_OUTPUT = 1e-5
# The gut's blood passes the liver again; only arterial flow counts towards the output.
TARGETS = {
    "kidney": 0.5 * CARDIAC_OUTPUT,
    "gut": 0.4 * CARDIAC_OUTPUT,
    "liver": 0.1 * CARDIAC_OUTPUT,
    "left lung": 0.4 * CARDIAC_OUTPUT,
    "right lung": 0.6 * CARDIAC_OUTPUT,
}


def test_tuned_flows_equal_the_targets() -> None:
    blood = load_haemodynamics()
    network, start = tune_to_plan(small_body(), TARGETS, haemodynamics=blood)
    network, flow = solve_circulation(network, blood, start=start)
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    got = {
        name: flow.flow_rate[beds & (network.region == i)].sum()
        for i, name in enumerate(network.region_names)
    }
    wanted = dict(TARGETS, liver=TARGETS["liver"] + TARGETS["gut"])
    for name, value in wanted.items():
        assert got[name] == pytest.approx(value, rel=1e-6), name


def test_portal_vein_and_pulmonary_trunk_get_their_pressure() -> None:
    blood = load_haemodynamics()
    network, start = tune_to_plan(small_body(), TARGETS, haemodynamics=blood)
    network, flow = solve_circulation(network, blood, start=start)
    portal = np.flatnonzero(network.name == network.vessel_index("portal vein"))[0]
    assert flow.pressure[network.start_node[portal]] == pytest.approx(blood.portal_vein, rel=1e-6)
    root = find_heart(network).pulmonary_root
    assert flow.pressure[root] == pytest.approx(blood.pulmonary_trunk, rel=1e-5)


def test_only_beds_and_hepatic_arterioles_are_changed() -> None:
    before = small_body()
    after, _ = tune_to_plan(before, TARGETS, haemodynamics=load_haemodynamics())
    changed = after.resistance_factor != before.resistance_factor
    assert set(after.kind[changed]) == {SegmentKind.CAPILLARY_BED, SegmentKind.ARTERIOLE}
    arterioles = changed & after.is_kind(SegmentKind.ARTERIOLE)
    assert set(after.region[arterioles]) == {after.region_names.index("liver")}


def test_trees_that_use_up_the_pressure_are_named() -> None:
    network = small_body()
    narrow = network.region == network.region_names.index("kidney")
    narrow &= ~network.is_kind(SegmentKind.CAPILLARY_BED)
    network = network.replace(resistance_factor=np.where(narrow, 3e3, network.resistance_factor))
    with pytest.raises(InputError, match=r"pressure lost in the trees of 'kidney' must be <"):
        tune_to_plan(network, TARGETS, haemodynamics=load_haemodynamics())


def test_shared_trunks_that_use_up_the_pressure_are_told() -> None:
    network = small_body()
    trunk = (network.region == -1) & network.is_kind(SegmentKind.ARTERY)
    network = network.replace(resistance_factor=np.where(trunk, 1e5, network.resistance_factor))
    with pytest.raises(InputError, match="must be"):
        tune_to_plan(network, TARGETS, haemodynamics=load_haemodynamics())


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"kidny": 1e-6}, "Did you mean 'kidney'"),
        ({"kidney": -1e-6}, "target flow of 'kidney' must be > 0"),
        ({"kidney": float("nan")}, "target flow of 'kidney' must be > 0"),
    ],
)
def test_bad_targets_are_refused(targets: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tune_to_plan(small_body(), targets, haemodynamics=load_haemodynamics())


def test_organs_can_be_meant_where_there_are_no_regions() -> None:
    """Their flows are those of the regions of the same vessels, to the bit."""
    body = small_body()
    organs = body.replace(region=np.full(body.n_segments, -1), region_names=())
    by_region, by_organ = (
        tune_to_plan(network, TARGETS, haemodynamics=load_haemodynamics())[0]
        for network in (body, organs)
    )
    np.testing.assert_array_equal(by_organ.resistance_factor, by_region.resistance_factor)


def test_hepatic_arterioles_share_alike() -> None:
    """Their beds have two feeders: arterioles of their own resistances would starve some."""
    network, _ = tune_to_plan(small_body(), TARGETS, haemodynamics=load_haemodynamics())
    liver = network.region == network.region_names.index("liver")
    own = liver & network.is_kind(SegmentKind.ARTERIOLE)
    conductance = segment_conductance(network, 1.0)[own]
    plain = segment_conductance(small_body(), 1.0)[own]
    assert np.ptp(plain) > 0.3 * plain.mean()
    assert np.ptp(conductance) < 0.05 * conductance.mean()


def test_tuning_that_takes_too_long_says_where_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune, "MAX_ROUNDS", 1)
    text = r"flows must reach their targets within 1 rounds, got a deviation of [\d.]+ in 'liver'"
    with pytest.raises(InputError, match=text):
        tune_to_plan(small_body(), TARGETS, haemodynamics=load_haemodynamics())
