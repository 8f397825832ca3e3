"""Philox4x32-10 in plain NumPy, written from the paper: Salmon, Moraes, Dror and Shaw 2011."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)
_ROUNDS = 10

# Streams of kernels/core/streams.h: the third word of the counter.
STREAM_HOP, STREAM_BED, STREAM_BUDGET, STREAM_BIRTH = 1, 2, 6, 7


def philox4x32(counter: npt.ArrayLike, key: tuple[int, int]) -> npt.NDArray[np.uint32]:
    """Return four random words for each counter.

    Parameters
    ----------
    counter : (n, 4) uint32
        Words of the counters, lowest first.
    key : (int, int)
        Words of the key, lowest first.

    Returns
    -------
    (n, 4) uint32
        One bijection of the counter for each key.
    """
    c0, c1, c2, c3 = np.atleast_2d(np.asarray(counter, dtype=np.uint64)).T
    k0, k1 = key
    for _ in range(_ROUNDS):
        first, second = np.uint64(_MULTIPLIERS[0]) * c0, np.uint64(_MULTIPLIERS[1]) * c2
        c0, c1, c2, c3 = (
            (second >> _HALF) ^ c1 ^ np.uint64(k0),
            second & _LOW,
            (first >> _HALF) ^ c3 ^ np.uint64(k1),
            first & _LOW,
        )
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFF_FFFF, (k1 + _WEYL[1]) & 0xFFFF_FFFF
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def philox_of_cell(
    cell_id: npt.ArrayLike, stream: int, *, draw: npt.ArrayLike, seed: int
) -> npt.NDArray[np.uint32]:
    """Return the words of a draw: counter = (id low, id high, stream, draw), key = seed."""
    ids, draws = np.broadcast_arrays(
        np.asarray(cell_id, dtype=np.uint64), np.asarray(draw, dtype=np.uint64)
    )
    streams = np.full(ids.shape, stream, dtype=np.uint64)
    counter = np.stack([ids & _LOW, ids >> _HALF, streams, draws], axis=-1)
    return philox4x32(counter.reshape(-1, 4), (seed & 0xFFFF_FFFF, seed >> 32))
