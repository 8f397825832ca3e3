"""Measures of a vessel network: counts, calibres, volumes, orders, branching, coverage."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.vessels.bifurcations import find_bifurcations
from ctc.vessels.calibre import load_calibre_law, load_pulmonary_law
from ctc.vessels.collisions import count_collisions
from ctc.vessels.coverage import Coverage, measure_coverage
from ctc.vessels.distributions import SideDistributions, side_distributions
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.vessels.strahler import (
    Ordering,
    StrahlerTable,
    diameter_orders,
    strahler_orders,
    strahler_table,
)
from ctc.vessels.tree_side import TreeSide, path_lengths, tree_sides


@dataclass(frozen=True)
class SideMeasures:
    """One side of a network's trees: arteries, veins or portal veins.

    Attributes
    ----------
    n_segments, n_bifurcations : int
        Of the side.
    orders : StrahlerTable
        Of all its trees together.
    murray_residual_max : float
        Largest departure of a bifurcation from the branching law, with the exponent of the
        calibre law that fits best; NaN without a bifurcation inside a region.
    symmetry, area_ratio : float
        Medians of smaller over larger daughter radius, and daughters' over mother's area.
    angle, least_angle : float [rad]
        Medians between the daughters, and of what least volume and power would have.
    path_mean, path_deviation : float [m]
        From the root to the leaves.
    distributions : SideDistributions
        For charts.
    """

    n_segments: int
    n_bifurcations: int
    orders: StrahlerTable
    murray_residual_max: float
    symmetry: float
    area_ratio: float
    angle: float
    least_angle: float
    path_mean: float
    path_deviation: float
    distributions: SideDistributions

    def to_dict(self) -> dict[str, Any]:
        """Return the measures for JSON, less the charts'."""
        names = [field.name for field in dataclasses.fields(self)]
        values = {name: getattr(self, name) for name in names[:-1] if name != "orders"}
        table = self.orders
        rows = ("n_segments", "n_elements", "diameter", "diameter_deviation", "length")
        by_order = {name: getattr(table, name).tolist() for name in rows}
        return values | {"strahler": table.to_dict(), "by_order": by_order}


@dataclass(frozen=True)
class Morphometry:
    """What `measure_network` found.

    Attributes
    ----------
    n_nodes, n_segments, n_terminals : int
        Terminals are capillary beds; without any, the leaves of the arteries.
    kinds : dict
        By kind: count, and smallest, median and largest lumen radius and length [m], volume
        [m^3].
    organ_volumes : dict
        Blood held by organ [m^3]; ``between organs`` for the rest; organs without any are left
        out.
    out_degrees : dict
        Number of nodes by number of segments that leave them.
    sides : dict of str to SideMeasures
        ``arteries``, ``veins``, ``portal veins``, as far as there are any.
    systemic_small_vessels : float
        Share of the blood in arterioles and capillary beds outside the lungs; NaN unless the
        network is a whole body, with heart chambers.
    coverage : dict of str to Coverage
        By region whose territory is known.
    far_collisions, near_collisions : int
        Pairs of vessels of organ trees that overlap.
    hash : str
        Of the network.
    repairs : tuple of dict
        What was mended.
    """

    n_nodes: int
    n_segments: int
    n_terminals: int
    kinds: dict[str, dict[str, float]]
    organ_volumes: dict[str, float]
    out_degrees: dict[int, int]
    sides: dict[str, SideMeasures]
    systemic_small_vessels: float
    coverage: dict[str, Coverage]
    far_collisions: int
    near_collisions: int
    hash: str
    repairs: tuple[dict[str, Any], ...]

    @property
    def murray_residual_max(self) -> float:
        """Largest over all sides; NaN without a bifurcation."""
        residuals = [side.murray_residual_max for side in self.sides.values()]
        return max((r for r in residuals if np.isfinite(r)), default=float("nan"))

    def to_dict(self) -> dict[str, Any]:
        """Return the measures for JSON; ``strahler`` is that of the arteries."""
        plain = ("n_nodes", "n_segments", "n_terminals", "kinds", "organ_volumes", "out_degrees")
        values: dict[str, Any] = {name: getattr(self, name) for name in plain}
        values["murray_residual_max"] = self.murray_residual_max
        values["near_collisions"] = self.near_collisions
        values["far_collisions"] = self.far_collisions
        largest = [each.largest for each in self.coverage.values()]
        values["coverage_max"] = max(largest) if largest else None
        values["coverage"] = {k: dataclasses.asdict(v) for k, v in self.coverage.items()}
        values["systemic_small_vessels"] = self.systemic_small_vessels
        for key, name in (("strahler", "arteries"), ("strahler_veins", "veins")):
            side = self.sides.get(name)
            values[key] = side.orders.to_dict() if side else dict.fromkeys(("RB", "RD", "RL"))
        values["trees"] = {name: side.to_dict() for name, side in self.sides.items()}
        return values | {"hash": self.hash, "repairs": self.repairs}


