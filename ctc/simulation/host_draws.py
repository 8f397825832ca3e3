"""Random words of the host: keyed by seed, purpose and epoch, one for each lesion or source."""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray

_WORDS_A_BLOCK = 4


class Purpose(enum.IntEnum):
    """What words are drawn for: half of the key. A retired number is not used again."""

    SHEDDING = 1
    LESION_SHEDDING = 2
    LESION_WAKING = 3
    LESION_LOSS = 4
    LESION_BALANCE = 5
    TUMOUR_CENTRE = 6
    DORMANT_LEAVING = 7
    DORMANT_WAKING = 8
    DORMANT_MEMBER = 9
    DORMANT_TIME = 10
    LESION_LINEAGE = 11
    LESION_VIGOUR = 12


def random_words(
    seed: int, purpose: Purpose, *, epoch: int = 0, first: int = 0, count: int
) -> npt.NDArray[np.uint64]:
    """Words number ``first`` to ``first + count - 1`` of one purpose in one epoch.

    Philox with key (seed, purpose) and counter (number / 4, 0, 0, epoch): each word depends on its
    own number alone.

    Returns
    -------
    (count,) uint64
        Random bits.
    """
    # As arrays: a list with a number of 2^63 or more would pass through float64.
    key = np.array([seed, int(purpose)], dtype=np.uint64)
    block, skipped = divmod(first, _WORDS_A_BLOCK)
    counter = np.array([block, 0, 0, epoch], dtype=np.uint64)
    words = np.random.Philox(key=key, counter=counter).random_raw(skipped + count)
    chosen: npt.NDArray[np.uint64] = np.atleast_1d(words)[skipped:]
    return chosen


def uniform(words: npt.NDArray[np.uint64]) -> FloatArray:
    """Return deviates in the open interval (0, 1) from random words, (n,) float64."""
    deviate: FloatArray = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return deviate
