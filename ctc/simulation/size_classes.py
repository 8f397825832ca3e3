"""SizeClasses: the cells and clusters that are shed, in classes of size, kind and adhesion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power, size_classes
from ctc.checks import FloatArray
from ctc.scenario.biology import Biology
from ctc.scenario.clusters import Clusters

# Last size of each bin of cluster sizes; the middle of a bin by weight stands for it.
_BIN_ENDS = (2, 3, 4, 5, 8, 14, 25, 50, 100, 200)
# Diameters within one bin of clusters: fewer than of single cells, which are many more.
_MOST_DIAMETERS = 8


@dataclass(frozen=True)
class CellKind:
    """Cells that share their clocks at rest.

    Attributes
    ----------
    name : str
        ``single``, ``homotypic``, ``with neutrophils`` or ``with platelets``.
    n_cells : int
        That travel together.
    share : float
        Of the shed events.
    release_factor, death_factor, immune_factor, colony_factor : float
        On the rates of a single cell.
    """

    name: str
    n_cells: int
    share: float
    release_factor: float = 1.0
    death_factor: float = 1.0
    immune_factor: float = 1.0
    colony_factor: float = 1.0


@dataclass(frozen=True)
class SizeClasses:
    """Every class, single cells first: each kind plain, then the same adhesive.

    Attributes
    ----------
    kinds : tuple of CellKind
        The first is that of single cells.
    radius : (n,) float64 [m]
        Of the cell, or of the ball that a cluster fills.
    chain_radius : (n,) float64 [m]
        Of one of its cells.
    n_cells : (n,) int64
        That travel together.
    kind : (n,) int64
        Index into ``kinds``.
    is_adhesive : (n,) bool
        Whether they adhere strongly.
    weight : (n,) float64
        Share of the shed events; sums to 1.
    """

    kinds: tuple[CellKind, ...]
    radius: FloatArray
    chain_radius: FloatArray
    n_cells: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    is_adhesive: npt.NDArray[np.bool_]
    weight: FloatArray


def classify_cells(biology: Biology) -> SizeClasses:
    """Return the classes of a biology.

    Single cells come in equally likely classes of diameter. A cluster of n cells of radius r is a
    ball of radius ``r (n / packing)^(1/3)`` where there is room, and a chain elsewhere; its cells
    are alike.

    Parameters
    ----------
    biology : Biology
        Inert cells have no size and come single.
    """
    kinds = _kinds(Clusters() if biology.is_inert else biology.clusters)
    packing = biology.clusters.packing
    columns = []
    for number, kind in enumerate(kinds):
        most = biology.n_size_classes
        one = _radii(biology, most if number == 0 else min(most, _MOST_DIAMETERS))
        volume = float(power(kind.n_cells / packing, 1.0 / 3.0)) if kind.n_cells > 1 else 1.0
        for is_adhesive in (False, True):
            fraction = biology.adhesive_fraction
            share = kind.share * (fraction if is_adhesive else 1.0 - fraction) / one.size
            numbers = (kind.n_cells, number, is_adhesive, share)
            columns.append((volume * one, one, *(np.full(one.size, n) for n in numbers)))
    radius, chain, n_cells, number_of, adhesive, weight = map(
        np.concatenate, zip(*columns, strict=True)
    )
    return SizeClasses(
        kinds=kinds,
        radius=radius,
        chain_radius=chain,
        n_cells=n_cells.astype(np.int64),
        kind=number_of.astype(np.int64),
        is_adhesive=adhesive,
        weight=weight,
    )


def _radii(biology: Biology, count: int) -> FloatArray:
    if biology.diameter_median == 0.0:
        return np.zeros(count)
    median = 0.5 * biology.diameter_median
    return size_classes(median, sigma=biology.diameter_sigma, count=count)


def _kinds(clusters: Clusters) -> tuple[CellKind, ...]:
    kinds = [CellKind("single", 1, 1.0 - clusters.fraction)]
    if clusters.homotypic_fraction > 0.0:
        kinds += [_homotypic(n, share, clusters) for n, share in cluster_sizes(clusters)]
    if clusters.neutrophil_fraction > 0.0:
        kinds.append(
            CellKind(
                "with neutrophils",
                2,
                clusters.neutrophil_fraction,
                release_factor=_release_factor(2, clusters),
                colony_factor=clusters.neutrophil_colony_factor,
            )
        )
    if clusters.platelet_fraction > 0.0:
        kinds.append(
            CellKind(
                "with platelets",
                1,
                clusters.platelet_fraction,
                immune_factor=clusters.platelet_immune_factor,
            )
        )
    return tuple(kinds)


def _homotypic(n_cells: int, share: float, clusters: Clusters) -> CellKind:
    return CellKind(
        "homotypic",
        n_cells,
        clusters.homotypic_fraction * share,
        release_factor=_release_factor(n_cells, clusters),
        death_factor=clusters.death_factor,
        immune_factor=clusters.immune_factor,
        colony_factor=n_cells * clusters.colony_factor,
    )


def _release_factor(n_cells: int, clusters: Clusters) -> float:
    return float(power(float(n_cells), -clusters.release_exponent))


def cluster_sizes(clusters: Clusters) -> list[tuple[int, float]]:
    """Return number of cells and share of each bin of homotypic clusters; shares sum to 1."""
    sizes = np.arange(2.0, clusters.largest + 1.0)
    weight = power(sizes, -clusters.size_exponent)
    found = []
    first = 2
    for end in (*(end for end in _BIN_ENDS if end < clusters.largest), clusters.largest):
        rows = slice(first - 2, end - 1)
        share = float(weight[rows].sum())
        mean = float((sizes[rows] * weight[rows]).sum()) / share
        found.append((round(mean), share / float(weight.sum())))
        first = end + 1
    return found
