"""HopTable: networks and flows as records, junctions made binary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.backends.records import BED, CHAMBER, CLASS_BITS, EXIT, SPECIAL_CLASS, TUBE
from ctc.errors import InputError
from ctc.simulation.hop_table import ONLY_DAUGHTER, HopTable, build_hop_table
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import Vessel, made_vessels

CLASS_MASK = (1 << CLASS_BITS) - 1


def table(*vessels: Vessel) -> HopTable:
    return build_hop_table(*made_vessels(vessels))


def chances_after(hops: HopTable, segment: int) -> dict[int, float]:
    """Return the chance of every segment that a point may enter next; -1 for the exit."""
    found: dict[int, float] = {}
    waiting = [(int(hops.record[segment]), 1.0)]
    while waiting:
        row, chance = waiting.pop()
        record = hops.records[row]
        share, following = float(record["share"]), int(record["next"])
        branches = [(following, 1.0)]
        if share != ONLY_DAUGHTER:
            branches = [(following, share), (following + 1, 1.0 - share)]
        for place, part in branches:
            if hops.segment[place] >= 0 or place == hops.records.size - 1:
                found[int(hops.segment[place])] = chance * part
            else:
                waiting.append((place, chance * part))
    return found


@given(st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=9))
@settings(max_examples=100, deadline=None)
def test_shares_multiply_back_to_the_flow(flows: list[float]) -> None:
    """Each share is a float32 of a float64 quotient, and k - 1 of them are multiplied."""
    daughters = [Vessel("fork", f"end{i}", flow=flow) for i, flow in enumerate(flows)]
    hops = table(Vessel("in", "fork", flow=sum(flows)), *daughters)
    found = chances_after(hops, 0)
    assert sorted(found) == list(range(1, len(flows) + 1))
    for i, flow in enumerate(flows):
        assert found[i + 1] == pytest.approx(flow / sum(flows), rel=1e-6)


@pytest.mark.parametrize("n_daughters", [2, 3, 4, 7])
def test_small_flows_keep_their_shares_in_a_large_network(n_daughters: int) -> None:
    """Capillary flows of 1e-15 m^3/s behind a thousand arteries of 1e-4 m^3/s."""
    large = [Vessel(f"a{i}", f"a{i + 1}", flow=1e-4) for i in range(1000)]
    flows = 1e-15 * (1.0 + np.arange(n_daughters))
    small = [Vessel("fork", f"end{i}", flow=float(f)) for i, f in enumerate(flows)]
    hops = table(*large, Vessel("in", "fork", flow=float(flows.sum())), *small)
    found = chances_after(hops, 1000)
    for i, flow in enumerate(flows):
        assert found[1001 + i] == pytest.approx(flow / flows.sum(), rel=1e-6)


def test_first_daughter_is_the_smaller_and_no_share_is_above_one_half() -> None:
    hops = table(
        Vessel("in", "fork", flow=4.0),
        Vessel("fork", "x", flow=3.0),
        Vessel("fork", "y", flow=1.0),
    )
    record = hops.records[hops.record[0]]
    assert record["share"] == np.float32(0.25)
    assert hops.segment[record["next"]] == 2
    assert hops.segment[record["next"] + 1] == 1
    shares = hops.records["share"]
    assert ((shares <= 0.5) | (shares == ONLY_DAUGHTER)).all()


def test_equal_flows_have_equal_chances_in_a_fixed_order() -> None:
    hops = table(Vessel("in", "fork", flow=2.0), Vessel("fork", "x"), Vessel("fork", "y"))
    assert chances_after(hops, 0) == {1: 0.5, 2: 0.5}
    assert hops.segment[hops.records["next"][hops.record[0]]] == 1


def test_segments_without_flow_are_never_entered() -> None:
    hops = table(
        Vessel("in", "fork"),
        Vessel("fork", "x"),
        Vessel("fork", "dry", flow=0.0),
        Vessel("dry", "y", flow=0.0),
    )
    assert chances_after(hops, 0) == {1: 1.0}
    assert set(hops.segment[hops.segment >= 0]) == {0, 1, 2, 3}


def test_a_node_without_outflow_is_an_exit() -> None:
    hops = table(Vessel("in", "fork", flow=2.0), Vessel("fork", "x"), Vessel("fork", "y"))
    assert chances_after(hops, 1) == {-1: 1.0}
    last = hops.records[-1]
    number = int(last["bore_class"]) & CLASS_MASK
    assert [c.behaviour for c in hops.classes if c.number == number] == [EXIT]


def test_segments_and_records_are_inverse() -> None:
    flows = [0.3, 0.1, 0.25, 0.05, 0.3]
    daughters = [Vessel("fork", f"e{i}", flow=flow) for i, flow in enumerate(flows)]
    hops = table(Vessel("in", "fork"), *daughters)
    np.testing.assert_array_equal(hops.segment[hops.record], np.arange(6))
    n_junctions = np.count_nonzero(hops.segment < 0) - 1
    assert n_junctions == len(flows) - 2
    assert (hops.records["next"] < hops.records.size).all()


def test_junctions_have_no_length() -> None:
    hops = table(Vessel("in", "fork"), *[Vessel("fork", f"e{i}") for i in range(5)])
    junctions = np.flatnonzero(hops.segment[:-1] < 0)
    assert (hops.records["transit_time"][junctions] == 0.0).all()
    place = hops.places[junctions]
    np.testing.assert_array_equal(place["start"], place["end"])


def test_transit_times_are_nanoseconds_and_cut_at_2_to_the_50() -> None:
    hops = table(Vessel("in", "a", transit=0.25), Vessel("a", "b", transit=1e9))
    np.testing.assert_array_equal(hops.records["transit_time"][hops.record], [0.25e9, 2.0**50])


def test_radii_lose_no_more_than_one_part_in_4096() -> None:
    """Thirteen significant bits of its root: half a unit is 2^-13 of it, 2^-12 of the radius."""
    radius = np.geomspace(2e-6, 3e-2, 50)
    hops = table(*[Vessel(f"n{i}", f"n{i + 1}", radius=r) for i, r in enumerate(radius)])
    np.testing.assert_allclose(hops.lumen_radius[hops.record], radius, rtol=2.0**-12)


def test_kinds_behave_and_organs_have_rows() -> None:
    hops = table(
        Vessel("a", "b", kind=SegmentKind.HEART_CHAMBER),
        Vessel("b", "c", organ="gut"),
        Vessel("c", "d", organ="gut", kind=SegmentKind.CAPILLARY_BED),
        Vessel("d", "e", organ="liver", kind=SegmentKind.VENULE),
    )
    number = hops.records["bore_class"][hops.record] & CLASS_MASK
    by_number = {c.number: c for c in hops.classes}
    behaviour = [by_number[n].behaviour for n in number.tolist()]
    assert behaviour == [CHAMBER, TUBE, BED, TUBE]
    assert ((number >= SPECIAL_CLASS) == (np.array(behaviour) != TUBE)).all()
    assert hops.n_organs == 3
    np.testing.assert_array_equal(hops.organ[hops.record], [2, 0, 0, 1])


def test_narrow_vessels_alone_hold_cells_where_asked() -> None:
    vessels = [Vessel("a", "b", radius=1e-3), Vessel("b", "c", radius=1e-5)]
    hops = build_hop_table(*made_vessels(vessels), attach_radius=1e-4)
    by_number = {c.number: c for c in hops.classes}
    number = hops.records["bore_class"][hops.record] & CLASS_MASK
    assert [by_number[n].holds for n in number.tolist()] == [False, True]


def test_exit_before_a_segment_keeps_everything_else() -> None:
    hops = table(Vessel("a", "b"), Vessel("b", "c"), Vessel("c", "a"))
    cut = hops.with_exit_before(np.array([2]))
    changed = np.flatnonzero(cut.records != hops.records)
    assert changed.tolist() == [hops.record[2]]
    number = int(cut.records["bore_class"][changed[0]]) & CLASS_MASK
    assert [c.behaviour for c in hops.classes if c.number == number] == [EXIT]


def test_too_many_classes_are_refused() -> None:
    vessels = [Vessel(f"n{i}", f"n{i + 1}", organ=f"organ {i}") for i in range(2100)]
    with pytest.raises(InputError, match="classes of segments, got 2"):
        table(*vessels)
