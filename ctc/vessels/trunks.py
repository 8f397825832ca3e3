"""Named vessels between the heart and the organs, from a species' tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.plan import BodyPlan, Route, TrunkGroup
from ctc.body.table import Row, read_body_table
from ctc.checks import FloatArray
from ctc.errors import InputError, near_name
from ctc.vessels.trunk_routes import (
    NamedVessel,
    find_places,
    in_order,
    read_vessels,
    require_route,
)

_GROUPS = tuple(TrunkGroup)
# Veins are written from the heart outwards, as arteries are, and turned to the flow.
_VENOUS = (TrunkGroup.LARGE_VEINS, TrunkGroup.SUPERIOR_VENA_CAVA, TrunkGroup.INFERIOR_VENA_CAVA)
# Two places along a vessel closer than this part of it are one node.
_SAME_PLACE = 1e-9


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
        Turned to the flow as far as it can be told: in a loop, as drawn.
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
    first_node : dict of str to int
        By vessel, its end towards the heart (of the portal vein: towards the liver).
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
    first_node: dict[str, int]


def load_trunks(plan: BodyPlan) -> Trunks:
    """Lay out the trunks of a body and find where its regions hang on them.

    Parameters
    ----------
    plan : BodyPlan
        Whose species' tables ``trunks`` and ``ports`` to read; vessels that serve no region of
        this body are left out, but for those that join two others (loops).

    Returns
    -------
    Trunks
        Every branching is binary, but for vessels that join two others.

    Raises
    ------
    InputError
        If a region has no port, a port or a parent names no vessel, a route differs from the
        plan's, or three vessels leave one node; names file and row.
    """
    vessels = read_vessels(plan)
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
        require_route(vessels, ports[region.name], "vein", region.drainage)
        for supply in region.inflow:
            column = "portal" if supply is Route.PORTAL_VEIN else "artery"
            require_route(vessels, ports[region.name], column, supply)
    places = find_places(vessels, ports)
    vessels = {name: vessel for name, vessel in vessels.items() if places[name]}
    trunks = _lay_out(vessels, places, ports)
    joining = np.array([bool(vessels[name].joins) for name in trunks.vessel_names])
    _require_binary(trunks, joining[trunks.name], file=f"{plan.species}_trunks.csv")
    return trunks


def _lay_out(
    vessels: dict[str, NamedVessel], places: dict[str, list[float]], ports: dict[str, Row]
) -> Trunks:
    positions: list[FloatArray] = []
    segments: list[tuple[int, int, float, int, int]] = []
    for index, vessel in enumerate(in_order(vessels)):
        if vessel.parent:
            start = vessels[vessel.parent].node(vessel.at)
        else:
            positions.append(np.array(vessel.row.points("start_mm")[0]))
            start = len(positions) - 1
        last = vessels[vessel.joins].node(vessel.joins_at) if vessel.joins else -1
        joint = [positions[last]] if vessel.joins else []
        corners = np.array([positions[start], *vessel.row.points("path_mm"), *joint])
        cuts = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
        if not (cuts[1:] > cuts[:-1]).all() or cuts.size < 2:
            message = f"path_mm must lead on from point to point, got a halt at '{vessel.name}'."
            raise vessel.row.error(message)
        cuts /= cuts[-1]
        along = np.unique(np.concatenate([cuts, places[vessel.name]]))
        along = along[np.concatenate([[True], np.diff(along) > _SAME_PLACE])]
        # Beyond the last thing that leaves it a vessel would be a dead end.
        along = along[along <= max(places[vessel.name]) + _SAME_PLACE]
        points = np.stack([np.interp(along, cuts, corners[:, axis]) for axis in range(3)], axis=1)
        vessel.node_at[0.0] = start
        group = _GROUPS.index(vessel.group)
        radius = 0.5 * vessel.row.length("diameter_mm")
        for at, point in zip(along[1:], points[1:], strict=True):
            if vessel.joins and at == along[-1]:
                end = last
            else:
                positions.append(point)
                end = len(positions) - 1
            vessel.node_at[float(at)] = end
            ends = (end, start) if vessel.group in _VENOUS else (start, end)
            segments.append((*ends, radius, group, index))
            start = end
    names = tuple(vessel.name for vessel in in_order(vessels))
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
        first_node={vessel.name: vessel.node_at[0.0] for vessel in vessels.values()},
    )


def _port(vessels: dict[str, NamedVessel], row: Row) -> Port:
    def node(column: str) -> int:
        name = row.text(column)
        return vessels[name].node(row.number(f"{column}_at")) if name else -1

    return Port(
        artery_node=node("artery"),
        vein_node=node("vein"),
        portal_node=node("portal"),
        artery_name=row.text("artery_name"),
        vein_name=row.text("vein_name"),
    )


def _require_binary(trunks: Trunks, is_joining: npt.NDArray[np.bool_], *, file: str) -> None:
    """Raise InputError where more than two segments leave a node, those of trees included.

    Vessels that join two others do not count: which way blood runs in them is not known yet.
    """
    leaving = [trunks.start_node[~is_joining]]
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
