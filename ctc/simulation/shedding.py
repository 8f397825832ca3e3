"""Where, when and how many cells enter the vessels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import poisson
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.simulation.hop_table import NANOSECONDS, HopTable

_WORD = 2.0**64


@dataclass(frozen=True)
class EntrySites:
    """Segments where the cells of one source enter.

    Attributes
    ----------
    record : (n_sites,) uint32
        Records of the segments.
    threshold : (n_sites,) uint64
        Cumulative chance in 2^-64; the last is all ones.
    """

    record: npt.NDArray[np.uint32]
    threshold: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class SheddingSource:
    """One source of cells.

    Attributes
    ----------
    sites : EntrySites
        Where they enter.
    rate : float [1/s]
        Mean number a second; 0 for a bolus.
    start, stop : int [ns]
        When it sheds; equal for a bolus.
    cells : int
        Of a bolus.
    clone : int
        Label that its cells carry.
    organ : str
        Where it lies, for the record.
    """

    sites: EntrySites
    rate: float
    start: int
    stop: int
    cells: int
    clone: int
    organ: str


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


def entry_sites(
    hops: HopTable, segments: npt.NDArray[np.integer], *, weight: FloatArray, place: str
) -> EntrySites:
    """Entry sites chosen in proportion to a weight.

    Parameters
    ----------
    hops : HopTable
        Of the network.
    segments : (n_sites,) integer
        Segments of the network.
    weight : (n_sites,) float64
        Such as their flow; segments of weight 0 are left out.
    place : str
        What the user called it, for the message.

    Raises
    ------
    InputError
        If no segment has a weight: nothing flows there.
    """
    open_segments = segments[weight > 0]
    if open_segments.size == 0:
        message = (
            f"source must lie where blood flows, got '{place}' with no open vessel. "
            "Name another organ or vessel."
        )
        raise InputError(message)
    threshold = thresholds(weight[weight > 0])
    return EntrySites(hops.record[open_segments].astype(np.uint32), threshold)


def thresholds(weight: FloatArray) -> npt.NDArray[np.uint64]:
    """Return cumulative chances of items in 2^-64, the last all ones; weights need no norm."""
    chance = np.cumsum(weight)
    chance /= chance[-1]
    threshold = np.full(chance.size, 2**64 - 1, dtype=np.uint64)
    below_one = chance < 1.0 - 2.0**-53
    threshold[below_one] = (chance[below_one] * _WORD).astype(np.uint64)
    threshold[-1] = 2**64 - 1
    return threshold


def litters(
    sources: tuple[SheddingSource, ...], *, epoch: int, start: int, end: int, seed: int, n_shed: int
) -> list[Litter]:
    """Draw how many cells each source sheds in an epoch.

    Poisson numbers, keyed by seed, epoch and source; a bolus comes in the epoch that holds its
    moment (start <= moment < end).

    Parameters
    ----------
    sources : tuple of SheddingSource
        All of the run.
    epoch : int
        Number of the epoch.
    start, end : int [ns]
        Of the epoch.
    seed : int
        Of the run.
    n_shed : int
        Cells shed before, which is the next id.
    """
    born: list[Litter] = []
    for number, source in enumerate(sources):
        if source.start == source.stop:
            if start <= source.start < end:
                born.append(Litter(source, n_shed, source.cells, source.start, 0))
                n_shed += source.cells
            continue
        first, last = max(start, source.start), min(end, source.stop)
        if last <= first:
            continue
        mean = source.rate * ((last - first) / NANOSECONDS)
        count = poisson(mean, _random_bits(seed, epoch=epoch, source=number))
        born.append(Litter(source, n_shed, count, first, last - first))
        n_shed += count
    return born


def _random_bits(seed: int, *, epoch: int, source: int) -> int:
    """64 random bits of one source in one epoch."""
    # As an array: a list with a number of 2^63 or more would pass through float64.
    key = np.array([seed, 1], dtype=np.uint64)
    generator = np.random.Philox(key=key, counter=[0, 0, source, epoch])
    return int(generator.random_raw())
