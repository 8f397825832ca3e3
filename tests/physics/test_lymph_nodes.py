"""Nodes of the lymph: filtering, two ways out, clocks of their own, and the way in."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.backends.records import HAS_BYWAY, NODE
from ctc.errors import InputError
from ctc.scenario.lymph_route import LymphRoute
from ctc.scenario.sources import CellSource
from ctc.simulation.epochs import Simulation
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.lymph_entry import with_lymphatics
from ctc.states import CellState, EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.bodies import Body, grown_body
from tests.physics.worlds import (
    NO_CLOCKS,
    Journey,
    Vessel,
    World,
    bolus,
    follow,
    living,
    made_setting,
    made_world,
    set_out,
    shedding,
    with_clocks,
)

# A lymphatic, two stations of nodes, the second without a way for its water, and blood beside them.
WAY = (
    Vessel("vein", "inlet", flow=0.5, transit=10.0, kind=SegmentKind.LYMPHATIC),
    Vessel("inlet", "outlet", flow=0.5, kind=SegmentKind.LYMPH_NODE, organ="lymph nodes"),
    Vessel("outlet", "second", flow=0.25, transit=5.0, kind=SegmentKind.LYMPHATIC),
    Vessel("outlet", "vein", flow=0.25, kind=SegmentKind.LYMPHATIC),
    Vessel("second", "behind", flow=0.25, kind=SegmentKind.LYMPH_NODE, organ="lymph nodes"),
    Vessel("behind", "angle", flow=0.25, kind=SegmentKind.LYMPHATIC),
    Vessel("source", "vein", flow=0.25, kind=SegmentKind.VEIN),
    Vessel("vein", "angle", flow=0.75, kind=SegmentKind.VEIN),
    Vessel("angle", "out", flow=1.0, kind=SegmentKind.VEIN),
)
LYMPHATIC, FIRST_NODE, BYWAY, SECOND_NODE = 0, 1, 3, 4


def lymph_world(*, held: float, exit_rate: float = 0.0, **rates: float) -> World:
    lymph = LymphRoute(node_arrest_probability=held, node_exit_rate=exit_rate)
    biology = with_clocks(living(diameter_median=1e-5, arrest_midpoint=50.0, lymph=lymph), **rates)
    return made_world(WAY, biology)


def held_in(journey: Journey, world: World, kind: EventKind = EventKind.ARRESTED) -> np.ndarray:
    """Return how often something happened in each segment."""
    segment = world.hops.segment[journey.of_kind(kind)["segment"]]
    return np.bincount(segment, minlength=len(WAY))


def test_each_station_holds_its_share() -> None:
    """n = 1e5 cells: 0.6 in the first, 0.6 of the others in the second; binomial errors."""
    n = 100_000
    world = lymph_world(held=0.6)
    journey = follow(world, bolus(world.hops, [LYMPHATIC], count=n), until=1e6, seed=81)
    for segment, chance in ((FIRST_NODE, 0.6), (SECOND_NODE, 0.24)):
        error = np.sqrt(n * chance * (1.0 - chance))
        assert abs(held_in(journey, world)[segment] - n * chance) < 5 * error
    assert journey.of_kind(EventKind.EXITED).size == n - journey.of_kind(EventKind.ARRESTED).size


def test_no_cell_that_flows_takes_the_way_of_the_water() -> None:
    """Nor does one of the blood enter the lymph: all n of both sources pass or miss all nodes."""
    n = 5000
    world = lymph_world(held=0.0)
    by_lymph = follow(world, bolus(world.hops, [LYMPHATIC], count=n), until=1e7, seed=82)
    lymph_nodes = world.network.organ_index("lymph nodes")
    arrivals = by_lymph.launches.sums.organs[lymph_nodes].astype(int)
    np.testing.assert_array_equal(arrivals, [n, 0, n, 0])
    in_blood = follow(world, bolus(world.hops, [6], count=n), until=1e7, seed=83)
    assert not in_blood.launches.sums.organs.any()


def test_cells_leave_by_the_efferents_and_by_blood_vessels() -> None:
    """n = 1e5 held in the first node, exits at 3 : 1; those by blood never see the second."""
    n = 100_000
    world = lymph_world(held=1.0, release_rate=3e-4, exit_rate=1e-4)
    record = world.hops.records[world.hops.record[FIRST_NODE]]
    assert record["share"] == HAS_BYWAY
    assert world.hops.segment[record["next"] + 1] == BYWAY
    journey = set_out(world, bolus(world.hops, [FIRST_NODE], count=n), seed=84)
    events = journey.launches.advance(round(1e5 * NANOSECONDS))
    released = events[events["kind"] == EventKind.RELEASED]
    first = released[released["passes"] == 1]
    segment = world.hops.segment[first["segment"]]
    by_blood = np.count_nonzero(segment == BYWAY)
    assert first.size > 0.999 * n
    assert by_blood + np.count_nonzero(segment == FIRST_NODE) == first.size
    error = np.sqrt(first.size * 0.25 * 0.75)
    assert abs(by_blood - first.size * 0.25) < 5 * error
    # A station without a way for its water lets them go on with the lymph.
    second = released[released["passes"] == 2]
    assert (world.hops.segment[second["segment"]] == SECOND_NODE).all()
    assert np.isin(first["cell"][segment == BYWAY], second["cell"]).sum() == 0


def test_cells_are_conserved_in_the_lymph() -> None:
    """Arrested, out of the network or dead: n = 2e4 with every clock running."""
    n = 20_000
    world = lymph_world(
        held=0.7, release_rate=1e-4, exit_rate=1e-4, extravasation_rate=1e-4, colony_rate=1e-5
    )
    journey = follow(world, bolus(world.hops, [LYMPHATIC], count=n), until=1e5, seed=85)
    state = journey.launches.population.on_host()["state"] & 0x0F
    counts = np.bincount(state, minlength=len(CellState))
    assert counts.sum() == n
    assert counts[CellState.COLONY] == journey.of_kind(EventKind.COLONY).size > 0
    assert counts[CellState.EXITED] == journey.of_kind(EventKind.EXITED).size > 0


def test_passages_of_the_lymph_are_known_to_the_cell() -> None:
    """Where cells are born, where nodes let them go and behind: n = 5000, counts of events."""
    n = 5000
    world = lymph_world(held=0.8, release_rate=1e-3, exit_rate=1e-3)
    setting = made_setting(world, [shedding(world, LYMPHATIC, cells=n)], epochs=[1e3, 1e4, 1e6])
    simulation = Simulation(setting, CpuBackend(threads=2), event_capacity=500)
    epochs = list(simulation.epochs())
    events = np.concatenate([epoch.events for epoch in epochs])
    released = world.hops.segment[events["segment"][events["kind"] == EventKind.RELEASED]]
    by_blood = np.count_nonzero(released == BYWAY)
    passages = epochs[-1].passages.astype(int)
    assert passages[LYMPHATIC] == passages[FIRST_NODE] == n
    assert passages[BYWAY] == by_blood > 0
    # All that did not leave by blood went on to the second node, and in the end all went out.
    assert passages[SECOND_NODE] == n - by_blood
    assert passages[-1] == n


def test_growth_in_a_node_is_a_colony_there() -> None:
    world = lymph_world(held=1.0, extravasation_rate=1.0, colony_rate=1.0)
    journey = follow(world, bolus(world.hops, [LYMPHATIC], count=1000), until=1e4, seed=86)
    assert held_in(journey, world, EventKind.COLONY)[FIRST_NODE] == 1000


def test_a_node_is_no_capillary_bed_of_its_organ() -> None:
    """The organ's beds have other chances and other clocks than the nodes of the lymph."""
    lymph = LymphRoute(node_arrest_probability=0.5, node_exit_rate=1e-3)
    bed = Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="lymph nodes")
    world = made_world([*WAY, bed], living(diameter_median=1e-6, arrest_midpoint=50.0, lymph=lymph))
    numbers = {c.behaviour: c.number for c in world.hops.classes}
    rows = world.tables.classes["bed"][[numbers[1], numbers[NODE]]]
    arrest = world.tables.beds["arrest"].reshape(2, -1)[rows] / 2.0**64
    np.testing.assert_allclose(arrest, [[0.0] * 2, [0.5] * 2], atol=1e-12)
    clocks = world.tables.clocks.reshape(3, -1)
    organ = world.network.organ_index("lymph nodes")
    assert clocks["total"][0, organ] == 0
    assert clocks["total"][0, -1] == clocks["to_fourth"][0, -1] > 0


