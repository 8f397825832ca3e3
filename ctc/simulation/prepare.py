"""From a scenario and its vessels to the setting of a simulation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ctc.body.organ import Capillaries
from ctc.body.plan import BodyPlan
from ctc.checks import FloatArray, IntArray
from ctc.errors import InputError, near_name
from ctc.flow.field import FlowField
from ctc.scenario.biology import Biology, organ_key
from ctc.scenario.bodies import check_named_organs
from ctc.scenario.host import biology_in_host
from ctc.scenario.parameters import load_parameters
from ctc.scenario.scenario import Scenario
from ctc.scenario.sources import CellSource, require_few_enough, resolve_sources
from ctc.scenario.tumours import LesionBiology, resolve_lesions, resolve_rhythm
from ctc.simulation.care_plan import resolve_care
from ctc.simulation.felt_flow import felt_flow
from ctc.simulation.hop_table import NANOSECONDS, HopTable, build_hop_table
from ctc.simulation.lymph_entry import with_lymphatics
from ctc.simulation.overt import OvertShares, overt_shares
from ctc.simulation.placing import own_region, place_primary, segment_routes
from ctc.simulation.primaries import Primary, one_route
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import EntrySites, SheddingSource, entry_sites
from ctc.simulation.tables import Tables, build_tables
from ctc.vessels.network import SegmentKind, VesselNetwork

_OTHER = "other"
_MAX_CLONES = 65535


def nanoseconds(seconds: float) -> int:
    """Return a time as a whole number of nanoseconds."""
    return round(seconds * NANOSECONDS)


def build_setting(
    scenario: Scenario,
    network: VesselNetwork,
    flow: FlowField,
    *,
    plan: BodyPlan,
    near_organs: Mapping[str, IntArray],
    seed: int,
    sites: tuple[EntrySites, ...] | None = None,
    hops: HopTable | None = None,
    known: dict[str, Tables] | None = None,
) -> Setting:
    """Lay out a run for the kernels.

    Parameters
    ----------
    scenario : Scenario
        What is asked for.
    network, flow : VesselNetwork, FlowField
        The vessels, turned with their flow.
    plan : BodyPlan
        Whose capillary bores and lengths hold.
    near_organs : mapping of str to (n,) int32
        Nodes beside an organ of an imported network; empty for a grown one.
    seed : int
        Key of all random numbers.
    sites : tuple of EntrySites, optional
        Entry sites of the sources as an earlier part of the run had them.
    hops : HopTable, optional
        Of these vessels for this biology, where it is there already.
    known : dict of str to Tables, optional
        Tables that were laid out before for these vessels, by biology; gets these too.

    Raises
    ------
    InputError
        If an organ or a source's vessel is unknown, a source has no flow, or there are too many.
    """
    if scenario.settings.body.source != "grown":
        check_named_organs(scenario.settings, network.organ_names)
    biology = biology_in_host(scenario)
    hops = hops or hop_table_of(biology, network, flow)
    sources = resolve_sources(scenario)
    if len(sources) > _MAX_CLONES:
        message = f"source must be at most {_MAX_CLONES} tables, got {len(sources)}."
        raise InputError(message, key="source")
    if sites is None:
        sites = tuple(
            _sites(source, index, network, flow, hops=hops, near_organs=near_organs)
            for index, source in enumerate(sources)
        )
    settings = scenario.settings
    duration = nanoseconds(settings.run.duration)
    names = (*network.organ_names, "")
    routes = segment_routes(network)
    overt = overt_shares(scenario, network.organ_names)
    shedding = tuple(
        _source(
            source,
            index,
            where,
            primary=_primary(
                source,
                index,
                scenario,
                network=network,
                flow=flow,
                hops=hops,
                routes=routes,
                seed=seed,
            ),
            routes=routes[hops.segment[where.record]],
            overt=overt,
        )
        for index, (source, where) in enumerate(zip(sources, sites, strict=True))
    )
    expected = expected_cells(sources, shedding, weight=settings.cells.weight)
    return Setting(
        hops=hops,
        tables=_tables(biology, hops, network.organ_names, plan=plan, known=known),
        sources=shedding,
        seed=seed,
        epochs=_epochs(duration, nanoseconds(settings.run.epoch)),
        frames=_frames(scenario, duration),
        n_tracked=settings.record.tracked,
        track_every=max(math.floor(expected / max(settings.record.tracked, 1)), 1),
        doubling_times=tuple(
            biology.clocks(name).doubling_time / settings.patient.growth for name in names
        ),
        lesions=_weighted(resolve_lesions(scenario), overt.weight),
        routes=routes,
        patient=settings.patient.number,
        overt=overt,
        most_followed=math.inf
        if settings.cells.most_followed is None
        else float(settings.cells.most_followed),
        care=resolve_care(
            scenario,
            network,
            flow,
            plan=plan,
            biology=biology,
        ),
    )


def _tables(
    biology: Biology,
    hops: HopTable,
    organ_names: tuple[str, ...],
    *,
    plan: BodyPlan,
    known: dict[str, Tables] | None,
) -> Tables:
    key = repr(biology)
    if known is not None and key in known:
        return known[key]
    tables = build_tables(
        hops,
        biology,
        organ_names=organ_names,
        capillaries=_capillaries(organ_names, plan),
        transit_shapes=transit_shapes(organ_names),
    )
    if known is not None:
        known[key] = tables
    return tables


def hop_table_of(biology: Biology, network: VesselNetwork, flow: FlowField) -> HopTable:
    """Return vessels as cells of a biology feel them."""
    felt = felt_flow(
        network, flow, microvessels=biology.microvessels, margination=biology.margination
    )
    return build_hop_table(network, flow, attach_radius=biology.attach_radius, felt=felt)


def _weighted(lesions: LesionBiology, weight: float) -> LesionBiology:
    return replace(lesions, shedding_rate=lesions.shedding_rate / weight)


def expected_cells(
    sources: tuple[CellSource, ...], shedding: tuple[SheddingSource, ...], *, weight: float = 1.0
) -> float:
    """Return the mean number of cells that all sources give over the run, growth included.

    Raises
    ------
    InputError
        If it is more than a run can hold.
    """
    expected = [
        shed.expected_cells
        if shed.primary is not None and not shed.primary.is_steady
        else source.expected_cells / (1.0 if source.tumour is None else weight)
        for source, shed in zip(sources, shedding, strict=True)
    ]
    require_few_enough(expected)
    return sum(expected)


def _epochs(duration: int, epoch: int) -> tuple[int, ...]:
    ends = list(range(epoch, duration, epoch))
    return (*ends, duration)


def _frames(scenario: Scenario, duration: int) -> tuple[int, ...]:
    record = scenario.settings.record
    times: set[int] = set()
    for window in record.window if record.tracked else ():
        start, interval = nanoseconds(window.start), nanoseconds(window.interval)
        n_frames = nanoseconds(window.duration) // interval + 1
        times.update(start + i * interval for i in range(n_frames))
    return tuple(sorted(time for time in times if time <= duration))


def _primary(
    source: CellSource,
    index: int,
    scenario: Scenario,
    *,
    network: VesselNetwork,
    flow: FlowField,
    hops: HopTable,
    routes: npt.NDArray[np.uint8],
    seed: int,
) -> Primary | None:
    if source.tumour is None:
        return None
    try:
        return place_primary(
            source.tumour,
            index,
            network,
            flow,
            hops=hops,
            routes=routes,
            rhythm=resolve_rhythm(scenario),
            seed=seed,
        )
    except InputError as error:
        raise error.of_source(index) from None


def _source(
    source: CellSource,
    index: int,
    sites: EntrySites,
    *,
    primary: Primary | None,
    routes: npt.NDArray[np.uint8],
    overt: OvertShares,
) -> SheddingSource:
    return SheddingSource(
        sites=sites,
        rate=source.rate / overt.weight,
        start=nanoseconds(source.start),
        stop=nanoseconds(source.stop),
        cells=source.n_cells,
        clone=index,
        organ=source.organ,
        primary=primary,
        route=one_route(routes),
        lymph_gain=overt.weight / overt.lymph_weight,
    )


def _sites(
    source: CellSource,
    index: int,
    network: VesselNetwork,
    flow: FlowField,
    *,
    hops: HopTable,
    near_organs: Mapping[str, IntArray],
) -> EntrySites:
    try:
        segments, weight = _open_segments(source, network, flow, near_organs=near_organs)
        segments, weight = with_lymphatics(
            segments, weight, source=source, network=network, flow=flow
        )
        return entry_sites(hops, segments, weight=weight, place=source.organ or source.vessel)
    except InputError as error:
        key = "vessel" if source.vessel else "organ"
        raise error.of_source(index, key=key) from None


def _open_segments(
    source: CellSource,
    network: VesselNetwork,
    flow: FlowField,
    *,
    near_organs: Mapping[str, IntArray],
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return where cells of a source may enter, and the weight of each segment."""
    if source.vessel:
        named = np.flatnonzero(network.name == network.vessel_index(source.vessel))
        # A vessel of several segments in series is entered where it begins.
        begins = ~np.isin(network.start_node[named], network.end_node[named])
        return named[begins], flow.flow_rate[named[begins]]
    beside = _nodes_beside(source.organ, near_organs)
    if beside.size:
        segments = np.flatnonzero(np.isin(network.start_node, beside))
        return segments, _per_node(network, flow, segments=segments)
    if source.organ not in network.organ_names:
        hint = near_name(source.organ, sorted({*network.organ_names, *near_organs}))
        message = f"organ must be one of this body's, got '{source.organ}'. {hint}"
        raise InputError(message)
    is_site = network.is_kind(SegmentKind.VENULE)
    is_site &= network.organ == network.organ_index(source.organ)
    region = None if source.tumour is None else own_region(source.tumour, network)
    if region is not None:
        is_site &= network.region == region
    venules = np.flatnonzero(is_site)
    return venules, flow.flow_rate[venules]


