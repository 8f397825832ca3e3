"""The logarithm of the kernels over every argument that it can be given, and its budgets."""

import numpy as np
import pytest

from ctc.backends.base import Backend
from tests.physics.probe import probe
from tests.reference.laws import uniform_deviate

N_DEVIATES = 1 << 23
BLOCK = 1 << 21


@pytest.mark.parametrize("start", range(0, N_DEVIATES, BLOCK))
def test_every_deviate_has_its_logarithm_within_one_unit(start: int) -> None:
    """All 2^23 deviates (k + 1/2) 2^-23, against float64.

    The largest error found is 0.800 units in the last place; below one unit, a value is one of
    the two floats around the exact logarithm.
    """
    word = (np.arange(start, start + BLOCK, dtype=np.uint64) << np.uint64(9)).astype(np.uint32)
    exact = np.log(uniform_deviate(word))
    unit = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    error = np.abs(probe(word).logarithm - exact) / unit
    assert error.max() < 0.81


def test_ends_of_the_range() -> None:
    """-log(1 - 2^-24) keeps its relative accuracy although the deviate is nearly 1."""
    first, last = probe(np.array([0, 0xFFFF_FFFF])).logarithm
    assert first == np.float32(np.log(2.0**-24))
    assert last == pytest.approx(np.log1p(-(2.0**-24)), rel=1e-7)


def test_logarithm_never_falls() -> None:
    """Monotone: a larger deviate never gets the longer life."""
    word = (np.arange(0, N_DEVIATES, dtype=np.uint64) << np.uint64(9)).astype(np.uint32)
    ends = [probe(block).logarithm[[0, -1]] for block in np.split(word, 64)]
    assert (np.diff(np.concatenate(ends)) >= 0).all()
    for block in (word[:BLOCK], word[-BLOCK:]):
        assert (np.diff(probe(block).logarithm) >= 0).all()


def test_budgets_are_positive_and_of_mean_one(backend: Backend) -> None:
    """Unit exponential, n = 1e6: mean 1 and mean square 2, standard errors 1e-3 and 4.5e-3."""
    n = 1_000_000
    budget = probe(np.arange(n), 3, seed=2, backend=backend).budget
    assert budget.min() > 0
    assert budget.max() < 38.2 * 2.0**58
    value = budget * 2.0**-58
    assert abs(value.mean() - 1.0) < 5e-3
    assert abs((value**2).mean() - 2.0) < 5 * np.sqrt(20.0 / n)
