"""HEDOS' problem as the tables of our kernels: a compartment is a bed that stops no cell.

A bed's transit-time law is a Weibull law of its own mean, here of shape 2: the dwell law itself,
between 1,024 quantiles. Where blood parts in more than two, junctions of no length lead on, as in
any network, along a Huffman tree so that they are few. Particles start in equilibrium.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erfinv

from ctc.backends.base import Backend
from ctc.backends.host_tables import transit_quantiles
from ctc.backends.records import (
    BED,
    BED_RECORD,
    CLASS_RECORD,
    CLOCK_RECORD,
    N_CLOCK_STATES,
    SEGMENT_RECORD,
    SIZE_RECORD,
    SPECIAL_CLASS,
)
from ctc.checks import FloatArray, IntArray
from ctc.simulation.hop_table import NANOSECONDS, ONLY_DAUGHTER, HopTable
from ctc.simulation.launches import Launches
from ctc.simulation.tables import Tables
from tools.bench.hedos_graph import DURATION, SCALE, SHAPE, CompartmentGraph
from tools.bench.tree_of_tubes import bore_class

JUNCTION = -1
# Of survival, which nothing spends.
_BUDGET = 1 << 45


class CompartmentWalk:
    """Particles in a graph of compartments, followed again and again from the start.

    Parameters
    ----------
    graph : CompartmentGraph
        Where.
    backend : Backend
        Where the kernels run.
    n_particles : int
        How many.
    """

    def __init__(self, graph: CompartmentGraph, backend: Backend, *, n_particles: int) -> None:
        self.graph = graph
        hops, self.compartment = compartment_records(graph)
        self.launches = Launches(backend, hops, _tables(len(graph.names)), seed=1)
        first_row = np.array(
            [np.flatnonzero(self.compartment == i)[0] for i in range(len(graph.names))]
        )
        self._particles = particles_in_equilibrium(graph, n_particles, row=first_row)

    @property
    def n_particles(self) -> int:
        """How many."""
        return int(self._particles["id"].size)

    def run(self) -> None:
        """Follow all particles for the whole time."""
        self.restart()
        self.advance(DURATION)

    def restart(self) -> None:
        """Put all particles where they were at the start."""
        self.launches.population.restore(self._particles)

    def advance(self, until: float) -> None:
        """Follow all particles to a time [s] after the start."""
        self.launches.advance(round(until * NANOSECONDS))

    def particles_in(self, compartment: int) -> IntArray:
        """Return the numbers of the particles that are in a compartment now."""
        fields = self.launches.population.on_host()
        here: IntArray = fields["id"][self.compartment[fields["segment"]] == compartment]
        return here.astype(np.int64)

    def occupancy(self) -> FloatArray:
        """Return the share of the particles in each compartment now, (n,) float64."""
        rows = self.launches.population.on_host()["segment"]
        here = self.compartment[rows]
        counts = np.bincount(here, minlength=len(self.graph.names))
        share: FloatArray = counts / here.size
        return share

    def visits(self) -> int:
        """Return how many compartments were entered, over all runs."""
        return int(self.launches.sums.organs.sum())


def compartment_records(graph: CompartmentGraph) -> tuple[HopTable, IntArray]:
    """Lay a graph out for the kernels.

    Daughters lie in pairs, so a compartment has one row for each pair that it is in: rows of one
    compartment are alike.

    Returns
    -------
    HopTable, (n_rows,) int64
        Records, and the compartment of each row, or `JUNCTION`.
    """
    n = len(graph.names)
    compartment = list(range(n)) + [JUNCTION] * (n % 2)
    rows: dict[int, tuple[int, float]] = {}
    to_do = list(range(n))
    while to_do:
        row = to_do.pop()
        of = compartment[row]
        if of != JUNCTION and of in rows and row != of:
            rows[row] = rows[of]
            continue
        daughters = np.flatnonzero(graph.chance[of])
        if daughters.size == 1:
            rows[row] = (int(daughters[0]), ONLY_DAUGHTER)
        else:
            rows[row] = _split(
                daughters.tolist(), graph.chance[of], compartment=compartment, rows=rows
            )
    for row, of in enumerate(compartment):
        if of != JUNCTION:
            rows[row] = rows[of]
    is_bed = np.array(compartment) != JUNCTION
    records = np.zeros(len(compartment), dtype=SEGMENT_RECORD)
    for row, (first, share) in rows.items():
        records["next"][row], records["share"][row] = first, share
    number = np.where(is_bed, SPECIAL_CLASS + np.array(compartment), 0)
    records["bore_class"] = bore_class(np.ones(number.size), number)
    mean = np.append(graph.mean_dwell, 0.0)[np.array(compartment)]
    records["transit_time"] = mean * NANOSECONDS
    none = np.zeros(0, dtype=np.int32)
    table = HopTable(
        records=records,
        places=np.zeros(0, dtype=[("start", "<f4", (3,))]),
        segment=none,
        record=none,
        organ=none.astype(np.int16),
        classes=(),
        n_organs=n + 1,
        passages=None,
    )
    return table, np.array(compartment)


def _split(
    daughters: Sequence[int],
    chance: FloatArray,
    *,
    compartment: list[int],
    rows: dict[int, tuple[int, float]],
) -> tuple[int, float]:
    """Add the rows of a choice among several; returns its first row and that one's share."""
    order = count()
    # (chance, order, compartment or JUNCTION, where a junction leads)
    heap: list[tuple[float, int, int, tuple[int, float]]]
    heap = [(float(chance[d]), next(order), d, (0, 0.0)) for d in daughters]
    heapq.heapify(heap)
    while True:
        small, large = heapq.heappop(heap), heapq.heappop(heap)
        first = len(compartment)
        for row, each in ((first, small), (first + 1, large)):
            compartment.append(each[2])
            if each[2] == JUNCTION:
                rows[row] = each[3]
        total = small[0] + large[0]
        lead = (first, small[0] / total)
        if not heap:
            return lead
        heapq.heappush(heap, (total, next(order), JUNCTION, lead))


