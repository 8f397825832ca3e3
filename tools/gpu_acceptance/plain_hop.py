"""The hop as users of array libraries would write it: points, the same laws, no rare branch.

Daughter by share, streamline, clock in nanoseconds, survival budget; random words from Philox. What
is left out: the cell's own size, beds, arrest, clocks at rest, events and tallies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.records import CLASS_BITS
from ctc.simulation.hop_table import HopTable
from ctc.simulation.tables import Tables

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
SEED, STREAM = 1, 1
BUDGET = 1 << 49
_WORD = 0xFFFF_FFFF


@dataclass(frozen=True)
class PlainTables:
    """What a hop reads, a column each.

    Attributes
    ----------
    transit, share : (n,) float32
        [ns]; chance of the first daughter.
    following, rates : (n,) int64
        Where the first daughter is; row of the two below.
    hazard, toll : (m,) float32
        Spent of the budget, a nanosecond and at once.
    """

    transit: Any
    share: Any
    following: Any
    rates: Any
    hazard: Any
    toll: Any

    @classmethod
    def of(cls, hops: HopTable, tables: Tables, xp: Any = np) -> PlainTables:
        """Return the columns as arrays of an array library."""
        records, classes = hops.records, tables.classes
        rates = (records["bore_class"] & ((1 << CLASS_BITS) - 1)).astype(np.int64)
        columns = (
            *(records["transit_time"], records["share"], records["next"].astype(np.int64), rates),
            *(classes["hazard"], classes["toll"]),
        )
        return cls(*(xp.asarray(np.ascontiguousarray(column)) for column in columns))


def philox_words(xp: Any, cell: Any, draw: int) -> tuple[Any, Any, Any, Any]:
    """Return four arrays of 32-bit words, in 64 bits, for cells and a draw."""
    low = xp.uint64(_WORD)
    c0, c1 = cell & low, cell >> xp.uint64(32)
    c2, c3 = xp.full_like(cell, STREAM), xp.full_like(cell, draw)
    k0, k1 = SEED & _WORD, SEED >> 32
    for _ in range(ROUNDS):
        first, second = c0 * xp.uint64(MULTIPLIERS[0]), c2 * xp.uint64(MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            (second >> xp.uint64(32)) ^ c1 ^ xp.uint64(k0),
            second & low,
            (first >> xp.uint64(32)) ^ c3 ^ xp.uint64(k1),
            first & low,
        )
        k0, k1 = (k0 + WEYL[0]) & _WORD, (k1 + WEYL[1]) & _WORD
    return c0, c1, c2, c3


def uniform(xp: Any, word: Any) -> Any:
    """Return ((word >> 9) + 0.5) 2^-23 as float32."""
    scaled = (word >> xp.uint64(9)).astype(xp.float32)
    return (scaled + xp.float32(0.5)) * xp.float32(2.0**-23)


def walk_arrays(xp: Any, tables: PlainTables, start: Any, n_hops: int) -> tuple[Any, Any]:
    """Follow points for a number of hops, one hop of all at a time.

    Parameters
    ----------
    xp : module
        NumPy or CuPy.
    tables : PlainTables
        As its arrays.
    start : (n,) int64
        Records where they begin, as its array.
    n_hops : int
        Of each.

    Returns
    -------
    (n,) int64, (n,) int64
        Clocks [ns] and budgets.
    """
    cell = xp.arange(start.size, dtype=xp.uint64)
    place = start.copy()
    clock = xp.zeros(start.size, dtype=xp.int64)
    budget = xp.full(start.size, BUDGET, dtype=xp.int64)
    for draw in range(n_hops):
        words = philox_words(xp, cell, draw)
        is_second = uniform(xp, words[1]) >= tables.share[place]
        place = tables.following[place] + is_second
        speed = xp.float32(2.0) * xp.sqrt(xp.float32(1.0) - uniform(xp, words[0]))
        transit = tables.transit[place] / speed
        clock += xp.rint(transit).astype(xp.int64)
        row = tables.rates[place]
        spent = tables.hazard[row] * transit + tables.toll[row]
        budget -= xp.rint(spent).astype(xp.int64)
    return clock, budget


def clock_of_mean(clock: npt.NDArray[np.int64]) -> float:
    """Return the mean clock [s], by which different programs are compared."""
    return float(clock.mean()) * 1e-9
