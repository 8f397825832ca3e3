"""Lesions: founding and growth on the host."""

import math

import numpy as np
import pytest

from ctc.backends.host_tables import exponential
from ctc.backends.records import EVENT
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.genealogy import LITTER
from ctc.simulation.host_draws import Purpose, mixed
from ctc.simulation.lesions import Lesions
from ctc.states import LesionState
from tests.reference.philox import philox_of_cell

DAY = 86_400
NS = 10**9


def litters(n: int) -> np.ndarray:
    """Return the litters of n founders: of the third source, by route 2."""
    rows = np.zeros(n, dtype=LITTER)
    rows["parent"], rows["route"] = -3, 2
    return rows


def founded(
    times: list[int], organs: list[int], *, capacity: float = 1e12, **biology: float
) -> Lesions:
    laws = LesionBiology(GrowthLaw(GrowthKind.EXPONENTIAL, capacity), **biology)
    lesions = Lesions((10.0 * DAY, 20.0 * DAY, math.inf), laws, 7)
    events = np.zeros(len(times), dtype=EVENT)
    events["time"] = np.array(times) * NS
    events["cell"] = 100 + np.arange(len(times))
    events["clone"] = 3
    n = len(times)
    lesions.found(events, organ=np.array(organs), segment=np.arange(n), litters=litters(n))
    return lesions


def test_rows_carry_the_events_in_their_order() -> None:
    lesions = founded([5, 7], [1, 0])
    new = lesions.found(
        np.zeros(1, dtype=EVENT), organ=np.array([0]), segment=np.array([9]), litters=litters(1)
    )
    assert new["lesion"].tolist() == [2]
    assert lesions.rows["lesion"].tolist() == [0, 1, 2]
    assert lesions.rows["cell"].tolist() == [100, 101, 0]
    assert lesions.rows["founded"].tolist() == [5 * NS, 7 * NS, 0]
    assert lesions.rows["clone"].tolist() == [3, 3, 0]
    assert lesions.rows["organ"].tolist() == [1, 0, 0]
    assert lesions.rows["parent"].tolist() == [-3, -3, -3]
    assert lesions.rows["route"].tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("doublings", "cells"), [(0, 1), (1, 2), (10, 1024), (0.999, 1), (20, 2**20)]
)
def test_a_lesion_doubles_at_its_organs_pace(doublings: float, cells: int) -> None:
    lesions = founded([0, 0], [0, 1])
    for organ, days in ((0, 10), (1, 20)):
        time = math.ceil(doublings * days * DAY * NS)
        assert int(lesions.cells(time)[organ]) in (cells, cells - 1)


def test_a_lesion_stops_at_its_capacity() -> None:
    lesions = founded([0], [0], capacity=5000.0)
    assert lesions.cells(1000 * DAY * NS).tolist() == [5000]
    assert lesions.cells(2**62).tolist() == [5000]


def test_a_lesion_is_one_cell_before_and_at_its_founding_and_without_growth() -> None:
    lesions = founded([100 * DAY, 0], [0, 2])
    assert lesions.cells(0).tolist() == [1, 1]
    assert lesions.cells(100 * DAY * NS).tolist() == [1, 1]


def test_lesions_are_lost_at_their_rate_while_they_are_small() -> None:
    """n = 20,000 of rate 0.3 /day over 5 epochs of half a day: exp(-0.75) are left.

    Binomial with a standard error of 71; limit five of those. Those in the organ that doubles in
    10 days have at most 1.2 cells, below the 2 of the limit.
    """
    n = 20_000
    lesions = founded([0] * n, [0] * n, loss_rate=0.3 / DAY, surveillance_cells=2.0)
    lost = np.zeros(0, dtype=np.int64)
    for epoch in range(5):
        start, end = (round(k * 0.5 * DAY) * NS for k in (epoch, epoch + 1))
        lost = np.concatenate([lost, lesions.settle(epoch, start=start, end=end)])
    left = np.count_nonzero(lesions.states(3 * DAY * NS) != LesionState.LOST)
    share = math.exp(-0.3 * 2.5)
    assert abs(left - n * share) < 5 * math.sqrt(n * share * (1.0 - share))
    assert left == n - lost.size
    assert np.unique(lost).size == lost.size
    assert not lesions.cells(3 * DAY * NS)[lost].any()


