"""Passages of every vessel: settled from counts at a few against counts at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ctc.errors import CtcError
from ctc.simulation.epochs import Simulation
from ctc.simulation.passages import plan_passages
from ctc.simulation.setting import Setting
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import (
    Vessel,
    World,
    choose_backend,
    made_setting,
    made_vessels,
    made_world,
    only_shard,
    plug_of,
    shedding,
    with_clocks,
)

BED, CHAMBER, VEIN = SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER, SegmentKind.VEIN


def closed_body() -> list[Vessel]:
    """Return a body with two organs in series, as gut and liver, a shunt, and twin vessels."""
    return [
        Vessel("heart", "aorta", 4.0, kind=CHAMBER),
        Vessel("aorta", "fork", 3.0),
        Vessel("aorta", "cava", 1.0),  # a shunt
        Vessel("fork", "gut in", 1.0),
        Vessel("fork", "gut in", 0.5),  # beside its twin
        Vessel("gut in", "gut out", 1.5, kind=BED, organ="gut"),
        Vessel("gut out", "hilum", 1.5, kind=VEIN),
        Vessel("hilum", "liver 1", 1.0, kind=VEIN),
        Vessel("hilum", "liver 2", 0.5, kind=VEIN),
        Vessel("fork", "hepatic", 1.5),
        Vessel("hepatic", "liver 1", 0.7),
        Vessel("hepatic", "liver 2", 0.8),
        Vessel("liver 1", "out 1", 1.7, kind=BED, organ="liver"),
        Vessel("liver 2", "out 2", 1.3, kind=BED, organ="liver"),
        Vessel("out 1", "out 2", 1.7, kind=VEIN),
        Vessel("out 2", "cava", 3.0, kind=VEIN),
        Vessel("cava", "heart", 4.0, kind=VEIN),
    ]


def open_mesh() -> list[Vessel]:
    """Return a capillary mesh with one way in and two ways out, and a vessel without flow."""
    return [
        Vessel("in", "a", 3.0),
        Vessel("a", "b", 1.0),
        Vessel("a", "c", 2.0),
        Vessel("b", "c", 0.4),
        Vessel("b", "d", 0.6),
        Vessel("c", "d", 1.4),
        Vessel("c", "end", 1.0),
        Vessel("d", "e", 2.0),
        Vessel("a", "e", 0.0),
    ]


def counting_everywhere(world: World) -> World:
    """Return the same world with every open segment counted by the kernels."""
    records = world.hops.records.copy()
    plan = world.hops.passages
    assert plan is not None
    is_open = world.flow.flow_rate > 0
    rows = world.hops.record[np.flatnonzero(is_open)]
    plain = records["bore_class"][rows] & 0x800 == 0
    # Class 0 with the mark of special ones: laid out as a copy of class 0.
    classes = np.concatenate([world.tables.classes, np.zeros(4096, world.tables.classes.dtype)])
    for row in rows[plain]:
        number = int(records["bore_class"][row]) & 0x7FF
        classes[number | 0xC00] = world.tables.classes[number]
        records["bore_class"][row] |= 0xC00
    tables = replace(world.tables, classes=classes)
    return World(world.network, world.flow, replace(world.hops, records=records), tables)


def simulated(setting: Setting, n_epochs: int | None = None) -> Simulation:
    simulation = Simulation(setting, choose_backend("cpu"))
    for _ in range(n_epochs or len(setting.epochs)):
        simulation.step()
    return simulation


@pytest.mark.parametrize("vessels", [closed_body(), open_mesh()], ids=["closed", "open"])
def test_every_vessel_is_known_as_if_it_had_been_counted(vessels: list[Vessel]) -> None:
    """Cells arrest, come free, die and leave: every count is equal, to the last cell."""
    biology = with_clocks(
        plug_of(adhesion_probability=0.3, weak_adhesion_probability=0.3, immune_hazard=1e-3),
        release_rate=0.2,
        extravasation_rate=0.02,
        tissue_death_rate=0.01,
    )
    world = made_world(vessels, biology)
    setting = made_setting(
        world,
        [shedding(world, 0, rate=50.0, stop=30.0), shedding(world, 2, cells=300)],
        epochs=range(5, 65, 5),
    )
    simulation = simulated(setting)
    settled = simulation.passages()
    everywhere = counting_everywhere(world)
    counted = simulated(replace(setting, hops=everywhere.hops, tables=everywhere.tables))
    direct = only_shard(counted).launches.sums.passages[world.hops.record]
    is_open = world.flow.flow_rate > 0
    # Heart chambers are never counted by kernels.
    compared = is_open & ~world.network.is_kind(CHAMBER)
    assert counted.hops == simulation.hops > 5000
    np.testing.assert_array_equal(settled[compared], direct[compared])
    assert settled[~is_open].sum() == 0
    n_exits = simulation.ledger.by_kind[8].sum()
    n_junctions = junction_passages(world, settled)
    shed, hops = simulation.ledger.n_shed, simulation.hops
    assert settled.sum() + n_junctions + n_exits == hops + shed


def junction_passages(world: World, settled: np.ndarray) -> int:
    """Return the cells that stepped on junctions: at k daughters, all but those of the first."""
    n_steps = 0
    for node in range(world.network.n_nodes):
        out = np.flatnonzero((world.network.start_node == node) & (world.flow.flow_rate > 0))
        order = out[np.argsort(world.flow.flow_rate[out], kind="stable")]
        for i in range(1, order.size - 1):
            n_steps += int(settled[order[i:]].sum())
    return n_steps


def test_few_vessels_are_counted() -> None:
    """Without its beds the body has three loops; of each the segment of least flow is counted."""
    network, flow = made_vessels(closed_body())
    plan = plan_passages(network, flow.flow_rate, is_open=flow.flow_rate > 0)
    is_bed = network.is_kind(BED)
    assert plan.is_counted[is_bed].all()
    # The shunt, the smaller twin, and the smaller portal branch: less than the hepatic ones.
    counted = np.flatnonzero(plan.is_counted & ~is_bed)
    assert counted.tolist() == [2, 4, 8]


def test_stopped_and_resumed_counts_are_the_same() -> None:
    world = made_world(closed_body(), plug_of(adhesion_probability=0.2))
    setting = made_setting(
        world, [shedding(world, 0, rate=20.0, stop=20.0)], epochs=range(5, 45, 5)
    )
    straight = simulated(setting)
    first = simulated(setting, 3)
    second = Simulation(setting, choose_backend("cpu"), chunk=7)
    second.restore(first.state())
    for _ in range(len(setting.epochs) - 3):
        second.step()
    np.testing.assert_array_equal(second.passages(), straight.passages())
    assert second.digest() == straight.digest()


def test_a_birth_too_many_is_seen() -> None:
    world = made_world(closed_body(), plug_of())
    setting = made_setting(world, [shedding(world, 0, cells=100)], epochs=[5.0, 10.0])
    simulation = simulated(setting, 1)
    only_shard(simulation).launches.sums.born[world.hops.record[5]] += 1
    epoch = simulation.step()
    for look in (lambda: epoch.passages, simulation.passages, simulation.digest):
        with pytest.raises(CtcError, match="cells must go on from every node"):
            look()
