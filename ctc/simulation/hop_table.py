"""HopTable: a network and its flow as the records that a hop reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.records import (
    CLASS_BITS,
    EXIT,
    HAS_BYWAY,
    SEGMENT_PLACE,
    SEGMENT_RECORD,
    aligned_zeros,
)
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.simulation.felt_flow import FeltFlow, plain_flow
from ctc.simulation.passages import PassagePlan, plan_passages
from ctc.simulation.segment_classes import SegmentClass, classify_segments
from ctc.vessels.network import SegmentKind, VesselNetwork

NANOSECONDS = 1e9
NO_SEGMENT = -1
ONLY_DAUGHTER = 2.0
MOST_RECORDS = 2**31 - 1
_MAX_TRANSIT = 2.0**50  # [ns], 13 days; below the cut of the kernels at 2^52


@dataclass(frozen=True)
class HopTable:
    """Records of a network, junctions with more than two daughters made binary.

    Attributes
    ----------
    records : (n_records,) SEGMENT_RECORD
        Outgoing segments of a node stand side by side, the smaller flow first.
    places : (n_records,) SEGMENT_PLACE
        Ends in space.
    segment : (n_records,) int32
        The network's segment of a record, -1 for a junction or the exit.
    record : (n_segments,) int32
        The record of a segment.
    organ : (n_records,) int16
        Row of the organ tables.
    classes : tuple of SegmentClass
        Every class in use.
    n_organs : int
        Rows of the organ tables: the network's organs and one for none.
    passages : PassagePlan, optional
        How the passages of every segment are known; not in tables cut for measurements.
    """

    records: npt.NDArray[np.void]
    places: npt.NDArray[np.void]
    segment: npt.NDArray[np.int32]
    record: npt.NDArray[np.int32]
    organ: npt.NDArray[np.int16]
    classes: tuple[SegmentClass, ...]
    n_organs: int
    passages: PassagePlan | None

    @property
    def class_number(self) -> npt.NDArray[np.uint32]:
        """Class of each record, (n_records,) uint32."""
        number = self.records["bore_class"] & np.uint32((1 << CLASS_BITS) - 1)
        return number.astype(np.uint32)

    @property
    def lumen_radius(self) -> FloatArray:
        """Lumen radius that kernels see in each record, (n_records,) float64 [m]."""
        bits = self.records["bore_class"] & np.uint32(0xFFFF_FFFF ^ ((1 << CLASS_BITS) - 1))
        bore = (bits >> np.uint32(1)).view(np.float32).astype(np.float64)
        return 1.0 / (bore * bore)

    def with_exit_before(self, segments: npt.NDArray[np.integer[Any]]) -> HopTable:
        """Return a table in which a cell leaves the network instead of entering these segments.

        For measurements of transit: the exit is an event with its time.
        """
        exit_class = next(c for c in self.classes if c.behaviour == EXIT)
        records = self.records.copy()
        rows = self.record[segments]
        records["bore_class"][rows] = _packed(np.ones(rows.size), exit_class.number)
        records["transit_time"][rows] = 0.0
        return replace(self, records=records, passages=None)


def build_hop_table(
    network: VesselNetwork,
    flow: FlowField,
    *,
    attach_radius: float = math.inf,
    felt: FeltFlow | None = None,
) -> HopTable:
    """Lay out a network with its flow for the kernels.

    Parameters
    ----------
    network : VesselNetwork
        Turned with the flow.
    flow : FlowField
        Its flow; segments without flow are never entered from another, nor are those that
        carry filtered water only: where lymph leaves the blood, and where nodes give it back.
    attach_radius : float [m]
        Largest lumen radius of the blood vessels where cells may attach in passing.
    felt : FeltFlow, optional
        What cells feel; vessels and flow as they are by default.

    Returns
    -------
    HopTable
        Daughters are chosen by share of the flow. At a node with k > 2 of them the smallest is
        split off first, k - 1 times, through junction records of no length, where plain flow
        shares hold.

    Raises
    ------
    InputError
        If the network has more classes of segments than records can name.
    """
    open_to_cells = (flow.flow_rate > 0) & ~_carries_water_only(network)
    n_out = np.bincount(network.start_node[open_to_cells], minlength=network.n_nodes)
    is_byway = _is_byway(network, open_to_cells, n_out)
    layout = _lay_out(network, flow.flow_rate, open_to_cells, n_out, is_byway=is_byway)
    n_records = layout.segment.size
    felt = felt or plain_flow(network, flow)
    passages = plan_passages(network, flow.flow_rate, is_open=open_to_cells)
    classes, class_of_segment = classify_segments(
        network,
        felt.stress,
        holds=(network.lumen_radius <= attach_radius) & ~_is_lymphatic(network),
        is_marginal=felt.is_marginal,
        # Cells are born in a lymphatic that none enters, or leave a node by its blood vessels.
        is_counted=(open_to_cells | _is_lymphatic(network))
        & passages.is_counted[: network.n_segments],
    )
    junction, leaving = classes[-2], classes[-1]

    is_segment = layout.segment >= 0
    source = np.where(is_segment, layout.segment, 0)
    number = np.where(is_segment, class_of_segment[source], junction.number)
    number[-1] = leaving.number
    radius = np.where(is_segment, felt.lumen_radius[source], 1.0)
    transit = np.zeros(n_records)
    transit[is_segment] = np.minimum(
        flow.transit_time[source[is_segment]] * NANOSECONDS, _MAX_TRANSIT
    )

    if n_records > MOST_RECORDS:
        message = f"segments and junctions must be at most {MOST_RECORDS:,}, got {n_records:,}. "
        raise InputError(message + "Lower body.terminals.", key="body.terminals")
    records = aligned_zeros(n_records, SEGMENT_RECORD)
    records["transit_time"] = transit
    records["bore_class"] = _packed(radius, number)
    # The node at the end of a segment decides where to go on; a node without outflow is an exit.
    first_of_node = np.where(n_out > 0, layout.first_of_node, n_records - 1)
    only = n_out[network.end_node[source]] <= 1
    records["next"] = np.where(
        is_segment, first_of_node[network.end_node[source]], layout.next_of_junction
    )
    first = records["next"].astype(np.int64)
    records["share"] = np.where(is_segment & only, ONLY_DAUGHTER, layout.share[first])
    behind_node = np.zeros(network.n_nodes, dtype=bool)
    behind_node[network.start_node[is_byway]] = True
    is_node = network.is_kind(SegmentKind.LYMPH_NODE)
    has_byway = is_segment & (is_node & behind_node[network.end_node])[source]
    records["share"][has_byway] = HAS_BYWAY
    records["next"][-1] = 0
    records["share"][-1] = ONLY_DAUGHTER

    no_organ = len(network.organ_names)
    organ = np.where(is_segment, network.organ[source], -1).astype(np.int16)
    record = np.zeros(network.n_segments, dtype=np.int32)
    record[layout.segment[is_segment]] = np.flatnonzero(is_segment)
    return HopTable(
        records=records,
        places=_places(network, source, np.where(is_segment, -1, layout.node)),
        segment=layout.segment.astype(np.int32),
        record=record,
        organ=np.where(organ < 0, no_organ, organ).astype(np.int16),
        classes=classes,
        n_organs=no_organ + 1,
        passages=passages,
    )


def _is_lymphatic(network: VesselNetwork) -> npt.NDArray[np.bool_]:
    return network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)


def _carries_water_only(network: VesselNetwork) -> npt.NDArray[np.bool_]:
    """Return the ways between blood and lymph that no cell takes, (n_segments,) bool.

    Lymph is filtered plasma: a cell of the blood does not follow it into a lymphatic that starts
    at a blood vessel. Behind the nodes of a station water goes back to a vein while the cells go
    on in the lymph: a lymphatic that ends in blood is closed where another goes on. A last duct
    has no such other and is open.
    """
    is_lymph = _is_lymphatic(network)
    has_blood = np.zeros(network.n_nodes, dtype=bool)
    has_blood[network.start_node[~is_lymph]] = True
    has_blood[network.end_node[~is_lymph]] = True
    starts_in_blood = has_blood[network.start_node]
    ends_in_blood = has_blood[network.end_node]
    goes_on = np.zeros(network.n_nodes, dtype=bool)
    goes_on[network.start_node[is_lymph & ~ends_in_blood]] = True
    return is_lymph & (starts_in_blood | (ends_in_blood & goes_on[network.start_node]))


def _is_byway(
    network: VesselNetwork, open_to_cells: npt.NDArray[np.bool_], n_out: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return the ways by which nodes of the lymph give water back to a vein, (n_segments,) bool.

    Cells may leave a node by its blood vessels, along such a way. One for each node, where the
    stream itself goes on by one vessel only.
    """
    behind = np.zeros(network.n_nodes, dtype=bool)
    behind[network.end_node[network.is_kind(SegmentKind.LYMPH_NODE)]] = True
    found = ~open_to_cells & _is_lymphatic(network)
    found &= behind[network.start_node] & (n_out[network.start_node] == 1)
    byways = np.flatnonzero(found)
    _, first = np.unique(network.start_node[byways], return_index=True)
    is_byway = np.zeros(network.n_segments, dtype=bool)
    is_byway[byways[first]] = True
    return is_byway


