"""The branching law by calibre, and the scaling of trunks to a given blood volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, require_positive
from ctc.scenario.parameters import load_parameters
from ctc.vessels.network import tube_volume


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

    def exponent(self, lumen_radius: FloatArray) -> FloatArray:
        """Return g, (n,) float64, of bifurcations by the mother's radius [m]."""
        by_calibre = np.where(
            lumen_radius > self.small_from, self.exponent_small, self.exponent_arteriole
        )
        return np.where(lumen_radius > self.large_from, self.exponent_large, by_calibre)


def load_calibre_law() -> CalibreLaw:
    """Return the shipped law of systemic vessels (Nakamura and Awa 2014)."""
    parameters = load_parameters("bodies/vessel_growth")
    return CalibreLaw(
        exponent_large=parameters.value("calibre.exponent_large"),
        exponent_small=parameters.value("calibre.exponent_small"),
        exponent_arteriole=parameters.value("calibre.exponent_arteriole"),
        large_from=parameters.value("calibre.large_from"),
        small_from=parameters.value("calibre.small_from"),
    )


def load_pulmonary_law() -> CalibreLaw:
    """Return the shipped law of pulmonary vessels: one exponent at all calibres."""
    parameters = load_parameters("bodies/vessel_growth")
    exponent = parameters.value("calibre.exponent_pulmonary")
    systemic = load_calibre_law()
    return CalibreLaw(exponent, exponent, exponent, systemic.large_from, systemic.small_from)


def group_factors(
    lumen_radius: FloatArray,
    length: FloatArray,
    *,
    group: npt.NDArray[np.int64],
    volume: FloatArray,
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
