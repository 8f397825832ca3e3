"""Which named vessels a body has, how they hang together, and where something leaves them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from ctc.body.plan import BodyPlan, Route, TrunkGroup
from ctc.body.table import Row, read_body_table
from ctc.errors import near_name

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


@dataclass
class NamedVessel:
    """One row of the table of trunks.

    Attributes
    ----------
    row : Row
        Where it is written.
    name, parent : str
        Of the vessel and of the one that it leaves; a vessel without parent starts in space.
    at : float
        Where along the parent, 0 .. 1.
    joins : str
        Vessel in which the far end ends; empty where it ends at its last point.
    joins_at : float
        Where along that one, 0 .. 1.
    group : TrunkGroup
        Whose blood it holds.
    node_at : dict of float to int
        Nodes along it, once it is laid out.
    """

    row: Row
    name: str
    parent: str
    at: float
    joins: str
    joins_at: float
    group: TrunkGroup
    node_at: dict[float, int] = field(default_factory=dict)

    def node(self, at: float) -> int:
        """Return the node nearest to a place along the vessel."""
        return min(self.node_at.items(), key=lambda item: abs(item[0] - at))[1]


def read_vessels(plan: BodyPlan) -> dict[str, NamedVessel]:
    """Return the rows of the species' table of trunks by name.

    Raises
    ------
    InputError
        If a name stands twice, a group is unknown or a place is no number; names file and row.
    """
    vessels: dict[str, NamedVessel] = {}
    known = [group.value for group in TrunkGroup]
    for row in read_body_table(plan, "trunks"):
        word = row.text("group")
        if word not in known:
            message = f"group must be a known one, got '{word}'. {near_name(word, known)}"
            raise row.error(message)
        name, parent, joins = (row.text(column) for column in ("vessel", "parent", "joins"))
        if name in vessels:
            message = f"vessel must be named once, got '{name}' twice. Rename or drop one."
            raise row.error(message)
        vessels[name] = NamedVessel(
            row=row,
            name=name,
            parent=parent,
            at=row.number("at") if parent else 0.0,
            joins=joins,
            joins_at=row.number("joins_at") if joins else 0.0,
            group=TrunkGroup(word),
        )
    return vessels


def ancestors(vessels: dict[str, NamedVessel], name: str, row: Row) -> Iterator[str]:
    """Yield a vessel, its parent and so on to the heart; InputError of that row if none is."""
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


def require_route(vessels: dict[str, NamedVessel], row: Row, column: str, route: Route) -> None:
    """Raise InputError unless a port's vessel lies on the route that the plan says."""
    name = row.text(column)
    if _ROUTE_VESSEL[route] not in ancestors(vessels, name, row):
        message = (
            f"{column} must lie on the plan's route '{route.value}', got '{name}' for "
            f"'{row.text('region')}'. Move the port or correct the plan."
        )
        raise row.error(message)


def find_places(vessels: dict[str, NamedVessel], ports: dict[str, Row]) -> dict[str, list[float]]:
    """Return where along each vessel something leaves that leads to a region or to a joint.

    A vessel without such a place carries nothing. One that joins another carries what the
    difference of pressure between its two ends makes it carry, so it always counts.
    """
    places: dict[str, list[float]] = {name: [] for name in vessels}

    def mark(name: str, at: float, row: Row) -> None:
        chain = list(ancestors(vessels, name, row))
        places[name].append(at)
        for child, parent in itertools.pairwise(chain):
            places[parent].append(vessels[child].at)

    for row in ports.values():
        for column in ("artery", "vein", "portal"):
            if row.text(column):
                mark(row.text(column), row.number(f"{column}_at"), row)
    for name, vessel in vessels.items():
        if vessel.joins:
            mark(name, 1.0, vessel.row)
            mark(vessel.joins, vessel.joins_at, vessel.row)
    for name, along in places.items():
        bad = [at for at in along if not 0.0 <= at <= 1.0]
        if bad:
            message = f"place must be in 0 .. 1 along the vessel, got {bad[0]:g} on '{name}'."
            raise vessels[name].row.error(message)
    return places


def in_order(vessels: dict[str, NamedVessel]) -> list[NamedVessel]:
    """Return the vessels in table order, each after those that it leaves and joins.

    Raises
    ------
    InputError
        If vessels join one another in a circle, so that none can be drawn first.
    """
    done: dict[str, NamedVessel] = {}
    while len(done) < len(vessels):
        n_done = len(done)
        for name, vessel in vessels.items():
            needed = {vessel.parent, vessel.joins} - {""}
            if name not in done and needed <= done.keys():
                done[name] = vessel
        if len(done) == n_done:
            left = next(vessel for name, vessel in vessels.items() if name not in done)
            message = (
                f"vessels must not join one another in a circle, got one through '{left.name}'. "
                "Let one of them start where it joins."
            )
            raise left.row.error(message)
    return list(done.values())
