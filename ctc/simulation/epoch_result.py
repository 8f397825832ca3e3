"""What one epoch of a simulation brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.event_runs import OrderedEvents
from ctc.simulation.ledger import Ledger
from ctc.simulation.lesions import Lesions
from ctc.simulation.shedding import SheddingSource


@dataclass(frozen=True)
class Frame:
    """The tracked cells at one time; ``cells`` by field name."""

    time: int
    cells: dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Books:
    """Sums of a run and its lesions, as they are at the end of an epoch.

    Attributes
    ----------
    hops : int
        Segments entered so far.
    ledger : Ledger
        Births and events so far.
    organ_sums : (n_organs, 4) uint64
        Bed arrivals and arrests so far: on the first bed of a cell's life, on later ones.
    lesions : Lesions
        All colonies so far.
    sources : tuple of SheddingSource
        Of the first patient, as they are now.
    """

    hops: int
    ledger: Ledger
    organ_sums: npt.NDArray[np.uint64]
    lesions: Lesions
    sources: tuple[SheddingSource, ...] = ()


@dataclass(frozen=True)
class EpochResult:
    """What one epoch brought; whole in itself, so that it can be written down while the next runs.

    Attributes
    ----------
    number, end : int, int [ns]
        Which epoch, and when it ended.
    frames : list of Frame
        In order of time.
    ordered : OrderedEvents
        All events; its `blocks` hold little memory.
    organ_of_record : (n_records,) int16
        Organ row of every record of the hop table.
    founded : (m,) LESION
        New colonies.
    changed : (k,) int64
        Lesions that were lost or woke at the end.
    litters : (l,) LITTER
        What was born.
    entry_sites : (l,) uint32
        How many vessels the cells of each litter could enter.
    died_dormant : (n_organs,) int64
        Dormant cells that died, by organ row: counted, and no events.
    counts : (n_states, n_organs) int64
        Cells that live at the end, by state and organ row.
    books : Books
        Of the run, at the end.
    settle_passages : callable
        Returns `passages`, in any thread, however far the simulation has gone on.
    is_last : bool
        Whether none follows.
    clinic : dict of str to structured array
        `ClinicRows` of the first patient, by name; empty where nothing is planned.
    """

    number: int
    end: int
    frames: list[Frame]
    ordered: OrderedEvents
    organ_of_record: npt.NDArray[np.int16]
    founded: npt.NDArray[Any]
    counts: npt.NDArray[np.int64]
    books: Books
    settle_passages: Callable[[], npt.NDArray[np.uint64]]
    changed: npt.NDArray[np.int64]
    litters: npt.NDArray[Any]
    entry_sites: npt.NDArray[np.uint32]
    died_dormant: npt.NDArray[np.int64]
    is_last: bool = False
    clinic: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    @cached_property
    def passages(self) -> npt.NDArray[np.uint64]:
        """Cells that entered each segment of the network so far, births included, (n_segments,).

        Empty where the vessels were cut for a measurement.

        Raises
        ------
        CtcError
            If cells were lost on the way: a bug.
        """
        return self.settle_passages()

    @property
    def events(self) -> npt.NDArray[Any]:
        """All events in order, (n,) EVENT, in memory."""
        return self.ordered.whole()

    @property
    def organ(self) -> npt.NDArray[np.int16]:
        """Organ row of each event, (n,) int16."""
        organ: npt.NDArray[np.int16] = self.organ_of_record[self.events["segment"]]
        return organ