def measure_network(
    network: VesselNetwork,
    *,
    territories: Mapping[str, Territory] | None = None,
    ordering: Ordering = Ordering.STRAHLER,
) -> Morphometry:
    """Measure a network.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow; else orders and branching law mean nothing.
    territories : mapping of str to Territory, optional
        By region, for coverage and volume fractions.
    ordering : Ordering
        How orders are given.

    Returns
    -------
    Morphometry
        In SI.
    """
    sides = tree_sides(network)
    n_beds = int(network.is_kind(SegmentKind.CAPILLARY_BED).sum())
    collisions = count_collisions(network)
    n_leaves = int(sides[0].is_leaf.sum()) if sides and sides[0].name == "arteries" else 0
    return Morphometry(
        n_nodes=network.n_nodes,
        n_segments=network.n_segments,
        n_terminals=n_beds or n_leaves,
        kinds=_by_kind(network),
        organ_volumes=_by_organ(network),
        out_degrees=_out_degrees(network),
        sides={side.name: _measure_side(network, side, ordering) for side in sides},
        systemic_small_vessels=_systemic_small_vessels(network),
        coverage=measure_coverage(network, territories or {}),
        far_collisions=collisions.far,
        near_collisions=collisions.near,
        hash=network.hash(),
        repairs=tuple(dataclasses.asdict(repair) for repair in network.repairs),
    )


def _measure_side(network: VesselNetwork, side: TreeSide, ordering: Ordering) -> SideMeasures:
    by_diameter = ordering is Ordering.DIAMETER
    order = diameter_orders(side) if by_diameter else strahler_orders(side)
    laws = (load_calibre_law(), load_pulmonary_law())
    forks = find_bifurcations(network, side, laws=laws)
    paths = path_lengths(side)[side.is_leaf]
    paths = paths[np.isfinite(paths)]
    residual = forks.residual[np.isfinite(forks.residual)]
    return SideMeasures(
        n_segments=side.segment.size,
        n_bifurcations=forks.mother.size,
        orders=strahler_table(side, order),
        murray_residual_max=float(residual.max()) if residual.size else float("nan"),
        symmetry=_median(forks.symmetry),
        area_ratio=_median(forks.area_ratio),
        angle=_median(forks.angle),
        least_angle=_median(forks.least_angle),
        path_mean=float(paths.mean()) if paths.size else float("nan"),
        path_deviation=float(paths.std()) if paths.size else float("nan"),
        distributions=side_distributions(side, forks),
    )


def _median(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else float("nan")


def _systemic_small_vessels(network: VesselNetwork) -> float:
    if not network.is_kind(SegmentKind.HEART_CHAMBER).any():
        return float("nan")
    small = network.is_kind(SegmentKind.ARTERIOLE, SegmentKind.CAPILLARY_BED)
    if "lung" in network.organ_names:
        small &= network.organ != network.organ_index("lung")
    return float(network.volume[small].sum() / network.volume.sum())


def _by_kind(network: VesselNetwork) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for kind in SegmentKind:
        member = network.is_kind(kind)
        if not member.any():
            continue
        row: dict[str, float] = {"count": int(member.sum())}
        for name in ("lumen_radius", "length"):
            values = getattr(network, name)[member]
            row[f"{name}_min"] = float(values.min())
            row[f"{name}_median"] = float(np.median(values))
            row[f"{name}_max"] = float(values.max())
        row["volume"] = float(network.volume[member].sum())
        found[kind.name.lower().replace("_", " ")] = row
    return found


def _by_organ(network: VesselNetwork) -> dict[str, float]:
    names = ("between organs", *network.organ_names)
    is_blood = ~network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    sums = np.bincount(
        network.organ[is_blood] + 1, weights=network.volume[is_blood], minlength=len(names)
    )
    return {name: float(value) for name, value in zip(names, sums, strict=True) if value > 0.0}


def _out_degrees(network: VesselNetwork) -> dict[int, int]:
    degree = np.bincount(np.bincount(network.start_node, minlength=network.n_nodes))
    return {i: int(count) for i, count in enumerate(degree) if count}
