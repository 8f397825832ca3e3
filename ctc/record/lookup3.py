"""The checksum of HDF5's blocks of metadata, Jenkins' lookup3, of many blocks at once.

Source: Bob Jenkins 2006, lookup3.c, public domain; `hashlittle` with 0 to begin with.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_START = 0xDEADBEEF
_STEP = 12  # bytes a round
_Words = npt.NDArray[np.uint32]


def lookup3(data: bytes) -> int:
    """Return the checksum of some bytes."""
    if not data:
        return _START
    return int(lookup3_of_each(np.frombuffer(data, dtype=np.uint8)[np.newaxis])[0])


def lookup3_of_each(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Return the checksum of each block, (n,) uint32.

    Parameters
    ----------
    blocks : (n, length) uint8
        Blocks of one length, > 0.
    """
    n_blocks, length = blocks.shape
    n_rounds = -(-length // _STEP)
    padded = np.zeros((n_blocks, n_rounds * _STEP), dtype=np.uint8)
    padded[:, :length] = blocks
    # Round by round: what all blocks add in one lies together.
    words = padded.view("<u4").reshape(n_blocks, n_rounds, 3).transpose(1, 2, 0).copy()
    a, b, c = (np.full(n_blocks, (_START + length) & 0xFFFFFFFF, dtype=np.uint32) for _ in range(3))
    for number, (x, y, z) in enumerate(words):
        a, b, c = a + x, b + y, c + z
        if number + 1 < n_rounds:
            a, b, c = _mixed(a, b, c)
    return _ended(a, b, c)


def _rotated(value: _Words, bits: int) -> _Words:
    return (value << np.uint32(bits)) | (value >> np.uint32(32 - bits))


def _mixed(a: _Words, b: _Words, c: _Words) -> tuple[_Words, _Words, _Words]:
    for bits in ((4, 6, 8), (16, 19, 4)):
        a, c = (a - c) ^ _rotated(c, bits[0]), c + b
        b, a = (b - a) ^ _rotated(a, bits[1]), a + c
        c, b = (c - b) ^ _rotated(b, bits[2]), b + a
    return a, b, c


def _ended(a: _Words, b: _Words, c: _Words) -> _Words:
    c = (c ^ b) - _rotated(b, 14)
    a = (a ^ c) - _rotated(c, 11)
    b = (b ^ a) - _rotated(a, 25)
    c = (c ^ b) - _rotated(b, 16)
    a = (a ^ c) - _rotated(c, 4)
    b = (b ^ a) - _rotated(a, 14)
    return (c ^ b) - _rotated(b, 24)