def _tables(n_compartments: int) -> Tables:
    classes = np.zeros(SPECIAL_CLASS + n_compartments, dtype=CLASS_RECORD)
    classes["organ"] = n_compartments
    classes["organ"][SPECIAL_CLASS:] = np.arange(n_compartments)
    classes["behaviour"][SPECIAL_CLASS:] = BED
    bed = np.zeros(1, dtype=BED_RECORD)
    bed["slowness"] = 1.0
    size = np.zeros(1, dtype=SIZE_RECORD)
    size["n_cells"] = 1
    return Tables(
        classes=classes,
        beds=bed,
        bed_quantiles=transit_quantiles(SHAPE),
        clocks=np.zeros(N_CLOCK_STATES * (n_compartments + 2), dtype=CLOCK_RECORD),
        sizes=size,
        size_threshold=np.array([np.iinfo(np.uint64).max], dtype=np.uint64),
        margination=1.0,
    )


def particles_in_equilibrium(
    graph: CompartmentGraph, n_particles: int, *, row: IntArray
) -> dict[str, npt.NDArray[Any]]:
    """Return the fields of particles that have been on their way for ever.

    Compartments by share of the blood. What is left of the stay has the density of the survival
    function over the mean, which for shape 2 is Gaussian: scale * erfinv(u).

    Parameters
    ----------
    graph, n_particles : CompartmentGraph, int
        Of what, and how many.
    row : (n_compartments,) int64
        A row of each compartment.
    """
    words = np.random.Philox(key=3).random_raw(2 * n_particles)
    first, second = ((words >> np.uint64(11)) + 0.5) * 2.0**-53, slice(n_particles, None)
    where = np.searchsorted(np.cumsum(graph.share), first[:n_particles])
    where = np.minimum(where, len(graph.names) - 1)
    left = SCALE * graph.mean_dwell[where] * erfinv(first[second])
    small = np.zeros(n_particles, dtype=np.uint16)
    return {
        "id": np.arange(n_particles, dtype=np.uint64),
        "entry_time": np.zeros(n_particles, dtype=np.int64),
        "exit_time": np.rint(left * NANOSECONDS).astype(np.int64),
        "budget": np.full(n_particles, _BUDGET, dtype=np.uint64),
        "segment": row[where].astype(np.uint32),
        "draw": np.zeros(n_particles, dtype=np.uint32),
        "size_class": small,
        "passes": small,
        "clone": small,
        "state": small.astype(np.uint8),
        "cause": small.astype(np.uint8),
    }
