"""Random words of the host: keyed by seed, purpose, epoch and what each is drawn for."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import keyed_words
from ctc.checks import FloatArray

_WORDS_A_BLOCK = 4
# Of SplitMix64.
_GOLDEN_NUMBER = 0x9E3779B97F4A7C15
_FIRST_NUMBER = 0xBF58476D1CE4E5B9
_SECOND_NUMBER = 0x94D049BB133111EB
_GOLDEN, _FIRST, _SECOND = map(np.uint64, (_GOLDEN_NUMBER, _FIRST_NUMBER, _SECOND_NUMBER))
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_WORD = 2**64 - 1


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
    LESION_OVERT = 13
    LESION_RESISTANCE = 14
    ERADICATION = 15
    DEATH = 16
    DORMANT_TREATED = 17
    EXAMINATION = 64  # and above: one for each entry of a calendar
    TREATMENT = 4096  # likewise


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


def words_of(
    keys: npt.NDArray[np.uint64], *, seed: int, purpose: int, epoch: int = 0
) -> npt.NDArray[np.uint64]:
    """Return a random word for each key, (n,) uint64, whatever other keys there are.

    Philox with key ``seed`` and counter (key, purpose, epoch).
    """
    return keyed_words(keys, seed=seed, purpose=int(purpose), round_=epoch)


def mixed(*parts: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Return one key for each of several parts together, (n,) uint64.

    The finaliser of SplitMix64 after each part; integers below 0 count from 2^64 down. Two keys of
    n that differ in a part are the same with a chance of n^2 / 2^65.

    References
    ----------
    .. [1] Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195.
    """
    same, n_same = _mixed_numbers(parts)
    key = np.array([same], dtype=np.uint64)
    for part in parts[n_same:]:
        key = key + np.atleast_1d(np.asarray(part)).astype(np.int64).view(np.uint64) + _GOLDEN
        key = (key ^ (key >> _30)) * _FIRST
        key = (key ^ (key >> _27)) * _SECOND
        key ^= key >> _31
    return key


def _mixed_numbers(parts: tuple[npt.ArrayLike, ...]) -> tuple[int, int]:
    """Return the key of the first parts that are plain integers, and how many these are."""
    key = n_same = 0
    for part in parts:
        if type(part) is not int:
            break
        key = (key + part + _GOLDEN_NUMBER) & _WORD
        key = ((key ^ (key >> 30)) * _FIRST_NUMBER) & _WORD
        key = ((key ^ (key >> 27)) * _SECOND_NUMBER) & _WORD
        key ^= key >> 31
        n_same += 1
    return key, n_same


@dataclass(frozen=True)
class KeyedDraws:
    """Uniform deviates of one occasion of one patient, as `ctc.clinic.disease.Draws`.

    Attributes
    ----------
    seed : int
        Of the run.
    purpose : int
        What they are drawn for, as `Purpose`.
    patient : int
        Number of the patient.
    occasion : int
        Which of several.
    """

    seed: int
    purpose: int
    patient: int
    occasion: int = 0

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> FloatArray:
        """Return a deviate in (0, 1) for each key, (n,) float64; other numbers, other ones."""
        own = mixed(self.patient, keys.view(np.int64), number)
        words = words_of(own, seed=self.seed, purpose=self.purpose, epoch=self.occasion)
        return uniform(words)


def uniform(words: npt.NDArray[np.uint64]) -> FloatArray:
    """Return deviates in the open interval (0, 1) from random words, (n,) float64."""
    deviate: FloatArray = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return deviate