def _nodes_beside(organ: str, near_organs: Mapping[str, IntArray]) -> IntArray:
    """Return the nodes beside an organ: of that very label, else of both its sides."""
    labels = [label for label in near_organs if label == organ]
    labels = labels or [label for label in near_organs if organ_key(label) == organ_key(organ)]
    nodes = [near_organs[label] for label in labels]
    return np.unique(np.concatenate(nodes)) if nodes else np.zeros(0, dtype=np.int32)


def _per_node(
    network: VesselNetwork, flow: FlowField, *, segments: npt.NDArray[np.int64]
) -> FloatArray:
    """Share each node's chance of 1, as good as its neighbour's, over its segments by flow."""
    start, rate = network.start_node[segments], flow.flow_rate[segments]
    total = np.bincount(start, weights=rate, minlength=network.n_nodes)[start]
    share = np.zeros(rate.size)
    np.divide(rate, total, out=share, where=total > 0)
    return share


def transit_shapes(organ_names: tuple[str, ...]) -> dict[str, float]:
    """Return the shape of each organ's law of bed transit times; the default where it has none."""
    parameters = load_parameters("capillary_bed")
    keys = {name: f"organ.{organ_key(name)}.transit_shape" for name in (*organ_names, "")}
    default = parameters.value("organ.default.transit_shape")
    return {
        name: parameters.value(key) if key in parameters else default for name, key in keys.items()
    }


def _capillaries(organ_names: tuple[str, ...], plan: BodyPlan) -> dict[str, Capillaries]:
    """Return the capillaries of each organ; of ``other`` where the plan lacks it."""
    known = {organ_key(organ.name): organ.capillaries for organ in plan.organs}
    return {name: known.get(organ_key(name), known[_OTHER]) for name in organ_names}
