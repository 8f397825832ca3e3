"""What chances of an examination hang on: numbers of deviates, keys of organs, laws of them."""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray

# Keys of organs and of whole patients; those of lesions and tumours are below 2^62.
_ORGANS = np.uint64(1) << np.uint64(63)
WHOLE_BODY = _ORGANS | (np.uint64(1) << np.uint64(32))


class Draw(enum.IntEnum):
    """What a deviate of one occasion decides; a retired number is not used again."""

    SEEN = 0
    MEASURED = 1
    FALSE = 2
    FALSE_DIAMETER = 3
    CELLS = 4
    CLUSTERS = 5
    FALSE_CELLS = 6
    MOLECULES = 7
    NEEDLE = 8
    SENTINEL_MISSED = 9
    SECTION = 10


def organ_keys(organ: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """Return the keys of organs by their index, (n,) uint64."""
    keys: npt.NDArray[np.uint64] = organ.astype(np.uint64) | _ORGANS
    return keys


def body_key() -> npt.NDArray[np.uint64]:
    """Return the key of the patient as a whole, (1,) uint64."""
    return np.array([WHOLE_BODY], dtype=np.uint64)


def random_bits(deviate: float) -> int:
    """Return 64 random bits that a deviate in (0, 1) stands for, as `poisson` takes them."""
    return int(deviate * 2.0**64)


def log_logistic(deviate: FloatArray, *, spread: float) -> FloatArray:
    """Return factors of median 1 whose logarithms are logistic of a spread: ``(u / (1-u))^s``."""
    found: FloatArray = exponential(spread * (logarithm(deviate) - logarithm(1.0 - deviate)))
    return found
