"""Recorder: what each epoch brought -> the run file and its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ctc.backends.host_events import event_rows
from ctc.checks import IntArray
from ctc.record.checkpoint import remove_checkpoints, write_checkpoint
from ctc.record.files import RunFiles
from ctc.record.layout import (
    EVENT_DTYPE,
    LESION_DTYPE,
    LITTER_DTYPE,
    NO_FOUNDER,
    PRIMARY_IDENTITY,
    RunStatus,
)
from ctc.record.writer import RunWriter
from ctc.scenario.schema import RecordedEvents
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.event_runs import EventPiece
from ctc.simulation.genealogy import source_parent
from ctc.simulation.primaries import Primary
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import EntrySites
from ctc.states import CellState, DeathCause, EventKind, LesionState

TALLIES = ("first_pass_arrivals", "first_pass_arrested", "passages")
_TOGETHER = 16  # frames that come to count at once
_FIRST_ARRIVALS, _FIRST_ARRESTS, _LATER_ARRIVALS, _LATER_ARRESTS = range(4)


class Recorder:
    """Writes a simulation down, epoch by epoch; use it in a ``with`` block.

    Parameters
    ----------
    files : RunFiles
        Of the run.
    writer : RunWriter
        Of the run file.
    setting : Setting
        Of the simulation.
    events : RecordedEvents
        Which events go into the file; all enter the digest.
    named : (n_vessels,) integer
        The segment by which the passages of each named vessel are known, or -1.
    """

    def __init__(
        self,
        files: RunFiles,
        writer: RunWriter,
        setting: Setting,
        *,
        events: RecordedEvents,
        named: IntArray,
    ) -> None:
        self.files = files
        self._writer = writer
        self._setting = setting
        self._events = events
        self._named = named

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def add(self, simulation: Simulation, epoch: EpochResult, *, wall_time: float) -> None:
        """Record one epoch."""
        frames = [(frame.time, frame.cells) for frame in epoch.frames]
        for first in range(0, len(frames), _TOGETHER):
            self._writer.take_frames(frames[first : first + _TOGETHER])
        for piece in epoch.ordered.pieces():
            self._writer.take_events(partial(self._chosen_events, piece))
        self._writer.append_litters(epoch.litters.astype(LITTER_DTYPE))
        lesions = self._lesion_rows(simulation)
        told = np.union1d(epoch.founded["lesion"], epoch.changed)
        if told.size and not simulation.is_finished:
            self._writer.append_lesions(lesions[told])
        self._writer.append_lesions(self._primary_rows(simulation, epoch))
        if simulation.is_finished:
            self._writer.append_lesions(lesions)
        series = self._series(simulation, epoch, lesions=lesions, wall_time=wall_time)
        sums = simulation.organ_sums.copy()

        def settled() -> tuple[dict[str, Any], dict[str, Any]]:
            named = np.where(self._named >= 0, epoch.passages[self._named], 0)
            return series | {"vessel_passages": named}, tallies(sums, epoch.passages)

        self._writer.take_epoch(settled)

    def checkpoint(self, simulation: Simulation, *, wall_time: float) -> None:
        """Write a checkpoint of the state after the last recorded epoch."""
        position = self._writer.position()
        state: dict[str, Any] = simulation.state_parts() | {"wall_time": wall_time}
        for index, source in enumerate(self._setting.sources):
            state[f"site_record_{index}"] = source.sites.record
            state[f"site_threshold_{index}"] = source.sites.threshold
        write_checkpoint(self.files, state, counts=position.as_counts())

    def stop(self, simulation: Simulation, *, wall_time: float) -> None:
        """Write a checkpoint and end the file as a stopped run."""
        self.checkpoint(simulation, wall_time=wall_time)
        self._writer.close(status=RunStatus.STOPPED)

    def finish(self, simulation: Simulation) -> None:
        """End the file; its checkpoints are no longer needed."""
        self._writer.close(digest=simulation.digest())
        remove_checkpoints(self.files)

    def _chosen_events(self, piece: EventPiece) -> npt.NDArray[Any]:
        events = piece.in_order()
        kinds = set() if self._events == "none" else set(EventKind)
        if self._events == "fates":
            kinds -= {EventKind.ARRESTED, EventKind.RELEASED}
        return event_rows(
            events,
            self._setting.hops.organ[events["segment"]],
            segment_of=self._setting.hops.segment,
            between_organs=self._setting.hops.n_organs - 1,
            kinds=kinds,
            dtype=EVENT_DTYPE,
        )

    def _organ_index(self, row: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        return np.where(row == self._setting.hops.n_organs - 1, -1, row).astype(np.int16)

    def _lesion_rows(self, simulation: Simulation) -> npt.NDArray[Any]:
        """Return all lesions as they are now, (n,) `LESION_DTYPE`."""
        lesions, time = simulation.lesions, simulation.time
        rows = np.zeros(lesions.rows.size, dtype=LESION_DTYPE)
        for name in ("lesion", "segment", "cell", "founded", "clone", "parent", "route"):
            rows[name] = lesions.rows[name]
        rows["organ"] = self._organ_index(lesions.rows["organ"])
        rows["time"], rows["cells"] = time, lesions.cells(time)
        rows["state"] = lesions.states(time)
        return rows

    def _primary_rows(self, simulation: Simulation, epoch: EpochResult) -> npt.NDArray[Any]:
        """Return rows of the placed primary tumours: the first, each new size, and the last."""
        time = epoch.end
        before = self._setting.epochs[epoch.number - 1] if epoch.number else None
        rows = []
        n_tumours = 0
        for number, source in enumerate(self._setting.sources):
            primary = source.primary
            if primary is None:
                continue
            identity = PRIMARY_IDENTITY - n_tumours
            n_tumours += 1
            if primary.segment < 0:
                continue
            cells = primary.cells(time)
            is_known = before is not None and _size_class(primary.cells(before)) == _size_class(
                cells
            )
            if is_known and not simulation.is_finished:
                continue
            row = np.zeros(1, dtype=LESION_DTYPE)
            row["time"], row["lesion"], row["cell"] = time, identity, NO_FOUNDER
            row["organ"], row["segment"] = primary.organ, primary.segment
            row["clone"], row["cells"], row["parent"] = number, cells, source_parent(number)
            row["state"] = LesionState.GROWING if cells else LesionState.LOST
            rows.append(row)
        return np.concatenate([np.zeros(0, dtype=LESION_DTYPE), *rows])

    def _series(
        self,
        simulation: Simulation,
        epoch: EpochResult,
        *,
        lesions: npt.NDArray[Any],
        wall_time: float,
    ) -> dict[str, Any]:
        """Return what is known of an epoch now; nobody changes it."""
        ledger, sums = simulation.ledger, simulation.organ_sums
        in_organ = epoch.counts[:, :-1]
        in_an_organ = lesions[lesions["organ"] >= 0]
        lesion_cells = np.zeros(self._setting.hops.n_organs - 1, dtype=np.uint64)
        np.add.at(lesion_cells, in_an_organ["organ"], in_an_organ["cells"])
        organ, state = in_an_organ["organ"], in_an_organ["state"]
        at_rest = in_organ[[CellState.ARRESTED, CellState.EXTRAVASATED, CellState.DORMANT]]
        return {
            "time": epoch.end,
            "shed": ledger.n_shed,
            "hops": simulation.hops,
            "cells_by_state": ledger.by_state(epoch.counts.sum(axis=1)),
            "died_by_cause": ledger.by_cause[: len(DeathCause)].copy(),
            "arrivals": (sums[:, _FIRST_ARRIVALS] + sums[:, _LATER_ARRIVALS])[:-1],
            "arrested": in_organ[CellState.ARRESTED],
            "extravasated": in_organ[CellState.EXTRAVASATED],
            "dormant": in_organ[CellState.DORMANT],
            "colonies": ledger.by_kind[EventKind.COLONY, :-1].copy(),
            "died": ledger.by_kind[EventKind.DIED, :-1].copy(),
            "cells": at_rest.sum(axis=0).astype(np.uint64) + lesion_cells,
            "lesions": self._by_organ(organ[state != LesionState.LOST]),
            "lesions_in_balance": self._by_organ(organ[state == LesionState.IN_BALANCE]),
            "lesions_lost": self._by_organ(organ[state == LesionState.LOST]),
            **self._tumour_series(epoch.end),
            "wall_time": wall_time,
        }

    def _by_organ(self, organ: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
        """Return how many of these lesions are in each organ."""
        return np.bincount(organ, minlength=self._setting.hops.n_organs - 1)

    def _tumour_series(self, time: int) -> dict[str, npt.NDArray[Any]]:
        n_organs = self._setting.hops.n_organs - 1
        cells = np.zeros(n_organs, dtype=np.uint64)
        front = np.zeros(n_organs)
        reached: dict[int, set[int]] = {}
        for source in self._setting.sources:
            primary = source.primary
            if primary is None or primary.organ < 0 or not primary.is_there(time):
                continue
            cells[primary.organ] += np.uint64(primary.cells(time))
            front[primary.organ] = max(front[primary.organ], primary.front_radius(time))
            # Two fronts may have reached the same venule.
            records = _reached(primary, source.sites, time).tolist()
            reached.setdefault(primary.organ, set()).update(records)
        vessels = np.array([len(reached.get(i, ())) for i in range(n_organs)], dtype=np.uint64)
        return {"tumour_cells": cells, "front_radius": front, "vessels_reached": vessels}


def _reached(primary: Primary, sites: EntrySites, time: int) -> npt.NDArray[np.uint32]:
    """Return the records of venules that a tumour sheds into at a time [ns]."""
    if primary.venules is not None:
        return primary.venules.record[: primary.n_reached(time)]
    return sites.record if primary.has_vessels(time) else sites.record[:0]


def _size_class(cells: int) -> int:
    """Return a number that is the same for sizes within an eighth of a power of two."""
    shift = max(cells.bit_length() - 4, 0)
    return (shift << 4) + (cells >> shift)


def tallies(
    organ_sums: npt.NDArray[np.uint64], passages: npt.NDArray[np.uint64]
) -> dict[str, npt.NDArray[np.uint64]]:
    """Return `TALLIES` by name: first-bed arrivals and arrests by organ, passages by segment."""
    sums = organ_sums[:-1]
    columns = (sums[:, _FIRST_ARRIVALS], sums[:, _FIRST_ARRESTS], passages)
    return dict(zip(TALLIES, columns, strict=True))


def sites_of_state(state: Mapping[str, Any]) -> tuple[EntrySites, ...]:
    """Return the entry sites of every source that a checkpoint holds."""
    prefix = "site_record_"
    count = sum(name.startswith(prefix) for name in state)
    return tuple(
        EntrySites(state[f"{prefix}{index}"], state[f"site_threshold_{index}"])
        for index in range(count)
    )