@dataclass(frozen=True)
class _Layout:
    """Order of the records: which segment each is, and how the choice at a node is cut up."""

    segment: npt.NDArray[np.int64]
    node: npt.NDArray[np.int64]
    first_of_node: npt.NDArray[np.int64]
    next_of_junction: npt.NDArray[np.int64]
    share: FloatArray


def _lay_out(
    network: VesselNetwork,
    flow_rate: FloatArray,
    open_to_cells: npt.NDArray[np.bool_],
    n_out: npt.NDArray[np.int64],
    *,
    is_byway: npt.NDArray[np.bool_],
) -> _Layout:
    """Order the outgoing segments node by node, nodes in the order of their first segment.

    A node with k daughters a1 <= a2 <= ... takes the records a1, J1, a2, J2, ..., a(k-1), ak,
    where the junction Ji goes on to a(i+1). A byway stands behind all of them.
    """
    is_entered = open_to_cells | is_byway
    segments = np.flatnonzero(is_entered)
    start = network.start_node[segments]
    rank = np.full(network.n_nodes, network.n_segments, dtype=np.int64)
    np.minimum.at(rank, start, segments)
    order = np.lexsort((segments, flow_rate[segments], is_byway[segments], rank[start]))
    segments, start = segments[order], start[order]

    is_first = np.ones(segments.size, dtype=bool)
    is_first[1:] = start[1:] != start[:-1]
    place_in_node = np.arange(segments.size) - np.maximum.accumulate(
        np.where(is_first, np.arange(segments.size), 0)
    )
    k = n_out[start]
    has_junction = (place_in_node >= 1) & (place_in_node <= k - 2)
    row = np.arange(segments.size) + np.cumsum(has_junction) - has_junction
    # A junction stands before the daughter that it leads to: J(i) before a(i+1).
    row = row + has_junction
    n_entered = segments.size + int(has_junction.sum())
    idle = np.flatnonzero(~is_entered)
    n_records = n_entered + idle.size + 1

    segment = np.full(n_records, NO_SEGMENT, dtype=np.int64)
    segment[row] = segments
    segment[n_entered : n_records - 1] = idle
    node = np.zeros(n_records, dtype=np.int64)
    node[row] = start
    junction_rows = row[has_junction] - 1
    node[junction_rows] = start[has_junction]

    first_of_node = np.zeros(network.n_nodes, dtype=np.int64)
    first_of_node[start[is_first]] = row[is_first]
    next_of_junction = np.zeros(n_records, dtype=np.int64)
    next_of_junction[junction_rows] = row[has_junction]

    # Share of a daughter in what is left when it and all smaller ones are split off in turn.
    share = np.full(n_records, ONLY_DAUGHTER)
    taken = np.where(is_byway[segments], 0.0, flow_rate[segments])
    left = _remaining(taken, is_first)
    share[row[left > 0]] = taken[left > 0] / left[left > 0]
    return _Layout(segment, node, first_of_node, next_of_junction, share)


