"""Philox4x32-10: the reference against the published answers, the kernels against the reference.

The third word of the kernels' counter is a stream number, so the published counters cannot be
handed to them. What they can be handed is compared with the reference bit by bit: the hop stream
through the probe, and the birth stream, with ids of 64 bits, through the births themselves.
"""

import numpy as np
import pytest

from ctc.backends.base import Backend
from tests.physics.probe import probe
from tests.physics.worlds import Vessel, bolus, made_world, set_out
from tests.reference.philox import (
    STREAM_BIRTH,
    STREAM_BUDGET,
    STREAM_HOP,
    philox4x32,
    philox_of_cell,
)

# Random123 1.14, tests/kat_vectors, lines "philox4x32 10": counter, key, answer.
ZEROS, ONES = 0x0000_0000, 0xFFFF_FFFF
KNOWN_ANSWERS = [
    ((ZEROS,) * 4, (ZEROS,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
SEEDS = (0, 1, 0xFFFF_FFFF, 2**32, 0x299F31D0_A4093822, 2**64 - 1)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_reference_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, int], answer: tuple[int, ...]
) -> None:
    assert tuple(philox4x32([counter], key)[0]) == answer


@pytest.mark.parametrize("seed", SEEDS)
def test_hop_stream_is_that_of_the_reference(backend: Backend, seed: int) -> None:
    words = np.random.Philox(key=5).random_raw(20_000)
    low = (words & np.uint64(ONES)).astype(np.uint32)
    high = (words >> np.uint64(32)).astype(np.uint32)
    low[:2], high[:2] = (ZEROS, ONES), (ONES, ZEROS)
    ids = (high.astype(np.uint64) << np.uint64(32)) | low
    wanted = philox_of_cell(ids, STREAM_HOP, draw=low, seed=seed)
    np.testing.assert_array_equal(probe(low, high, seed=seed, backend=backend).random, wanted)


@pytest.mark.parametrize("first_id", [0, 2**32 - 50, 2**52 + 12345])
def test_birth_stream_is_that_of_the_reference_for_ids_of_64_bits(
    backend: Backend, first_id: int
) -> None:
    """A birth time is floor(duration w / 2^64), w the first two words: with 2^62 ns, w >> 2."""
    world = made_world([Vessel("a", "b")])
    litter = bolus(world.hops, [0], count=100, duration=2**62, first_id=first_id)
    launches = set_out(world, litter, seed=SEEDS[4], backend=backend).launches
    born = launches.population.on_host()["entry_time"]
    ids = np.arange(first_id, first_id + 100, dtype=np.uint64)
    words = philox_of_cell(ids, STREAM_BIRTH, draw=0, seed=SEEDS[4]).astype(np.uint64)
    expected = ((words[:, 0] << np.uint64(32)) | words[:, 1]) >> np.uint64(2)
    np.testing.assert_array_equal(born, expected.astype(np.int64))


def test_budget_stream_is_that_of_the_reference() -> None:
    """A budget is -log(1 - v) in 2^-58, v of 31 bits and 23 more; the logarithm is good to 8e-8."""
    ids, draws = np.arange(5000, dtype=np.uint32), np.arange(5000, dtype=np.uint32)[::-1] // 7
    found = probe(ids, draws, seed=9).budget * 2.0**-58
    words = philox_of_cell(ids, STREAM_BUDGET, draw=draws, seed=9)
    high, low = words[:, 0] >> np.uint32(1), words[:, 1] >> np.uint32(9)
    wanted = -np.log1p(-(high + (low + 0.5) * 2.0**-23) * 2.0**-31)
    np.testing.assert_allclose(found, wanted, rtol=2.5e-7)
    # Fine steps near 0: a chance of 1e-8 is not a matter of one step in 2^23.
    small = found[found < 1e-2]
    assert np.abs(np.rint(small * 2.0**24) - small * 2.0**24).max() > 0.1


def test_seeds_and_draws_give_different_words() -> None:
    words = np.arange(1000, dtype=np.uint32)
    blocks = [probe(words, 0, seed=seed).random.tobytes() for seed in SEEDS]
    assert len(set(blocks)) == len(SEEDS)
