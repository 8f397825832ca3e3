"""Emission: all newborn cells of an epoch as tables, so that one launch bears many litters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.records import LITTER_RECORD
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.shedding import Litter


@dataclass(frozen=True)
class Emission:
    """Newborn cells, numbered from 0, litter after litter.

    Attributes
    ----------
    litters : (n_litters,) LITTER_RECORD
        In rising order of their first numbers and of their ids; none is empty.
    site_segment : (n_sites,) uint32
        Records where cells may enter; litters that share their entry sites share these rows.
    site_threshold : (n_sites,) uint64
        Cumulative chances as in `EntrySites`, entry sites after entry sites.
    count : int
        Cells.
    """

    litters: npt.NDArray[Any]
    site_segment: npt.NDArray[np.uint32]
    site_threshold: npt.NDArray[np.uint64]
    count: int

    def part(self, number: int, n_parts: int) -> Emission:
        """Return the share of one of several shards: of every litter an even run of its cells.

        The shares of all numbers, 0 to ``n_parts - 1``, are all cells; which shard gets the odd
        cells of a litter turns with the first id, so that many small litters are split evenly too.
        """
        counts = np.diff(self.litters["first_number"], append=np.uint64(self.count))
        turn = self.litters["first_id"] % np.uint64(n_parts)
        first, last = (
            (counts * np.uint64(edge) + turn) // np.uint64(n_parts) for edge in (number, number + 1)
        )
        own = (last - first).astype(np.uint64)
        litters = self.litters.copy()
        litters["first_id"] += first
        litters["first_number"] = np.cumsum(own) - own
        return replace(self, litters=litters[own > 0], count=int(own.sum()))


def emission_of(litters: Sequence[Litter]) -> Emission:
    """Lay out litters, in rising order of their ids, for launches."""
    born = [litter for litter in litters if litter.count > 0]
    rows = np.zeros(len(born), dtype=LITTER_RECORD)
    # Lesions in one segment, and sources that shed by the same vessels, share their sites.
    first_site: dict[int, int] = {}
    sites: list[EntrySites] = []
    n_sites = number = 0
    for row, litter in zip(rows, born, strict=True):
        own = litter.source.sites
        if id(own) not in first_site:
            first_site[id(own)] = n_sites
            sites.append(own)
            n_sites += own.record.size
        row["first_number"], row["first_id"] = number, litter.first_id
        row["start"], row["duration"] = litter.start, litter.duration
        row["first_site"], row["n_sites"] = first_site[id(own)], own.record.size
        row["clone"] = litter.source.clone
        number += litter.count
    return Emission(
        rows,
        np.concatenate([np.zeros(0, dtype=np.uint32), *(each.record for each in sites)]),
        np.concatenate([np.zeros(0, dtype=np.uint64), *(each.threshold for each in sites)]),
        number,
    )
