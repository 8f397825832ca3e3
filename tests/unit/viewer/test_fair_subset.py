"""The part drawn while moving is fair, exact in number, and steady from frame to frame."""

from __future__ import annotations

import numpy as np

from ctc.viewer.fair_subset import fair_subset


def test_a_part_has_the_number_asked_for_and_no_cell_twice() -> None:
    identity = np.arange(10_000, dtype=np.uint64)
    chosen = fair_subset(identity, 700)
    assert chosen.dtype == np.uint32
    assert np.unique(chosen).size == 700
    assert np.array_equal(fair_subset(identity[:50], 700), np.arange(50))


def test_every_stretch_of_identities_gives_its_share() -> None:
    # Binomial: 10 000 cells a stretch at 0.05 give 500 with a standard error of 22.
    chosen = fair_subset(np.arange(200_000, dtype=np.uint64), 10_000)
    counts = np.bincount(chosen // 10_000, minlength=20)
    assert abs(counts - 500).max() < 5 * np.sqrt(500 * 0.95)
    # And so do stretches that a stride could favour.
    counts = np.bincount(chosen % 16, minlength=16)
    assert abs(counts - 625).max() < 5 * np.sqrt(625)


def test_the_same_cells_are_chosen_after_some_have_gone_and_the_rest_moved() -> None:
    identity = np.arange(50_000, dtype=np.uint64)
    before = set(identity[fair_subset(identity, 5000)].tolist())
    left = np.random.default_rng(4).permutation(identity[identity % 10 > 0])
    after = set(left[fair_subset(left, 4500)].tolist())
    # 45 000 are left; of the 5000 about 4500, and the threshold hardly moves.
    assert len(before & after) > 4300
