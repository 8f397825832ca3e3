"""A closed tree of tubes as the tables that kernels read, of any size: full physics, no body.

Every hop does what it does in a body: Philox, daughter by the flow that a cell of its size can
reach, streamline, transit time, hazard of the segment's class. Only beds, chambers and deaths are
left out, so a walk is nothing but hops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.host_tables import transit_quantiles
from ctc.backends.records import (
    BED_RECORD,
    CLASS_BITS,
    CLASS_RECORD,
    CLOCK_RECORD,
    N_CLOCK_STATES,
    SEGMENT_RECORD,
    SIZE_RECORD,
)
from ctc.digest import digest_of
from ctc.simulation.hop_table import NANOSECONDS, HopTable
from ctc.simulation.launches import Launches
from ctc.simulation.tables import Tables
from tools.bench.kernel_clock import KernelClock
from tools.bench.timing import Taken


@dataclass(frozen=True)
class Advanced:
    """What launches of ``ctc_advance`` came to.

    Attributes
    ----------
    hops : int
        Segments entered.
    taken : Taken
        Of the launches.
    """

    hops: int
    taken: Taken

    @property
    def per_core(self) -> float:
        """Hops a second of processor time."""
        return self.hops / self.taken.processor


UNTIL = 10 * int(NANOSECONDS)
_N_CLASSES, _N_SIZES = 64, 16
_WORD = 0xFFFF_FFFF
# Mean of 0.12 s a tube, as in the toy: about 84 hops of a cell that flows as the blood does.
_SHORTEST, _LONGEST = 0.02, 0.22
_TERMINAL_RADIUS, _MURRAY = 20e-6, 1.0 / 3.0
# Tumour cells of 12 to 20 um fit into every tube.
_CELL_RADII = np.linspace(6e-6, 10e-6, _N_SIZES)
# Per ns in 2^-45: a survival time of 1e4 s, spent on in every hop.
_HAZARD = 2.0**45 / (1e4 * NANOSECONDS)
# Sixteen times the mean of a newborn: no cell dies.
_BUDGET = 1 << 49


@lru_cache(maxsize=1)
def grow_tubes(levels: int, *, is_scattered: bool = False, seed: int = 1) -> HopTable:
    """Return a closed binary tree of 2^levels tubes.

    Daughters lie side by side. The tubes at the end lead back to the trunk.

    Parameters
    ----------
    levels : int
        2 to 26.
    is_scattered : bool
        Whether pairs of daughters lie anywhere in the table, so that a hop finds nothing that
        the last one has brought into a cache; depth first otherwise, as in a body.
    seed : int
        Of shares, transit times and the order of the pairs.

    Returns
    -------
    HopTable
        Without places in space.
    """
    n = 1 << levels
    bits = np.random.Philox(key=seed)
    n_pairs = n // 2
    # Tube i of the heap (trunk 1) has the daughters 2i and 2i + 1; pair p holds 2p and 2p + 1.
    place_of_pair = np.zeros(n_pairs, dtype=np.uint32)
    if is_scattered:
        place_of_pair[1:] = np.argsort(bits.random_raw(n_pairs - 1), kind="stable") + 1
    else:
        place_of_pair[1:] = _depth_first(levels)
    heap = np.arange(n, dtype=np.int64)
    row = 2 * place_of_pair[heap >> 1].astype(np.int64) + (heap & 1)
    records = np.zeros(n, dtype=SEGMENT_RECORD)
    # Tube 0 has no place in the tree; it leads to the trunk, as the ends do.
    is_end = (heap >= n_pairs) | (heap == 0)
    after = np.where(is_end, 1, 2 * place_of_pair[np.where(is_end, 0, heap)].astype(np.int64))
    words = bits.random_raw(n)
    share = 0.05 + 0.45 * ((words >> np.uint64(40)) * 2.0**-24)
    time = _SHORTEST + (_LONGEST - _SHORTEST) * ((words & np.uint64(0xFFFFFF)) * 2.0**-24)
    depth = np.zeros(n, dtype=np.int64)
    depth[1:] = np.floor(np.log2(heap[1:])).astype(np.int64)
    radius = _TERMINAL_RADIUS * 2.0 ** (_MURRAY * (levels - depth))
    records["next"][row] = after
    records["share"][row] = np.where(is_end, 2.0, share)
    records["transit_time"][row] = time * NANOSECONDS
    records["bore_class"][row] = bore_class(radius, heap % _N_CLASSES)
    none = np.zeros(0, dtype=np.int32)
    return HopTable(
        records=records,
        places=np.zeros(0, dtype=[("start", "<f4", (3,))]),
        segment=none,
        record=none,
        organ=none.astype(np.int16),
        classes=(),
        n_organs=1,
        passages=None,
    )


def _depth_first(levels: int) -> npt.NDArray[np.uint32]:
    """Return the place, from 1 on, of each pair 1, 2, ... of the heap when it lies depth first."""
    place = np.ones(1, dtype=np.uint32)
    parts = [place]
    for level in range(1, levels - 1):
        # Behind a pair that of its first daughter, and behind all below that the second's.
        below = (1 << (levels - 1 - level)) - 1
        place = np.stack([place + 1, place + 1 + below], axis=1).ravel().astype(np.uint32)
        parts.append(place)
    return np.concatenate(parts)


def bore_class(radius: npt.ArrayLike, number: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Return what a record holds of lumen radii [m] and class numbers, as kernels read it."""
    bore = (1.0 / np.sqrt(np.asarray(radius, dtype=np.float64))).astype(np.float32)
    bits = (bore.view(np.uint32) << np.uint32(1)) & np.uint32(0xFFFF_FFFF << CLASS_BITS & _WORD)
    packed: npt.NDArray[np.uint32] = bits | np.asarray(number).astype(np.uint32)
    return packed


