"""A whole-body network from tables: read, mended, closed through a heart, with capillary beds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.body.organ import TrunkGroup
from ctc.body.plan import BodyPlan, load_body_plan
from ctc.checks import FloatArray, IntArray
from ctc.vessels.heart import CHAMBERS
from ctc.vessels.network import NO_NAME, NO_ORGAN, Repair, SegmentKind, VesselNetwork, tube_volume
from ctc.vessels.repair import repair_tables, require_boundaries, require_sound
from ctc.vessels.tables import (
    AORTIC_ROOT,
    BOUNDARIES,
    CAVA_OUTLET,
    PULMONARY_OUTLET,
    PULMONARY_ROOT,
    TREES,
    VesselTables,
    organ_of_region,
    parse_tables,
)

# Tables say nothing of the capillaries and heart of their body: those of this plan are taken.
BODY_OF_TABLES = "human_male"
_OTHER = "other"


@dataclass(frozen=True)
class ImportedNetwork:
    """A network from tables with what else they say.

    Attributes
    ----------
    network : VesselNetwork
        Closed through four heart chambers; links are capillary beds, directed from artery to
        vein, other segments in no direction yet.
    near_organs : mapping of str to (n,) int32
        Nodes that lie beside an organ, left and right apart, by its name; an organ's cells may
        enter there.
    flow_targets : mapping of str to float
        Share of the cardiac output by region; empty if the tables have none.
    cardiac_output : float [m^3/s]
        Of the body plan that beds and heart were taken from.
    """

    network: VesselNetwork
    near_organs: Mapping[str, IntArray]
    flow_targets: Mapping[str, float]
    cardiac_output: float

    def is_near(self, region: str) -> npt.NDArray[np.bool_]:
        """Return (n_nodes,) bool, true for the nodes beside an organ."""
        near = np.zeros(self.network.n_nodes, dtype=bool)
        near[self.near_organs[region]] = True
        return near


def read_tables(folder: Path, *, repair: bool = True) -> ImportedNetwork:
    """Read a whole-body network from the CSV tables of a folder and close its loop.

    Parameters
    ----------
    folder : Path
        Holds ``nodes.csv``, ``segments.csv`` and perhaps ``organ_flow_targets.csv``; see
        `ctc.vessels.tables.parse_tables`.
    repair : bool
        Mend by the rules of `ctc.vessels.repair.repair_tables`, recorded in the network; if
        false, tables that need it are refused.

    Returns
    -------
    ImportedNetwork
        The conductance of every vessel and link is that of the tables.

    Raises
    ------
    InputError
        Names file, line or segment, value, rule and remedy.
    """
    tables = parse_tables(Path(folder))
    require_boundaries(tables)
    repairs: tuple[Repair, ...] = ()
    if repair:
        tables, repairs = repair_tables(tables)
        require_boundaries(tables)
    require_sound(tables)
    return _close(tables, repairs, load_body_plan(BODY_OF_TABLES))


def _close(tables: VesselTables, repairs: tuple[Repair, ...], plan: BodyPlan) -> ImportedNetwork:
    parts = _Parts(tables)
    heart_volume = {
        group: plan.blood_volume * plan.trunk_volume_fractions[group]
        for group in (TrunkGroup.RIGHT_HEART, TrunkGroup.LEFT_HEART)
    }
    for outlets, root, group, names in (
        (CAVA_OUTLET, PULMONARY_ROOT, TrunkGroup.RIGHT_HEART, CHAMBERS[:2]),
        (PULMONARY_OUTLET, AORTIC_ROOT, TrunkGroup.LEFT_HEART, CHAMBERS[2:]),
    ):
        parts.add_heart(outlets, root, volume=heart_volume[group], names=names)
    beds = tables.is_link
    region_names = tuple(sorted({name for name in tables.region if name}))
    region = np.asarray(
        [region_names.index(name) if name else NO_ORGAN for name in tables.region], dtype=np.int16
    )
    organ_names = tuple(dict.fromkeys(organ_of_region(name) for name in region_names))
    organ_of = np.asarray([organ_names.index(organ_of_region(name)) for name in region_names])
    organ = np.where(beds, organ_of[np.maximum(region, 0)], NO_ORGAN).astype(np.int16)
    tube = tube_volume(tables.radius, tables.length)
    lumen_radius, length, volume = tables.radius.copy(), tables.length.copy(), tube.copy()
    lumen_radius[beds], length[beds], volume[beds] = _bed_geometry(tables, plan)
    # A link's radius and length stand for its conductance; the bed keeps that.
    resistance_factor = (volume * np.square(lumen_radius / length)) / (
        tube * np.square(tables.radius / tables.length)
    )
    resistance_factor[~beds] = 1.0
    start, end = _artery_first(tables)
    links = Repair(
        "link_geometry",
        int(beds.sum()),
        f"links (radius up to {float(tables.radius[beds].max(initial=0.0)) * 1e3:.3g} mm, "
        f"{int((tables.length[beds] == 1e-3).sum())} of placeholder length 1 mm) made capillary "
        "beds of the same conductance",
    )
    joined = Repair(
        "heart", parts.n_added, "joining veins and heart chambers added to close the loop"
    )
    n_new = parts.n_added
    network = VesselNetwork(
        node_position=np.vstack([tables.node_position, *parts.positions]),
        start_node=np.append(start, parts.start),
        end_node=np.append(end, parts.end),
        lumen_radius=np.append(lumen_radius, parts.radius),
        length=np.append(length, parts.length),
        volume=np.append(volume, tube_volume(np.array(parts.radius), np.array(parts.length))),
        resistance_factor=np.append(resistance_factor, np.ones(n_new)),
        kind=np.append(_kinds(tables), parts.kind),
        organ=np.append(organ, np.full(n_new, NO_ORGAN)),
        region=np.append(region, np.full(n_new, NO_ORGAN)),
        name=np.append(np.full(tables.n_segments, NO_NAME), parts.name),
        organ_names=organ_names,
        region_names=region_names,
        vessel_names=CHAMBERS,
        origin=f"tables {Path(tables.folder).name}; beds and heart of {plan.name}",
        repairs=(*repairs, links, joined),
    )
    labels = sorted(set().union(*tables.near_organs))
    near = {
        label: np.asarray(
            [i for i, names in enumerate(tables.near_organs) if label in names], dtype=np.int32
        )
        for label in labels
    }
    return ImportedNetwork(network, near, tables.flow_targets, plan.cardiac_output)


class _Parts:
    """Nodes and segments that are added to tables to close the loop."""

    def __init__(self, tables: VesselTables) -> None:
        self._tables = tables
        self.positions: list[FloatArray] = []
        self.start: list[int] = []
        self.end: list[int] = []
        self.radius: list[float] = []
        self.length: list[float] = []
        self.kind: list[int] = []
        self.name: list[int] = []

    @property
    def n_added(self) -> int:
        return len(self.start)

    def add_heart(self, outlets: str, root: str, *, volume: float, names: tuple[str, ...]) -> None:
        """Join all outlets to one inlet and that, by atrium and ventricle, to the first root."""
        tables = self._tables
        drained = np.flatnonzero(tables.boundary == BOUNDARIES.index(outlets)).tolist()
        driven = int(np.flatnonzero(tables.boundary == BOUNDARIES.index(root))[0])
        inlet = drained[0]
        position = tables.node_position[drained].mean(axis=0)
        if len(drained) > 1:
            inlet = self._node(position)
            for outlet in drained:
                at_end = (tables.start_node == outlet) | (tables.end_node == outlet)
                width = float(tables.radius[at_end].max())
                step = tables.node_position[outlet] - position
                gap = float(np.sqrt(np.add.reduce(step * step)))
                self._segment(
                    outlet, inlet, length=max(gap, width), radius=width, kind=SegmentKind.VEIN
                )
        middle = self._node((position + tables.node_position[driven]) / 2)
        # A chamber is drawn as a tube as long as it is wide.
        chamber = volume / len(names)
        long = float(np.cbrt(4.0 * chamber / np.pi))
        wide = long / 2.0
        for start, end, name in ((inlet, middle, names[0]), (middle, driven, names[1])):
            self._segment(
                start,
                end,
                length=long,
                radius=wide,
                kind=SegmentKind.HEART_CHAMBER,
                name=CHAMBERS.index(name),
            )

    def _node(self, position: FloatArray) -> int:
        self.positions.append(position)
        return self._tables.n_nodes + len(self.positions) - 1

    def _segment(
        self,
        start: int,
        end: int,
        *,
        length: float,
        radius: float,
        kind: SegmentKind,
        name: int = NO_NAME,
    ) -> None:
        self.start.append(start)
        self.end.append(end)
        self.length.append(length)
        self.radius.append(radius)
        self.kind.append(int(kind))
        self.name.append(name)


def _bed_geometry(
    tables: VesselTables, plan: BodyPlan
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Bore radius, path length and volume of every link's bed."""
    known = {organ.name: organ.capillaries for organ in plan.organs}
    lungs = TREES.index("pulmonary_artery"), TREES.index("pulmonary_vein")
    links = np.flatnonzero(tables.is_link).tolist()
    is_lung = np.isin(tables.tree[tables.start_node], lungs)
    n_all = {side: int((tables.is_link & (is_lung == side)).sum()) for side in (False, True)}
    n_links: dict[str, int] = {}
    for i in links:
        n_links[tables.region[i]] = n_links.get(tables.region[i], 0) + 1
    bore, path, volume = np.empty(len(links)), np.empty(len(links)), np.empty(len(links))
    for row, i in enumerate(links):
        name = tables.region[i]
        bed = known.get(organ_of_region(name), known[_OTHER])
        share = 1.0 / n_all[bool(is_lung[i])]
        if name in tables.flow_targets:
            share = tables.flow_targets[name] / n_links[name]
        bore[row], path[row] = bed.bore / 2.0, bed.path_length
        volume[row] = share * plan.cardiac_output * bed.transit_time
    return bore, path, volume


def _kinds(tables: VesselTables) -> npt.NDArray[np.uint8]:
    arterial = tables.tree[tables.start_node] % 2 == 0
    kind = np.where(arterial, SegmentKind.ARTERY, SegmentKind.VEIN)
    return np.where(tables.is_link, SegmentKind.CAPILLARY_BED, kind).astype(np.uint8)


def _artery_first(tables: VesselTables) -> tuple[IntArray, IntArray]:
    """Return the ends of the segments, links turned so that they start at the artery."""
    turn = tables.is_link & (tables.tree[tables.start_node] % 2 == 1)
    start = np.where(turn, tables.end_node, tables.start_node)
    end = np.where(turn, tables.start_node, tables.end_node)
    return start.astype(np.int32), end.astype(np.int32)
