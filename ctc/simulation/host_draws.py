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
    DORMANT_FOUNDER = 10
    DORMANT_TIME = 11
    LESION_LINEAGE = 12
    LESION_VIGOUR = 13


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
    deviate: FloatArray = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return deviate


def choose_members(
    present: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    *,
    seed: int,
    purpose: Purpose,
    epoch: int,
) -> npt.NDArray[np.int64]:
    """Choose members of groups without replacement, all with the same chance.

    Words are drawn until enough different members have been met; where more than half are wanted,
    those that stay are drawn. A word of 64 bits taken modulo 1e9 members favours none by more
    than 1e-10.

    Parameters
    ----------
    present, wanted : (n_groups,) int64
        Members of each group, and how many to choose.
    seed, purpose, epoch : int, Purpose, int
        Of the random words.

    Returns
    -------
    (n,) int64
        Places of the chosen in the line of all members, group by group; rising.
    """
    end = np.cumsum(present)
    first = end - present
    leaves_out = 2 * wanted > present
    drawn = np.where(leaves_out, present - wanted, wanted)
    chosen = np.zeros(0, dtype=np.int64)
    missing, n_words = drawn, 0
    while missing.any():
        group = np.repeat(np.arange(present.size), missing)
        words = random_words(seed, purpose, epoch=epoch, first=n_words, count=group.size)
        n_words += group.size
        place = first[group] + (words % present[group].astype(np.uint64)).astype(np.int64)
        chosen = np.union1d(chosen, place)
        met = np.searchsorted(end, chosen, side="right")
        missing = drawn - np.bincount(met, minlength=present.size)
    if not leaves_out.any():
        return chosen
    met = np.searchsorted(end, chosen, side="right")
    crowd = np.concatenate([np.arange(first[g], end[g]) for g in np.flatnonzero(leaves_out)])
    return np.union1d(chosen[~leaves_out[met]], np.setdiff1d(crowd, chosen))
