"""Rank correlation as SciPy has it, ties and all."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from ctc.analysis.ranks import rank_correlation


@pytest.mark.parametrize("n_values", [3, 10, 1000])
@pytest.mark.parametrize("n_different", [2, 5, 10**6])
def test_it_is_that_of_scipy(n_values: int, n_different: int) -> None:
    words = np.random.Philox(key=n_values).random_raw(2 * n_values).astype(np.float64)
    first, second = np.floor(words.reshape(2, -1) * (n_different / 2.0**64))
    first[0], second[0] = -1, n_different
    wanted = spearmanr(first, second).statistic
    assert rank_correlation(first, second) == pytest.approx(wanted, abs=1e-12)


def test_order_alone_counts() -> None:
    values = np.array([0.1, 3.0, 2.0, 50.0])
    assert rank_correlation(values, np.exp(values)) == pytest.approx(1.0)
    assert rank_correlation(values, -(values**3)) == pytest.approx(-1.0)
