"""Distributions of what a network's vessels measure, counted into classes for charts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.vessels.bifurcations import Bifurcations
from ctc.vessels.tree_side import LongArray, TreeSide, path_lengths

_CLASSES_A_DECADE = 12
_N_ANGLES = 36
_N_PATHS = 40


@dataclass(frozen=True)
class Histogram:
    """Counts between edges.

    Attributes
    ----------
    edges : (n + 1,) float64
        Rising.
    counts : (n,) int64
        Items from one edge to the next.
    is_logarithmic : bool
        Whether the classes are of equal ratio.
    """

    edges: FloatArray
    counts: LongArray
    is_logarithmic: bool = False


@dataclass(frozen=True)
class SideDistributions:
    """Of one side of a network's trees.

    Attributes
    ----------
    radius, length : Histogram [m]
        Of its segments.
    path : Histogram [m]
        From the root to each leaf.
    angle : Histogram [degree]
        Between daughters.
    residual : Histogram
        Of the branching law; those below 1e-17 stand in the first class.
    """

    radius: Histogram
    length: Histogram
    path: Histogram
    angle: Histogram
    residual: Histogram


def side_distributions(side: TreeSide, bifurcations: Bifurcations) -> SideDistributions:
    """Count what a side's vessels measure into classes."""
    path = path_lengths(side)[side.is_leaf]
    residual = bifurcations.residual
    return SideDistributions(
        radius=_by_ratio(side.lumen_radius),
        length=_by_ratio(side.length),
        path=_evenly(path, 0.0, float(np.nanmax(path, initial=0.0)), _N_PATHS),
        angle=_evenly(np.degrees(bifurcations.angle), 0.0, 180.0, _N_ANGLES),
        residual=_by_ratio(np.maximum(residual[np.isfinite(residual)], 1e-17)),
    )


def _by_ratio(values: FloatArray) -> Histogram:
    if not values.size:
        return Histogram(np.array([1.0, 10.0]), np.zeros(1, dtype=np.int64), True)
    decades = np.log10(values)
    low = np.floor(decades.min() * _CLASSES_A_DECADE)
    high = max(np.ceil(decades.max() * _CLASSES_A_DECADE), low + 1)
    edges = np.arange(low, high + 1) / _CLASSES_A_DECADE
    counts = np.histogram(decades, bins=edges)[0].astype(np.int64)
    return Histogram(10.0**edges, counts, True)


def _evenly(values: FloatArray, low: float, high: float, n_classes: int) -> Histogram:
    edges = np.linspace(low, max(high, low + 1e-12), n_classes + 1)
    finite = values[np.isfinite(values)]
    return Histogram(edges, np.histogram(finite, bins=edges)[0].astype(np.int64))
