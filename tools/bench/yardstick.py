"""The speed of a plain NumPy program, vectorised over cells, on the work of one hop.

`same_hop` follows points through the segments of a run with the laws of the tests' reference: the
same random numbers, choice of daughter, streamline, clock and survival budget. `toy_hop` does less:
a closed binary tree with scattered numbers; a particle takes the left or the right branch by share,
with a 32-bit hash of (particle, draw) as its random number, and adds the branch's dwell time to its
clock until 10 s have passed. No cell size, no survival, no organs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.records import CLASS_BITS
from ctc.simulation.hop_table import HopTable
from ctc.simulation.tables import Tables
from tests.reference.laws import streamline_speed, uniform_deviate
from tests.reference.philox import STREAM_HOP, philox_of_cell

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
    left, right, share = (np.empty(n, dtype=np.uint32) for _ in range(3))
    tree = ToyTree(left, right, share, np.empty(n, dtype=np.float32))
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


def toy_hop(n_particles: int = 100_000) -> float:
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


def same_hop(
    hops: HopTable, tables: Tables, *, start: Words, n_cells: int = 20_000, n_hops: int = 40
) -> float:
    """Time the whole hop in NumPy, on one core [1/s].

    Parameters
    ----------
    hops, tables : HopTable, Tables
        Vessels and rates of a run.
    start : (n,) uint32
        Records where the points start, in turn.
    n_cells, n_hops : int
        How many points, and how often each hops.
    """
    cell = np.arange(n_cells, dtype=np.uint64)
    place = np.resize(start, n_cells).astype(np.int64)
    clock = np.zeros(n_cells, dtype=np.int64)
    budget = np.full(n_cells, 1 << 62, dtype=np.int64)
    began = time.perf_counter()
    for draw in range(1, n_hops + 1):
        words = philox_of_cell(cell, STREAM_HOP, draw=draw, seed=1)
        record = hops.records[place]
        is_second = uniform_deviate(words[:, 1]) >= record["share"]
        place = record["next"].astype(np.int64) + is_second
        record = hops.records[place]
        rates = tables.classes[record["bore_class"] & ((1 << CLASS_BITS) - 1)]
        transit = record["transit_time"] / streamline_speed(uniform_deviate(words[:, 0]), 0.0)
        clock += np.rint(transit).astype(np.int64)
        budget -= np.rint(rates["hazard"] * transit + rates["toll"]).astype(np.int64)
    return n_cells * n_hops / (time.perf_counter() - began)
