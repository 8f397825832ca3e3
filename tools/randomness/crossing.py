"""Is a word independent of that of the next cell, stream, draw and seed, and of each input bit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from tools.randomness.generators import Generator
from tools.randomness.native_code import Words
from tools.randomness.statistics import chi_square, probed, uniforms

# Cell id, stream, draw and seed of many draws.
Inputs = tuple[
    npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint64]
]

INPUTS = {"cell id": (0, 64), "stream": (1, 32), "draw": (2, 32), "seed": (3, 64)}
_OUTPUT_BITS = 128


def neighbours(generator: Generator, which: str, n: int) -> dict[str, float]:
    """Compare blocks with those of the next value of one input, others alike; p-values.

    Correlation of the deviates over n / 4 blocks of four words, and the weight of the words' bits
    that differ, binomial of 32.
    """
    place, _ = INPUTS[which]
    count = n // 4
    here: list[npt.NDArray[np.integer]] = [
        np.arange(count, dtype=np.uint64) if place != 0 else np.full(count, 17, dtype=np.uint64),
        np.full(count, 1, dtype=np.uint32),
        np.zeros(count, dtype=np.uint32),
        np.full(count, 12_345, dtype=np.uint64),
    ]
    # The input that is stepped runs through even numbers, so that no block is met twice.
    here[place] = 2 * np.arange(count, dtype=here[place].dtype)
    there = list(here)
    there[place] = here[place] + here[place].dtype.type(1)
    first, second = generator(*here).reshape(-1), generator(*there).reshape(-1)
    product = (uniforms(first) - 0.5) * (uniforms(second) - 0.5) * 12.0
    score = product.sum() / math.sqrt(product.size)
    differing = np.bincount(_ones(first ^ second), minlength=33)
    return {
        "correlation": float(stats.norm.sf(score)),
        "bits that differ": chi_square(differing, stats.binom.pmf(np.arange(33), 32, 0.5)),
    }


def avalanche(generator: Generator, which: str, n: int) -> dict[str, float]:
    """Flip one bit of an input; p-values, and how far the worst of all shares is from one half.

    Each of the 128 bits that come out must flip in half of n tries, for each bit that goes in. Over
    all of them the squared scores are chi-square; the weight of a flip is binomial of 128; the
    worst single score of so many is normal.
    """
    place, width = INPUTS[which]
    flips = np.zeros((width, _OUTPUT_BITS))
    weights = np.zeros(_OUTPUT_BITS + 1, dtype=np.int64)
    for bit in range(width):
        given = _scattered(n, seed=1000 * place + bit)
        before = generator(*given)
        changed: list[npt.NDArray[np.integer]] = [*given]
        changed[place] = given[place] ^ given[place].dtype.type(1 << bit)
        difference = before ^ generator(*changed)
        bits = np.unpackbits(difference.view(np.uint8), axis=1)
        flips[bit] = bits.sum(axis=0)
        weights += np.bincount(bits.sum(axis=1), minlength=_OUTPUT_BITS + 1)
    scores = (flips - n / 2) / math.sqrt(n / 4)
    law = stats.binom.pmf(np.arange(_OUTPUT_BITS + 1), _OUTPUT_BITS, 0.5)
    worst = float(np.abs(scores).max())
    return {
        "each output bit": float(stats.chi2.sf((scores**2).sum(), scores.size)),
        "weight of a flip": chi_square(weights, law),
        "worst bit": float(-np.expm1(scores.size * np.log1p(-2 * stats.norm.sf(worst)))),
    }


def budgets(n: int, *, seed: int) -> float:
    """Compare the budgets of n cells, by the kernels through the host library, with their law."""
    ids = np.arange(n, dtype=np.uint32)
    budget = probed(ids, np.zeros_like(ids), seed=seed)["budget"].astype(np.float64) * 2.0**-58
    return float(stats.kstest(budget, "expon", method="asymp").pvalue)


CROSSINGS: dict[str, Callable[[Generator, str, int], dict[str, float]]] = {
    "next": neighbours,
    "flip": avalanche,
}


def _scattered(n: int, *, seed: int) -> Inputs:
    """Return inputs of a generator of another kind."""
    source = np.random.Generator(np.random.PCG64(seed))
    wide = source.integers(2**64, size=(2, n), dtype=np.uint64)
    narrow = source.integers(2**32, size=(2, n), dtype=np.uint32)
    return wide[0], narrow[0], narrow[1], wide[1]


def _ones(words: Words) -> npt.NDArray[np.int64]:
    bits = np.unpackbits(words.view(np.uint8)).reshape(-1, 32)
    return np.asarray(bits.sum(axis=1), dtype=np.int64)