def tube_tables() -> Tables:
    """Return tables of tubes: classes with a hazard, size classes, no bed, no clock."""
    classes = np.zeros(_N_CLASSES, dtype=CLASS_RECORD)
    classes["hazard"] = _HAZARD * np.linspace(0.5, 1.5, _N_CLASSES)
    sizes = np.zeros(_N_SIZES, dtype=SIZE_RECORD)
    sizes["radius"] = sizes["chain_radius"] = _CELL_RADII
    sizes["n_cells"] = 1
    threshold = np.arange(1, _N_SIZES + 1, dtype=np.uint64) << np.uint64(60)
    threshold[-1] = np.iinfo(np.uint64).max
    return Tables(
        classes=classes,
        beds=np.zeros(_N_SIZES, dtype=BED_RECORD),
        bed_quantiles=transit_quantiles(1.0),
        clocks=np.zeros(N_CLOCK_STATES * 2, dtype=CLOCK_RECORD),
        sizes=sizes,
        size_threshold=threshold,
        margination=1.0,
    )


def cells_in_tubes(hops: HopTable, count: int) -> dict[str, npt.NDArray[np.generic]]:
    """Return the fields of cells that leave their tubes at time 0, all over the tree."""
    bits = np.random.Philox(key=2)
    start = bits.random_raw(count) % np.uint64(hops.records.size)
    time = np.zeros(count, dtype=np.int64)
    small = np.zeros(count, dtype=np.uint16)
    return {
        "id": np.arange(count, dtype=np.uint64),
        "entry_time": time,
        "exit_time": time,
        "budget": np.full(count, _BUDGET, dtype=np.uint64),
        "segment": start.astype(np.uint32),
        "draw": np.zeros(count, dtype=np.uint32),
        "size_class": (np.arange(count) % _N_SIZES).astype(np.uint16),
        "passes": small,
        "clone": small,
        "state": small.astype(np.uint8),
        "cause": small.astype(np.uint8),
    }


class TubeWalk:
    """Cells in a tree of tubes, followed again and again from the start.

    Parameters
    ----------
    hops : HopTable
        From `grow_tubes`.
    backend : Backend
        Where the kernels run.
    count : int
        Cells.
    """

    def __init__(self, hops: HopTable, backend: Backend, *, count: int) -> None:
        self.backend = KernelClock(backend)
        self.launches = Launches(self.backend, hops, tube_tables(), seed=1)
        self._cells = cells_in_tubes(hops, count)

    def run(self, until: int = UNTIL) -> Advanced:
        """Follow all cells from time 0 to another [ns]."""
        self.launches.population.restore(self._cells)
        self.backend.taken.clear()
        before = self.launches.sums.hops
        self.launches.advance(until)
        hops = self.launches.sums.hops - before
        return Advanced(hops, self.backend.of("ctc_advance"))

    def digest(self) -> str:
        """Return the SHA-256 of all cells as they are."""
        return digest_of(self.launches.population.by_id())
