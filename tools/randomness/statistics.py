"""Tests of one stream of 32-bit words; each gives the chance of a value as large, or larger.

Every p-value is uniform for words that are uniform and independent, but for discreteness and
asymptotics that stay below what millions of words can see.

Source: Knuth, The Art of Computer Programming 2, 3.3.2; L'Ecuyer and Simard 2007, ACM Trans Math
Softw 33:22 (TestU01), for collisions, birthday spacings, ranks, weights and spectra.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from ctc.backends.base import choose_backend
from ctc.backends.kernels import kernels
from tools.randomness.native_code import Words

Floats = npt.NDArray[np.float64]
_POPULATION = np.array([bin(x).count("1") for x in range(1 << 16)], dtype=np.uint8)


def chi_square(found: npt.ArrayLike, chances: npt.ArrayLike) -> float:
    """Return the chance of counts that fit as badly; classes of less than ten are joined."""
    counts = np.asarray(found, dtype=np.float64)
    expected = np.asarray(chances, dtype=np.float64) * counts.sum()
    is_rare = expected < 10
    if is_rare.any():
        # With the smallest of the others, so that what is joined is not rare itself.
        is_rare |= expected == expected[~is_rare].min(initial=np.inf)
        counts = np.append(counts[~is_rare], counts[is_rare].sum())
        expected = np.append(expected[~is_rare], expected[is_rare].sum())
    if counts.size < 2:
        return 0.0  # next to nothing was there to count
    return _tail(((counts - expected) ** 2 / expected).sum(), counts.size - 1)


def _even(values: npt.NDArray[np.integer], n_classes: int) -> float:
    """Return the same for classes that are equally likely; a few in each are enough then."""
    expected = values.size / n_classes
    counts = np.bincount(values, minlength=n_classes)
    return _tail(((counts - expected) ** 2).sum() / expected, n_classes - 1)


def _tail(value: float, freedom: int) -> float:
    return float(stats.chi2.sf(value, freedom))


def uniforms(words: Words) -> Floats:
    """Return the uniform deviates of the kernels, ((x >> 9) + 0.5) 2^-23."""
    return np.asarray(((words >> np.uint32(9)) + 0.5) * 2.0**-23, dtype=np.float64)


def frequencies_of_bytes(words: Words) -> float:
    """Ask whether all bytes are equally likely."""
    return _even(words.view(np.uint8), 256)


def upper_bits(words: Words) -> float:
    """Ask whether the upper 16 bits take all values alike."""
    return _even(words >> np.uint32(16), 1 << 16)


def lower_bits(words: Words) -> float:
    """Ask whether the lower 16 bits take all values alike."""
    return _even(words & np.uint32(0xFFFF), 1 << 16)


def pairs(words: Words) -> float:
    """Count upper bytes of two neighbours."""
    first, second = (words[: words.size // 2 * 2] >> np.uint32(24)).reshape(-1, 2).T
    return _even(first * 256 + second, 1 << 16)


def triples(words: Words) -> float:
    """Count upper five bits of three neighbours."""
    top = (words[: words.size // 3 * 3] >> np.uint32(27)).reshape(-1, 3)
    return _even(top @ np.array([1, 32, 1024], dtype=np.uint32), 1 << 15)


def gaps(words: Words) -> float:
    """Count words between two whose upper three bits are 0."""
    length = np.diff(np.flatnonzero(words < 1 << 29)) - 1
    n = 100
    chances = 0.125 * 0.875 ** np.arange(n)
    found = np.bincount(np.minimum(length, n), minlength=n + 1)
    return chi_square(found, np.append(chances, 0.875**n))


def poker(words: Words) -> float:
    """Count different cards among five of eight."""
    hands = (words[: words.size // 5 * 5] >> np.uint32(29)).reshape(-1, 5)
    seen = np.bitwise_or.reduce(np.uint32(1) << hands, axis=1)
    ways = [math.perm(8, k) * stirling for k, stirling in enumerate((0, 1, 15, 25, 10, 1))]
    return chi_square(np.bincount(_POPULATION[seen], minlength=6)[1:], np.array(ways[1:]) / 8**5)


def runs(words: Words) -> float:
    """Count how often words above and below the middle follow one another."""
    is_high = words >> np.uint32(31)
    n_high = int(is_high.sum())
    n_low = words.size - n_high
    n_runs = 1 + int((is_high[1:] != is_high[:-1]).sum())
    product = 2.0 * n_high * n_low
    mean = product / words.size + 1
    variance = product * (product - words.size) / (words.size**2 * (words.size - 1.0))
    return float(stats.norm.sf((n_runs - mean) / math.sqrt(variance))) if variance > 0 else 0.0


def permutations(words: Words) -> float:
    """Count orders of four neighbours."""
    rows = words[: words.size // 4 * 4].reshape(-1, 4)
    code = np.zeros(rows.shape[0], dtype=np.int64)
    for i in range(4):
        code = code * (4 - i) + (rows[:, i + 1 :] < rows[:, i : i + 1]).sum(axis=1)
    return _even(code, 24)


def largest_of_eight(words: Words) -> float:
    """Take the largest of eight deviates, to the eighth power: a uniform deviate again."""
    rows = uniforms(words[: words.size // 8 * 8]).reshape(-1, 8)
    return float(stats.kstest(rows.max(axis=1) ** 8, "uniform", method="asymp").pvalue)


def law_of_uniforms(words: Words) -> float:
    """Take Kolmogorov and Smirnov's distance of the deviates from the straight line."""
    return float(stats.kstest(uniforms(words), "uniform", method="asymp").pvalue)


