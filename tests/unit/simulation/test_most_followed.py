"""What is followed of an epoch where its number is bounded."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.hop_table import NANOSECONDS as NS
from ctc.simulation.identities import Identities
from ctc.simulation.shedding import SheddingSource, followed_shares, litters

SITES = EntrySites(np.zeros(1, dtype=np.uint32), np.full(1, 2**64 - 1, dtype=np.uint64))
EPOCH = 1000 * NS


def source(rate: float, number: int = 0, *, stop: int = EPOCH) -> SheddingSource:
    return SheddingSource(SITES, rate, 0, stop, 0, number, "")


@pytest.mark.parametrize(
    ("rates", "most", "share"),
    [
        ((1.0,), math.inf, 1.0),
        ((1.0,), 1000.0, 1.0),
        ((4.0,), 1000.0, 0.25),
        ((3.0, 1.0), 1000.0, 0.25),
        ((0.0,), 10.0, 1.0),
    ],
)
def test_all_tumours_together_are_bounded(
    rates: tuple[float, ...], most: float, share: float
) -> None:
    sources = [source(rate, number) for number, rate in enumerate(rates)]
    assert followed_shares(sources, most, start=0, end=EPOCH) == (share, 1.0)


def test_only_the_part_of_the_epoch_counts_in_which_a_tumour_sheds() -> None:
    sources = [source(4.0, stop=EPOCH // 4)]
    assert followed_shares(sources, 1000.0, start=0, end=EPOCH) == (1.0, 1.0)
    assert followed_shares(sources, 500.0, start=0, end=EPOCH) == (0.5, 1.0)


def test_as_many_are_followed_as_the_bound_says_on_average() -> None:
    """n = 200 epochs of mean 100; standard error sqrt(100 / 200) = 0.71, limit five of those."""
    sources = [source(40.0, stop=10**6 * EPOCH)]
    counts = []
    for epoch in range(200):
        when = {"start": epoch * EPOCH, "end": (epoch + 1) * EPOCH}
        shares = followed_shares(sources, 100.0, **when)
        born = litters(sources, epoch=epoch, **when, seed=5, identities=Identities(), shares=shares)
        counts.append(sum(litter.count for litter in born))
    assert abs(np.mean(counts) - 100.0) < 5 * math.sqrt(100 / 200)


def test_a_bound_that_is_not_met_changes_no_number() -> None:
    sources = [source(2.0), source(3.0, 1)]
    when = {"epoch": 0, "start": 0, "end": EPOCH}
    shares = followed_shares(sources, 5000.0, start=0, end=EPOCH)
    bounded = litters(sources, **when, seed=1, identities=Identities(), shares=shares)
    free = litters(sources, **when, seed=1, identities=Identities())
    assert [each.count for each in bounded] == [each.count for each in free]
