"""What the bifurcations of a tree are like: branching law, symmetry, area, angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.vessels.calibre import CalibreLaw
from ctc.vessels.network import VesselNetwork
from ctc.vessels.tree_side import LongArray, TreeSide


@dataclass(frozen=True)
class Bifurcations:
    """Nodes of a tree where one vessel becomes two; all arrays are over them.

    Attributes
    ----------
    mother, larger, smaller : (n,) int64
        Places of the three segments in their `TreeSide`.
    residual : (n,) float64
        ``|(r1^g + r2^g) / r0^g - 1|``, g the exponent of the calibre law that fits best; NaN
        where mother and daughters belong to different trees.
    symmetry : (n,) float64
        Radius of the smaller daughter over that of the larger.
    area_ratio : (n,) float64
        Cross-section of both daughters over that of the mother.
    angle : (n,) float64 [rad]
        Between the daughters, straight from node to node; NaN where one has no length.
    least_angle : (n,) float64 [rad]
        That these three radii have where volume and pumping power are least (Murray 1926).
    """

    mother: LongArray
    larger: LongArray
    smaller: LongArray
    residual: FloatArray
    symmetry: FloatArray
    area_ratio: FloatArray
    angle: FloatArray
    least_angle: FloatArray


def find_bifurcations(
    network: VesselNetwork, side: TreeSide, *, laws: Sequence[CalibreLaw]
) -> Bifurcations:
    """Measure the bifurcations of one side of a network.

    Parameters
    ----------
    network : VesselNetwork
        Where the nodes lie.
    side : TreeSide
        Of it.
    laws : sequence of CalibreLaw
        Whose exponents to try: which of them held depends on the calibre at which the tree was
        made, before it was scaled to a volume of blood.

    Returns
    -------
    Bifurcations
        By rising node.
    """
    n_above = np.bincount(side.end, minlength=side.n_nodes)
    n_below = np.bincount(side.start, minlength=side.n_nodes)
    node = np.flatnonzero((n_above == 1) & (n_below == 2))
    place = np.full(side.n_nodes, -1, dtype=np.int64)
    place[node] = np.arange(node.size)
    mother = np.empty(node.size, dtype=np.int64)
    enters = np.flatnonzero(place[side.end] >= 0)
    mother[place[side.end[enters]]] = enters
    leaves = np.flatnonzero(place[side.start] >= 0)
    pair = leaves[np.argsort(place[side.start[leaves]], kind="stable")].reshape(-1, 2)
    radius = side.lumen_radius
    is_turned = radius[pair[:, 0]] < radius[pair[:, 1]]
    larger = np.where(is_turned, pair[:, 1], pair[:, 0])
    smaller = np.where(is_turned, pair[:, 0], pair[:, 1])
    r0, r1, r2 = radius[mother], radius[larger], radius[smaller]
    residual = np.full(node.size, np.inf)
    exponents = {
        g for law in laws for g in (law.exponent_large, law.exponent_small, law.exponent_arteriole)
    }
    for g in sorted(exponents):
        residual = np.minimum(residual, np.abs((r1**g + r2**g) / r0**g - 1.0))
    region = network.region[side.segment]
    is_whole = (region[mother] >= 0) & (region[mother] == region[larger])
    residual[~(is_whole & (region[mother] == region[smaller]))] = np.nan
    position = network.node_position
    first = position[side.end[larger]] - position[side.start[larger]]
    second = position[side.end[smaller]] - position[side.start[smaller]]
    cosine = (r0**4 - r1**4 - r2**4) / (2.0 * r1**2 * r2**2)
    return Bifurcations(
        mother,
        larger,
        smaller,
        residual,
        r2 / r1,
        (r1**2 + r2**2) / r0**2,
        _angle(first, second),
        np.arccos(np.clip(cosine, -1.0, 1.0)),
    )


def _angle(a: FloatArray, b: FloatArray) -> FloatArray:
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    size[size == 0.0] = np.nan
    angle: FloatArray = np.arccos(np.clip((a * b).sum(axis=1) / size, -1.0, 1.0))
    return angle