def law_of_logarithms(words: Words) -> float:
    """Do the same with -log of the deviates, by the kernels' own logarithm."""
    logarithm = probed(words, np.zeros_like(words))["logarithm"]
    return float(stats.kstest(-logarithm.astype(np.float64), "expon", method="asymp").pvalue)


def collisions(words: Words) -> float:
    """Count balls that meet others: 2^14 in 2^18 urns, by the upper 18 bits, many times over."""
    n_balls, n_urns = 1 << 14, float(1 << 18)
    throws = (words[: words.size // n_balls * n_balls] >> np.uint32(14)).reshape(-1, n_balls)
    found = sum(n_balls - np.unique(throw).size for throw in throws)
    empty, both = (1 - 1 / n_urns) ** n_balls, (1 - 2 / n_urns) ** n_balls
    mean = n_balls - n_urns * (1 - empty)
    variance = n_urns * empty * (1 - empty) + n_urns * (n_urns - 1) * (both - empty**2)
    score = (found - len(throws) * mean) / math.sqrt(len(throws) * variance)
    return float(stats.norm.sf(score))


def birthday_spacings(words: Words) -> float:
    """Count equal spacings of 4,096 days in a year of 2^32: Poisson, mean 4 for each year."""
    n_days = 1 << 12
    years = np.sort(words[: words.size // n_days * n_days].reshape(-1, n_days), axis=1)
    spacings = np.sort(np.diff(years, axis=1), axis=1)
    equal = int((spacings[:, 1:] == spacings[:, :-1]).sum())
    mean = len(years) * n_days**3 / 2.0**34
    # In the middle of its step, so that it is uniform.
    return float(stats.poisson.sf(equal, mean) + 0.5 * stats.poisson.pmf(equal, mean))


def ranks(words: Words) -> float:
    """Count ranks over GF(2) of matrices of 32 words."""
    rows = words[: words.size // 32 * 32].reshape(-1, 32)[: 1 << 15].copy()
    rank = np.zeros(len(rows), dtype=np.int64)
    for bit in range(32):
        has = (rows >> np.uint32(bit)) & np.uint32(1)
        pivot = has.argmax(axis=1)
        is_found = has.any(axis=1)
        chosen = np.where(is_found, rows[np.arange(len(rows)), pivot], 0).astype(np.uint32)
        rows ^= has * chosen[:, None]  # the pivot's own row becomes 0 and is out
        rank += is_found
    full = float(np.prod(1.0 - 0.5 ** np.arange(1, 33)))
    one_less = (
        float(np.prod((1.0 - 0.5 ** np.arange(2, 33)) ** 2 / (1 - 0.5 ** np.arange(1, 32)))) / 2
    )
    found = [(rank == 32).sum(), (rank == 31).sum(), (rank < 31).sum()]
    return chi_square(found, [full, one_less, 1 - full - one_less])


def weights(words: Words) -> float:
    """Count light, even and heavy neighbours by their numbers of ones."""
    weight = _weight(words[: words.size // 2 * 2])
    kind = (np.sign(weight.astype(np.int64) - 16) + 1).reshape(-1, 2)
    even = math.comb(32, 16) / 2.0**32
    chance = np.array([(1 - even) / 2, even, (1 - even) / 2])
    found = np.bincount(kind[:, 0] * 3 + kind[:, 1], minlength=9)
    return chi_square(found, np.outer(chance, chance).ravel())


def bits_apart(words: Words) -> float:
    """Sum each bit, and each pair of bits of a word, by itself."""
    words = words[: words.size // 16 * 16]
    columns = np.array(
        [np.packbits(((words >> np.uint32(bit)) & np.uint32(1)).astype(bool)) for bit in range(32)]
    ).view(np.uint16)
    one, two = np.triu_indices(32, 1)
    n_set = [_POPULATION[column].sum() for column in columns]
    n_unlike = [_POPULATION[columns[i] ^ columns[j]].sum() for i, j in zip(one, two, strict=True)]
    sums = words.size - 2.0 * np.append(n_set, n_unlike)
    return _tail((sums**2).sum() / words.size, sums.size)


def correlations(words: Words) -> float:
    """Correlate deviates with those 1 to 16 places on."""
    centred = (uniforms(words) - 0.5) * math.sqrt(12.0)
    scores = [
        (centred[:-lag] * centred[lag:]).sum() / math.sqrt(centred.size - lag)
        for lag in range(1, 17)
    ]
    return float(stats.chi2.sf(np.square(scores).sum(), len(scores)))


def spectrum(words: Words) -> float:
    """Take the largest line of the spectrum of the deviates: periods of any length."""
    centred = (uniforms(words) - 0.5) * math.sqrt(12.0)
    power = np.abs(np.fft.rfft(centred)[1 : words.size // 2]) ** 2 / words.size
    below = -math.expm1(-float(power.max()))
    return -math.expm1(power.size * math.log(below)) if below > 0 else 1.0


def law_of_the_spectrum(words: Words) -> float:
    """Count lines of the spectrum of the lowest bits in classes of the exponential law.

    The lines of signs add up to the number of words (Parseval), so their mean is 1 for every
    stream and the counts vary less than those of free deviates would: their covariance lacks c c',
    c that of a count with the mean. The sum of squares is by the inverse of what is left; without
    the mean's own freedom it is a chi-square again (Rao and Robson 1974, Commun Stat 3:1139).
    """
    signs = 2.0 * (words & np.uint32(1)) - 1.0
    power = np.abs(np.fft.rfft(signs)[1 : words.size // 2]) ** 2 / words.size
    n_classes = 64
    chance = 1.0 / n_classes
    rest = 1.0 - np.arange(n_classes + 1) * chance  # chance to lie above each limit
    limits = -np.log(rest[:-1])
    found = np.bincount(np.searchsorted(limits, power, side="right") - 1, minlength=n_classes)
    # E[x; x above a] = (1 + a) e^-a
    above = np.append((1.0 + limits) * rest[:-1], 0.0)
    covariance = -np.diff(above) - chance
    off = (found - power.size * chance) / math.sqrt(power.size * chance)
    along = covariance / math.sqrt(chance)
    value = (off**2).sum() + (off @ along) ** 2 / (1.0 - (along**2).sum())
    return _tail(value, n_classes - 1)


def _weight(words: Words) -> npt.NDArray[np.uint8]:
    low, high = words & np.uint32(0xFFFF), words >> np.uint32(16)
    return np.asarray(_POPULATION[low] + _POPULATION[high], dtype=np.uint8)


def probed(word: Words, low_word: Words, *, seed: int = 1) -> dict[str, npt.NDArray[np.generic]]:
    """Return what the laws of the kernels give for words, through the host library."""
    backend = choose_backend("cpu", threads=1)
    n = word.size
    outputs = {
        argument.name: np.zeros(n * (4 if argument.name == "random" else 1), dtype=argument.dtype)
        for argument in kernels()["ctc_probe_laws"].arguments
        if argument.length is not None
    }
    given = outputs | {"word": np.ascontiguousarray(word), "low_word": low_word}
    backend.launch("ctc_probe_laws", given | {"seed": seed, "count": n})
    return outputs


TESTS: dict[str, Callable[[Words], float]] = {
    "bytes": frequencies_of_bytes,
    "upper 16 bits": upper_bits,
    "lower 16 bits": lower_bits,
    "serial pairs": pairs,
    "serial triples": triples,
    "gaps": gaps,
    "poker": poker,
    "runs": runs,
    "permutations": permutations,
    "largest of eight": largest_of_eight,
    "law of uniforms": law_of_uniforms,
    "law of logarithms": law_of_logarithms,
    "collisions": collisions,
    "birthday spacings": birthday_spacings,
    "ranks over GF(2)": ranks,
    "Hamming weights": weights,
    "bits and pairs of bits": bits_apart,
    "correlations": correlations,
    "largest spectral line": spectrum,
    "spectrum of lowest bits": law_of_the_spectrum,
}