def test_a_lesion_out_of_reach_of_immune_cells_is_never_lost() -> None:
    lesions = founded([0] * 1000, [0] * 1000, loss_rate=10.0, surveillance_cells=4.0)
    start = 21 * DAY * NS  # 4.3 cells
    assert lesions.settle(0, start=start, end=start + DAY * NS).size == 0


def test_words_belong_to_epoch_and_lesion() -> None:
    """The same lesions are lost whether others were founded after them or not."""
    few, many = (
        founded([0] * n, [0] * n, loss_rate=0.5 / DAY, surveillance_cells=2.0) for n in (50, 90)
    )
    lost = few.settle(4, start=0, end=DAY * NS)
    more = many.settle(4, start=0, end=DAY * NS)
    assert lost.tolist() == [index for index in more.tolist() if index < 50]
    assert lost.size > 5
    again = founded([0] * 50, [0] * 50, loss_rate=0.5 / DAY, surveillance_cells=2.0)
    assert again.settle(5, start=0, end=DAY * NS).tolist() != lost.tolist()


def test_some_lesions_stop_in_balance_and_wake_after_their_half_life() -> None:
    """n = 10,000, share 0.4; 8 cells after 30 days; half of those wake in 10 days more.

    Standard errors: 49 of the share, sqrt(n 0.4 / 4) = 32 of the woken; limits five of those.
    """
    n, end = 10_000, 30 * DAY * NS
    rate = math.log(2.0) / (10.0 * DAY)
    lesions = founded([0] * n, [0] * n, balance_share=0.4, balance_cells=8.0, waking_rate=rate)
    assert lesions.settle(0, start=0, end=end).size == 0
    resting = np.flatnonzero(lesions.states(end + NS) == LesionState.IN_BALANCE)
    assert abs(resting.size - 0.4 * n) < 5 * math.sqrt(n * 0.4 * 0.6)
    late = end + 10 * DAY * NS
    assert set(lesions.cells(late)[resting]) == {8}
    woken = lesions.settle(1, start=end + NS, end=late + NS)
    assert np.isin(woken, resting).all()
    assert abs(woken.size - resting.size / 2) < 5 * math.sqrt(resting.size / 4)
    # From where they rested they go on at the pace of their organ.
    np.testing.assert_allclose(lesions.sizes(late + NS)[woken], 8.0, rtol=1e-6)
    np.testing.assert_allclose(lesions.sizes(late + 10 * DAY * NS + NS)[woken], 16.0, rtol=1e-6)
    others = np.setdiff1d(resting, woken)
    assert set(lesions.cells(late + 10 * DAY * NS)[others]) == {8}


def test_chances_are_those_of_the_host_library() -> None:
    """Exactly the lesions whose deviate is below 1 - exp(-rate time).

    A word each: Philox of the lesion's key, which follows from patient, time and segment.
    """
    n = 64
    lesions = founded([0] * n, [0] * n, loss_rate=1.0 / DAY, surveillance_cells=2.0)
    lost = lesions.settle(2, start=0, end=DAY * NS)
    keys = mixed(0, np.zeros(n, dtype=np.int64), np.arange(n)) >> np.uint64(2)
    np.testing.assert_array_equal(lesions.rows["key"], keys)
    block = philox_of_cell(keys, 2**31 | Purpose.LESION_LOSS, draw=2, seed=7).astype(np.uint64)
    words = block[:, 0] << np.uint64(32) | block[:, 1]
    deviates = ((words >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    assert lost.tolist() == np.flatnonzero(deviates < 1.0 - exponential(-1.0)).tolist()
