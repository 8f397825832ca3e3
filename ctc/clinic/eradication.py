"""What chance leaves of a lesion when few of its cells survive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import binomial
from ctc.checks import FloatArray

# Above this mean number of survivors their spread, 1e-3 of it, is below what any scan can tell.
_MANY = 1e6
# Binomial numbers of the host library are of up to 2^53.
_MOST = 2.0**53


def eradicated(
    cells: FloatArray,
    survival: FloatArray,
    deviates: FloatArray,
    *,
    clonogen_share: float | FloatArray = 1.0,
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Return which lesions a blow wipes out, and what is left of the others.

    Each of n cells survives with chance S, and founds the lesion anew if it is one of the share c
    of clonogens: their number is binomial, ``K ~ B(n, c S)``, for rare survivors Poisson of mean
    m = n c S. The lesion is gone if K = 0, with chance ``(1 - c S)^n``, close to ``exp(-m)``; else
    ``K + n S (1 - c)`` cells are left. The mean of what is left is n S, as it must be.

    Parameters
    ----------
    cells : (n,) float64
        Before, >= 1; rounded to a whole number.
    survival : (n,) float64
        S, 0 to 1.
    deviates : (n,) float64
        Uniform in (0, 1): one for each lesion.
    clonogen_share : float or (n,) float64
        c, 0 to 1.

    Returns
    -------
    is_gone : (n,) bool
        No clonogen survives.
    cells_left : (n,) float64
        0 where it is gone, else at least 1.

    Notes
    -----
    A blow in several parts, each with c = 1 and a deviate of its own, gives the law of the whole:
    a thinned binomial number is one again. Of a course of fractions only the last takes c < 1.
    A mean of more than 1e6 survivors takes itself.

    References
    ----------
    .. [1] Poisson law of tumour control: Munro and Gilbert 1961 Br J Radiol 34:246 (from memory).
    """
    count = np.maximum(np.rint(np.asarray(cells, dtype=np.float64)), 1.0)
    alive = np.minimum(np.maximum(np.asarray(survival, dtype=np.float64), 0.0), 1.0)
    share = np.broadcast_to(np.asarray(clonogen_share, dtype=np.float64), alive.shape)
    chance = alive * share
    # 2^53 steps of a deviate, all below 2^64.
    bits = (np.asarray(deviates, dtype=np.float64) * _MOST).astype(np.uint64) << np.uint64(11)
    mean = count * chance
    trials = np.where(mean < _MANY, np.minimum(count, _MOST), 0.0)
    # Of more trials than that chances are below 1e-10: fewer trials of more each are the same.
    each = np.where(count > _MOST, chance * (count / _MOST), chance)
    each = np.minimum(each, 1.0)
    drawn = binomial(trials.astype(np.uint64), each, 1.0 - each, bits).astype(np.float64)
    clonogens = np.where(mean < _MANY, drawn, mean)
    is_gone = clonogens < 0.5
    left = np.where(is_gone, 0.0, np.maximum(clonogens + count * alive * (1.0 - share), 1.0))
    return is_gone, left
