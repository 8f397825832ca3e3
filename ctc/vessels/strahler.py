"""Strahler orders of a tree, by branching alone or by diameter too, and their ratios."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.vessels.tree_side import LongArray, TreeSide

_MOST_ROUNDS = 20


class Ordering(enum.Enum):
    """How orders are given."""

    STRAHLER = "strahler"
    DIAMETER = "diameter"


@dataclass(frozen=True)
class StrahlerTable:
    """What the vessels of each order are like; row i is order i + 1, the last that of the root.

    Attributes
    ----------
    n_segments, n_elements : (n_orders,) int64
        Segments, and runs of segments of one order.
    diameter, diameter_deviation : (n_orders,) float64 [m]
        Mean and standard deviation over the segments; NaN in an order that no segment has.
    length : (n_orders,) float64 [m]
        Mean of the elements.
    branching, diameter_ratio, length_ratio : float
        From one order to the next, of the numbers of elements (falling), the mean diameters and
        the mean lengths (rising): log-linear fits with the highest order left out, as its
        elements are few and cut short; NaN with fewer than three orders.
    """

    n_segments: LongArray
    n_elements: LongArray
    diameter: FloatArray
    diameter_deviation: FloatArray
    length: FloatArray
    branching: float
    diameter_ratio: float
    length_ratio: float

    @property
    def n_orders(self) -> int:
        """Highest order."""
        return int(self.n_segments.size)

    def to_dict(self) -> dict[str, float]:
        """Return the number of orders and the ratios under their customary names."""
        ratios = {"RB": self.branching, "RD": self.diameter_ratio, "RL": self.length_ratio}
        return {"orders": self.n_orders, **ratios}


def strahler_orders(side: TreeSide) -> LongArray:
    """Return the Strahler order of each segment.

    A segment without daughters has order 1; a mother has the highest order among her daughters,
    and one more where two of them share it.

    Parameters
    ----------
    side : TreeSide
        Any.

    Returns
    -------
    (n,) int64
        0 where a cycle or what lies upstream of one leaves no order.
    """
    order = np.zeros(side.segment.size, dtype=np.int64)
    highest = np.zeros(side.n_nodes, dtype=np.int64)
    n_highest = np.zeros(side.n_nodes, dtype=np.int64)
    for level in side.levels:
        node = side.end[level]
        order[level] = np.maximum(highest[node] + (n_highest[node] > 1), 1)
        mother = side.start[level]
        before = highest[mother]
        np.maximum.at(highest, mother, order[level])
        n_highest[mother[highest[mother] > before]] = 0
        np.add.at(n_highest, mother[order[level] == highest[mother]], 1)
    return order


def diameter_orders(side: TreeSide) -> LongArray:
    """Return diameter-defined Strahler orders, as casts of lungs and hearts are measured.

    A mother has the highest order n of her daughters unless her diameter exceeds
    ``((D_n + S_n) + (D_n+1 - S_n+1)) / 2`` with D and S mean and deviation of an order; then she
    has order n + 1. Begun with Strahler orders and repeated until no order changes.

    Parameters
    ----------
    side : TreeSide
        Any.

    Returns
    -------
    (n,) int64
        0 where `strahler_orders` gives none.

    References
    ----------
    .. [1] Jiang, Kassab and Fung 1994, doi:10.1152/jappl.1994.76.2.882.
    """
    order = strahler_orders(side)
    if not order.any():
        return order
    diameter = 2.0 * side.lumen_radius
    for _ in range(_MOST_ROUNDS):
        mean, deviation = _by_order(order, diameter)
        # Above the highest order there is nothing to rise to; missing orders are passed.
        above = np.append(mean - deviation, np.inf)[1:]
        bound = 0.5 * ((mean + deviation) + above)
        bound[-1] = np.inf
        new = np.zeros_like(order)
        highest = np.zeros(side.n_nodes, dtype=np.int64)
        for level in side.levels:
            below = np.maximum(highest[side.end[level]], 1)
            is_leaf = highest[side.end[level]] == 0
            rises = ~is_leaf & (diameter[level] > bound[np.minimum(below, bound.size) - 1])
            new[level] = below + rises
            np.maximum.at(highest, side.start[level], new[level])
        if np.array_equal(new, order):
            break
        order = new
    return order


def strahler_table(side: TreeSide, order: LongArray) -> StrahlerTable:
    """Sum up the vessels of each order.

    Parameters
    ----------
    side : TreeSide
        The tree.
    order : (n,) int64
        From `strahler_orders` or `diameter_orders`.

    Returns
    -------
    StrahlerTable
        Empty where no segment has an order.
    """
    n_orders = int(order.max(initial=0))
    highest_above = np.zeros(side.n_nodes, dtype=np.int64)
    np.maximum.at(highest_above, side.end, order)
    begins = highest_above[side.start] != order
    n_segments = np.bincount(order, minlength=n_orders + 1)[1:]
    n_elements = np.bincount(order[begins], minlength=n_orders + 1)[1:]
    diameter, deviation = _by_order(order, 2.0 * side.lumen_radius)
    total = np.bincount(order, weights=side.length, minlength=n_orders + 1)[1:]
    length = total / np.maximum(n_elements, 1)
    length[n_elements == 0] = np.nan
    return StrahlerTable(
        n_segments,
        n_elements,
        diameter,
        deviation,
        length,
        1.0 / _ratio(n_elements.astype(np.float64)),
        _ratio(diameter),
        _ratio(length),
    )


def _by_order(order: LongArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation over the segments of each order, NaN where there is none."""
    size = int(order.max(initial=0)) + 1
    count = np.bincount(order, minlength=size)[1:].astype(np.float64)
    count[count == 0] = np.nan
    mean = np.bincount(order, weights=values, minlength=size)[1:] / count
    off = values - np.append(0.0, mean)[order]
    spread = np.bincount(order, weights=off * off, minlength=size)[1:] / count
    return mean, np.sqrt(spread)


def _ratio(values: FloatArray) -> float:
    """Factor from one order to the next, the highest left out, by least squares on logarithms."""
    level = np.arange(1, values.size)
    used = values[:-1]
    present = used > 0
    if values.size < 3 or present.sum() < 2:
        return float("nan")
    x, y = level[present] - level[present].mean(), np.log(used[present])
    return float(np.exp((x * (y - y.mean())).sum() / (x * x).sum()))
