"""Births: how each cell of a run came to be, laid out so that it can be born again by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.simulation.emission import Emission, emission_of
from ctc.simulation.entry_sites import EntrySites, weighted_sites
from ctc.simulation.genealogy import LITTER, Genealogy
from ctc.simulation.identities import SERIAL_BITS
from ctc.simulation.primaries import Primary
from ctc.simulation.seeding import LesionVessels
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter, SheddingSource
from ctc.states import Route


@dataclass(frozen=True)
class Births:
    """The litters of one patient.

    Attributes
    ----------
    setting : Setting
        Of the run.
    rows : (n,) LITTER
        What was born, in rising order of id.
    n_sites : (n,) integer or None
        How many vessels the cells of each litter could enter; None where no treatment changed
        what tumours grow to, so that the setting tells.
    homes : mapping of int to (int, int)
        Segment and clone label of each lesion.
    """

    setting: Setting
    rows: npt.NDArray[Any]
    n_sites: npt.NDArray[np.integer[Any]] | None
    homes: Mapping[int, tuple[int, int]]
    _sources: dict[int, tuple[SheddingSource, int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Cells that were born."""
        return int(self.rows["count"].sum())

    def epoch_of(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the epoch in which each cell was born, (n,) int64.

        Raises
        ------
        InputError
            If a cell was never born; says which are.
        """
        time = self.litters_of(ids)["time"]
        return np.searchsorted(self.setting.epochs, time, side="right")

    def litters_of(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[Any]:
        """Return the litter of each cell, (n,) LITTER; InputError as `epoch_of`."""
        found: npt.NDArray[Any] = self.rows[self.places(ids)]
        return found

    def emission(self, ids: npt.NDArray[np.uint64]) -> Emission:
        """Return the birth of some cells of one epoch, (n,) in rising order of id.

        Each is born as in its run: what is drawn hangs on its id alone.
        """
        places = self.places(ids)
        # Neighbours of one litter are born together.
        is_first = np.ones(ids.size, dtype=bool)
        is_first[1:] = (np.diff(ids) != 1) | (np.diff(places) != 0)
        first = np.flatnonzero(is_first)
        counts = np.diff(first, append=ids.size)
        born = []
        for at, count in zip(first.tolist(), counts.tolist(), strict=True):
            place = int(places[at])
            source, duration = self._source(place)
            start = int(self.rows["time"][place])
            born.append(Litter(source, int(ids[at]), count, start, duration))
        return emission_of(born)

    @cached_property
    def _genealogy(self) -> Genealogy:
        known = Genealogy()
        known.restore(self.rows)
        return known

    @cached_property
    def _vessels(self) -> LesionVessels:
        return LesionVessels(self.setting.hops, self.setting.routes)

    def places(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the row of each cell's litter, (n,) int64; InputError as `epoch_of`."""
        places = self._genealogy.places(ids)
        is_born = places >= 0
        rows = self.rows[np.maximum(places, 0)] if self.rows.size else np.zeros(ids.size, LITTER)
        is_born &= ids - rows["first_cell"] < rows["count"]
        if not is_born.all():
            first = self.setting.patient << SERIAL_BITS
            known = f"{first} .. {first + self.count - 1}" if self.count else "none, as none was"
            message = f"cell must be one that was born, {known}, got {ids[~is_born][0]}."
            raise InputError(message, key="--cell")
        return places

    def _source(self, place: int) -> tuple[SheddingSource, int]:
        """Return what bore a litter, as it was then, and for how long [ns] it did."""
        if place not in self._sources:
            parent = int(self.rows["parent"][place])
            of = self._of_lesion if parent >= 0 else self._of_source
            self._sources[place] = of(parent, place)
        return self._sources[place]

    def _of_lesion(self, lesion: int, place: int) -> tuple[SheddingSource, int]:
        if lesion not in self.homes:
            raise _damaged(place, f"lesion {lesion}, of which nothing is stored")
        segment, clone = self.homes[lesion]
        start, end = self._epoch(place)
        sites, route = self._vessels.of_segment(segment)
        source = SheddingSource(sites, 0.0, start, end, 0, clone, "", lesion=lesion, route=route)
        return source, end - start

    def _of_source(self, parent: int, place: int) -> tuple[SheddingSource, int]:
        number = -1 - parent
        if number >= len(self.setting.sources):
            raise _damaged(place, f"source {number}, which the scenario lacks")
        source = replace(self.setting.sources[number], clone=number)
        if source.start == source.stop:
            return source, 0
        first, end = int(self.rows["time"][place]), self._epoch(place)[1]
        duration = min(end, source.stop) - first
        if duration <= 0:
            raise _damaged(place, f"source {number} at {first} ns, when it shed nothing")
        if source.primary is None:
            return source, duration
        sites = self._sites(source.primary, place, start=first, end=first + duration)
        return replace(source, sites=sites or source.sites), duration

    def _sites(self, primary: Primary, place: int, *, start: int, end: int) -> EntrySites | None:
        """Return the vessels that a tumour shed a litter into; None for all of its source."""
        if primary.lymphatics is not None and self.rows["route"][place] == Route.LYMPHATIC:
            return primary.lymphatics
        if primary.venules is None:
            return None
        if self.n_sites is None:
            reached = primary.sites(start, end)
            return None if reached is None else reached[0]
        count = int(self.n_sites[place])
        if not 0 < count <= primary.venules.record.size:
            raise _damaged(place, f"{count} vessels of {primary.venules.record.size}")
        return weighted_sites(primary.venules.record[:count], primary.venules.flow_rate[:count])

    def _epoch(self, place: int) -> tuple[int, int]:
        """Return begin and end [ns] of the epoch of a litter."""
        ends, time = self.setting.epochs, int(self.rows["time"][place])
        epoch = int(np.searchsorted(ends, time, side="right"))
        if time < 0 or epoch >= len(ends):
            raise _damaged(place, f"a birth at {time} ns, outside of the run")
        return (ends[epoch - 1] if epoch else 0), ends[epoch]


def _damaged(place: int, what: str) -> InputError:
    message = f"litter {place} must be one of this run, got one of {what}. The file is damaged."
    return InputError(message)
