"""Random words by key: known answers, no order, no pattern; keys of several parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from ctc.simulation.host_draws import Purpose, mixed, random_words, uniform, words_of
from ctc.simulation.identities import SERIAL_BITS, SERIAL_MASK, Identities
from tests.reference.philox import philox_of_cell

HOST = 2**31
WORDS = st.integers(0, 2**64 - 1)


def expected_words(keys: np.ndarray, *, seed: int, purpose: int, epoch: int) -> np.ndarray:
    """Return the first two words of each block, the first of them above."""
    block = philox_of_cell(keys, HOST | purpose, draw=epoch, seed=seed).astype(np.uint64)
    found: np.ndarray = block[:, 0] << np.uint64(32) | block[:, 1]
    return found


def finished(key: int) -> int:
    """Return what SplitMix64 makes of a state (Steele, Lea and Flood 2014)."""
    key = (key + 0x9E3779B97F4A7C15) % 2**64
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    key = (key ^ (key >> 27)) * 0x94D049BB133111EB % 2**64
    return key ^ (key >> 31)


@settings(max_examples=60)
@given(
    keys=st.lists(WORDS, min_size=1, max_size=5),
    seed=WORDS,
    purpose=st.integers(0, 2**31 - 1),
    epoch=st.integers(0, 2**32 - 1),
)
def test_words_are_those_of_philox(keys: list[int], seed: int, purpose: int, epoch: int) -> None:
    """At the ends of the ranges too: counter (key low, key high, 2^31 + purpose, epoch)."""
    there = np.array(keys, dtype=np.uint64)
    found = words_of(there, seed=seed, purpose=purpose, epoch=epoch)
    expected = expected_words(there, seed=seed, purpose=purpose, epoch=epoch)
    np.testing.assert_array_equal(found, expected)


def test_a_word_is_its_keys_alone() -> None:
    keys = mixed(7, np.arange(1000))
    words = words_of(keys, seed=3, purpose=Purpose.LESION_LOSS, epoch=9)
    order = np.random.default_rng(1).permutation(1000)
    some = words_of(keys[order[:77]], seed=3, purpose=Purpose.LESION_LOSS, epoch=9)
    np.testing.assert_array_equal(some, words[order[:77]])
    assert np.unique(words).size == 1000
    assert words_of(keys[:0], seed=3, purpose=Purpose.LESION_LOSS).size == 0


def test_seed_purpose_and_epoch_are_all_in_it() -> None:
    keys = mixed(0, np.arange(200))
    plain = {"seed": 1, "purpose": int(Purpose.LESION_LOSS), "epoch": 1}
    words = words_of(keys, **plain)
    for name, value in plain.items():
        others = words_of(keys, **(plain | {name: value + 1}))
        assert not np.isin(words, others).any(), name


@pytest.mark.parametrize("purpose", [Purpose.LESION_LOSS, Purpose.TREATMENT + 5])
def test_words_are_uniform(purpose: int) -> None:
    """n = 400,000 of neighbouring keys in 1,000 cells of their upper and of their lower bits.

    Chi-square with 999 degrees of freedom; one in 10,000 of good generators is above the limit.
    """
    n, n_cells = 400_000, 1000
    words = words_of(mixed(2, np.arange(n)), seed=11, purpose=purpose)
    limit = chi2.ppf(1 - 1e-4, n_cells - 1)
    for value in (uniform(words), (words & np.uint64(0xFFFFFFFF)) * 2.0**-32):
        counts = np.bincount((value * n_cells).astype(np.int64), minlength=n_cells)
        assert ((counts - n / n_cells) ** 2).sum() / (n / n_cells) < limit


def test_words_of_neighbours_and_epochs_are_independent() -> None:
    """n = 100,000 pairs in 32 x 32 cells: of one key and the next, and of one epoch and the next.

    Chi-square with 1,023 degrees of freedom; limit as above.
    """
    n, n_cells = 100_000, 32
    keys = np.arange(n + 1, dtype=np.uint64)
    first = uniform(words_of(keys, seed=1, purpose=Purpose.LESION_WAKING, epoch=4))
    second = uniform(words_of(keys, seed=1, purpose=Purpose.LESION_WAKING, epoch=5))
    limit = chi2.ppf(1 - 1e-4, n_cells**2 - 1)
    for one, other in ((first[:-1], first[1:]), (first, second)):
        cell = (one * n_cells).astype(np.int64) * n_cells + (other * n_cells).astype(np.int64)
        counts = np.bincount(cell, minlength=n_cells**2)
        mean = one.size / n_cells**2
        assert ((counts - mean) ** 2).sum() / mean < limit


def test_deviates_are_never_0_or_1() -> None:
    ends = uniform(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert 0.0 < ends[0] < 2.0**-52
    assert 1.0 - 2.0**-52 < ends[1] < 1.0


@given(parts=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6))
def test_keys_are_those_of_splitmix(parts: list[int]) -> None:
    key = 0
    for part in parts:
        key = finished((key + part) % 2**64)
    assert mixed(*parts).tolist() == [key]


def test_the_generator_of_the_paper() -> None:
    """SplitMix64 of seed 1234567 begins with these numbers (Rosetta Code, from the authors' C)."""
    assert mixed(1234567).tolist() == [6457827717110365317]


def test_parts_may_be_of_any_integer_type_and_shape() -> None:
    plain = mixed(3, np.arange(5), 9)
    for dtype in (np.uint8, np.int16, np.uint32, np.int64, np.uint64):
        np.testing.assert_array_equal(mixed(3, np.arange(5, dtype=dtype), 9), plain)
    np.testing.assert_array_equal(plain, [mixed(3, k, 9)[0] for k in range(5)])
    assert mixed(3, np.zeros(0, dtype=np.int64)).size == 0
    high = np.array([2**64 - 1], dtype=np.uint64)
    np.testing.assert_array_equal(mixed(high), mixed(-1))


@pytest.mark.parametrize("place", range(3))
def test_a_bit_of_any_part_turns_half_of_the_key(place: int) -> None:
    """n = 64 x 500 keys: 32 of 64 bits on average, error 4 / sqrt(n); each bit alone half the time.

    Each of the 64 x 64 pairs of bits has an error of sqrt(500 / 4); the limit is six of them, as
    there are 4,096.
    """
    n = 500
    random = np.random.default_rng(place)
    parts = [random.integers(-(2**62), 2**62, n) for _ in range(3)]
    before = mixed(*parts)
    turned = np.zeros((64, 64))
    for bit in range(64):
        other = list(parts)
        other[place] = (parts[place].view(np.uint64) ^ np.uint64(1 << bit)).view(np.int64)
        changed = before ^ mixed(*other)
        turned[bit] = np.unpackbits(changed.view(np.uint8).reshape(n, 8), axis=1).sum(axis=0)
    assert abs(turned.sum() / (64 * n) - 32.0) < 5 * 4.0 / np.sqrt(64 * n)
    assert np.abs(turned - n / 2).max() < 6 * np.sqrt(n / 4)


def test_keys_of_many_things_differ() -> None:
    """10^6 keys of (patient, time, segment) in a dense block: 3e-8 of two alike are expected."""
    patient, time, segment = np.meshgrid(np.arange(100), np.arange(100), np.arange(100))
    keys = mixed(patient.ravel(), time.ravel(), segment.ravel())
    assert np.unique(keys).size == keys.size
    # Nor does it matter in which place a number stands.
    swapped = mixed(time.ravel(), patient.ravel(), segment.ravel())
    same = patient.ravel() == time.ravel()
    np.testing.assert_array_equal(keys == swapped, same)


def test_words_of_a_number_are_numpys() -> None:
    """Philox with key (seed, purpose): those from any number on are the same."""
    whole = random_words(2**63 + 5, Purpose.SHEDDING, epoch=3, count=11)
    key = np.array([2**63 + 5, 1], dtype=np.uint64)
    counter = np.array([0, 0, 0, 3], dtype=np.uint64)
    expected = np.random.Philox(key=key, counter=counter).random_raw(11)
    np.testing.assert_array_equal(whole, expected)
    part = random_words(2**63 + 5, Purpose.SHEDDING, epoch=3, first=6, count=5)
    np.testing.assert_array_equal(part, whole[6:])


@given(patient=st.integers(0, 2**23 - 1), counts=st.lists(st.integers(0, 2**20), max_size=20))
def test_identities_are_dense_and_of_one_patient(patient: int, counts: list[int]) -> None:
    identities, n_before = Identities(patient), 0
    for count in counts:
        first = identities.take(count)
        assert first >> SERIAL_BITS == patient
        assert first & SERIAL_MASK == n_before
        n_before += count
    assert identities.n_taken == n_before
