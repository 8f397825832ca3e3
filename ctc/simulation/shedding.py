"""Where, when and how many cells enter the vessels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ctc.backends.host_tables import poisson
from ctc.simulation.entry_sites import EntrySites, entry_sites
from ctc.simulation.genealogy import source_parent
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.host_draws import Purpose
from ctc.simulation.identities import Identities
from ctc.simulation.primaries import Primary
from ctc.states import Route

__all__ = ["EntrySites", "Litter", "SheddingSource", "entry_sites", "litters"]

_BY_BLOOD, _BY_LYMPH = 0, 1
_ALL = (1.0, 1.0)
_MOST_STRETCHES = 200


@dataclass(frozen=True)
class SheddingSource:
    """One source of cells.

    Attributes
    ----------
    sites : EntrySites
        Where they enter.
    rate : float [1/s]
        Mean number a second, of a tumour at its mass at the start of the run; 0 for a bolus.
    start, stop : int [ns]
        When it sheds; equal for a bolus.
    cells : int
        Of a bolus.
    clone : int
        Label that its cells carry.
    organ : str
        Where it lies, for the record.
    primary : Primary or None
        The tumour; None for a bolus and a lesion.
    lesion : int
        The lesion that sheds, -1 for a source of the scenario.
    route : Route
        By which cells leave it.
    number : int
        Among the sources of its patient; -1 where that is its clone label.
    patient : int
        Whose it is, where there are several.
    lymph_gain : float
        Cells that are followed of those that enter the lymph, over the same in the blood.
    """

    sites: EntrySites
    rate: float
    start: int
    stop: int
    cells: int
    clone: int
    organ: str
    primary: Primary | None = None
    lesion: int = -1
    route: Route = Route.SEVERAL
    number: int = -1
    patient: int = 0
    lymph_gain: float = 1.0

    @property
    def own_number(self) -> int:
        """Which of the sources of its patient it is."""
        return self.clone if self.number < 0 else self.number

    @property
    def parent(self) -> int:
        """What its cells come from: a lesion, or -1 - number for a source of the scenario."""
        return self.lesion if self.lesion >= 0 else source_parent(self.own_number)

    @property
    def expected_cells(self) -> float:
        """Mean number of cells that it gives over the run.

        By the middle of some hundred equal stretches of time.
        """
        if self.start == self.stop:
            return float(self.cells)
        if self.primary is None:
            return self.rate * ((self.stop - self.start) / NANOSECONDS)
        edges = [
            self.start + (self.stop - self.start) * i // _MOST_STRETCHES
            for i in range(_MOST_STRETCHES + 1)
        ]
        pieces = [
            self.primary.strength(first, last) * ((last - first) / NANOSECONDS)
            for first, last in pairwise(edges)
            if last > first
        ]
        return self.rate * sum(pieces)


@dataclass(frozen=True)
class Litter:
    """The newborn cells of one source in one epoch.

    Attributes
    ----------
    source : SheddingSource
        Their origin.
    first_id, count : int
        Their ids are ``first_id`` to ``first_id + count - 1``.
    start, duration : int [ns]
        Births are uniform over it.
    """

    source: SheddingSource
    first_id: int
    count: int
    start: int
    duration: int


def litters(
    sources: Sequence[SheddingSource],
    *,
    epoch: int,
    start: int,
    end: int,
    seed: int,
    identities: Identities,
    shares: tuple[float, float] = _ALL,
) -> list[Litter]:
    """Draw how many cells each source sheds in an epoch.

    Poisson numbers, keyed by seed, epoch, source and way (blood or lymph); a bolus comes in the
    epoch that holds its moment (start <= moment < end).

    Parameters
    ----------
    sources : sequence of SheddingSource
        All of the patient.
    epoch : int
        Number of the epoch.
    start, end : int [ns]
        Of the epoch.
    seed : int
        Of the run.
    identities : Identities
        Of the patient.
    shares : (float, float)
        Of what tumours shed into the blood and into the lymph, that is followed.
    """
    born: list[Litter] = []
    for source in sources:
        if source.start == source.stop:
            if start <= source.start < end:
                first_id = identities.take(source.cells)
                born.append(Litter(source, first_id, source.cells, source.start, 0))
            continue
        first, last = max(start, source.start), min(end, source.stop)
        if last <= first:
            continue
        for way, (present, mean) in enumerate(_ways(source, first, last)):
            bits = _random_bits(seed, epoch=epoch, source=source, way=way)
            count = poisson(shares[way] * mean, bits)
            born.append(Litter(present, identities.take(count), count, first, last - first))
    return born


def followed_shares(
    sources: Sequence[SheddingSource], most: float, *, start: int, end: int
) -> tuple[float, float]:
    """Return the share that is followed of what tumours shed, into the blood and into the lymph.

    Parameters
    ----------
    sources : sequence of SheddingSource
        All of the patient; boluses are followed whole.
    most : float
        Cells that are followed by each way on average, of all tumours together; may be infinite.
    start, end : int [ns]
        Of the epoch.
    """
    if math.isinf(most):
        return _ALL
    total = [0.0, 0.0]
    for source in sources:
        first, last = max(start, source.start), min(end, source.stop)
        if last > first:
            for way, (_, mean) in enumerate(_ways(source, first, last)):
                total[way] += mean
    by_blood, by_lymph = (min(most / mean, 1.0) if mean > 0.0 else 1.0 for mean in total)
    return by_blood, by_lymph


def _ways(source: SheddingSource, first: int, last: int) -> list[tuple[SheddingSource, float]]:
    """Return a source as it is in a stretch of time, with the mean number by blood and by lymph."""
    mean = source.rate * ((last - first) / NANOSECONDS)
    primary = source.primary
    if primary is None:
        return [(source, mean)]
    mean *= primary.strength(first, last)
    present = source
    reached = primary.sites(first, last)
    if reached is not None:
        present = replace(source, sites=reached[0], route=reached[1])
    if primary.lymphatics is None:
        return [(present, mean)]
    share = primary.tumour.lymph_share
    by_lymph = replace(source, sites=primary.lymphatics, route=Route.LYMPHATIC)
    return [(present, mean * (1.0 - share)), (by_lymph, mean * share * source.lymph_gain)]


def _random_bits(seed: int, *, epoch: int, source: SheddingSource, way: int) -> int:
    """64 random bits of one source in one epoch."""
    # As an array: a list with a number of 2^63 or more would pass through float64.
    key = np.array([seed, int(Purpose.SHEDDING)], dtype=np.uint64)
    counter = np.array([way, source.patient, source.own_number, epoch], dtype=np.uint64)
    generator = np.random.Philox(key=key, counter=counter)
    return int(generator.random_raw())