def _remaining(flow_rate: FloatArray, is_first: npt.NDArray[np.bool_]) -> FloatArray:
    """Return, for each segment, the flow of itself and of those after it at the same node.

    Summed from the last segment of each node backwards, all nodes at once: differences of sums
    over the whole network would lose the digits of small flows.
    """
    left = flow_rate.copy()
    first = np.flatnonzero(is_first)
    count = np.diff(np.append(first, flow_rate.size))
    last = first + count - 1
    for back in range(1, int(count.max(initial=1))):
        here = last[count > back] - back
        left[here] += left[here + 1]
    return left


def _packed(radius: npt.ArrayLike, number: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Return the bore of lumen radii [m], rounded to 13 significant bits, with the class below it.

    The rounding changes a radius by at most 2^-12 = 2.5e-4 of itself.
    """
    bore = 1.0 / np.sqrt(np.asarray(radius, dtype=np.float64))
    bits = bore.astype(np.float32).view(np.uint32).astype(np.uint64) << np.uint64(1)
    half = np.uint64(1 << (CLASS_BITS - 1))
    rounded = (bits + half) & np.uint64(0xFFFF_FFFF & ~((1 << CLASS_BITS) - 1))
    return (rounded | np.asarray(number, dtype=np.uint64)).astype(np.uint32)


def _places(
    network: VesselNetwork, source: npt.NDArray[np.int64], node: npt.NDArray[np.int64]
) -> npt.NDArray[np.void]:
    """Return where records lie: at their segment, or at a node where that is not -1."""
    places = aligned_zeros(source.size, SEGMENT_PLACE)
    places["start"] = network.node_position[network.start_node[source]]
    places["end"] = network.node_position[network.end_node[source]]
    spread = 0.7 * network.lumen_radius
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    spread[is_bed] = _bed_spread(network, is_bed)
    places["spread"] = spread[source]
    is_point = node >= 0
    for end in ("start", "end"):
        places[end][is_point] = network.node_position[node[is_point]]
    return places


def _bed_spread(network: VesselNetwork, is_bed: npt.NDArray[np.bool_]) -> FloatArray:
    """Half the mean distance between beds of a region, from the spread of their places."""
    beds = np.flatnonzero(is_bed)
    region = network.region[beds] + 1
    place = network.node_position[network.start_node[beds]]
    count = np.bincount(region)
    safe = np.maximum(count, 1)
    volume = np.ones(count.size)
    for axis in range(3):
        mean = np.bincount(region, weights=place[:, axis]) / safe
        square = np.bincount(region, weights=(place[:, axis] - mean[region]) ** 2) / safe
        # A uniform spread of width w has the variance w^2 / 12.
        volume *= np.sqrt(12.0 * square) + 1e-4
    spread: FloatArray = 0.5 * np.cbrt(volume / safe)[region]
    return spread
