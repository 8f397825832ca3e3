"""Entry sites: the segments where cells of one source enter, chosen by weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.simulation.hop_table import HopTable

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
    return weighted_sites(hops.record[open_segments].astype(np.uint32), weight[weight > 0])


def weighted_sites(record: npt.NDArray[np.uint32], weight: FloatArray) -> EntrySites:
    """Return sites of records, (n,) uint32, chosen in proportion to weights > 0, (n,) float64."""
    return EntrySites(record, thresholds(weight))


def thresholds(weight: FloatArray) -> npt.NDArray[np.uint64]:
    """Return cumulative chances of items in 2^-64, the last all ones; weights need no norm."""
    chance = np.cumsum(weight)
    chance /= chance[-1]
    threshold = np.full(chance.size, 2**64 - 1, dtype=np.uint64)
    below_one = chance < 1.0 - 2.0**-53
    threshold[below_one] = (chance[below_one] * _WORD).astype(np.uint64)
    threshold[-1] = 2**64 - 1
    return threshold
