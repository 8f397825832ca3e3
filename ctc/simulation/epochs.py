"""The loop over epochs: emit, advance, settle, record; no arithmetic on cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.digest import digest_of
from ctc.errors import InputError
from ctc.simulation.dormant import Awakening, DormantCells
from ctc.simulation.events import EventChain, in_order, no_events
from ctc.simulation.genealogy import LITTER, Genealogy
from ctc.simulation.launches import DEFAULT_CHUNK, Launches
from ctc.simulation.ledger import Ledger
from ctc.simulation.lesions import FOUNDING_FIELDS, LESION, Lesions
from ctc.simulation.seeding import LesionVessels, lesion_litters
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter, litters
from ctc.simulation.tracking import Tracking, census
from ctc.states import COUNTED_CELL, CellState, DeathCause, EventKind


@dataclass(frozen=True)
class Frame:
    """The tracked cells at one time; ``cells`` by field name."""

    time: int
    cells: dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class EpochResult:
    """What one epoch brought.

    Attributes
    ----------
    number, end : int, int [ns]
        Which epoch, and when it ended.
    frames : list of Frame
        In order of time.
    events : (n,) EVENT
        In order.
    organ : (n,) int16
        Organ row of each event.
    founded : (m,) LESION
        New colonies.
    changed : (k,) int64
        Lesions that were lost or woke at the end.
    litters : (l,) LITTER
        What was born.
    died_dormant : (n_organs,) int64
        Dormant cells that died, by organ row: counted, and no events.
    counts : (n_states, n_organs) int64
        Cells that live at the end, by state and organ row.
    passages : (n_segments,) uint64
        Cells that entered each segment of the network so far, births included; empty where the
        vessels were cut for a measurement.
    """

    number: int
    end: int
    frames: list[Frame]
    events: npt.NDArray[Any]
    organ: npt.NDArray[np.int16]
    founded: npt.NDArray[Any]
    counts: npt.NDArray[np.int64]
    passages: npt.NDArray[np.uint64]
    changed: npt.NDArray[np.int64]
    litters: npt.NDArray[Any]
    died_dormant: npt.NDArray[np.int64]


class Simulation:
    """The state of a run between two epochs, and the step from one to the next.

    Parameters
    ----------
    setting : Setting
        What it does and reads.
    backend : Backend
        Where the kernels run.
    chunk, event_capacity : int
        Cells and events of a launch; no result depends on them.
    """

    def __init__(
        self,
        setting: Setting,
        backend: Backend,
        *,
        chunk: int = DEFAULT_CHUNK,
        event_capacity: int | None = None,
    ) -> None:
        self.setting = setting
        self.launches = Launches(
            backend,
            setting.hops,
            setting.tables,
            seed=setting.seed,
            chunk=chunk,
            event_capacity=event_capacity,
        )
        self.ledger = Ledger(setting.hops.n_organs)
        self.lesions = Lesions(setting.doubling_times, setting.lesions, setting.seed)
        self.lesion_vessels = LesionVessels(setting.hops, setting.routes)
        self.genealogy = Genealogy()
        self.dormant = DormantCells(setting)
        self.tracking = Tracking(setting)
        self._ended = np.zeros(setting.hops.records.size, dtype=np.int64)
        self.n_epochs_done = 0
        self.chain = EventChain()

    @property
    def time(self) -> int:
        """Simulated time so far [ns]."""
        return self.setting.epochs[self.n_epochs_done - 1] if self.n_epochs_done else 0

    @property
    def is_finished(self) -> bool:
        """Whether the last epoch is done."""
        return self.n_epochs_done == len(self.setting.epochs)

    def epochs(self) -> Iterator[EpochResult]:
        """Run the epochs that are left, one at each step."""
        while not self.is_finished:
            yield self.step()

    def step(self) -> EpochResult:
        """Run one epoch.

        Raises
        ------
        DeviceFaultError
            If a kernel reported a fault.
        CtcError
            If cells were not conserved.
        """
        start, end = self.time, self.setting.epochs[self.n_epochs_done]
        awakening = self.dormant.awaken(self.n_epochs_done, start=start, end=end)
        n_litters = self.genealogy.rows.size
        events = self._emit(start, end)
        born = self.genealogy.rows[n_litters:].copy()
        frames = []
        for time in self._frame_times(start, end):
            events += self.launches.advance_in_blocks(time)
            frames.append(Frame(time, self.tracking.frame(self.launches, self.dormant, time)))
        events += self.launches.advance_in_blocks(end)
        events.append(awakening.colonies)
        settled = in_order(*events)
        events.clear()
        organ = self.ledger.enter(settled, self.setting.hops.organ, self._ended)
        self.ledger.enter_deaths(awakening.died, DeathCause.TISSUE)
        founded = self._found_colonies(settled, organ, awakening)
        changed = self.lesions.settle(self.n_epochs_done, start=start, end=end)
        self.launches.population.remove_finished()
        self._count_dormant()
        counts, here = census(self.launches, self.setting)
        counts[CellState.DORMANT] += self.dormant.by_organ()
        self.ledger.check(counts.sum(axis=1))
        self.n_epochs_done += 1
        self.chain.add(settled, counts, *self._litters_of_lesions(born))
        return EpochResult(
            number=self.n_epochs_done - 1,
            end=end,
            frames=frames,
            events=settled,
            organ=organ,
            founded=founded,
            counts=counts,
            changed=changed,
            litters=born,
            died_dormant=awakening.died,
            passages=self._passages(here),
        )

    def passages(self) -> npt.NDArray[np.uint64]:
        """Return the cells that entered each segment so far, as in `EpochResult`.

        Raises
        ------
        CtcError
            If cells were lost on the way: a bug.
        """
        return self._passages(census(self.launches, self.setting)[1])

    def _passages(self, here: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """Return the passages, given the cells that are in each record now."""
        hops, sums, to_host = self.setting.hops, self.launches.sums, self.launches.backend.to_host
        if hops.passages is None:
            return np.zeros(0, dtype=np.uint64)
        return hops.passages.settle(
            to_host(sums.passages),
            record=hops.record,
            born=to_host(sums.born),
            here=here,
            ended=self._ended,
        )

    def digest(self) -> str:
        """Return the SHA-256 of cells, events, organ series, lesions and sums so far.

        What a run does not have is left out: dormant cells, litters of lesions, lesions that
        stopped or were lost, tumours that change. What sources shed follows from their clones.
        """
        return digest_of(self._decisive())

    def _decisive(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield all that a digest covers, one array at a time."""
        sums = self.launches.sums
        yield "events and series", np.frombuffer(bytes.fromhex(self.chain.value), dtype=np.uint8)
        for name, array in self.launches.population.by_id():
            yield f"cells/{name}", array
        yield "lesions", _columns(self.lesions.rows, FOUNDING_FIELDS)
        yield "lesion cells", self.lesions.cells(self.time)
        yield "shed", np.array([self.ledger.n_shed], dtype=np.uint64)
        yield "hops", np.array([sums.hops], dtype=np.uint64)
        yield "organ sums", sums.organs
        yield "passages", self.passages()
        yield "events by kind", self.ledger.by_kind
        yield "deaths by cause", self.ledger.by_cause
        yield from self._changes()

    def _changes(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """Return what only some runs have, for the digest."""
        fates = _columns(self.lesions.rows, ("fate", "paused"))
        laws = self.setting.lesions
        found: list[tuple[str, npt.NDArray[Any]]] = []
        if laws.cell_loss_factor > 0.0:
            found += [("early course", _columns(self.lesions.rows, ("start", "dies_out")))]
        if self.dormant.n_cells:
            found += [("dormant classes", self.dormant.classes)]
            found += [("dormant rates", self.dormant.rates())]
            found += [("dormant", np.stack([self.dormant.code, self.dormant.count]))]
        if fates["fate"].any() or fates["paused"].any():
            found += [("lesion fates", fates)]
            found += [("fate rates", np.array([laws.loss_rate, laws.waking_rate]))]
        primaries = [source.primary for source in self.setting.sources]
        found += [
            ("tumour", np.array(primary.measures(self.time)))
            for primary in primaries
            if primary is not None and not primary.is_steady
        ]
        return found

    def state(self) -> dict[str, Any]:
        """Return everything that `restore` needs, as arrays, numbers and texts by name."""
        cells = self.launches.population.on_host()
        return {
            **{f"cell_{name}": array for name, array in cells.items()},
            **{f"lesion_{name}": self.lesions.rows[name].copy() for name in _LESION_NAMES},
            **{f"litter_{name}": self.genealogy.rows[name].copy() for name in _LITTER_NAMES},
            **{f"dormant_{name}": array for name, array in self.dormant.state().items()},
            "born": self.tracking.born.copy(),
            "events_by_kind": self.ledger.by_kind.copy(),
            "deaths_by_cause": self.ledger.by_cause.copy(),
            "organ_sums": self.launches.sums.organs.copy(),
            "passages": self.launches.backend.to_host(self.launches.sums.passages).copy(),
            "born_by_record": self.launches.backend.to_host(self.launches.sums.born).copy(),
            "ended_by_record": self._ended.copy(),
            "hops": self.launches.sums.hops,
            "n_shed": self.ledger.n_shed,
            "n_epochs_done": self.n_epochs_done,
            "setting": self.setting.digest(),
            "chain": self.chain.value,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state of an earlier simulation of the same setting.

        Raises
        ------
        InputError
            If the state belongs to another setting: another run, or other shipped parameters.
        """
        if state["setting"] != self.setting.digest() or self.state().keys() - state.keys():
            message = (
                "checkpoint must be of this run and of this installation's parameters, got another."
                " Use the ctc that began the run, or start the run anew."
            )
            raise InputError(message)
        self.launches.population.restore(_below(state, "cell_"))
        self.dormant.restore(_below(state, "dormant_"))
        self.lesions.rows = _rows_of(state, "lesion", LESION)
        self.genealogy.restore(_rows_of(state, "litter", LITTER))
        self.tracking.restore(state["born"])
        self.ledger.by_kind[...] = state["events_by_kind"]
        self.ledger.by_cause[...] = state["deaths_by_cause"]
        self.ledger.n_shed = state["n_shed"]
        self.launches.sums.organs[...] = state["organ_sums"]
        to_device = self.launches.backend.to_device
        self.launches.sums.passages[...] = to_device(state["passages"])
        self.launches.sums.born[...] = to_device(state["born_by_record"])
        self._ended[...] = state["ended_by_record"]
        self.launches.sums.hops = state["hops"]
        self.n_epochs_done = state["n_epochs_done"]
        self.chain.restart(state["chain"])

    def _emit(self, start: int, end: int) -> list[npt.NDArray[Any]]:
        epoch, seed = self.n_epochs_done, self.setting.seed
        events = [no_events()]
        sources = self.setting.sources
        for litter in litters(
            sources, epoch=epoch, start=start, end=end, seed=seed, n_shed=self.ledger.n_shed
        ):
            events.append(self._bear(litter))
        for litter in lesion_litters(
            self.lesions,
            self.lesion_vessels,
            epoch=epoch,
            start=start,
            end=end,
            n_shed=self.ledger.n_shed,
        ):
            events.append(self._bear(litter))
        return events

    def _bear(self, litter: Litter) -> npt.NDArray[Any]:
        """Add the cells of a litter and return their events."""
        source = litter.source
        events = self.launches.emit(litter)
        self.ledger.n_shed += litter.count
        self.tracking.note_births(litter, self.launches)
        self.genealogy.add(
            [(litter.first_id, litter.count, source.parent, litter.start, int(source.route))]
        )
        return events

    def _frame_times(self, start: int, end: int) -> list[int]:
        is_last = end == self.setting.epochs[-1]
        return [t for t in self.setting.frames if start <= t < end or (is_last and t == end)]

    def _count_dormant(self) -> None:
        """Turn cells that have fallen asleep into counts; forget what only cells needed."""
        population = self.launches.population
        cells = population.take_dormant()
        self.tracking.cells_moved()
        self._ended += np.bincount(cells["segment"], minlength=self._ended.size)
        self.dormant.absorb(
            cells,
            self.genealogy.rows,
            self.genealogy.places(cells["id"]),
            is_tracked=self.tracking.are_tracked(cells["id"]),
        )
        if self.genealogy.is_crowded:
            ids = self.launches.backend.to_host(population.arrays()["id"])
            self.genealogy.forget_all_but(ids)

    def _litters_of_lesions(self, born: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Return those of an epoch's litters that lesions shed, and their rate, if any did."""
        litters = born[born["parent"] >= 0]
        return [litters, np.array([self.setting.lesions.shedding_rate])] if litters.size else []

    def _found_colonies(
        self, events: npt.NDArray[Any], organ: npt.NDArray[np.int16], awakening: Awakening
    ) -> npt.NDArray[Any]:
        index = np.flatnonzero(events["kind"] == EventKind.COLONY)
        colonies = events[index]
        was_counted = colonies["cell"] == COUNTED_CELL
        origins = np.zeros(index.size, dtype=LITTER)
        origins[~was_counted] = self.genealogy.of_cells(colonies["cell"][~was_counted])
        of_counted = awakening.origins[colonies["number"][was_counted]]
        for name in ("parent", "route"):
            origins[name][was_counted] = of_counted[name]
        return self.lesions.found(
            colonies,
            organ=organ[index],
            segment=self.setting.hops.segment[colonies["segment"]],
            litters=origins,
        )


_LESION_NAMES = tuple(LESION.names or ())
_LITTER_NAMES = tuple(LITTER.names or ())


def _columns(rows: npt.NDArray[Any], names: tuple[str, ...]) -> npt.NDArray[Any]:
    """Return some columns of structured rows, packed."""
    chosen = np.zeros(rows.size, dtype=[(name, rows.dtype[name]) for name in names])
    for name in names:
        chosen[name] = rows[name]
    return chosen


def _below(state: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return what stands under names that begin with a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def _rows_of(state: dict[str, Any], prefix: str, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return structured rows from their columns in a state."""
    names = dtype.names or ()
    rows = np.zeros(state[f"{prefix}_{names[0]}"].size, dtype=dtype)
    for name in names:
        rows[name] = state[f"{prefix}_{name}"]
    return rows