@pytest.fixture(scope="module")
def body() -> Body:
    return grown_body("human_female")


def dose(organ: str, share: float) -> CellSource:
    return CellSource(f"bolus into {organ}", organ, "", 0.0, 0.0, 0.0, 1, share)


def entries(body: Body, source: CellSource) -> tuple[np.ndarray, np.ndarray]:
    network, flow = body.world.network, body.world.flow
    venules = np.flatnonzero(
        network.is_kind(SegmentKind.VENULE) & (network.organ == network.organ_index(source.organ))
    )
    return with_lymphatics(
        venules,
        flow.flow_rate[venules],
        source=source,
        network=network,
        flow=flow,
    )


def test_a_share_enters_the_lymphatics_of_the_organ(body: Body) -> None:
    network = body.world.network
    segments, weight = entries(body, dose("breast", 0.2))
    is_lymph = network.is_kind(SegmentKind.LYMPHATIC)[segments]
    assert weight[is_lymph].sum() == pytest.approx(0.2, abs=1e-12)
    assert weight.sum() == pytest.approx(1.0, abs=1e-12)
    names = {network.vessel_names[i] for i in network.name[segments[is_lymph]]}
    assert names
    assert all("breast to" in name for name in names)


def test_an_organ_without_lymph_is_refused(body: Body) -> None:
    with pytest.raises(InputError, match=r"for lymph_share = 0\.05, got 'red marrow'"):
        entries(body, dose("red marrow", 0.05))


