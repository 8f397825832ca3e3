"""Named vessels between the heart and the organs, from a species' tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ctc.body.plan import BodyPlan, Route, TrunkGroup
from ctc.body.table import Row, read_body_table
from ctc.checks import FloatArray
from ctc.errors import InputError, near_name

_GROUPS = tuple(TrunkGroup)
# Veins are written from the heart outwards, as arteries are, and turned to the flow.
_VENOUS = (TrunkGroup.LARGE_VEINS, TrunkGroup.SUPERIOR_VENA_CAVA, TrunkGroup.INFERIOR_VENA_CAVA)
# Two places along a vessel closer than this part of it are one node.
_SAME_PLACE = 1e-9

# The vessels that a route of the body plan runs through.
_ROUTE_VESSEL = {
    Route.PORTAL_VEIN: "portal vein",
    Route.SUPERIOR_VENA_CAVA: "superior vena cava",
    Route.INFERIOR_VENA_CAVA: "inferior vena cava",
    Route.RIGHT_ATRIUM: "right atrium",
    Route.LEFT_ATRIUM: "left atrium",
    Route.AORTA: "aortic root",
    Route.PULMONARY_ARTERY: "pulmonary trunk",
}


@dataclass(frozen=True)
class Port:
    """Where a region's trees hang on the trunks.

    Attributes
    ----------
    artery_node, vein_node : int
        Node that the artery leaves from and the vein leads to.
    portal_node : int
        Node that the portal tree leaves from; -1 without one.
    artery_name, vein_name : str
        Of the trees' root segments; empty if they bear none.
    """

    artery_node: int
    vein_node: int
    portal_node: int
    artery_name: str
    vein_name: str


@dataclass(frozen=True)
class Trunks:
    """Named vessels as drawn: positions, calibres before they are scaled to the blood volumes.

    Attributes
    ----------
    node_position : (n_nodes, 3) float64 [m]
        x to the left, y to the back, z up.
    start_node, end_node : (n_segments,) int64
        Turned to the flow.
    lumen_radius, length : (n_segments,) float64 [m]
        As drawn.
    group : (n_segments,) int64
        Index into `TrunkGroup`.
    name : (n_segments,) int64
        Index into `vessel_names`.
    vessel_names : tuple of str
        In the order of the table.
    ports : dict of str to Port
        By region.
    """

    node_position: FloatArray
    start_node: npt.NDArray[np.int64]
    end_node: npt.NDArray[np.int64]
    lumen_radius: FloatArray
    length: FloatArray
    group: npt.NDArray[np.int64]
    name: npt.NDArray[np.int64]
    vessel_names: tuple[str, ...]
    ports: dict[str, Port]


@dataclass
class _Vessel:
    row: Row
    name: str
    parent: str
    at: float
    group: TrunkGroup
    node_at: dict[float, int] = field(default_factory=dict)


def load_trunks(plan: BodyPlan) -> Trunks:
    """Lay out the trunks of a body and find where its regions hang on them.

    Parameters
    ----------
    plan : BodyPlan
        Whose species' tables ``trunks`` and ``ports`` to read; vessels that serve no region of
        this body are left out.

    Returns
    -------
    Trunks
        Every branching is binary.

    Raises
    ------
    InputError
        If a region has no port, a port or a parent names no vessel, a route differs from the
        plan's, or three vessels leave one node; names file and row.
    """
    vessels = {v.name: v for v in map(_vessel, read_body_table(plan, "trunks"))}
    wanted = {region.name for region in plan.regions}
    ports = {
        row.text("region"): row
        for row in read_body_table(plan, "ports")
        if row.text("region") in wanted
    }
    for region in plan.regions:
        if region.name not in ports:
            hint = near_name(region.name, ports)
            message = f"region must have a port, got none for '{region.name}'. {hint}"
            raise InputError(message, file=f"{plan.species}_ports.csv")
        _require_route(vessels, ports[region.name], "vein", region.drainage)
        for supply in region.inflow:
            column = "portal" if supply is Route.PORTAL_VEIN else "artery"
            _require_route(vessels, ports[region.name], column, supply)
    places = _places(vessels, ports)
    vessels = {name: vessel for name, vessel in vessels.items() if places[name]}
    trunks = _lay_out(vessels, places, ports)
    _require_binary(trunks, file=f"{plan.species}_trunks.csv")
    return trunks


def _vessel(row: Row) -> _Vessel:
    word = row.text("group")
    known = [group.value for group in TrunkGroup]
    if word not in known:
        message = f"group must be a known one, got '{word}'. {near_name(word, known)}"
        raise row.error(message)
    parent = row.text("parent")
    at = row.number("at") if parent else 0.0
    return _Vessel(row, row.text("vessel"), parent, at, TrunkGroup(word))


def _ancestors(vessels: dict[str, _Vessel], name: str, row: Row) -> Iterator[str]:
    for _ in range(len(vessels) + 1):
        if name not in vessels:
            hint = near_name(name, vessels)
            message = f"vessel must be in the table of trunks, got '{name}'. {hint}"
            raise row.error(message)
        yield name
        name = vessels[name].parent
        if not name:
            return
    message = f"vessel must lead to the heart, got a circle through '{name}'."
    raise row.error(message)


def _require_route(vessels: dict[str, _Vessel], row: Row, column: str, route: Route) -> None:
    name = row.text(column)
    if _ROUTE_VESSEL[route] not in _ancestors(vessels, name, row):
        message = (
            f"{column} must lie on the plan's route '{route.value}', got '{name}' for "
            f"'{row.text('region')}'. Move the port or correct the plan."
        )
        raise row.error(message)


def _places(vessels: dict[str, _Vessel], ports: dict[str, Row]) -> dict[str, list[float]]:
    """Return where along each vessel something leaves that leads to a region."""
    places: dict[str, list[float]] = {name: [] for name in vessels}
    for row in ports.values():
        for column in ("artery", "vein", "portal"):
            name = row.text(column)
            if not name:
                continue
            chain = list(_ancestors(vessels, name, row))
            places[name].append(row.number(f"{column}_at"))
            for child, parent in itertools.pairwise(chain):
                places[parent].append(vessels[child].at)
    for name, along in places.items():
        bad = [at for at in along if not 0.0 <= at <= 1.0]
        if bad:
            message = f"place must be in 0 .. 1 along the vessel, got {bad[0]:g} on '{name}'."
            raise vessels[name].row.error(message)
    return places


def _lay_out(
    vessels: dict[str, _Vessel], places: dict[str, list[float]], ports: dict[str, Row]
) -> Trunks:
    positions: list[FloatArray] = []
    segments: list[tuple[int, int, float, int, int]] = []
    for index, vessel in enumerate(_heart_first(vessels)):
        if vessel.parent:
            start = _node(vessels[vessel.parent], vessel.at)
        else:
            positions.append(np.array(vessel.row.points("start_mm")[0]))
            start = len(positions) - 1
        corners = np.array([positions[start], *vessel.row.points("path_mm")])
        cuts = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
        cuts /= cuts[-1]
        along = np.unique(np.concatenate([cuts, places[vessel.name]]))
        along = along[np.concatenate([[True], np.diff(along) > _SAME_PLACE])]
        points = np.stack([np.interp(along, cuts, corners[:, axis]) for axis in range(3)], axis=1)
        vessel.node_at[0.0] = start
        group = _GROUPS.index(vessel.group)
        radius = 0.5 * vessel.row.length("diameter_mm")
        for at, point in zip(along[1:], points[1:], strict=True):
            positions.append(point)
            end = len(positions) - 1
            vessel.node_at[float(at)] = end
            ends = (end, start) if vessel.group in _VENOUS else (start, end)
            segments.append((*ends, radius, group, index))
            start = end
    names = tuple(vessel.name for vessel in _heart_first(vessels))
    node_position = np.array(positions)
    start_node = np.array([s[0] for s in segments])
    end_node = np.array([s[1] for s in segments])
    return Trunks(
        node_position=node_position,
        start_node=start_node,
        end_node=end_node,
        lumen_radius=np.array([s[2] for s in segments]),
        length=np.linalg.norm(node_position[end_node] - node_position[start_node], axis=1),
        group=np.array([s[3] for s in segments]),
        name=np.array([s[4] for s in segments]),
        vessel_names=names,
        ports={region: _port(vessels, row) for region, row in ports.items()},
    )


def _heart_first(vessels: dict[str, _Vessel]) -> list[_Vessel]:
    """Return the vessels in table order, parents before what leaves them."""
    done: dict[str, _Vessel] = {}
    while len(done) < len(vessels):
        for name, vessel in vessels.items():
            if name not in done and (not vessel.parent or vessel.parent in done):
                done[name] = vessel
    return list(done.values())


def _node(vessel: _Vessel, at: float) -> int:
    return min(vessel.node_at.items(), key=lambda item: abs(item[0] - at))[1]


def _port(vessels: dict[str, _Vessel], row: Row) -> Port:
    def node(column: str) -> int:
        name = row.text(column)
        return _node(vessels[name], row.number(f"{column}_at")) if name else -1

    return Port(
        artery_node=node("artery"),
        vein_node=node("vein"),
        portal_node=node("portal"),
        artery_name=row.text("artery_name"),
        vein_name=row.text("vein_name"),
    )


def _require_binary(trunks: Trunks, *, file: str) -> None:
    """Raise InputError where more than two segments leave a node, those of trees included."""
    leaving = [trunks.start_node]
    leaving += [np.array([port.artery_node]) for port in trunks.ports.values()]
    leaving += [np.array([port.portal_node]) for port in trunks.ports.values()]
    nodes = np.concatenate(leaving)
    out_degree = np.bincount(nodes[nodes >= 0], minlength=len(trunks.node_position))
    if out_degree.max() > 2:
        node = int(np.argmax(out_degree))
        segment = int(np.flatnonzero((trunks.start_node == node) | (trunks.end_node == node))[0])
        message = (
            f"branching must be binary, got {out_degree[node]} vessels that leave one node of "
            f"'{trunks.vessel_names[trunks.name[segment]]}'. Let one leave elsewhere along it."
        )
        raise InputError(message, file=file)
