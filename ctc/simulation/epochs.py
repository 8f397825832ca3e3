"""The loop over epochs: emit, advance, settle, record; no arithmetic on cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.records import N_ORGAN_TALLIES
from ctc.digest import digest_of
from ctc.errors import InputError
from ctc.simulation.blood import Blood, BloodOfRun
from ctc.simulation.dormant import Awakening, DormantCells
from ctc.simulation.emission import Emission, emission_of
from ctc.simulation.epoch_result import Books, EpochResult, Frame
from ctc.simulation.event_runs import EventRuns, OrderedEvents
from ctc.simulation.events import EventChain, in_order
from ctc.simulation.genealogy import LITTER, Genealogy
from ctc.simulation.ledger import Ledger
from ctc.simulation.lesions import FOUNDING_FIELDS, LESION, Lesions
from ctc.simulation.setting import Setting
from ctc.simulation.shard import Fields, RecordCounts
from ctc.simulation.shards import LocalShards, Shards
from ctc.simulation.state_check import require_state
from ctc.simulation.structured import columns_of, rows_of
from ctc.simulation.tracking import Tracking
from ctc.simulation.ward import Ward
from ctc.states import COUNTED_CELL, CellState, DeathCause, EventKind

__all__ = ["EpochResult", "Frame", "Simulation"]

# No sum of the kernels is above that of the hops, so none passes what an int64 holds.
MOST_HOPS = 2**63 - 1


class Simulation:
    """The state of a run between two epochs, and the step from one to the next.

    Attributes
    ----------
    hops : int
        Segments entered so far.
    n_held : int
        Cells in the arrays of shards: all that live but those counted as dormant.
    organ_sums : (n_organs, 4) uint64
        Bed arrivals and arrests so far: on the first bed of a cell's life, on later ones.

    Parameters
    ----------
    setting : Setting or sequence of Setting
        What it does and reads; of several patients, in the same vessels and epochs and from the
        same seed, each with a number of its own.
    where : Shards or Backend
        Where its cells are; a backend holds them all.
    chunk, event_capacity : int, optional
        Cells and events of a launch on that backend; no result depends on them.
    blood : Blood, optional
        What blood of patients is drawn from; that of the run itself when left out.
    """

    def __init__(
        self,
        setting: Setting | Sequence[Setting],
        where: Shards | Backend,
        *,
        chunk: int | None = None,
        event_capacity: int | None = None,
        blood: Blood | None = None,
    ) -> None:
        settings = [setting] if isinstance(setting, Setting) else setting
        self.setting = setting = settings[0]
        self.ward = Ward(settings)
        draws = {} if setting.care is None else setting.care.flow_of_draws
        self._own_blood = BloodOfRun(draws, setting.overt.weight)
        self.blood = blood or self._own_blood
        if not isinstance(where, Shards):
            where = LocalShards.on(setting, where, chunk=chunk, event_capacity=event_capacity)
        self.shards = where
        self.hops = self.n_held = 0
        self.organ_sums = np.zeros((setting.hops.n_organs, N_ORGAN_TALLIES), dtype=np.uint64)
        self.ledger = Ledger(setting.hops.n_organs)
        self.genealogy = Genealogy()
        self.dormant = DormantCells(setting, self.ward.clone_keys())
        self.tracking = Tracking(setting)
        self._ended = np.zeros(setting.hops.records.size, dtype=np.int64)
        self.n_epochs_done = 0
        self.chain = EventChain()
        # Dormant cells wake or die while the others are followed.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="ctc-dormant")

    @property
    def lesions(self) -> Lesions:
        """Of the first patient."""
        return self.ward.patients[0].lesions

    @property
    def time(self) -> int:
        """Simulated time so far [ns]."""
        return self.setting.epochs[self.n_epochs_done - 1] if self.n_epochs_done else 0

    @property
    def is_finished(self) -> bool:
        """Whether the last epoch is done, or no patient lives."""
        return self.n_epochs_done == len(self.setting.epochs) or not self.ward.is_alive

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
        change = self.ward.attend(start, epoch=self.n_epochs_done, blood=self.blood)
        if change is not None:
            self.dormant.obey(change.tables, change.regime)
        waking = self._beside.submit(self.dormant.awaken, self.n_epochs_done, start=start, end=end)
        emissions, born, entry_sites = self._emissions(start, end)
        times = self.setting.frames_between(start, end)
        harvest = self.shards.follow(emissions, times, end, change=change)
        awakening = waking.result()
        self.hops += harvest.hops
        if self.hops > MOST_HOPS:
            message = f"hops must be at most {MOST_HOPS:,}, got {self.hops:,}. Follow fewer cells."
            raise InputError(message, key="cells.weight")
        self.organ_sums += harvest.organ_sums
        self.tracking.note_births(harvest.births)
        frames = [
            Frame(time, self.tracking.frame(parts, self.dormant, self.shards, time=time))
            for time, parts in zip(times, harvest.frames, strict=True)
        ]
        colonies = EventRuns()
        colonies.add(awakening.colonies)
        events = OrderedEvents([*harvest.events, colonies])
        founded = self._settle(events, awakening)
        changed = self.ward.settle(self.n_epochs_done, start=start, end=end)
        self._count_dormant(harvest.dormant)
        counts = harvest.counts
        self.n_held = int(counts.sum())
        counts[CellState.DORMANT] += self.dormant.by_organ()
        self.ledger.check(counts.sum(axis=1))
        self.n_epochs_done += 1
        if self._own_blood.segments.size:
            self._own_blood.note(self.passages(), start=start, end=end)
        self.chain.add(counts, *self._litters_of_lesions(born))
        return EpochResult(
            number=self.n_epochs_done - 1,
            end=end,
            frames=frames,
            ordered=events,
            organ_of_record=self.setting.hops.organ,
            founded=founded,
            counts=counts,
            changed=changed,
            litters=born,
            entry_sites=entry_sites,
            died_dormant=awakening.died + awakening.killed,
            books=Books(
                self.hops,
                self.ledger.copy(),
                self.organ_sums.copy(),
                self.lesions.copy(),
                tuple(self.ward.patients[0].sources),
            ),
            settle_passages=self._passages_now(),
            is_last=self.is_finished,
            clinic=self.ward.patients[0].clinic_rows(),
        )

    def passages(self) -> npt.NDArray[np.uint64]:
        """Return the cells that entered each segment so far, as in `EpochResult`.

        Raises
        ------
        CtcError
            If cells were lost on the way: a bug.
        """
        return self._passages_now()()

    def _passages_now(self) -> Callable[[], npt.NDArray[np.uint64]]:
        """Return what settles the passages of this moment, later and in another thread too."""
        hops = self.setting.hops
        if hops.passages is None:
            return lambda: np.zeros(0, dtype=np.uint64)
        counts = self.shards.record_counts()
        return partial(
            hops.passages.settle,
            counts.passages,
            record=hops.record,
            born=counts.born,
            here=counts.present,
            ended=self._ended.copy(),
        )

    def digest(self) -> str:
        """Return the SHA-256 of cells, events, organ series, lesions and sums so far.

        What a run does not have is left out: dormant cells, litters of lesions, lesions that
        stopped or were lost, tumours that change. What sources shed follows from their clones.
        """
        return digest_of(self._decisive())

    def _decisive(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield all that a digest covers, one array at a time."""
        yield "events and series", np.frombuffer(bytes.fromhex(self.chain.value), dtype=np.uint8)
        for name, field in self.shards.fields_by_id().items():
            yield f"cells/{name}", field()
        for patient in self.ward.patients:
            yield "lesions", columns_of(patient.lesions.rows, FOUNDING_FIELDS)
            yield "lesion cells", patient.lesions.cells(self.time)
        yield "shed", np.array([self.ledger.n_shed], dtype=np.uint64)
        yield "hops", np.array([self.hops], dtype=np.uint64)
        yield "organ sums", self.organ_sums
        yield "passages", self.passages()
        yield "events by kind", self.ledger.by_kind
        yield "deaths by cause", self.ledger.by_cause
        yield from self._changes()

    def _changes(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """Return what only some runs have, for the digest."""
        found: list[tuple[str, npt.NDArray[Any]]] = []
        if self.dormant.n_cells:
            found += [("dormant classes", self.dormant.classes)]
            found += [("dormant rates", self.dormant.rates())]
            found += [("dormant", np.stack([self.dormant.code, self.dormant.count]))]
        return found + self.ward.decisive(self.time)

    def state(self) -> dict[str, Any]:
        """Return everything that `restore` needs, as arrays, numbers and texts by name.

        It does not depend on how many shards there are.
        """
        return {name: value() for name, value in self.state_parts().items()}

    def state_parts(self) -> dict[str, Callable[[], Any]]:
        """Return what gives each value of `state`, so that all of them need not be held at once.

        Good until the next step.
        """
        counts, dormant = self.shards.record_counts(), self.dormant.state()
        litter_rows = self.genealogy.rows
        plain = {
            "hops": self.hops,
            "n_shed": self.ledger.n_shed,
            "n_epochs_done": self.n_epochs_done,
            "setting": self.setting.digest(),
            "chain": self.chain.value,
        }
        arrays = {
            **{f"litter_{name}": litter_rows[name] for name in LITTER.names or ()},
            **{f"dormant_{name}": array for name, array in dormant.items()},
            "born": self.tracking.born,
            "events_by_kind": self.ledger.by_kind,
            "deaths_by_cause": self.ledger.by_cause,
            "organ_sums": self.organ_sums,
            "passages": counts.passages,
            "born_by_record": counts.born,
            "ended_by_record": self._ended,
            **self._own_blood.state(),
        }
        return {
            **{f"cell_{name}": field for name, field in self.shards.fields_by_id().items()},
            **self.ward.state_parts(),
            **{name: array.copy for name, array in arrays.items()},
            **{name: partial(_itself, value) for name, value in plain.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state of an earlier simulation of the same setting.

        Raises
        ------
        InputError
            If the state belongs to another setting, another run or other shipped parameters, or as
            `require_state`.
        """
        fresh = self.state_parts()
        if state.get("setting") != self.setting.digest() or fresh.keys() - state.keys():
            message = (
                "checkpoint must be of this run and of this installation's parameters, got another."
                " Use the ctc that began the run, or start the run anew."
            )
            raise InputError(message)
        hops = self.setting.hops
        require_state(
            state,
            fresh,
            n_records=hops.segment.size,
            n_size_classes=self.setting.tables.n_size_classes,
            n_segments=hops.record.size,
            n_organs=hops.n_organs,
        )
        none = np.zeros(0, dtype=np.int64)
        counts = RecordCounts(state["passages"], state["born_by_record"], none)
        cells = _below(state, "cell_")
        self.shards.restore(cells, counts)
        self.n_held = cells["id"].size
        self.dormant.restore(_below(state, "dormant_"))
        self.ward.restore(state)
        self._own_blood.restore(state)
        self.genealogy.restore(rows_of(state, "litter", LITTER))
        self.tracking.born[...] = state["born"]
        self.ledger.by_kind[...] = state["events_by_kind"]
        self.ledger.by_cause[...] = state["deaths_by_cause"]
        self.ledger.n_shed = state["n_shed"]
        self.organ_sums[...] = state["organ_sums"]
        self._ended[...] = state["ended_by_record"]
        self.hops = state["hops"]
        self.n_epochs_done = state["n_epochs_done"]
        self.chain.restart(state["chain"])

    def _emissions(
        self, start: int, end: int
    ) -> tuple[dict[int, Emission], npt.NDArray[Any], npt.NDArray[np.uint32]]:
        """Draw what sources and lesions shed in an epoch, and enter it in the books.

        Returns the newborn by regime, their litters, (n,) LITTER, and entry sites of each.
        """
        by_regime = self.ward.shed(epoch=self.n_epochs_done, start=start, end=end)
        litters = [each for born in by_regime.values() for each in born if each.count]
        rows = self.genealogy.add(
            (each.first_id, each.count, each.source.parent, each.start, int(each.source.route))
            for each in litters
        )
        sites = np.array([each.source.sites.record.size for each in litters], dtype=np.uint32)
        emissions = {regime: emission_of(born) for regime, born in by_regime.items()}
        self.ledger.n_shed += sum(emission.count for emission in emissions.values())
        return emissions, rows, sites

    def _settle(self, events: OrderedEvents, awakening: Awakening) -> npt.NDArray[Any]:
        """Enter events in the books; returns the lesions that they found.

        Sums need no order and colonies are few; the digest has all events put in order, in a
        thread of its own.
        """
        founded = [np.zeros(0, dtype=LESION)]
        for piece in events.pieces():
            colonies = []
            for part in piece.in_any_order():
                self.ledger.enter(part, self.setting.hops.organ, self._ended)
                colonies.append(part[part["kind"] == EventKind.COLONY])
            founded.append(self._found_colonies(in_order(*colonies), awakening))
            self.chain.feed(piece.in_order)
        self.ledger.enter_deaths(awakening.died, DeathCause.TISSUE)
        self.ledger.enter_deaths(awakening.killed, DeathCause.TREATMENT)
        return np.concatenate(founded)

    def _count_dormant(self, cells: Fields) -> None:
        """Turn cells that have fallen asleep into counts; forget what only cells needed."""
        np.add.at(self._ended, cells["segment"], 1)
        self.dormant.absorb(
            cells,
            self.genealogy.rows,
            self.genealogy.places(cells["id"]),
            is_tracked=self.tracking.are_tracked(cells["id"]),
        )
        if self.genealogy.is_crowded:
            self.genealogy.forget_all_but(self.shards.field("id"))

    def _litters_of_lesions(self, born: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Return those of an epoch's litters that lesions shed, and their rate, if any did."""
        litters = born[born["parent"] >= 0]
        return [litters, np.array([self.setting.lesions.shedding_rate])] if litters.size else []

    def _found_colonies(self, colonies: npt.NDArray[Any], awakening: Awakening) -> npt.NDArray[Any]:
        """Found the lesions of colony events, in their order."""
        was_counted = colonies["cell"] == COUNTED_CELL
        origins = np.zeros(colonies.size, dtype=LITTER)
        origins[~was_counted] = self.genealogy.of_cells(colonies["cell"][~was_counted])
        of_counted = awakening.origins[colonies["number"][was_counted]]
        for name in ("parent", "route"):
            origins[name][was_counted] = of_counted[name]
        return self.ward.found(
            colonies,
            organ=self.setting.hops.organ[colonies["segment"]],
            segment=self.setting.hops.segment[colonies["segment"]],
            litters=origins,
        )


def _itself(value: Any) -> Any:
    return value


def _below(state: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return what stands under names that begin with a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
