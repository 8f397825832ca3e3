"""The checksum of HDF5's blocks of metadata, Jenkins' lookup3, of one block or many at once.

Source: Bob Jenkins 2006, lookup3.c, public domain; `hashlittle` with 0 to begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_START = 0xDEADBEEF
_WORD = 0xFFFFFFFF
_STEP = 12  # bytes a round


def lookup3(data: bytes) -> int:
    """Return the checksum of some bytes."""
    if not data:
        return _START
    words = np.frombuffer(data.ljust(_padded(len(data)), b"\0"), dtype="<u4")
    found: int = _hash(words.reshape(-1, 3).tolist(), (_START + len(data)) & _WORD)
    return found


def lookup3_of_each(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Return the checksum of each block, (n,) uint32.

    Parameters
    ----------
    blocks : (n, length) uint8
        Blocks of one length, > 0.
    """
    n_blocks, length = blocks.shape
    padded = np.zeros((n_blocks, _padded(length)), dtype=np.uint8)
    padded[:, :length] = blocks
    # Round by round: what all blocks add in one lies together.
    words = padded.view("<u4").reshape(n_blocks, -1, 3).transpose(1, 2, 0).copy()
    start = np.full(n_blocks, (_START + length) & _WORD, dtype=np.uint32)
    found: npt.NDArray[np.uint32] = _hash(words, start)
    return found


def _padded(length: int) -> int:
    return -(-length // _STEP) * _STEP


# What follows holds for numbers and for arrays of them alike.


def _hash(rounds: Sequence[Any] | npt.NDArray[Any], start: Any) -> Any:
    a = b = c = start
    for number, (x, y, z) in enumerate(rounds, start=1):
        a, b, c = (a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD
        if number < len(rounds):
            a, b, c = _mixed(a, b, c)
    return _ended(a, b, c)


def _rotated(value: Any, bits: int) -> Any:
    return ((value << bits) & _WORD) | (value >> (32 - bits))


def _mixed(a: Any, b: Any, c: Any) -> tuple[Any, Any, Any]:
    for bits in ((4, 6, 8), (16, 19, 4)):
        a, c = ((a - c) & _WORD) ^ _rotated(c, bits[0]), (c + b) & _WORD
        b, a = ((b - a) & _WORD) ^ _rotated(a, bits[1]), (a + c) & _WORD
        c, b = ((c - b) & _WORD) ^ _rotated(b, bits[2]), (b + a) & _WORD
    return a, b, c


def _ended(a: Any, b: Any, c: Any) -> Any:
    c = ((c ^ b) - _rotated(b, 14)) & _WORD
    a = ((a ^ c) - _rotated(c, 11)) & _WORD
    b = ((b ^ a) - _rotated(a, 25)) & _WORD
    c = ((c ^ b) - _rotated(b, 16)) & _WORD
    a = ((a ^ c) - _rotated(c, 4)) & _WORD
    b = ((b ^ a) - _rotated(a, 14)) & _WORD
    return ((c ^ b) - _rotated(b, 24)) & _WORD
