"""Measures of a vessel network: counts, calibres, volumes, orders, branching law."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, IntArray
from ctc.vessels.calibre import load_calibre_law, load_pulmonary_law
from ctc.vessels.network import SegmentKind, VesselNetwork

_ARTERIAL = (SegmentKind.ARTERY, SegmentKind.ARTERIOLE)
_VENOUS = (SegmentKind.VEIN, SegmentKind.VENULE)


@dataclass(frozen=True)
class StrahlerRatios:
    """Ratios between consecutive Strahler orders of the trees of one side.

    Attributes
    ----------
    n_orders : int
        Highest order.
    branching, diameter, length : float
        Of element counts (falling), mean diameters and mean element lengths (rising): log-linear
        fits with the highest order left out; NaN with fewer than three orders.
    """

    n_orders: int
    branching: float
    diameter: float
    length: float

    def to_dict(self) -> dict[str, float | None]:
        """Return the customary short names; None where there is no ratio."""
        ratios = {"RB": self.branching, "RD": self.diameter, "RL": self.length}
        return {"orders": self.n_orders} | {k: _or_none(v) for k, v in ratios.items()}


@dataclass(frozen=True)
class Morphometry:
    """What `measure_network` found.

    Attributes
    ----------
    n_nodes, n_segments, n_terminals : int
        Terminals are capillary beds.
    kinds : dict
        By kind: count, and smallest, median and largest lumen radius and length [m], volume
        [m^3].
    organ_volumes : dict
        Blood held by organ [m^3]; ``between organs`` for the rest.
    out_degrees : dict
        Number of nodes by number of segments that leave them.
    murray_residual_max : float
        Largest |(r1^g + r2^g) / r0^g - 1| over the bifurcations of organ trees, g the exponent
        of the calibre law that fits best; NaN without such a bifurcation.
    arteries, veins : StrahlerRatios
        Of all trees together, elements of one order being runs of segments.
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
    murray_residual_max: float
    arteries: StrahlerRatios
    veins: StrahlerRatios
    hash: str
    repairs: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the measures for JSON; ``strahler`` is that of the arteries."""
        values = dataclasses.asdict(self)
        values["murray_residual_max"] = _or_none(self.murray_residual_max)
        values["strahler"] = self.arteries.to_dict()
        values["strahler_veins"] = self.veins.to_dict()
        del values["arteries"], values["veins"]
        return values


def measure_network(network: VesselNetwork) -> Morphometry:
    """Measure a network.

    Parameters
    ----------
    network : VesselNetwork
        Directed with the flow; else orders and branching law mean nothing.

    Returns
    -------
    Morphometry
        In SI.
    """
    return Morphometry(
        n_nodes=network.n_nodes,
        n_segments=network.n_segments,
        n_terminals=int(network.is_kind(SegmentKind.CAPILLARY_BED).sum()),
        kinds=_by_kind(network),
        organ_volumes=_by_organ(network),
        out_degrees=_out_degrees(network),
        murray_residual_max=murray_residual_max(network),
        arteries=strahler_ratios(network, is_arterial=True),
        veins=strahler_ratios(network, is_arterial=False),
        hash=network.hash(),
        repairs=tuple(dataclasses.asdict(repair) for repair in network.repairs),
    )


def murray_residual_max(network: VesselNetwork) -> float:
    """Return the largest departure of an organ tree's bifurcation from the branching law.

    The exponent depends on the calibre at which the tree was made, before its scaling to a
    blood volume; so each bifurcation is compared with the law's exponents and the nearest
    counts.
    """
    law = load_calibre_law()
    largest = np.nan
    for kinds, mother_end, daughter_end in (
        (_ARTERIAL, network.end_node, network.start_node),
        (_VENOUS, network.start_node, network.end_node),
    ):
        tree = np.flatnonzero(network.is_kind(*kinds) & (network.region >= 0))
        n_nodes = network.n_nodes
        mothers = np.bincount(mother_end[tree], minlength=n_nodes)
        daughters = np.bincount(daughter_end[tree], minlength=n_nodes)
        node = np.flatnonzero((mothers == 1) & (daughters == 2))
        if node.size == 0:
            continue
        radius_of = np.zeros(n_nodes)
        radius_of[mother_end[tree]] = network.lumen_radius[tree]
        nearest = np.full(node.size, np.inf)
        exponents = (law.exponent_large, law.exponent_small, law.exponent_arteriole)
        for g in (*exponents, load_pulmonary_law().exponent_large):
            sums = np.bincount(
                daughter_end[tree], weights=network.lumen_radius[tree] ** g, minlength=n_nodes
            )
            residual = np.abs(sums[node] / radius_of[node] ** g - 1.0)
            nearest = np.minimum(nearest, residual)
        largest = float(np.fmax(largest, nearest.max()))
    return largest


def strahler_orders(
    start_node: IntArray, end_node: IntArray, *, n_nodes: int
) -> npt.NDArray[np.int64]:
    """Strahler order of the segments of diverging trees.

    A segment without daughters has order 1; a mother has the highest order among her
    daughters, and one more where two of them share it.

    Parameters
    ----------
    start_node, end_node : (n_segments,) int32
        Directed away from the root.
    n_nodes : int
        Number of nodes.

    Returns
    -------
    (n_segments,) int64
        0 where a cycle or what lies upstream of one leaves no order.
    """
    waiting = np.bincount(start_node, minlength=n_nodes)
    highest = np.zeros(n_nodes, dtype=np.int64)
    n_highest = np.zeros(n_nodes, dtype=np.int64)
    order = np.zeros(start_node.size, dtype=np.int64)
    by_end = np.argsort(end_node, kind="stable")
    first = np.searchsorted(end_node[by_end], np.arange(n_nodes + 1))
    ready = np.flatnonzero(waiting == 0)
    while ready.size:
        counts = first[ready + 1] - first[ready]
        at = np.repeat(first[ready] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        segments = by_end[at + np.arange(counts.sum())]
        node = end_node[segments]
        order[segments] = np.maximum(highest[node] + (n_highest[node] > 1), 1)
        mother = start_node[segments]
        before = highest.copy()
        np.maximum.at(highest, mother, order[segments])
        n_highest[highest > before] = 0
        top = order[segments] == highest[mother]
        np.add.at(n_highest, mother[top], 1)
        np.subtract.at(waiting, mother, 1)
        ready = np.unique(mother[waiting[mother] == 0])
    return order


def strahler_ratios(network: VesselNetwork, *, is_arterial: bool) -> StrahlerRatios:
    """Return the ratios of all arteries, or of all veins, of a network directed with the flow.

    The portal trees of organs, which are veins that branch with the flow, are left out.
    """
    tree = network.is_kind(*_ARTERIAL) if is_arterial else _converging_veins(network)
    start, end = network.start_node[tree], network.end_node[tree]
    if not is_arterial:
        start, end = end, start
    order = strahler_orders(start, end, n_nodes=network.n_nodes)
    n_orders = int(order.max(initial=0))
    if n_orders < 3:
        return StrahlerRatios(n_orders, np.nan, np.nan, np.nan)
    order_above = np.zeros(network.n_nodes, dtype=np.int64)
    np.maximum.at(order_above, end, order)
    begins = order_above[start] != order
    levels = np.arange(1, n_orders)
    elements = np.bincount(order[begins], minlength=n_orders + 1)[levels]
    segments = np.bincount(order, minlength=n_orders + 1)[levels]
    diameter = _sums(order, 2.0 * network.lumen_radius[tree], n_orders)[levels] / segments
    length = _sums(order, network.length[tree], n_orders)[levels] / np.maximum(elements, 1)
    return StrahlerRatios(
        n_orders,
        branching=1.0 / _ratio(levels, elements.astype(np.float64)),
        diameter=_ratio(levels, diameter),
        length=_ratio(levels, length),
    )


def _converging_veins(network: VesselNetwork) -> npt.NDArray[np.bool_]:
    """Mark the veins whose blood reaches no bed of their own region."""
    veins = network.is_kind(*_VENOUS)
    leads_to_bed = np.zeros(network.n_nodes, dtype=bool)
    leads_to_bed[network.start_node[network.is_kind(SegmentKind.CAPILLARY_BED)]] = True
    branching = np.zeros(network.n_segments, dtype=bool)
    while True:
        more = veins & ~branching & (network.region >= 0) & leads_to_bed[network.end_node]
        if not more.any():
            return veins & ~branching
        branching |= more
        leads_to_bed[network.start_node[more]] = True


def _sums(order: npt.NDArray[np.int64], values: FloatArray, n_orders: int) -> FloatArray:
    sums = np.bincount(order, weights=values, minlength=n_orders + 1)
    return np.asarray(sums, dtype=np.float64)


def _ratio(levels: npt.NDArray[np.int64], values: FloatArray) -> float:
    """Factor from one order to the next, by least squares on the logarithms."""
    present = values > 0
    if present.sum() < 2:
        return float("nan")
    return float(np.exp(np.polyfit(levels[present], np.log(values[present]), 1)[0]))


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return value if np.isfinite(value) else None


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
    sums = np.bincount(network.organ + 1, weights=network.volume, minlength=len(names))
    return {name: float(value) for name, value in zip(names, sums, strict=True)}


def _out_degrees(network: VesselNetwork) -> dict[int, int]:
    degree = np.bincount(np.bincount(network.start_node, minlength=network.n_nodes))
    return {i: int(count) for i, count in enumerate(degree) if count}
