"""The course of one cell as plain values: what happened to it, and the journeys between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.states import EventKind
from ctc.vessels.network import SegmentKind, VesselNetwork

_BEDS = (SegmentKind.CAPILLARY_BED, SegmentKind.LYMPH_NODE)
_LUNG = "lung"
# After these a cell is in the stream; None is its birth.
_IN_STREAM = (None, EventKind.RELEASED)
_KIND_WORDS = {
    SegmentKind.ARTERY: "artery",
    SegmentKind.ARTERIOLE: "arteriole",
    SegmentKind.CAPILLARY_BED: "capillaries",
    SegmentKind.VENULE: "venule",
    SegmentKind.VEIN: "vein",
    SegmentKind.HEART_CHAMBER: "heart",
    SegmentKind.LYMPHATIC: "lymph vessel",
    SegmentKind.LYMPH_NODE: "lymph node",
}


@dataclass(frozen=True)
class Pass:
    """A capillary bed or a lymph node that a cell passed.

    Attributes
    ----------
    time : int [ns]
        When it came.
    duration : int [ns]
        How long it took.
    organ : str
        Of the bed.
    segment : int
        The bed.
    """

    time: int
    duration: int
    organ: str
    segment: int


@dataclass(frozen=True)
class Journey:
    """A stretch of a cell's way in the stream, between two things that happened to it.

    Attributes
    ----------
    start, end : int [ns]
        When.
    n_segments : int
        Vessels, beds and chambers on the way.
    distance : float [m]
        Along them; a segment that it did not leave in the stream counts by half.
    passes : tuple of Pass
        Beds that it passed.
    named : tuple of str
        Named vessels on the way, in order, each once.
    """

    start: int
    end: int
    n_segments: int
    distance: float
    passes: tuple[Pass, ...]
    named: tuple[str, ...]

    @property
    def n_turns(self) -> int:
        """How often it went through the lungs."""
        return sum(each.organ == _LUNG for each in self.passes)

    def by_organ(self) -> dict[str, int]:
        """Return how many beds of each organ it passed, the most first."""
        counts: dict[str, int] = {}
        for each in self.passes:
            counts[each.organ] = counts.get(each.organ, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a cell.

    Attributes
    ----------
    time : int [ns]
        When.
    kind : EventKind or None
        What; None for its birth and for the end of what is known.
    place : str
        Where, in words.
    event : structured row or None
        Of `layout.EVENT_DTYPE`.
    before : Journey or None
        The way there.
    """

    time: int
    kind: EventKind | None
    place: str
    event: Any
    before: Journey | None


def happenings(
    visits: npt.NDArray[Any],
    events: npt.NDArray[Any],
    *,
    network: VesselNetwork,
    end: int,
) -> list[Happening]:
    """Return what happened to a cell in order, birth first, the end of what is known last.

    Parameters
    ----------
    visits : (n,) with fields segment, entry, exit
        Its way.
    events : (m,) structured array
        Of it, in order.
    network : VesselNetwork
        Its vessels.
    end : int [ns]
        Until when it is known.
    """
    found = [Happening(int(visits["entry"][0]), None, place_of(network, visits, 0), None, None)]
    at = 0
    for event in events:
        time, segment = int(event["time"]), int(event["segment"])
        to = _visit_at(visits, time, segment, first=at)
        way = None
        if found[-1].kind in _IN_STREAM:
            way = _journey(network, visits, at, to, start=found[-1].time, end=time)
        place = place_of(network, visits, to)
        found.append(Happening(time, EventKind(int(event["kind"])), place, event, way))
        at = to
    if found[-1].kind in _IN_STREAM:
        last = visits.size - 1
        way = _journey(network, visits, at, last, start=found[-1].time, end=end)
        found.append(Happening(end, None, place_of(network, visits, last), None, way))
    return found


def place_of(network: VesselNetwork, visits: npt.NDArray[Any], number: int) -> str:
    """Return a segment on the way in words, such as ``capillaries of liver``."""
    segment = int(visits["segment"][number])
    kind = SegmentKind(int(network.kind[segment]))
    if network.name[segment] >= 0:
        return str(network.vessel_names[network.name[segment]])
    where = organ_of(network, segment)
    region = int(network.region[segment])
    if region >= 0 and where:
        name = network.region_names[region]
        where = name if where in name else where
    return f"{_KIND_WORDS[kind]} of {where}" if where else _KIND_WORDS[kind]


def organ_of(network: VesselNetwork, segment: int) -> str:
    """Return the organ of a segment, or nothing."""
    organ = int(network.organ[segment])
    return network.organ_names[organ] if organ >= 0 else ""


def _visit_at(visits: npt.NDArray[Any], time: int, segment: int, *, first: int) -> int:
    """Return which visit an event belongs to: the first in its segment that it can be."""
    for number in range(first, visits.size):
        row = visits[number]
        if row["segment"] == segment and row["entry"] <= time <= row["exit"]:
            return number
    return int(np.searchsorted(visits["entry"], time, side="right")) - 1


def _journey(
    network: VesselNetwork,
    visits: npt.NDArray[Any],
    first: int,
    last: int,
    *,
    start: int,
    end: int,
) -> Journey:
    """Return the way from a visit to another; of these two half of each counts."""
    way = visits[first : last + 1]
    segments = way["segment"].astype(np.int64)
    lengths = network.length[segments].copy()
    lengths[[0, -1]] *= 0.5
    is_bed = np.isin(network.kind[segments], [int(kind) for kind in _BEDS])
    inside = np.flatnonzero(is_bed)
    inside = inside[(inside > 0) & (inside < way.size - 1)]
    return Journey(
        start=start,
        end=end,
        n_segments=max(way.size - 1, 0),
        distance=float(sum(lengths.tolist())),
        passes=tuple(_pass(network, way[number]) for number in inside.tolist()),
        named=_names(network, segments),
    )


def _pass(network: VesselNetwork, visit: Any) -> Pass:
    segment, entry = int(visit["segment"]), int(visit["entry"])
    where = organ_of(network, segment) or "no organ"
    return Pass(entry, int(visit["exit"]) - entry, where, segment)


def _names(network: VesselNetwork, segments: npt.NDArray[np.int64]) -> tuple[str, ...]:
    names = network.name[segments]
    found = [network.vessel_names[index] for index in names[names >= 0].tolist()]
    return tuple(dict.fromkeys(found))


def table_of(course: Sequence[Happening]) -> list[Mapping[str, Any]]:
    """Return the course as plain values: one row for each thing that happened."""
    rows: list[Mapping[str, Any]] = []
    for each in course:
        row: dict[str, Any] = {
            "time_ns": each.time,
            "what": "born" if each is course[0] else "end",
            "place": each.place,
        }
        if each.kind is not None:
            row["what"] = each.kind.name.lower()
        if each.before is not None:
            way = each.before
            row["way"] = {
                "start_ns": way.start,
                "segments": way.n_segments,
                "distance_m": way.distance,
                "beds": way.by_organ(),
                "turns": way.n_turns,
                "named_vessels": list(way.named),
            }
        rows.append(row)
    return rows
