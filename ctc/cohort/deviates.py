"""Uniform deviates of patients: keyed by seed, patient and key, whoever asks and in what order."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError, MissingDeviceError

INSTALL = "pip install 'ctc[sweep]'"
# Halves of the key of Philox beside the seed: what words are for. None is used twice.
_PATIENT, _STRATUM, _SHIFT = 0x5357454550000001, 0x5357454550000002, 0x5357454550000003
_WORDS_A_BLOCK = 4
# Of SciPy's Sobol sequence, in which its points are whole numbers.
_SOBOL_BITS = 30


def patient_deviates(seed: int, key: str, *, count: int) -> FloatArray:
    """Return a deviate in (0, 1) of one key for patients 0 .. count - 1, (count,) float64.

    Word number ``patient`` of Philox with key (seed, purpose) and counter (patient / 4, SHA-256 of
    the key's name): it depends on nothing else.
    """
    return _open(_words(seed, key, purpose=_PATIENT, count=count))


def stratified_deviates(seed: int, key: str, *, count: int) -> FloatArray:
    """Return deviates of which one lies in each of ``count`` equal parts: a Latin hypercube.

    Patients are put in order by random words, ties by number; the place within a part is that of
    `patient_deviates`. So a patient depends on how many there are.
    """
    words = _words(seed, key, purpose=_STRATUM, count=count)
    part = np.empty(count, dtype=np.int64)
    part[np.argsort(words, kind="stable")] = np.arange(count)
    found = (part + patient_deviates(seed, key, count=count)) / count
    return np.minimum(found, 1.0 - 2.0**-53)


def sobol_deviates(seed: int, keys: tuple[str, ...], *, base: int) -> FloatArray:
    """Return the points of Saltelli's design, (base (n_keys + 2), n_keys) float64 in (0, 1).

    SALib's, unscrambled, which are whole multiples of 2^-30; each coordinate is shifted by a keyed
    word (exclusive or), half a step from 0.

    Raises
    ------
    InputError
        If ``base`` is no power of two, which the design needs for balance.
    MissingDeviceError
        If SALib is not installed.
    """
    if base < 2 or base & (base - 1):
        lower = 1 << max(base.bit_length() - 1, 1)
        message = f"patients must be a power of two for design = 'sobol', got {base}. "
        raise InputError(message + f"Take {lower} or {2 * lower}.", key="sweep.patients")
    require_salib()
    from SALib.sample import sobol  # noqa: PLC0415 - optional, slow to import

    problem = {
        "num_vars": len(keys),
        "names": list(keys),
        "bounds": [[0.0, 1.0]] * len(keys),
    }
    points = sobol.sample(problem, base, calc_second_order=False, scramble=False)
    whole = np.rint(points * 2.0**_SOBOL_BITS).astype(np.uint64)
    for column, key in enumerate(keys):
        shift = _words(seed, key, purpose=_SHIFT, count=1)[0] >> np.uint64(64 - _SOBOL_BITS)
        whole[:, column] ^= shift
    found: FloatArray = (whole.astype(np.float64) + 0.5) * 2.0**-_SOBOL_BITS
    return found


def require_salib() -> None:
    """Raise MissingDeviceError unless SALib is installed."""
    try:
        import SALib  # noqa: F401, PLC0415 - optional
    except ImportError:
        message = f"Sobol designs need SALib, which is not installed. Install it: {INSTALL}"
        raise MissingDeviceError(message) from None


def _words(seed: int, key: str, *, purpose: int, count: int) -> npt.NDArray[np.uint64]:
    name = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "little")
    # As arrays: a list with a number of 2^63 or more would pass through float64.
    generator = np.random.Philox(
        key=np.array([seed, purpose], dtype=np.uint64),
        counter=np.array([0, name, 0, 0], dtype=np.uint64),
    )
    n_words = -(-count // _WORDS_A_BLOCK) * _WORDS_A_BLOCK
    words: npt.NDArray[np.uint64] = generator.random_raw(n_words)[:count]
    return words


def _open(words: npt.NDArray[np.uint64]) -> FloatArray:
    deviate: FloatArray = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return deviate
