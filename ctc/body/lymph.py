"""LymphPlan: how much lymph each region forms, through which node stations it runs, in order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.body.circuit import SHARE_TOLERANCE
from ctc.body.plan import BodyPlan
from ctc.body.table import Row, read_body_table
from ctc.errors import InputError, near_name
from ctc.scenario.parameters import load_parameters


@dataclass(frozen=True)
class LymphSource:
    """Lymph that one region sends to its first station.

    Attributes
    ----------
    region, station : str
        From where to where.
    flow_rate : float [m^3/s]
        Formed in the region, before any node; > 0.
    """

    region: str
    station: str
    flow_rate: float


@dataclass(frozen=True)
class LymphStation:
    """A group of nodes, or a trunk or duct without nodes.

    Attributes
    ----------
    row : Row
        Where it is written: its place, path and calibre.
    name, next : str
        Its own, and of the one that its lymph goes on to; empty where it ends in a vein.
    vein : str
        Vessel at whose beginning towards the heart a last duct ends; empty elsewhere.
    n_nodes : int
        Lymph nodes; 0 for a duct.
    fresh, inflow, outflow : float [m^3/s]
        Lymph that comes from organs, that comes in all, and that goes on; the difference of the
        last two is what the nodes give back to their veins as water.
    """

    row: Row
    name: str
    next: str
    vein: str
    n_nodes: int
    fresh: float
    inflow: float
    outflow: float

    @property
    def reabsorbed(self) -> float:
        """Water that the nodes give back to their veins [m^3/s]."""
        return self.inflow - self.outflow


@dataclass(frozen=True)
class LymphPlan:
    """The lymph of one body.

    Attributes
    ----------
    sources : tuple of LymphSource
        In the order of the table.
    stations : tuple of LymphStation
        Each after those that drain into it; only those that lymph reaches.
    node_length, node_width : float [m]
        Long and short axis of one node.
    collector_speed : float [m/s]
        Mean speed of lymph in the vessels between stations.
    """

    sources: tuple[LymphSource, ...]
    stations: tuple[LymphStation, ...]
    node_length: float
    node_width: float
    collector_speed: float

    def station(self, name: str) -> LymphStation:
        """Return one station; InputError with the near name if there is none."""
        for station in self.stations:
            if station.name == name:
                return station
        known = [station.name for station in self.stations]
        message = f"station must be one of this body's, got '{name}'. {near_name(name, known)}"
        raise InputError(message)


def load_lymph_plan(plan: BodyPlan) -> LymphPlan:
    """Read the lymph of a body: its own shares, and the two tables of its species.

    Nodes give water back to their veins: efferent lymph of the dog's popliteal node has twice the
    protein of afferent lymph (PMC1193780). It is taken here that lymph loses its water in the
    first station that it meets and none in those after it, where colloid pressures are alike.

    Parameters
    ----------
    plan : BodyPlan
        With a table ``lymph`` in its file, and ``lymph_stations`` and ``lymph_sources`` of its
        layout. Nodes are as large as the body is long over that of the layout.

    Returns
    -------
    LymphPlan
        Whose flows balance at every station.

    Raises
    ------
    InputError
        If shares do not sum to 1, a name is unknown, stations lead in a circle, lymph enters a
        duct without having passed a node, or a row has neither or both of ``next`` and ``vein``.
    """
    numbers = load_parameters(f"bodies/{plan.name}")
    vessels = load_parameters("bodies/lymph_vessels")
    rows = {row.text("station"): row for row in read_body_table(plan, "lymph_stations")}
    sources = _sources(plan, rows, _organ_flows(plan))
    kept = 1.0 - numbers.value("lymph.reabsorbed_fraction")
    if not 0.0 < kept <= 1.0:
        message = f"reabsorbed_fraction must be in 0 .. 1, got {1.0 - kept:g}. Correct it."
        raise InputError(message, file=plan.name, key="lymph.reabsorbed_fraction")
    fresh: dict[str, list[float]] = {}
    for source in sources:
        fresh.setdefault(source.station, []).append(source.flow_rate)
    passed: dict[str, list[float]] = {}
    stations = []
    for name in _downstream(rows, list(fresh)):
        row = rows[name]
        own = math.fsum(fresh.get(name, []))
        before = math.fsum(passed.get(name, []))
        n_nodes = round(row.number("nodes"))
        outflow = before + kept * own
        stations.append(
            LymphStation(
                row=row,
                name=name,
                next=row.text("next"),
                vein=row.text("vein"),
                n_nodes=n_nodes,
                fresh=own,
                inflow=before + own,
                outflow=outflow,
            )
        )
        passed.setdefault(row.text("next"), []).append(outflow)
    return LymphPlan(
        sources=tuple(sources),
        stations=tuple(stations),
        node_length=vessels.value("node.length") * plan.layout.length,
        node_width=vessels.value("node.width") * plan.layout.length,
        collector_speed=vessels.value("collector.speed"),
    )


def _organ_flows(plan: BodyPlan) -> dict[str, float]:
    """Return the lymph that each organ forms [m^3/s]: by own shares, or those of the layout."""
    numbers = load_parameters(f"bodies/{plan.name}")
    total = numbers.value("lymph.pre_nodal")
    shares = {organ: each.value for organ, each in numbers.group("lymph.share").items()}
    if not shares and plan.layout.body != plan.name:
        shares = _shares_of_layout(plan)
    for organ in shares:
        plan.organ(organ)
    whole = math.fsum(shares.values())
    if not abs(whole - 1.0) <= SHARE_TOLERANCE or min(shares.values()) <= 0.0:
        message = f"lymph shares must be > 0 and sum to 1, got {whole!r}. Correct the shares."
        raise InputError(message, file=plan.name, key="lymph.share")
    return {organ: total * share for organ, share in shares.items()}


def _shares_of_layout(plan: BodyPlan) -> dict[str, float]:
    """Return the shares of the layout's body among the organs that this one has too."""
    group = load_parameters(f"bodies/{plan.layout.body}").group("lymph.share")
    names = {organ.name for organ in plan.organs}
    shares = {organ: each.value for organ, each in group.items() if organ in names}
    whole = math.fsum(shares.values())
    return {organ: share / whole for organ, share in shares.items()}


