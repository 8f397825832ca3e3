"""The toy: a closed random tree, a law of one hash and one sum, and its plain NumPy program.

N particles walk through a tree whose leaves lead back to its root. One hop: a 32-bit hash of
(particle, draw number) against the share of the first daughter, then the daughter's dwell time on
top of the clock, until 10 s have passed: about 84 hops. No cell size, no survival, no organs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVELS = 17
END = np.float32(10.0)
STEP = 0x9E3779B9
NODE = np.dtype([("dwell", "<f4"), ("first", "<u4"), ("second", "<u4"), ("share", "<u4")])

Words = npt.NDArray[np.uint32]
Clocks = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ToyTree:
    """Branches of a tree whose leaves lead back to its root, by scattered number.

    Attributes
    ----------
    nodes : (n,) NODE
        Dwell time [s], where the branch leads, chance of ``first`` in 2^-32.
    """

    nodes: npt.NDArray[np.void]

    @property
    def size(self) -> int:
        """Branches."""
        return int(self.nodes.size)


@dataclass(frozen=True)
class Walk:
    """Where particles ended.

    Attributes
    ----------
    place, draws : (n,) uint32
        Branch, and hops made.
    clock : (n,) float32 [s]
        The first time that is not below the end.
    """

    place: Words
    clock: Clocks
    draws: Words

    @property
    def n_hops(self) -> int:
        """Hops of all particles."""
        return int(self.draws.sum(dtype=np.uint64))

    def digest(self) -> str:
        """Return the SHA-256 of all of it."""
        found = hashlib.sha256()
        for array in (self.place, self.clock, self.draws):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


def grow_toy_tree(levels: int = LEVELS) -> ToyTree:
    """Build the tree of 2^levels branches; its numbers come from the hash, not from a generator."""
    n = 1 << levels
    index = np.arange(n, dtype=np.uint32)
    child = np.minimum(2 * index.astype(np.int64) + 1, n)
    name = np.argsort(hash32(index), kind="stable").astype(np.uint32)
    # A branch without daughters leads back to the root.
    heir = np.append(name, name[0])
    nodes = np.empty(n, dtype=NODE)
    nodes["first"][name] = heir[np.where(child < n, child, n)]
    nodes["second"][name] = heir[np.where(child + 1 < n, child + 1, n)]
    nodes["share"][name] = hash32(index + np.uint32(n))
    nodes["dwell"][name] = 0.02 + 0.2 * (hash32(index + np.uint32(2 * n)) / np.float32(2.0**32))
    return ToyTree(nodes)


def hash32(words: Words) -> Words:
    """Mix 32-bit words (the finaliser of MurmurHash3, public domain, Austin Appleby)."""
    words = words ^ (words >> np.uint32(16))
    words = words * np.uint32(0x85EBCA6B)
    words = words ^ (words >> np.uint32(13))
    words = words * np.uint32(0xC2B2AE35)
    return words ^ (words >> np.uint32(16))


def particles(count: int) -> Words:
    """Return the names of particles, scattered words."""
    return hash32(np.arange(count, dtype=np.uint32))


def first_places(tree: ToyTree, names: Words) -> Words:
    """Return where particles start."""
    return names % np.uint32(tree.size)


def walk_numpy(tree: ToyTree, names: Words) -> Walk:
    """Walk in vectorised NumPy: all particles one hop, then those that are still on their way."""
    nodes = tree.nodes
    first, second, share = (np.ascontiguousarray(nodes[f]) for f in ("first", "second", "share"))
    dwell = np.ascontiguousarray(nodes["dwell"])
    walk = Walk(np.empty_like(names), np.empty(names.size, np.float32), np.empty_like(names))
    place, particle = first_places(tree, names), names
    clock = np.zeros(names.size, dtype=np.float32)
    row = np.arange(names.size)
    draw = 0
    while row.size:
        draw += 1
        goes_first = hash32(particle + np.uint32(draw * STEP & 0xFFFFFFFF)) < share[place]
        place = np.where(goes_first, first[place], second[place])
        clock = clock + dwell[place]
        is_on = clock < END
        ended = ~is_on
        rows = row[ended]
        walk.place[rows], walk.clock[rows] = place[ended], clock[ended]
        walk.draws[rows] = draw
        place, clock, particle, row = place[is_on], clock[is_on], particle[is_on], row[is_on]
    return walk
