"""Kernel launches over a population: emit, advance, locate; events and sums come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.records import N_ORGAN_TALLIES
from ctc.errors import DeviceFaultError
from ctc.simulation.emission import Emission
from ctc.simulation.events import joined
from ctc.simulation.hop_table import HopTable
from ctc.simulation.launch_buffer import LaunchBuffer, LaunchResult
from ctc.simulation.population import Population
from ctc.simulation.tables import Tables

EVENTS_A_LAUNCH = 1 << 20
_FAULT_MASK = (1 << 56) - 1


@dataclass
class Sums:
    """What kernels have counted since the start of the run.

    Attributes
    ----------
    hops : int
        Segments entered.
    organs : (n_organs, 4) uint64
        Bed arrivals and arrests: on the first bed of a cell's life, on later ones.
    passages : (n_records,) uint64, on the device
        Cells that entered each record, where kernels count them.
    born : (n_records,) int64, on the device
        Cells that were born in each record.
    """

    hops: int
    organs: npt.NDArray[np.uint64]
    passages: Any
    born: Any


@dataclass(frozen=True)
class Regime:
    """Cells that obey the same tables, and these on the device.

    Attributes
    ----------
    population : Population
        The cells.
    tables : dict
        Arguments of the kernels by name: tables and scalars.
    size_threshold : (n_size_classes,) uint64, on the device
        Cumulative chance of the size classes.
    """

    population: Population
    tables: dict[str, Any]
    size_threshold: Any


class Launches:
    """The kernels at work on one population; on others in turn, each with tables of its own.

    Parameters
    ----------
    backend : Backend
        Where they run.
    hops, tables : HopTable, Tables
        What they read.
    seed : int
        Of the run.
    chunk : int, optional
        Cells a launch, as many as suit the backend when left out; no result depends on it.
    event_capacity : int, optional
        Room for the events of one launch; no result depends on it.
    """

    def __init__(
        self,
        backend: Backend,
        hops: HopTable,
        tables: Tables,
        *,
        seed: int,
        chunk: int | None = None,
        event_capacity: int | None = None,
    ) -> None:
        self.backend = backend
        self.sums = Sums(
            0,
            np.zeros((hops.n_organs, N_ORGAN_TALLIES), dtype=np.uint64),
            passages=backend.xp.zeros(hops.records.size, dtype="u8"),
            born=backend.xp.zeros(hops.records.size, dtype="i8"),
        )
        self._seed = seed
        self.chunk = chunk or backend.cells_a_launch
        self._event_capacity = event_capacity or min(self.chunk, EVENTS_A_LAUNCH)
        self._buffers = deque(
            LaunchBuffer(backend, hops.n_organs) for _ in range(backend.n_under_way)
        )
        self._network = {
            "segments": backend.to_device(hops.records),
            "n_segments": hops.records.size,
            "n_organs": hops.n_organs,
        }
        self._places = backend.to_device(hops.places)
        self._segment_of_record = hops.segment
        self.regimes: dict[int, Regime] = {}
        self.lay_out(0, tables)
        self.use(0)

    @property
    def population(self) -> Population:
        """The cells at work."""
        return self._regime.population

    def lay_out(self, number: int, tables: Tables) -> None:
        """Add a regime without cells, or give the cells of one other tables."""
        backend, known = self.backend, self.regimes.get(number)
        self.regimes[number] = Regime(
            Population(backend) if known is None else known.population,
            {
                "classes": backend.to_device(tables.classes),
                "beds": backend.to_device(tables.beds),
                "bed_quantiles": backend.to_device(tables.bed_quantiles),
                "clocks": backend.to_device(tables.clocks),
                "sizes": backend.to_device(tables.sizes),
                "n_size_classes": tables.n_size_classes,
                "margination": tables.margination,
            },
            backend.to_device(tables.size_threshold),
        )

    def use(self, number: int) -> None:
        """Work on the cells of a regime from now on."""
        self._regime = self.regimes[number]

    def emit(self, emission: Emission) -> npt.NDArray[Any]:
        """Add all newborn cells; returns their events, (n,) EVENT in any order."""
        bear = self.midwife(emission)
        return joined(bear(0, emission.count))

    def midwife(self, emission: Emission) -> Callable[[int, int], list[npt.NDArray[Any]]]:
        """Return what adds the newborn cells of such numbers and returns blocks of their events."""
        to_device = self.backend.to_device
        tables = {
            "litters": to_device(emission.litters),
            "site_segment": to_device(emission.site_segment),
            "site_threshold": to_device(emission.site_threshold),
            "size_threshold": self._regime.size_threshold,
            "n_litters": emission.litters.size,
            "n_sites": emission.site_segment.size,
            "seed": self._seed,
        }

        def bear(start: int, stop: int) -> list[npt.NDArray[Any]]:
            self.population.make_room(stop - start)
            events = []
            for first in range(start, stop, self.chunk):
                count = min(self.chunk, stop - first)
                buffer = self._buffers[0]
                newborn = self.population.add(count)
                launch = self.backend.launch(
                    "ctc_emit",
                    newborn
                    | tables
                    | self._network
                    | self._regime.tables
                    | self._room("ctc_emit", buffer, count)
                    | {"first_number": first, "count": count},
                )
                # A new array: whoever holds the one before has what was born until then.
                self.sums.born = self.sums.born + self.count_by_record(newborn["segment"])
                events.append(self._settle(buffer.read("ctc_emit", launch)))
            return events

        return bear

    def count_by_record(self, record: Any) -> Any:
        """Return how many of (n,) records, on the device, are each of the network's."""
        return self.backend.xp.bincount(record, minlength=self.sums.born.size)

    def advance(self, until: int) -> npt.NDArray[Any]:
        """Follow all cells to a time [ns]; returns their events, (n,) EVENT in any order."""
        return joined(self.advance_slots(0, self.population.count, until))

    def advance_slots(self, start: int, end: int, until: int) -> list[npt.NDArray[Any]]:
        """Follow the cells of some slots to a time [ns]; returns blocks of their events.

        While one chunk is read back the next is under way, where the backend can do both.
        """
        events: list[npt.NDArray[Any]] = []
        waiting = deque(range(start, end, self.chunk))
        under_way: deque[tuple[int, LaunchBuffer, Any]] = deque()
        while waiting or under_way:
            while waiting and len(under_way) < len(self._buffers):
                first, buffer = waiting.popleft(), self._buffers[0]
                self._buffers.rotate(-1)
                stop = min(first + self.chunk, end)
                under_way.append((first, buffer, self._set_off(first, stop, buffer, until)))
            first, buffer, launch = under_way.popleft()
            with self._placed_faults():
                result = buffer.read("ctc_advance", launch)
            self.sums.hops += result.hops
            if result.is_unfinished:
                waiting.appendleft(first)
            events.append(self._settle(result))
        return events

    def _set_off(self, start: int, stop: int, buffer: LaunchBuffer, until: int) -> Any:
        """Launch the cells of some slots; returns what tells when it is done."""
        return self.backend.launch(
            "ctc_advance",
            self.population.arrays(start, stop)
            | self._network
            | self._regime.tables
            | self._room("ctc_advance", buffer, stop - start)
            | {
                "seed": self._seed,
                "epoch_end": until,
                "max_hops": self.backend.max_hops,
                "count": stop - start,
            },
        )

    def locate(
        self, cells: dict[str, Any], slots: npt.NDArray[np.uint32], time: int
    ) -> npt.NDArray[np.float32]:
        """Return where cells are at a time [ns].

        Parameters
        ----------
        cells : dict of str to arrays on the device
            Fields of cells; id, entry_time, exit_time and segment are read.
        slots : (n,) uint32
            Which of them.
        time : int [ns]
            Of the frame.

        Returns
        -------
        (n, 3) float32 [m]
            Positions.
        """
        position = self.backend.xp.zeros((slots.size, 3), dtype="f4")
        names = ("id", "entry_time", "exit_time", "segment")
        if slots.size:
            self.backend.launch(
                "ctc_locate",
                {name: cells[name] for name in names}
                | {
                    "places": self._places,
                    "slots": self.backend.to_device(slots),
                    "position": position,
                    "time": time,
                    "seed": self._seed,
                    "n_segments": self._network["n_segments"],
                    "count": slots.size,
                },
            )
        located: npt.NDArray[np.float32] = self.backend.to_host(position)
        return located

    @contextmanager
    def _placed_faults(self) -> Iterator[None]:
        """Add segment and time of the cell to a fault."""
        try:
            yield
        except DeviceFaultError as error:
            fields = self.population.on_host()
            # A fault has room for 56 bits of an identity.
            found = np.flatnonzero(fields["id"] & np.uint64(_FAULT_MASK) == error.cell)
            if found.size == 0:
                raise
            error = error.of_cell(int(fields["id"][found[0]]))
            record, time = (int(fields[name][found[0]]) for name in ("segment", "entry_time"))
            known = record < self._segment_of_record.size
            segment = str(self._segment_of_record[record]) if known else f"of record {record}"
            place = f"segment {segment} at {time} ns"
            raise error.at(place) from None

    def _room(self, kernel: str, buffer: LaunchBuffer, count: int) -> dict[str, Any]:
        """Return the arguments for what the launch of so many cells writes besides them."""
        capacity = max(min(self._event_capacity, count), 1)
        return buffer.clear(kernel, capacity) | {"passages": self.sums.passages}

    def _settle(self, result: LaunchResult) -> npt.NDArray[Any]:
        """Add up the sums of a launch and return its events."""
        self.sums.organs += result.organs
        return result.events
