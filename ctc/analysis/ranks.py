"""Rank correlation; ``scipy.stats`` has it too, but takes half a second to import."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray


def rank_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank.

    The correlation of the ranks, ``cov(r, s) / (sd(r) sd(s))``.

    Parameters
    ----------
    first, second : (n,) number
        Paired values, n >= 2, neither all equal.

    Returns
    -------
    float
        -1 to 1.
    """
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: npt.ArrayLike) -> FloatArray:
    _, place, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ranks: FloatArray = (np.cumsum(count) - (count - 1) / 2.0)[place]
    return ranks
