"""The random part of the cells that is drawn while the camera moves: fair, and steady."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_CHUNK = 1 << 20


def fair_subset(identity: npt.NDArray[np.uint64], n_wanted: int) -> npt.NDArray[np.uint32]:
    """Return the indices of the cells whose mixed identities are smallest.

    The order of mixed identities has nothing to do with where or what a cell is, so the part is a
    fair sample; and a cell that is in it stays in it from frame to frame, so nothing flickers.

    Parameters
    ----------
    identity : (n,) uint64
        No two alike.
    n_wanted : int
        >= 0; at least n gives all.

    Returns
    -------
    (min(n, n_wanted),) uint32
        Ascending.
    """
    n = identity.size
    if n_wanted >= n:
        return np.arange(n, dtype=np.uint32)
    mixed = np.empty(n, dtype=np.uint32)
    for start in range(0, n, _CHUNK):
        mixed[start : start + _CHUNK] = _mixed(identity[start : start + _CHUNK])
    chosen = np.argpartition(mixed, n_wanted)[:n_wanted]
    return np.sort(chosen).astype(np.uint32)


def _mixed(identity: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """Mix 64-bit words (the finaliser of SplitMix64, public domain, Sebastiano Vigna)."""
    word = identity + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (word >> np.uint64(32)).astype(np.uint32)
