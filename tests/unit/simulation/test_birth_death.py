"""Chance in the first divisions of a lesion, against the closed forms of a birth-death process."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ctc.backends.records import EVENT
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.genealogy import LITTER
from ctc.simulation.lesions import Lesions
from ctc.states import LesionState

DAY, NS = 86_400, 10**9
DOUBLING = 2.0 * DAY


def founded(
    n: int, loss_factor: float, *, seed: int = 3, blocks: int = 1, **laws: object
) -> Lesions:
    """Return n lesions founded at time 0, each in a segment of its own, in so many goes."""
    law = laws.pop("law", GrowthLaw(GrowthKind.EXPONENTIAL, 1e15))
    biology = LesionBiology(law, cell_loss_factor=loss_factor, **laws)
    lesions = Lesions((DOUBLING,), biology, seed)
    for part in np.array_split(np.arange(n), blocks):
        zeros = np.zeros(part.size, dtype=np.int64)
        events, litters = np.zeros(part.size, dtype=EVENT), np.zeros(part.size, dtype=LITTER)
        lesions.found(events, organ=zeros, segment=part, litters=litters)
    return lesions


def test_no_loss_is_no_chance() -> None:
    lesions = founded(100, 0.0)
    assert (lesions.rows["start"] == 1.0).all()
    assert lesions.settle(0, start=0, end=10**18).size == 0
    assert set(lesions.cells(20 * DAY * NS).tolist()) == {1024}


@pytest.mark.parametrize("loss_factor", [0.3, 0.9])
@pytest.mark.parametrize("doublings", [0.2, 1.0, 5.0])
def test_lineages_die_out_as_often_as_they_should(loss_factor: float, doublings: float) -> None:
    """n = 100,000; alive at t: (1 - phi) / (1 - phi exp(-r t)) (Kendall 1948), five errors."""
    n = 100_000
    lesions = founded(n, loss_factor)
    end = round(doublings * DOUBLING * NS)
    lesions.settle(0, start=0, end=end)
    alive = np.count_nonzero(lesions.states(end) != LesionState.LOST)
    expected = (1 - loss_factor) / (1 - loss_factor * 2.0**-doublings)
    assert abs(alive - n * expected) < 5 * math.sqrt(n * expected * (1 - expected))
    assert (lesions.cells(end)[lesions.states(end) == LesionState.LOST] == 0).all()


@pytest.mark.parametrize("loss_factor", [0.1, 0.8])
def test_sizes_of_those_that_live(loss_factor: float) -> None:
    """After 20 doublings: mean of all exp(r t); of the living W is exponential.

    n = 200,000. All: variance (1 + phi) / (1 - phi) exp(2 r t) (Kendall 1948); the living: mean
    and standard deviation of W are 1 / (1 - phi).
    """
    n = 200_000
    lesions = founded(n, loss_factor)
    end = round(20 * DOUBLING * NS)
    lesions.settle(0, start=0, end=end)
    size = lesions.sizes(end) / 2.0**20
    deviation = math.sqrt((1 + loss_factor) / (1 - loss_factor))
    assert abs(size.mean() - 1.0) < 5 * deviation / math.sqrt(n)
    living = size[size > 0.0]
    mean = 1.0 / (1.0 - loss_factor)
    assert abs(living.mean() - mean) < 5 * mean / math.sqrt(living.size)
    # The standard deviation of an exponential sample's standard deviation is sqrt(2 / n) of it.
    assert abs(living.std() - mean) < 5 * mean * math.sqrt(2.0 / living.size)


def test_lots_belong_to_the_lesion_and_not_to_its_epoch() -> None:
    one, other = founded(1000, 0.6), founded(1000, 0.6, blocks=7)
    np.testing.assert_array_equal(
        one.rows[["start", "dies_out"]], other.rows[["start", "dies_out"]]
    )
    assert founded(1000, 0.6, seed=4).rows["start"].tolist() != one.rows["start"].tolist()


@pytest.mark.parametrize("kind", list(GrowthKind))
def test_other_laws_grow_from_there(kind: GrowthKind) -> None:
    """Between 1 and the capacity at all times, and no living lesion shrinks."""
    law = GrowthLaw(kind, 1e6, reference_cells=1e3, exponent=0.5)
    lesions = founded(2000, 0.7, law=law, balance_share=0.3, balance_cells=100.0, waking_rate=1e-5)
    before = np.zeros(2000)
    for epoch in range(30):
        start, end = (k * DAY * NS for k in (epoch, epoch + 1))
        lesions.settle(epoch, start=start, end=end)
        now = lesions.sizes(end)
        lives = lesions.states(end) != LesionState.LOST
        assert (now[lives] >= 1.0).all()
        assert (now <= 1e6).all()
        assert (now[lives] >= before[lives] * (1 - 1e-9)).all()
        before = now
    share = np.count_nonzero(lives) / 2000
    assert 0.25 < share < 0.35
