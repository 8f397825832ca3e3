"""Cells in the lymph of the shipped bodies: which way they go, and that blood keeps its own."""

import itertools

import numpy as np
import pytest

from ctc.backends.records import HAS_BYWAY
from ctc.simulation.hop_table import ONLY_DAUGHTER
from ctc.states import EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.bodies import BODIES, Body, grown_body
from tests.physics.worlds import bolus, follow_out

N = 2000
LYMPH = (SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
SHED = "lymph of left breast to axillary nodes, level I, left"


@pytest.fixture(params=BODIES)
def body(request: pytest.FixtureRequest) -> Body:
    return grown_body(request.param)


def named(body: Body, name: str) -> np.ndarray:
    network = body.world.network
    return np.flatnonzero(network.name == network.vessel_index(name))


def arrivals(body: Body, shed: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return when each of N cells shed at a segment would enter the given segments [s]."""
    litter = bolus(body.world.hops, shed, count=N)
    journey = follow_out(body.world, litter, step=86400.0, leaving_before=before, seed=5)
    left = journey.of_kind(EventKind.EXITED)
    assert left.size == N
    return np.sort(left["time"]) * 1e-9


def test_breast_lymph_passes_its_stations_in_order_and_enters_the_left_angle(body: Body) -> None:
    """All N cells are stopped before each station in turn, later at each one."""
    way = [f"axillary nodes, level {level}, left" for level in ("I", "II", "III")]
    way += ["left subclavian trunk", "thoracic duct, terminal part", "left brachiocephalic vein"]
    first = named(body, SHED)[:1]
    times = [arrivals(body, first, named(body, name)) for name in way]
    for earlier, later in itertools.pairwise(times):
        assert (later > earlier).all()
    # The mean of a point tracer up to the angle: volume over flow of all that lies between.
    network, flow = body.world.network, body.world.flow
    passed = [SHED, *way[:5]] + [f"efferents of {name}" for name in way[:3]]
    between = np.concatenate([named(body, name) for name in passed])
    expected = (network.volume[between] / flow.flow_rate[between]).sum()
    error = times[-1].std() / np.sqrt(N)
    assert abs(times[-1].mean() - expected) < 5 * error


def test_first_bed_behind_lymph_is_the_lungs(body: Body) -> None:
    """No cell reaches another bed before the lungs': none leaves earlier if all are watched."""
    network = body.world.network
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    lungs = beds & (network.organ == network.organ_index("lung"))
    first = named(body, SHED)[:1]
    by_lungs = arrivals(body, first, np.flatnonzero(lungs))
    by_any = arrivals(body, first, np.flatnonzero(beds))
    assert np.array_equal(by_lungs, by_any)


def test_no_cell_of_the_blood_enters_lymph(body: Body) -> None:
    """Every way on from a blood vessel, with its chance: none leads into a lymphatic."""
    hops, network = body.world.hops, body.world.network
    is_lymph = network.is_kind(*LYMPH)
    from_blood = hops.record[np.flatnonzero(~is_lymph)]
    rows = np.unique(from_blood)
    for _ in range(8):
        following = hops.records["next"][rows].astype(np.int64)
        both = hops.records["share"][rows] != ONLY_DAUGHTER
        entered = np.concatenate([following, following[both] + 1])
        segments = hops.segment[entered]
        assert not is_lymph[segments[segments >= 0]].any()
        # Junctions of no length lead on.
        rows = np.unique(entered[segments < 0])
        if rows.size == 0:
            break
    assert rows.size == 0


def test_cells_stay_in_lymph_where_nodes_give_back_water(body: Body) -> None:
    hops, network = body.world.hops, body.world.network
    nodes = np.flatnonzero(network.is_kind(SegmentKind.LYMPH_NODE))
    for segment in nodes:
        record = hops.records[hops.record[segment]]
        assert record["share"] in {ONLY_DAUGHTER, HAS_BYWAY}
        name = network.vessel_names[network.name[hops.segment[int(record["next"])]]]
        assert name == f"efferents of {network.vessel_names[network.name[segment]]}"