def test_a_cell_of_the_breast_meets_axillary_nodes_first_and_then_the_lung(body: Body) -> None:
    """n = 2000 cells that nodes hold at first and then let go, by both ways.

    Of every cell: the first arrest lies in the first station, no bed but the lungs' is the first
    one met in blood.
    """
    n = 2000
    lymph = LymphRoute(node_arrest_probability=1.0, node_exit_rate=1e-4)
    clocks = replace(NO_CLOCKS, release_rate=1e-4)
    sizes = {"diameter_median": 1e-4, "effective_diameter_ratio": 1.0}
    nodes_only = living(**sizes, lymph=lymph, organs={"lymph nodes": clocks})
    world = body.with_cells(nodes_only)
    network = world.network
    segments, weight = entries(body, dose("breast", 1.0))
    litter = bolus(world.hops, segments, count=n, weight=np.maximum(weight, 0.0))
    journey = follow(world, litter, until=30 * 86400.0, seed=87)
    arrested = journey.of_kind(EventKind.ARRESTED)
    segment = world.hops.segment[arrested["segment"]]
    _, first = np.unique(arrested["cell"], return_index=True)
    assert first.size == n
    stations = {network.vessel_names[i] for i in network.name[segment[first]]}
    assert stations
    assert all("axillary" in name or "mammary" in name for name in stations), stations
    in_bed = np.flatnonzero(~network.is_kind(SegmentKind.LYMPH_NODE)[segment])
    assert in_bed.size > 0.9 * n
    lung = network.organ_index("lung")
    assert (network.organ[segment[in_bed]] == lung).all()
