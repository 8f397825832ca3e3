"""Birth and death of the first cells of a lesion: which lineages die out, and how soon others grow.

A linear birth-death process from one cell, births at b, deaths at d = phi b, growth r = b - d:

- it dies out with chance phi, by time t with ``phi (1 - E) / (1 - phi E)``, ``E = exp(-r t)``;
- else its size comes to ``W exp(r t)``, W exponential with mean ``1 / (1 - phi)``.

References
----------
.. [1] Kendall 1948 Ann Math Stat 19:1.
.. [2] phi is the cell loss factor of Steel 1967 Eur J Cancer 3:381.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import logarithm
from ctc.checks import FloatArray
from ctc.scenario.growth import GrowthLaw
from ctc.simulation.growth import age_at
from ctc.simulation.host_draws import Purpose, uniform, words_of

_LN2 = 0.6931471805599453


def early_course(
    loss_factor: float, keys: npt.NDArray[np.uint64], *, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Draw what chance makes of the first cells of lesions.

    Parameters
    ----------
    loss_factor : float
        phi, in (0, 1).
    keys : (n,) uint64
        Of the lesions.
    seed : int
        Of the run.

    Returns
    -------
    start, life : (n,) float64
        W of a lesion that lives, and infinity; 1 and the time in units of 1/r until it has died
        out of one that does not.
    """
    words = [
        uniform(words_of(keys, seed=seed, purpose=purpose))
        for purpose in (Purpose.LESION_LINEAGE, Purpose.LESION_VIGOUR)
    ]
    dies_out = words[0] < loss_factor
    luck = words[1]
    life = logarithm((1.0 - loss_factor * luck) / (1.0 - luck))
    start = -logarithm(luck) / (1.0 - loss_factor)
    return np.where(dies_out, 1.0, start), np.where(dies_out, life, np.inf)


def early_growth_time(law: GrowthLaw, doubling_time: npt.ArrayLike) -> FloatArray:
    """Return 1/r [s] of a lesion of one cell: what its law says between one cell and two."""
    doubling = np.asarray(doubling_time, dtype=np.float64)
    found: FloatArray = age_at(law, 2.0, initial=1.0, doubling_time=doubling) / _LN2
    return found
