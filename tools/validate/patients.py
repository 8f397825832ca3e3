"""Patients with a tumour that grew and was removed: cells shed by then, and the risk they carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from ctc.scenario.scenario import Scenario
from tools.validate.published import published_figures

_LN2 = float(np.log(2.0))
# Quantiles of a normal law, far enough out that what lies beyond weighs less than 1e-14.
_NORMAL = np.linspace(-8.0, 8.0, 3201)


@dataclass(frozen=True)
class SheddingTumour:
    """A ball that grows exponentially and sheds in proportion to its mass, once it has vessels.

    Attributes
    ----------
    rate : float [1/(kg s)]
        Cells shed for mass and time by the tumour of the median patient.
    density : float [kg/m^3]
    doubling_time : float [s]
    least_diameter : float [m]
        A smaller one has no vessels and sheds nothing.
    """

    rate: float
    density: float
    doubling_time: float
    least_diameter: float

    def cells_shed(self, diameter: FloatArray) -> FloatArray:
        """Return the cells shed until a tumour has these diameters [m].

        The integral of rate x mass over time: rate x (m - m0) T / ln 2, m0 the mass at the
        smallest diameter that sheds.
        """
        cubes = np.maximum(diameter**3 - self.least_diameter**3, 0.0)
        mass = self.density * np.pi / 6.0 * cubes
        return np.asarray(self.rate * mass * self.doubling_time / _LN2)


def tumour_of(scenario: Scenario) -> SheddingTumour:
    """Return the tumour that a scenario's parameters describe."""
    value = scenario.parameters.value
    return SheddingTumour(
        rate=value("shedding.rate"),
        density=value("tumour.density"),
        doubling_time=value("tumour.doubling_time"),
        least_diameter=value("tumour.avascular_diameter"),
    )


def risk(expected: FloatArray, *, spread: float | None = None) -> FloatArray:
    """Return the share of patients with one metastasis or more.

    Parameters
    ----------
    expected : (n,) float64
        Metastases expected of the median patient.
    spread : float, optional
        Standard deviation of the logarithm between patients, that of counts in blood by default.

    Notes
    -----
    1 - exp(-s x), x the number expected, averaged over a log-normal s of median 1.
    """
    if spread is None:
        spread = published_figures("human_efficiency")["spread_of_counts"].target
    weight = np.exp(-0.5 * _NORMAL**2)
    weight /= weight.sum()
    factor = np.exp(spread * _NORMAL)
    chances = -np.expm1(-np.multiply.outer(np.atleast_1d(expected), factor))
    return np.asarray(chances @ weight)
