"""Small worlds made by hand for the tests of kernels and simulation: vessels with exact flows.

Nothing is solved here: flow rates and transit times are given, so that expected values are closed
forms and every number of the records is the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend, choose_backend
from ctc.body.organ import Capillaries
from ctc.flow.field import FlowField
from ctc.scenario.biology import Biology, OrganClocks
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.surroundings import Margination, Microvessels
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.emission import emission_of
from ctc.simulation.epochs import Simulation
from ctc.simulation.events import in_order
from ctc.simulation.felt_flow import felt_flow
from ctc.simulation.hop_table import NANOSECONDS, HopTable, build_hop_table
from ctc.simulation.launches import Launches
from ctc.simulation.setting import Setting
from ctc.simulation.shard import Shard
from ctc.simulation.shards import LocalShards
from ctc.simulation.shedding import Litter, SheddingSource, entry_sites
from ctc.simulation.tables import Tables, build_tables
from ctc.vessels.network import SegmentKind, VesselNetwork

# A radius that a record's 12 significant bits hold exactly [m].
EXACT_RADIUS = 2.0**-10

NO_CLOCKS = OrganClocks(*[0.0] * 9, doubling_time=math.inf)

BED_OF_TESTS = Capillaries(
    transit_time=1.0,
    bore=7e-6,
    bore_deviation=1.5e-6,
    path_length=5e-4,
    segments_in_series=5,
)

BLOOD = Biology(
    is_inert=True,
    attach_probability=0.0,
    attach_radius=math.inf,
    diameter_median=0.0,
    diameter_sigma=0.0,
    n_size_classes=1,
    effective_diameter_ratio=0.0,
    arrest_midpoint=1.0,
    arrest_width=1.0,
    adhesive_fraction=0.0,
    adhesion_probability=0.0,
    weak_adhesion_probability=0.0,
    passing_slowness=1.0,
    shear_sensitivity=0.0,
    immune_hazard=0.0,
    anoikis_hazard=0.0,
    microvessels=Microvessels(1.0, 1.0, 1.0, math.inf, math.inf, math.inf, 1.0),
    margination=Margination(),
    lesion_capacity=1e9,
    organs={},
    default_clocks=NO_CLOCKS,
)


@dataclass(frozen=True)
class Vessel:
    """One segment between named nodes; flow in any unit, transit [s], radius [m], stress [Pa]."""

    start: str
    end: str
    flow: float = 1.0
    transit: float = 1.0
    radius: float = EXACT_RADIUS
    kind: SegmentKind = SegmentKind.ARTERY
    organ: str = ""
    stress: float = 1.0


@dataclass(frozen=True)
class World:
    """Records and tables for the kernels."""

    network: VesselNetwork
    flow: FlowField
    hops: HopTable
    tables: Tables


@dataclass(frozen=True)
class Journey:
    """Cells that were followed, their launches and all their events in order."""

    launches: Launches
    events: npt.NDArray[Any]

    def of_kind(self, kind: int) -> npt.NDArray[Any]:
        return self.events[self.events["kind"] == kind]


def made_vessels(vessels: Sequence[Vessel]) -> tuple[VesselNetwork, FlowField]:
    """Return a network and its flow with the numbers as given."""
    nodes: dict[str, int] = {}
    for vessel in vessels:
        nodes.setdefault(vessel.start, len(nodes))
        nodes.setdefault(vessel.end, len(nodes))
    organs = tuple(dict.fromkeys(v.organ for v in vessels if v.organ))
    organ = np.array([organs.index(v.organ) if v.organ else -1 for v in vessels])
    flow_rate = np.array([v.flow for v in vessels])
    transit = np.array([v.transit if v.flow > 0 else math.inf for v in vessels])
    volume = np.array([v.flow * v.transit if v.flow > 0 else 1.0 for v in vessels])
    n = len(vessels)
    network = VesselNetwork(
        node_position=np.column_stack(
            [np.arange(len(nodes)) * 1e-2, np.arange(len(nodes)) ** 2 * 1e-3, np.zeros(len(nodes))]
        ),
        start_node=np.array([nodes[v.start] for v in vessels]),
        end_node=np.array([nodes[v.end] for v in vessels]),
        lumen_radius=np.array([v.radius for v in vessels]),
        length=np.full(n, 1e-2),
        volume=volume,
        resistance_factor=np.ones(n),
        kind=np.array([int(v.kind) for v in vessels]),
        organ=organ,
        region=organ,
        name=np.full(n, -1),
        organ_names=organs,
        region_names=organs,
        vessel_names=(),
        origin="made by hand",
    )
    return network, FlowField(
        pressure=np.zeros(len(nodes)),
        flow_rate=flow_rate,
        transit_time=transit,
        discharge_haematocrit=np.full(n, 0.45),
        tube_haematocrit=np.full(n, 0.45),
        apparent_viscosity=np.full(n, 1e-3),
        wall_shear_stress=np.array([v.stress for v in vessels]),
        mass_residual=0.0,
        red_cell_residual=0.0,
        momentum_residual=0.0,
    )


def made_world(
    vessels: Sequence[Vessel],
    biology: Biology = BLOOD,
    *,
    capillaries: Mapping[str, Capillaries] | None = None,
    transit_shape: float = 2.0,
    transit_shapes: Mapping[str, float] | None = None,
) -> World:
    """Return vessels laid out for the kernels; organs without capillaries get those of tests."""
    network, flow = made_vessels(vessels)
    hops = build_hop_table(
        network,
        flow,
        felt=felt_flow(
            network, flow, microvessels=biology.microvessels, margination=biology.margination
        ),
    )
    beds = dict.fromkeys(network.organ_names, BED_OF_TESTS) | dict(capillaries or {})
    tables = build_tables(
        hops,
        biology,
        organ_names=network.organ_names,
        capillaries=beds,
        transit_shapes=dict.fromkeys((*network.organ_names, ""), transit_shape)
        | dict(transit_shapes or {}),
    )
    return World(network, flow, hops, tables)


def living(**changes: Any) -> Biology:
    """Return a biology that is not inert, with some numbers changed."""
    return replace(BLOOD, is_inert=False, **changes)


def with_clocks(biology: Biology = BLOOD, **rates: float) -> Biology:
    """Return a biology with clock rates [1/s] in every organ."""
    return replace(biology, default_clocks=replace(NO_CLOCKS, **rates))


def plug_of(radius: float = EXACT_RADIUS, **changes: Any) -> Biology:
    """Return cells that fill nine tenths of a vessel: they take its mean transit time exactly."""
    return living(diameter_median=1.8 * radius, **changes)


def bolus(
    hops: HopTable,
    segments: Sequence[int] | npt.NDArray[np.integer[Any]],
    *,
    count: int,
    weight: npt.ArrayLike | None = None,
    start: int = 0,
    duration: int = 0,
    first_id: int = 0,
    clone: int = 0,
) -> Litter:
    """Return newborn cells for these segments, each as likely unless weights are given."""
    chosen = np.asarray(segments)
    weights = np.ones(chosen.size) if weight is None else np.asarray(weight, dtype=np.float64)
    sites = entry_sites(hops, chosen, weight=weights, place="test")
    source = SheddingSource(sites, 0.0, start, start, count, clone, "test")
    return Litter(source, first_id, count, start, duration)


def set_out(
    world: World,
    litter: Litter,
    *,
    seed: int = 1,
    hops: HopTable | None = None,
    backend: Backend | None = None,
    chunk: int | None = None,
    event_capacity: int | None = None,
) -> Journey:
    """Return launches with newborn cells that have not moved yet."""
    launches = Launches(
        backend or choose_backend("cpu"),
        hops or world.hops,
        world.tables,
        seed=seed,
        chunk=chunk,
        event_capacity=event_capacity,
    )
    return Journey(launches, launches.emit(emission_of([litter])))


def only_shard(simulation: Simulation) -> Shard:
    """Return the shard of a simulation on one backend."""
    shards = simulation.shards
    assert isinstance(shards, LocalShards)
    assert shards.n_shards == 1
    return shards.shards[0]


def follow(world: World, litter: Litter, *, until: float, **options: Any) -> Journey:
    """Emit cells and follow them to a time [s]."""
    journey = set_out(world, litter, **options)
    more = journey.launches.advance(round(until * NANOSECONDS))
    return Journey(journey.launches, in_order(np.concatenate([journey.events, more])))


def follow_out(
    world: World,
    litter: Litter,
    *,
    step: float,
    leaving_before: npt.ArrayLike | None = None,
    limit: int = 1000,
    seed: int = 1,
) -> Journey:
    """Follow cells in steps of time [s] until every one has met a fate.

    Once born, they also leave the network where they would enter the segments
    ``leaving_before``, which may be those that they are born in.
    """
    journey = set_out(world, litter, seed=seed)
    launches, events = journey.launches, [journey.events]
    if leaving_before is not None:
        cells = launches.population.on_host()
        hops = world.hops.with_exit_before(np.asarray(leaving_before))
        launches = Launches(launches.backend, hops, world.tables, seed=seed)
        launches.population.restore(cells)
    time = litter.start
    for _ in range(limit):
        time += round(step * NANOSECONDS)
        events.append(launches.advance(time))
        launches.population.remove_finished()
        if launches.population.count == 0:
            return Journey(launches, in_order(np.concatenate(events)))
    raise AssertionError(f"{launches.population.count} cells still on their way")


def made_setting(
    world: World,
    sources: Sequence[SheddingSource],
    *,
    epochs: Sequence[float],
    seed: int = 1,
    frames: Sequence[float] = (),
    n_tracked: int = 0,
    track_every: int = 1,
    doubling_time: float = 86400.0,
    lesions: LesionBiology | None = None,
) -> Setting:
    """Return a setting; times of epochs and frames in seconds."""
    return Setting(
        hops=world.hops,
        tables=world.tables,
        sources=tuple(sources),
        seed=seed,
        epochs=tuple(round(t * NANOSECONDS) for t in epochs),
        frames=tuple(round(t * NANOSECONDS) for t in frames),
        n_tracked=n_tracked,
        track_every=track_every,
        doubling_times=(doubling_time,) * world.hops.n_organs,
        lesions=lesions or LesionBiology(GrowthLaw(GrowthKind.EXPONENTIAL, 1e9)),
    )


def shedding(
    world: World, segment: int, *, rate: float = 0.0, stop: float = 0.0, cells: int = 0
) -> SheddingSource:
    """Return a source from time 0 on at one segment: a rate [1/s] until a time [s], or a bolus."""
    sites = entry_sites(world.hops, np.array([segment]), weight=np.ones(1), place="test")
    return SheddingSource(sites, rate, 0, round(stop * NANOSECONDS), cells, 0, "test")
