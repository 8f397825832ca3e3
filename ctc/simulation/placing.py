"""Where a primary tumour lies in its organ, and which vessels its front will reach when."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.scenario.tumours import PrimaryTumour, Rhythm
from ctc.simulation.entry_sites import EntrySites, entry_sites
from ctc.simulation.hop_table import HopTable
from ctc.simulation.host_draws import Purpose, random_words
from ctc.simulation.primaries import Primary, Venules
from ctc.states import Route
from ctc.vessels.blood import Blood, classify_blood
from ctc.vessels.lymphatics import collectors
from ctc.vessels.network import SegmentKind, VesselNetwork

_ROUTE_OF_BLOOD = {
    Blood.ARTERIAL: Route.ARTERIAL,
    Blood.VENOUS: Route.CAVAL,
    Blood.PORTAL: Route.PORTAL,
    Blood.LYMPH: Route.LYMPHATIC,
    Blood.PULMONARY_ARTERY: Route.CAVAL,
    Blood.PULMONARY_VEIN: Route.PULMONARY,
}


def segment_routes(network: VesselNetwork) -> npt.NDArray[np.uint8]:
    """Return the `Route` of cells that enter each segment, (n_segments,) uint8."""
    table = np.array([int(_ROUTE_OF_BLOOD[blood]) for blood in Blood], dtype=np.uint8)
    routes: npt.NDArray[np.uint8] = table[classify_blood(network)]
    return routes


def place_primary(
    tumour: PrimaryTumour,
    number: int,
    network: VesselNetwork,
    flow: FlowField,
    *,
    hops: HopTable,
    routes: npt.NDArray[np.uint8],
    rhythm: Rhythm | None,
    seed: int,
) -> Primary:
    """Lay out one primary tumour.

    Parameters
    ----------
    tumour : PrimaryTumour
        What the scenario says.
    number : int
        Of the source.
    network, flow : VesselNetwork, FlowField
        The vessels.
    hops : HopTable
        Of the network.
    routes : (n_segments,) uint8
        `segment_routes` of it.
    rhythm : Rhythm or None
        Of shedding.
    seed : int
        Of the run: chooses the terminal that a tumour lies at, if the scenario does not.

    Raises
    ------
    InputError
        If the organ has no venules to reach or no lymphatics, or the centre lies outside it.
    """
    if tumour.organ not in network.organ_names:
        if tumour.is_confined or tumour.needs_lymph:
            message = f"organ must have venules of its own in this network, got '{tumour.organ}'. "
            message += "Leave out invasion, centre and lymph_share."
            raise InputError(message, key="organ")
        return Primary(tumour, rhythm=rhythm)
    organ = network.organ_index(tumour.organ)
    segment, centre = -1, None
    if tumour.is_placed:
        segment, centre = _centre(tumour, number, network, organ, seed=seed)
    venules = None
    if tumour.front_speed is not None and centre is not None:
        venules = _venules(network, flow, organ, centre, hops=hops, routes=routes)
        if not venules.record.size:
            message = f"organ must have open venules to invade, got '{tumour.organ}'. "
            raise InputError(message + "Leave out invasion.", key="organ")
    lymphatics = None
    if tumour.lymph_share > 0.0:
        region = int(network.region[segment]) if tumour.is_confined else None
        lymphatics = _lymphatics(network, flow, tumour.organ, region, hops=hops)
        if lymphatics is None and tumour.needs_lymph:
            message = (
                f"organ must have lymphatics for lymph_share = {tumour.lymph_share:g}, got "
                f"'{tumour.organ}', which has none in this body. Leave lymph_share out."
            )
            raise InputError(message, key="lymph_share")
    return Primary(tumour, organ, segment, venules, lymphatics, rhythm)


def own_region(tumour: PrimaryTumour, network: VesselNetwork) -> int | None:
    """Return the region of its organ that a tumour with a centre and no front sheds into.

    None for any other tumour, and where the vessels of the organ are in no region.

    Raises
    ------
    InputError
        If the centre lies outside the organ.
    """
    is_around = tumour.centre is not None and tumour.front_speed is None
    if not is_around or tumour.organ not in network.organ_names:
        return None
    segment, _ = _centre(tumour, 0, network, network.organ_index(tumour.organ), seed=0)
    region = int(network.region[segment])
    return region if region >= 0 else None


def distance_from(point: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Distance [m] of straight segments from a point.

    Parameters
    ----------
    point : (3,) float64 [m]
        The point.
    start, end : (n, 3) float64 [m]
        Ends of the segments.

    Returns
    -------
    (n,) float64 [m]
        To the nearest point of each.
    """
    # Term by term, so that no library sums them in an order of its own.
    along = [end[:, i] - start[:, i] for i in range(3)]
    away = [point[i] - start[:, i] for i in range(3)]
    square = along[0] * along[0] + along[1] * along[1] + along[2] * along[2]
    inner = along[0] * away[0] + along[1] * away[1] + along[2] * away[2]
    share = np.clip(inner / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
    rest = [away[i] - share * along[i] for i in range(3)]
    distance: FloatArray = np.sqrt(rest[0] * rest[0] + rest[1] * rest[1] + rest[2] * rest[2])
    return distance


def _centre(
    tumour: PrimaryTumour, number: int, network: VesselNetwork, organ: int, *, seed: int
) -> tuple[int, FloatArray]:
    """Return the terminal that a tumour lies at, and its centre (3,) [m]."""
    inside = network.organ == organ
    beds = np.flatnonzero(inside & network.is_kind(SegmentKind.CAPILLARY_BED))
    if not beds.size:
        beds = np.flatnonzero(inside)
    ends = network.node_position[network.end_node[beds]]
    if tumour.centre is None:
        word = int(random_words(seed, Purpose.TUMOUR_CENTRE, first=number, count=1)[0])
        chosen = (word * beds.size) >> 64
        return int(beds[chosen]), ends[chosen]
    centre = np.array(tumour.centre)
    _require_inside(centre, network, np.flatnonzero(inside), tumour.organ)
    nearest = int(np.argmin(distance_from(centre, ends, ends)))
    return int(beds[nearest]), centre


def _require_inside(
    centre: FloatArray, network: VesselNetwork, segments: npt.NDArray[np.int64], organ: str
) -> None:
    """Raise InputError unless a point lies in the box around the vessels of a region."""
    boxes = []
    for region in np.unique(network.region[segments]):
        own = segments[network.region[segments] == region]
        nodes = np.concatenate([network.start_node[own], network.end_node[own]])
        place = network.node_position[nodes]
        boxes.append((place.min(axis=0), place.max(axis=0)))
    if any((low <= centre).all() and (centre <= high).all() for low, high in boxes):
        return
    low, high = boxes[0]
    got, ranges = (
        ", ".join(f"{1e3 * x:.1f}" for x in centre),
        ", ".join(f"{1e3 * a:.1f} .. {1e3 * b:.1f}" for a, b in zip(low, high, strict=True)),
    )
    message = (
        f"centre must lie among the vessels of the {organ}, got {got} mm. They are at {ranges} mm "
        f"(left, back, up{', in its first region' if len(boxes) > 1 else ''})."
    )
    raise InputError(message, key="centre")


def _venules(
    network: VesselNetwork,
    flow: FlowField,
    organ: int,
    centre: FloatArray,
    *,
    hops: HopTable,
    routes: npt.NDArray[np.uint8],
) -> Venules:
    is_open = network.is_kind(SegmentKind.VENULE) & (network.organ == organ) & (flow.flow_rate > 0)
    own = np.flatnonzero(is_open)
    ends = network.node_position
    reach = distance_from(centre, ends[network.start_node[own]], ends[network.end_node[own]])
    order = np.lexsort((own, reach))
    own = own[order]
    return Venules(
        reach=reach[order],
        record=hops.record[own].astype(np.uint32),
        flow_rate=flow.flow_rate[own],
        route=routes[own],
    )


def _lymphatics(
    network: VesselNetwork, flow: FlowField, organ: str, region: int | None, *, hops: HopTable
) -> EntrySites | None:
    """Return where lymph of an organ, or of one region of it, is collected, if it is anywhere."""
    own = collectors(network, organ, region=region)
    own = own[flow.flow_rate[own] > 0]
    if not own.size:
        return None
    return entry_sites(hops, own, weight=flow.flow_rate[own], place=organ)
