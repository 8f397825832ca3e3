"""The speed of a plain program on a hop of the same shape: NumPy, vectorised over particles.

A closed binary tree with scattered numbers; a particle takes the left or the right branch by share,
with a 32-bit hash of (particle, draw) as its random number, and adds the branch's dwell time to its
clock until 10 s have passed. No cell size, no survival, no organs: less work than a hop of ctc.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LEVELS = 17
_END = np.float32(10.0)

Words = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class ToyTree:
    """Branches of a tree whose leaves lead back to its root, by scattered number.

    Attributes
    ----------
    left, right : (n,) uint32
        Where a branch leads.
    share : (n,) uint32
        Chance of ``left`` in 2^-32.
    dwell : (n,) float32 [s]
        Time in the branch.
    """

    left: Words
    right: Words
    share: Words
    dwell: npt.NDArray[np.float32]


def grow_toy_tree(levels: int = _LEVELS) -> ToyTree:
    """Build the tree of 2^levels branches; its numbers come from the hash, not from a generator."""
    n = 1 << levels
    index = np.arange(n, dtype=np.uint32)
    child = np.minimum(2 * index.astype(np.int64) + 1, n)
    name = np.argsort(hash32(index), kind="stable").astype(np.uint32)
    # A branch without daughters leads back to the root.
    heir = np.append(name, name[0])
    tree = ToyTree(*(np.empty(n, dtype=np.uint32) for _ in range(3)), np.empty(n, dtype=np.float32))
    tree.left[name] = heir[np.where(child < n, child, n)]
    tree.right[name] = heir[np.where(child + 1 < n, child + 1, n)]
    tree.share[name] = hash32(index + np.uint32(n))
    tree.dwell[name] = 0.02 + 0.2 * (hash32(index + np.uint32(2 * n)) / np.float32(2.0**32))
    return tree


def hash32(words: Words) -> Words:
    """Mix 32-bit words (the finaliser of MurmurHash3, public domain, Austin Appleby)."""
    words = words ^ (words >> np.uint32(16))
    words = words * np.uint32(0x85EBCA6B)
    words = words ^ (words >> np.uint32(13))
    words = words * np.uint32(0xC2B2AE35)
    return words ^ (words >> np.uint32(16))


def numpy_hops_per_second(n_particles: int = 100_000) -> float:
    """Time the toy hop in NumPy, on one core [1/s]."""
    tree = grow_toy_tree()
    particle = hash32(np.arange(n_particles, dtype=np.uint32))
    place = particle % np.uint32(tree.left.size)
    clock = np.zeros(n_particles, dtype=np.float32)
    n_hops, draw = 0, 0
    began = time.perf_counter()
    while place.size:
        draw += 1
        goes_left = hash32(particle + np.uint32(draw * 0x9E3779B9 & 0xFFFFFFFF)) < tree.share[place]
        place = np.where(goes_left, tree.left[place], tree.right[place])
        clock = clock + tree.dwell[place]
        n_hops += place.size
        is_on = clock < _END
        place, clock, particle = place[is_on], clock[is_on], particle[is_on]
    return n_hops / (time.perf_counter() - began)
