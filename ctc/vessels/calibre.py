"""Radii of trees and trunks: the branching law by calibre, scaled to a given blood volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, require_positive
from ctc.scenario.parameters import load_parameters
from ctc.vessels.grow import Forest, LongArray
from ctc.vessels.network import tube_volume

# Exponents follow the calibre, the calibre follows from exponents and volume; a handful of
# rounds settles all but bifurcations that lie on a class border, which keep their last class.
_ROUNDS = 12


@dataclass(frozen=True)
class CalibreLaw:
    """The exponent g of ``r0^g = r1^g + r2^g`` by the radius of the mother vessel.

    Attributes
    ----------
    exponent_large, exponent_small, exponent_arteriole : float
        Above `large_from`, between, below `small_from`.
    large_from, small_from : float [m]
        Radii where the classes begin.
    """

    exponent_large: float
    exponent_small: float
    exponent_arteriole: float
    large_from: float
    small_from: float

    def exponent(self, lumen_radius: FloatArray, is_pulmonary: npt.NDArray[np.bool_]) -> FloatArray:
        """Return g, (n,) float64, of bifurcations by the mother's radius [m]."""
        by_calibre = np.where(
            lumen_radius > self.small_from, self.exponent_small, self.exponent_arteriole
        )
        is_large = (lumen_radius > self.large_from) | is_pulmonary
        return np.where(is_large, self.exponent_large, by_calibre)


def load_calibre_law() -> CalibreLaw:
    """Return the shipped law (Nakamura and Awa 2014)."""
    parameters = load_parameters("bodies/vessel_growth")
    return CalibreLaw(
        exponent_large=parameters.value("calibre.exponent_large"),
        exponent_small=parameters.value("calibre.exponent_small"),
        exponent_arteriole=parameters.value("calibre.exponent_arteriole"),
        large_from=parameters.value("calibre.large_from"),
        small_from=parameters.value("calibre.small_from"),
    )


def tree_radii(
    forest: Forest,
    length: FloatArray,
    volume: FloatArray,
    *,
    is_pulmonary: npt.NDArray[np.bool_],
    law: CalibreLaw,
) -> FloatArray:
    """Return radii that obey the branching law and hold a given volume of blood.

    Down from the root a daughter with the share s of its mother's terminals has the radius
    ``r0 s^(1/g)``, so ``r1^g + r2^g = r0^g``; the root's radius makes the volume.

    Parameters
    ----------
    forest : Forest
        The trees.
    length : (n_nodes,) float64 [m]
        Of the segment that ends at each node, > 0.
    volume : (n_trees,) float64 [m^3]
        Blood in each tree, > 0.
    is_pulmonary : (n_trees,) bool
        True where the exponent of large vessels holds throughout.
    law : CalibreLaw
        Exponents by calibre.

    Returns
    -------
    (n_nodes,) float64 [m]
        The tubes of each tree hold its volume to rounding.

    Raises
    ------
    InputError
        If a length or a volume is not positive.
    """
    require_positive("length", length, unit="m", item="node")
    require_positive("volume", volume, unit="m^3", item="tree")
    share = forest.count / forest.count[np.maximum(forest.parent, 0)]
    node_is_pulmonary = is_pulmonary[forest.tree]
    lumen_radius = np.full(forest.n_nodes, law.large_from)
    exponent = np.full(forest.n_nodes, np.nan)
    for _ in range(_ROUNDS):
        new = law.exponent(lumen_radius, node_is_pulmonary)
        if np.array_equal(new, exponent):
            break
        exponent = new
        relative = _relative_radii(forest, share, exponent)
        held = np.bincount(
            forest.tree, weights=tube_volume(relative, length), minlength=forest.n_trees
        )
        lumen_radius = relative * np.sqrt(volume / held)[forest.tree]
    return lumen_radius


def _relative_radii(forest: Forest, share: FloatArray, exponent: FloatArray) -> FloatArray:
    relative = np.ones(forest.n_nodes)
    for level in forest.levels()[1:]:
        mother = forest.parent[level]
        relative[level] = relative[mother] * share[level] ** (1.0 / exponent[mother])
    return relative


def group_factors(
    lumen_radius: FloatArray, length: FloatArray, *, group: LongArray, volume: FloatArray
) -> FloatArray:
    """Return the factor on the radii of each group of tubes that makes its volume right.

    Parameters
    ----------
    lumen_radius, length : (n_segments,) float64 [m]
        Of the tubes as drawn, > 0.
    group : (n_segments,) int64
        0 to n_groups - 1.
    volume : (n_groups,) float64 [m^3]
        That each group is to hold, > 0.

    Returns
    -------
    (n_groups,) float64
        ``sqrt(volume / sum pi R^2 L)``.
    """
    require_positive("volume", volume, unit="m^3", item="group")
    held = np.bincount(group, weights=tube_volume(lumen_radius, length), minlength=len(volume))
    require_positive("tube volume", held, unit="m^3", item="group")
    factor: FloatArray = np.sqrt(volume / held)
    return factor
