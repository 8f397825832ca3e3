"""Lymphatic vessels and nodes: from the veins of the regions through stations to the angles."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.lymph import LymphPlan, LymphStation, load_lymph_plan
from ctc.body.plan import BodyPlan, TrunkGroup
from ctc.checks import FloatArray
from ctc.errors import InputError, near_name
from ctc.vessels.network import NO_NAME, NO_ORGAN, SegmentKind, VesselNetwork, tube_volume
from ctc.vessels.trunks import Trunks, load_trunks

# Veins that may take up the water of nodes.
_VEINS = (TrunkGroup.LARGE_VEINS, TrunkGroup.SUPERIOR_VENA_CAVA, TrunkGroup.INFERIOR_VENA_CAVA)
_NODES_OF = "lymph nodes"
# How the vessels that drain a region begin their names; the station follows.
_COLLECTOR = "lymph of {} to "


@dataclass(frozen=True)
class Lymphatics:
    """Segments of the lymph, and the flow that each carries; nodes of blood come first.

    Attributes
    ----------
    node_position : (n_nodes, 3) float64 [m]
        Of the nodes where only lymph flows; they follow those of the trunks and trees.
    start_node, end_node : (n_segments,) int64
        A node of a trunk, or -1 - i for the i-th of `node_position`.
    kind : (n_segments,) int64
        LYMPHATIC or LYMPH_NODE.
    lumen_radius, length : (n_segments,) float64 [m]
        Of one tube that holds what all vessels or nodes of the segment hold together.
    flow_rate : (n_segments,) float64 [m^3/s]
        Prescribed; > 0; balances at every node of `node_position`.
    name : (n_segments,) int64
        Index into `vessel_names`.
    vessel_names : tuple of str
        Such as ``lymph of liver to hepatic nodes``, ``hepatic nodes``, ``thoracic duct``.
    """

    node_position: FloatArray
    start_node: npt.NDArray[np.int64]
    end_node: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    lumen_radius: FloatArray
    length: FloatArray
    flow_rate: FloatArray
    name: npt.NDArray[np.int64]
    vessel_names: tuple[str, ...]


def lay_out_lymphatics(plan: BodyPlan, trunks: Trunks) -> Lymphatics:
    """Lay out the lymphatics of a body.

    Each region's lymph is taken where its vein meets the trunks: of the blood there, as much
    less runs on. Collectors and efferents are straight and as wide as their flow needs at the
    mean speed of lymph. A station is one tube of the volume of its nodes; behind it stands the
    way by which they give water back to the nearest named vein.

    Parameters
    ----------
    plan : BodyPlan
        Whose lymph.
    trunks : Trunks
        Of the same body.

    Returns
    -------
    Lymphatics
        First the collectors, then station after station, each after those that drain into it.

    Raises
    ------
    InputError
        If a table is wrong, or a duct ends in a vein that the body has not.
    """
    lymph = load_lymph_plan(plan)
    draft = _Draft(lymph, trunks)
    for source in lymph.sources:
        draft.add_vessel(
            _COLLECTOR.format(source.region) + source.station,
            trunks.ports[source.region].vein_node,
            draft.inlet[source.station],
            flow_rate=source.flow_rate,
        )
    for station in lymph.stations:
        if station.n_nodes:
            draft.add_nodes(station)
        else:
            draft.add_duct(station)
    return draft.finish()


def append_lymphatics(
    network: VesselNetwork, plan: BodyPlan, trunks: Trunks | None = None
) -> VesselNetwork:
    """Return a body's network with its lymphatics behind all else, so that nothing moves.

    Parameters
    ----------
    network : VesselNetwork
        Blood vessels of that plan; the nodes of its trunks come first.
    plan : BodyPlan
        Of the body.
    trunks : Trunks, optional
        Of the body, where they are at hand.

    Returns
    -------
    VesselNetwork
        The volume of the new segments is lymph, not blood.
    """
    lymph = lay_out_lymphatics(plan, load_trunks(plan) if trunks is None else trunks)
    names = list(network.vessel_names)
    index = np.array([_index_of(name, names) for name in lymph.vessel_names])
    n_new = lymph.kind.size
    is_node = lymph.kind == SegmentKind.LYMPH_NODE
    organs = network.organ_names
    node_organ = organs.index(_NODES_OF) if _NODES_OF in organs else NO_ORGAN
    added = {
        "start_node": _numbered(lymph.start_node, network.n_nodes),
        "end_node": _numbered(lymph.end_node, network.n_nodes),
        "lumen_radius": lymph.lumen_radius,
        "length": lymph.length,
        "volume": tube_volume(lymph.lumen_radius, lymph.length),
        "resistance_factor": np.ones(n_new),
        "kind": lymph.kind,
        "organ": np.where(is_node, node_organ, NO_ORGAN),
        "region": np.full(n_new, NO_NAME),
        "name": index[lymph.name],
    }
    return network.replace(
        node_position=np.concatenate([network.node_position, lymph.node_position]),
        vessel_names=tuple(names),
        **{field: np.concatenate([getattr(network, field), new]) for field, new in added.items()},
    )


def _index_of(name: str, names: list[str]) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def _numbered(node: npt.NDArray[np.int64], first: int) -> npt.NDArray[np.int64]:
    return np.where(node < 0, first - 1 - node, node)


class _Draft:
    """Segments in the making; nodes of lymph are numbered -1, -2, ..."""

    def __init__(self, lymph: LymphPlan, trunks: Trunks) -> None:
        self.lymph = lymph
        self.trunks = trunks
        self.positions: list[FloatArray] = []
        self.rows: list[tuple[int, int, int, float, float, float, str]] = []
        self.inlet = {
            station.name: self._new_node(np.array(station.row.points("start_mm")[0]))
            for station in lymph.stations
        }
        groups = [list(TrunkGroup).index(group) for group in _VEINS]
        of_veins = np.isin(trunks.group, groups)
        self.vein_nodes = np.unique(
            np.concatenate([trunks.start_node[of_veins], trunks.end_node[of_veins]])
        )

    def _new_node(self, position: FloatArray) -> int:
        self.positions.append(position)
        return -len(self.positions)

    def _position(self, node: int) -> FloatArray:
        return self.positions[-1 - node] if node < 0 else self.trunks.node_position[node]

    def _distance(self, start: int, end: int) -> float:
        step = self._position(end) - self._position(start)
        return math.sqrt(float(step[0]) ** 2 + float(step[1]) ** 2 + float(step[2]) ** 2)

    def add_vessel(self, name: str, start: int, end: int, *, flow_rate: float) -> None:
        """Add a straight vessel as wide as its flow needs."""
        radius = math.sqrt(flow_rate / (math.pi * self.lymph.collector_speed))
        length = self._distance(start, end)
        kind = SegmentKind.LYMPHATIC
        self.rows.append((start, end, kind, radius, length, flow_rate, name))

    def add_nodes(self, station: LymphStation) -> None:
        """Add the nodes of a station, their way on, and their way back to a vein for water."""
        lymph, inlet, onward = self.lymph, self.inlet[station.name], self.inlet[station.next]
        path = [np.array(point) for point in station.row.points("path_mm")]
        towards = path[0] if path else self._position(onward)
        here = self._position(inlet)
        step = towards - here
        distance = math.sqrt(float(step[0]) ** 2 + float(step[1]) ** 2 + float(step[2]) ** 2)
        # At most halfway, where the next station is close.
        outlet = self._new_node(here + step * min(0.5, lymph.node_length / distance))
        volume = station.n_nodes * math.pi / 6.0 * lymph.node_length * lymph.node_width**2
        radius = math.sqrt(volume / (math.pi * lymph.node_length))
        kind = SegmentKind.LYMPH_NODE
        self.rows.append(
            (inlet, outlet, kind, radius, lymph.node_length, station.inflow, station.name)
        )
        start = outlet
        for point in path:
            end = self._new_node(point)
            self.add_vessel(f"efferents of {station.name}", start, end, flow_rate=station.outflow)
            start = end
        self.add_vessel(f"efferents of {station.name}", start, onward, flow_rate=station.outflow)
        if station.fresh > 0.0:
            self.add_vessel(
                f"veins of {station.name}",
                outlet,
                self._nearest_vein(outlet),
                flow_rate=station.reabsorbed,
            )

    def add_duct(self, station: LymphStation) -> None:
        """Add a trunk or duct of its own calibre."""
        if station.vein:
            first = self.trunks.first_node
            if station.vein not in first:
                hint = near_name(station.vein, first)
                message = f"vein must be one of this body's vessels, got '{station.vein}'. {hint}"
                raise station.row.error(message)
            last = first[station.vein]
        else:
            last = self.inlet[station.next]
        radius = 0.5 * station.row.length("diameter_mm")
        nodes = [self.inlet[station.name]]
        nodes += [self._new_node(np.array(p)) for p in station.row.points("path_mm")]
        nodes.append(last)
        for start, end in itertools.pairwise(nodes):
            length = self._distance(start, end)
            kind = SegmentKind.LYMPHATIC
            self.rows.append((start, end, kind, radius, length, station.inflow, station.name))

    def _nearest_vein(self, node: int) -> int:
        step = self.trunks.node_position[self.vein_nodes] - self._position(node)
        square = step[:, 0] ** 2 + step[:, 1] ** 2 + step[:, 2] ** 2
        return int(self.vein_nodes[int(np.argmin(square))])

    def finish(self) -> Lymphatics:
        """Return the segments as arrays."""
        start, end, kind, radius, length, flow_rate, name = zip(*self.rows, strict=True)
        names = tuple(dict.fromkeys(name))
        place = {each: index for index, each in enumerate(names)}
        for row in self.rows:
            if not row[4] > 0.0:
                message = f"lymph vessels must have a length, got 0 m at '{row[6]}'. Move its ends."
                raise InputError(message)
        return Lymphatics(
            node_position=np.array(self.positions),
            start_node=np.array(start, dtype=np.int64),
            end_node=np.array(end, dtype=np.int64),
            kind=np.array(kind, dtype=np.int64),
            lumen_radius=np.array(radius),
            length=np.array(length),
            flow_rate=np.array(flow_rate),
            name=np.array([place[each] for each in name]),
            vessel_names=names,
        )


def collectors(
    network: VesselNetwork, organ: str, *, region: int | None = None
) -> npt.NDArray[np.int64]:
    """Return the first lymphatics of an organ, (n,) int64 segments; none where it has none.

    Parameters
    ----------
    network : VesselNetwork
        Of a grown body, or any other.
    organ : str
        By its name in the network.
    region : int, optional
        Index of the one region of the organ that is meant; all by default.
    """
    if organ not in network.organ_names:
        return np.zeros(0, dtype=np.int64)
    own = network.region[network.organ == network.organ_index(organ)]
    regions = np.unique(own) if region is None else [region]
    starts = tuple(_COLLECTOR.format(network.region_names[r]) for r in regions if r >= 0)
    names = [i for i, name in enumerate(network.vessel_names) if name.startswith(starts)]
    is_collector = network.is_kind(SegmentKind.LYMPHATIC) & np.isin(network.name, names)
    return np.flatnonzero(is_collector)
