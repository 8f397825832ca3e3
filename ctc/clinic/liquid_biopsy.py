"""Tumour cells in drawn blood, as a test by magnetic beads and pictures counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.host_tables import binomial, poisson
from ctc.checks import require_non_negative, require_positive
from ctc.clinic.deviates import Draw, body_key, random_bits
from ctc.clinic.disease import Draws
from ctc.scenario.parameters import ParameterSet

# More cells than a draw can hold: the law of their number is not asked beyond.
_MOST = 1e15


@dataclass(frozen=True)
class BloodTest:
    """What a count in blood catches.

    Attributes
    ----------
    recovery : float
        Share of the cells with the antigen that is counted.
    antigen_share : float
        Share of tumour cells that have it.
    false_per_volume : float [1/m^3]
        Cells of others that are taken for tumour cells.
    cut_off : float [1/m^3]
        From which on a count is high; of 5 cells in 7.5 mL, in proportion.
    """

    recovery: float
    antigen_share: float
    false_per_volume: float
    cut_off: float


@dataclass(frozen=True)
class BloodCount:
    """What a draw of blood gave.

    Attributes
    ----------
    count : int
        Objects counted: single cells, clusters and false ones.
    n_clusters : int
        Clusters among them.
    n_false : int
        False ones among them.
    is_high : bool
        Whether the cut-off of the cancer is reached.
    """

    count: int
    n_clusters: int
    n_false: int
    is_high: bool


def resolve_blood_test(parameters: ParameterSet) -> BloodTest:
    """Return what a count in blood catches, from the parameters ``diagnosis.blood.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.blood.{name}")

    volume = value("false_volume")
    return BloodTest(
        recovery=value("recovery"),
        antigen_share=value("antigen_share"),
        false_per_volume=value("false_count") / volume,
        cut_off=value("cut_off") / volume,
    )


def expected_count(concentration: float, volume: float, *, test: BloodTest) -> float:
    """Return the mean number of true objects counted, ``c V recovery antigen_share``."""
    require_non_negative("concentration", concentration, unit="1/m^3")
    require_positive("volume", volume, unit="m^3")
    return concentration * volume * test.recovery * test.antigen_share


def count_blood(
    concentration: float,
    volume: float,
    *,
    test: BloodTest,
    draws: Draws,
    cluster_share: float = 0.0,
) -> BloodCount:
    """Draw blood and count the tumour cells in it.

    Parameters
    ----------
    concentration : float [1/m^3]
        Single tumour cells and clusters, as objects, in the blood of the vessel.
    volume : float [m^3]
        Drawn.
    test : BloodTest
        What is caught.
    draws : Draws
        Of this occasion.
    cluster_share : float
        Share of the objects that are clusters.

    Returns
    -------
    BloodCount
        True ones are Poisson of mean `expected_count`, by thinning: where objects lie in blood at
        random, those in a draw that are caught do too. False ones are Poisson beside them.

    Notes
    -----
    Clusters are caught like single cells; that the beads hold them better or the pump of the test
    breaks them up is not known in numbers. Cells that have lost the antigen (EpCAM, by transition
    to a mesenchymal state) are missed: `antigen_share`.

    References
    ----------
    .. [1] Allard 2004 Clin Cancer Res 10:6897.
    """
    mean = min(expected_count(concentration, volume, test=test), _MOST)
    key = body_key()

    def word(draw: Draw) -> int:
        return random_bits(float(draws.uniform(key, draw)[0]))

    n_true = poisson(mean, word(Draw.CELLS))
    n_false = poisson(min(test.false_per_volume * volume, _MOST), word(Draw.FALSE_CELLS))
    n_clusters = binomial(
        np.array([n_true], dtype=np.uint64),
        np.array([cluster_share]),
        np.array([1.0 - cluster_share]),
        np.array([word(Draw.CLUSTERS)], dtype=np.uint64),
    )
    count = n_true + n_false
    return BloodCount(
        count=count,
        n_clusters=int(n_clusters[0]),
        n_false=n_false,
        # A count is whole: the limit is too, but for the rounding of a quotient.
        is_high=count >= test.cut_off * volume * (1.0 - 1e-12),
    )
