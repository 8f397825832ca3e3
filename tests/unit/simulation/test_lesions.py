"""Lesions: founding and growth on the host."""

import math

import numpy as np
import pytest

from ctc.backends.records import EVENT
from ctc.simulation.lesions import Lesions

DAY = 86_400
NS = 10**9


def founded(times: list[int], organs: list[int], *, capacity: float = 1e12) -> Lesions:
    lesions = Lesions((10.0 * DAY, 20.0 * DAY, math.inf), capacity)
    events = np.zeros(len(times), dtype=EVENT)
    events["time"] = np.array(times) * NS
    events["cell"] = 100 + np.arange(len(times))
    events["clone"] = 3
    lesions.found(events, organ=np.array(organs), segment=np.arange(len(times)))
    return lesions


def test_rows_carry_the_events_in_their_order() -> None:
    lesions = founded([5, 7], [1, 0])
    new = lesions.found(np.zeros(1, dtype=EVENT), organ=np.array([0]), segment=np.array([9]))
    assert new["lesion"].tolist() == [2]
    assert lesions.rows["lesion"].tolist() == [0, 1, 2]
    assert lesions.rows["cell"].tolist() == [100, 101, 0]
    assert lesions.rows["founded"].tolist() == [5 * NS, 7 * NS, 0]
    assert lesions.rows["clone"].tolist() == [3, 3, 0]
    assert lesions.rows["organ"].tolist() == [1, 0, 0]


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