def _sources(
    plan: BodyPlan, rows: dict[str, Row], organ_flows: dict[str, float]
) -> list[LymphSource]:
    """Divide each organ's lymph over its regions by flow, and these over their stations."""
    regions = {
        region.name: (region.flow_fraction / organ.flow_fraction) * organ_flows[organ.name]
        for organ in plan.organs
        if organ.name in organ_flows
        for region in organ.regions
    }
    found: list[LymphSource] = []
    shares: dict[str, list[float]] = {name: [] for name in regions}
    for row in read_body_table(plan, "lymph_sources"):
        region, station = row.text("region"), row.text("station")
        if region not in regions:
            continue
        if station not in rows:
            hint = near_name(station, rows)
            message = f"station must be in the table of stations, got '{station}'. {hint}"
            raise row.error(message)
        if not rows[station].number("nodes") > 0:
            message = (
                f"lymph must first reach nodes, got '{station}' for '{region}'. Add a station."
            )
            raise row.error(message)
        share = row.number("share")
        if not 0.0 < share <= 1.0:
            message = f"share must be in 0 .. 1, got {share:g} at '{region}'."
            raise row.error(message)
        shares[region].append(share)
        found.append(LymphSource(region, station, share * regions[region]))
    for region, parts in shares.items():
        if not abs(math.fsum(parts) - 1.0) <= SHARE_TOLERANCE:
            message = (
                f"shares of a region's lymph must sum to 1, got {math.fsum(parts)!r} at '{region}'."
                " Correct or add its rows."
            )
            raise InputError(message, file=f"{plan.species}_lymph_sources.csv")
    return found


def _downstream(rows: dict[str, Row], first: list[str]) -> list[str]:
    """Return the stations that lymph reaches, each after all that drain into it."""
    reached: dict[str, None] = {}
    for entered in first:
        name = entered
        while name and name not in reached:
            reached[name] = None
            row = rows[name]
            onward, vein = row.text("next"), row.text("vein")
            if bool(onward) == bool(vein) or (onward and onward not in rows):
                hint = near_name(onward, rows) if onward else "Name one of them."
                message = (
                    f"station must have a known next one, or else a vein, got '{onward}' and "
                    f"'{vein}' at '{name}'. {hint}"
                )
                raise row.error(message)
            name = onward
    waiting = dict.fromkeys(reached, 0)
    for name in reached:
        if rows[name].text("next"):
            waiting[rows[name].text("next")] += 1
    order: list[str] = []
    ready = [name for name, n_before in waiting.items() if n_before == 0]
    while ready:
        name = ready.pop(0)
        order.append(name)
        onward = rows[name].text("next")
        if onward:
            waiting[onward] -= 1
            if waiting[onward] == 0:
                ready.append(onward)
    if len(order) < len(reached):
        stuck = next(name for name in reached if name not in order)
        message = f"stations must lead to a vein, got a circle through '{stuck}'. Break it."
        raise rows[stuck].error(message)
    return order
