"""The grown network of a whole body: trunks, and in every region trees joined by capillary beds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_growth import MemberTree
from ctc.body.plan import BodyPlan, TrunkGroup
from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.memory import require_memory
from ctc.scenario.parameters import load_parameters
from ctc.vessels.blood_budget import blood_budget
from ctc.vessels.calibre import group_factors
from ctc.vessels.lymphatics import append_lymphatics
from ctc.vessels.network import NO_NAME, NO_ORGAN, SegmentKind, VesselNetwork, tube_volume
from ctc.vessels.region_trees import LongArray, RegionTrees, grow_region_trees
from ctc.vessels.segment_table import SegmentTable
from ctc.vessels.terminals import share_terminals
from ctc.vessels.trunks import Port, Trunks, load_trunks

# Peak of growth and flow with its rheology: 2,300 measured in a body of 200,000 terminals.
_BYTES_PER_TERMINAL = 3000.0
_CHAMBERS = (TrunkGroup.RIGHT_HEART, TrunkGroup.LEFT_HEART)
_ARTERIAL = (TrunkGroup.AORTA, TrunkGroup.LARGE_ARTERIES, TrunkGroup.PULMONARY_ARTERY)


def build_body_network(
    plan: BodyPlan,
    *,
    n_terminals: int,
    seed: int,
    territories: Mapping[str, Territory] | None = None,
    only: Collection[str] = (),
    threads: int | None = None,
) -> VesselNetwork:
    """Grow the vessels of a whole body.

    Trunks first (heart chambers, named arteries and veins), then region after region: the
    arterial tree depth first with each capillary bed after its arteriole, the portal tree if
    there is one, and the venous tree depth first from its outlet; all trees of a region share
    their topology and begin with the segment between port and hilum. Daughters lie side by side.
    A portal tree's branches are all of kind VEIN, so VENULE means what follows a bed.

    Parameters
    ----------
    plan : BodyPlan
        Which body.
    n_terminals : int
        Capillary beds in the whole body; there are about five segments to each.
    seed : int
        >= 0. The same seed gives the same network.
    territories : mapping of str to Territory, optional
        By region, instead of the plan's own shapes.
    only : collection of str, optional
        Regions that share `n_terminals`; the others get the fewest that they may have.
    threads : int, optional
        All cores when left out; the network is the same for any number.

    Returns
    -------
    VesselNetwork
        Directed with the flow; its volume is the plan's to rounding, so is every organ's and
        every group of trunks. All resistance factors are 1.

    Raises
    ------
    InputError
        If there are too few terminals, a table of the species is wrong, or an organ's beds
        hold more blood than the organ.

    Notes
    -----
    Terminals of a region carry equal flow by design; the solved flow differs a little. A
    terminal stands for thousands of capillaries, so arterioles and venules of a coarse network
    are as wide as the small vessels that they stand for together.
    """
    if seed < 0:
        message = f"seed must be >= 0, got {seed}. Choose another."
        raise InputError(message)
    require_memory(
        _BYTES_PER_TERMINAL * n_terminals,
        what=f"a body of {n_terminals:,} terminals",
        remedy="Ask for fewer.",
    )
    numbers = load_parameters("bodies/vessel_growth")
    trunks = load_trunks(plan)
    budget = blood_budget(plan)
    ports = [trunks.ports[region.name] for region in plan.regions]
    fewest = round(numbers.value("terminals.fewest"))
    wanted = np.array([not only or region.name in only for region in plan.regions])
    count = np.full(wanted.size, fewest, dtype=np.int64)
    count[wanted] = share_terminals(
        np.array([region.flow_fraction for region in plan.regions])[wanted],
        n_terminals,
        power=numbers.value("terminals.flow_power"),
        fewest=fewest,
    )
    trees = grow_region_trees(
        plan,
        count,
        budget=budget,
        arterial_port=trunks.node_position[[port.artery_node for port in ports]],
        portal_port=trunks.node_position[[port.portal_node for port in ports]],
        venous_port=trunks.node_position[[port.vein_node for port in ports]],
        seed=seed,
        territories=territories,
        threads=threads,
    )
    n_arterial, n_venous = 3 * count, 2 * count
    n_portal = np.where(budget.has_portal, n_venous, 0)
    size = n_arterial + n_portal + n_venous
    n_trunks = trunks.start_node.size
    arterial_first = n_trunks + np.cumsum(size) - size
    venous_first = arterial_first + n_arterial + n_portal

    table = SegmentTable.empty(n_trunks + int(size.sum()))
    table.put(slice(n_trunks, None), region=np.repeat(np.arange(count.size), size))
    table.put(slice(n_trunks, None), organ=np.repeat(budget.organ, size))
    names = list(trunks.vessel_names)
    _put_trunks(table, trunks, plan)
    node_position = _put_trees(
        table,
        trees,
        trunks,
        ports=ports,
        first=(arterial_first, arterial_first + n_arterial, venous_first),
    )
    bed = table.kind == SegmentKind.CAPILLARY_BED
    capillaries = [organ.capillaries for organ in plan.organs]
    of_organ = table.organ[bed]
    table.put(~bed, volume=tube_volume(table.lumen_radius[~bed], table.length[~bed]))
    table.put(
        bed,
        volume=(budget.beds / count)[table.region[bed]],
        lumen_radius=np.array([0.5 * bore.bore for bore in capillaries])[of_organ],
        length=np.array([bore.path_length for bore in capillaries])[of_organ],
    )
    _name_roots(table, names, arterial_first, [port.artery_name for port in ports])
    _name_roots(table, names, venous_first, [port.vein_name for port in ports])
    network = VesselNetwork(
        node_position=node_position,
        **vars(table),
        resistance_factor=np.ones(table.kind.size),
        organ_names=tuple(organ.name for organ in plan.organs),
        region_names=tuple(region.name for region in plan.regions),
        vessel_names=tuple(names),
        origin=f"grown: body {plan.name}, {n_terminals} terminals, seed {seed}",
    )
    return append_lymphatics(network, plan, trunks)


def _put_trunks(table: SegmentTable, trunks: Trunks, plan: BodyPlan) -> None:
    """Fill the first segments: trunks, each group scaled to its share of the blood."""
    groups = list(TrunkGroup)
    volume = np.array([plan.trunk_volume_fractions[g] for g in groups]) * plan.blood_volume
    chambers = np.isin(trunks.group, [groups.index(g) for g in _CHAMBERS])
    drawn = np.where(chambers, 1.0, trunks.lumen_radius)
    # Chambers of one side of the heart hold equal volumes, so their calibre goes as 1/sqrt(L).
    drawn[chambers] /= np.sqrt(trunks.length[chambers] / trunks.length[chambers].mean())
    factor = group_factors(drawn, trunks.length, group=trunks.group, volume=volume)
    kind = np.full(trunks.group.size, SegmentKind.VEIN)
    kind[np.isin(trunks.group, [groups.index(g) for g in _ARTERIAL])] = SegmentKind.ARTERY
    kind[chambers] = SegmentKind.HEART_CHAMBER
    table.put(
        slice(0, trunks.group.size),
        start_node=trunks.start_node,
        end_node=trunks.end_node,
        lumen_radius=drawn * factor[trunks.group],
        length=trunks.length,
        kind=kind,
        name=trunks.name,
        organ=NO_ORGAN,
    )


def _put_trees(
    table: SegmentTable,
    trees: list[RegionTrees],
    trunks: Trunks,
    *,
    ports: list[Port],
    first: tuple[LongArray, LongArray, LongArray],
) -> FloatArray:
    """Fill the segments of all trees and the ends of the beds; return all node positions."""
    positions = [trunks.node_position]
    n_nodes = len(trunks.node_position)
    for region, port, *starts in zip(trees, ports, *first, strict=True):
        arterial_first, portal_first, venous_first = (int(start) for start in starts)
        grown, n = region.grown, region.n_nodes
        leaf = np.flatnonzero(grown.first_daughter < 0)
        artery = n_nodes + np.arange(n)
        vein = artery + n
        place: npt.NDArray[np.int64] = arterial_first + grown.place.astype(np.int64)
        kinds = (SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
        _put_tree(table, region, region.arterial, place=place, node=artery, kinds=kinds)
        table.start_node[place[0]] = port.artery_node
        table.put(
            arterial_first + grown.bed[leaf],
            start_node=artery[leaf],
            end_node=vein[leaf],
            kind=SegmentKind.CAPILLARY_BED,
        )
        place = venous_first + np.arange(n)
        kinds = (SegmentKind.VEIN, SegmentKind.VENULE)
        _put_tree(table, region, region.venous, place=place, node=vein, kinds=kinds)
        table.start_node[place[0]] = port.vein_node
        # Veins are grown from the outlet and run towards it.
        table.put(place, start_node=table.end_node[place], end_node=table.start_node[place])
        positions += [region.arterial.position, region.venous.position]
        n_nodes += 2 * n
        if region.portal is None:
            continue
        # A portal branch's last node is that of the arteriole at the same terminal.
        fork = grown.first_daughter >= 0
        branch = artery.copy()
        branch[fork] = n_nodes + np.arange(int(fork.sum()))
        place = portal_first + np.arange(n)
        kinds = (SegmentKind.VEIN, SegmentKind.VEIN)
        _put_tree(table, region, region.portal, place=place, node=branch, kinds=kinds)
        table.start_node[place[0]] = port.portal_node
        positions.append(region.portal.position[fork])
        n_nodes += int(fork.sum())
    return np.concatenate(positions)


def _put_tree(
    table: SegmentTable,
    region: RegionTrees,
    tree: MemberTree,
    *,
    place: npt.NDArray[np.integer[Any]],
    node: LongArray,
    kinds: tuple[SegmentKind, SegmentKind],
) -> None:
    """Fill segments that run away from the root; the second kind is that of the leaves."""
    grown = region.grown
    table.put(
        place,
        # That of the first segment is a port, filled by the caller.
        start_node=node[np.maximum(grown.parent, 0)],
        end_node=node,
        lumen_radius=tree.lumen_radius,
        length=tree.length,
        kind=np.where(grown.first_daughter < 0, kinds[1], kinds[0]),
    )


def _name_roots(
    table: SegmentTable, names: list[str], place: LongArray, root_names: list[str]
) -> None:
    """Give the root segments their names; an empty one stays nameless."""
    for segment, name in zip(place, root_names, strict=True):
        if not name:
            table.name[segment] = NO_NAME
            continue
        if name not in names:
            names.append(name)
        table.name[segment] = names.index(name)
