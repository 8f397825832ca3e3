"""Words by key and counter: the kernels' own generator, and some that are not good enough."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from tools.randomness.native_code import Words, philox_words

# (ids, streams, draws, seeds), broadcast -> (n, 4) uint32.
Generator = Callable[[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike], Words]

philox: Generator = philox_words


def _one_number(
    ids: npt.ArrayLike, streams: npt.ArrayLike, draws: npt.ArrayLike, seeds: npt.ArrayLike
) -> npt.NDArray[np.uint64]:
    """Return all that is given, as four neighbouring numbers for the four words."""
    parts = np.broadcast_arrays(*(np.asarray(x, dtype=np.uint64) for x in (ids, draws)))
    others = np.asarray(streams, dtype=np.uint64) * np.uint64(1 << 40)
    others = others + np.asarray(seeds, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    number = (parts[0] << np.uint64(20)) + parts[1] + others
    numbers = np.uint64(4) * number.reshape(-1)[:, None] + np.arange(4, dtype=np.uint64)
    return np.asarray(numbers, dtype=np.uint64)


def counter(
    ids: npt.ArrayLike, streams: npt.ArrayLike, draws: npt.ArrayLike, seeds: npt.ArrayLike
) -> Words:
    """Return a Weyl sequence: the counter times the golden ratio, upper half."""
    number = _one_number(ids, streams, draws, seeds) * np.uint64(0x9E3779B97F4A7C15)
    return (number >> np.uint64(32)).astype(np.uint32)


def congruential(
    ids: npt.ArrayLike, streams: npt.ArrayLike, draws: npt.ArrayLike, seeds: npt.ArrayLike
) -> Words:
    """Return two steps of a linear congruential generator from the counter."""
    state = _one_number(ids, streams, draws, seeds)
    for _ in range(2):
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return (state >> np.uint64(32)).astype(np.uint32)


# What the battery must find.
NOT_GOOD_ENOUGH: dict[str, Generator] = {
    **{f"Philox, {n} rounds": partial(philox_words, rounds=n) for n in (1, 2, 3, 4, 5, 6)},
    "counter": counter,
    "congruential": congruential,
}
