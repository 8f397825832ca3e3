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
from ctc.epoch_rows import EpochRows
from ctc.record.checkpoint import remove_checkpoints, write_checkpoint
from ctc.record.files import RunFiles
from ctc.record.h5md import write_h5md
from ctc.record.layout import EVENT_DTYPE, LITTER_DTYPE, RunStatus
from ctc.record.writer import RunWriter
from ctc.scenario.schema import RecordedEvents
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.event_runs import EventPiece
from ctc.simulation.genealogy import LITTER
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import EntrySites
from ctc.states import EventKind

_TOGETHER = 16  # frames that come to count at once


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

    def add(self, epoch: EpochResult, *, wall_time: float) -> None:
        """Record one epoch; the simulation may go on meanwhile.

        What goes wrong with it is raised here or at the next call.
        """
        frames = [(frame.time, frame.cells) for frame in epoch.frames]
        for first in range(0, len(frames), _TOGETHER):
            self._writer.take_frames(frames[first : first + _TOGETHER])
        for piece in epoch.ordered.pieces():
            self._writer.take_rows("events", partial(self._chosen_events, piece))
        self._writer.append_rows("litters", _litter_rows(epoch))
        for log, found in epoch.clinic.items():
            # A run that an older version began goes on without what came later.
            if log != "effects" or self._writer.has_log(log):
                self._writer.append_rows(log, found)
        rows = EpochRows(self._setting, epoch, named=self._named, wall_time=wall_time)
        self._writer.take_rows("lesions", rows.lesion_log)
        self._writer.take_epoch(rows.series_and_tallies)

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
        """End the file and write its view; then its checkpoints are no longer needed."""
        self._writer.close(digest=simulation.digest())
        write_h5md(self.files.run)
        remove_checkpoints(self.files)

    def _chosen_events(self, piece: EventPiece) -> npt.NDArray[Any]:
        return recorded_rows(piece.in_order(), self._setting, which=self._events)


def recorded_rows(
    events: npt.NDArray[Any], setting: Setting, *, which: RecordedEvents
) -> npt.NDArray[Any]:
    """Return those of some events, (n,) EVENT, that go into a run file, as its rows."""
    kinds = set() if which == "none" else set(EventKind)
    if which == "fates":
        kinds -= {EventKind.ARRESTED, EventKind.RELEASED}
    return event_rows(
        events,
        setting.hops.organ[events["segment"]],
        segment_of=setting.hops.segment,
        between_organs=setting.hops.n_organs - 1,
        kinds=kinds,
        dtype=EVENT_DTYPE,
    )


def _litter_rows(epoch: EpochResult) -> npt.NDArray[Any]:
    """Return what was born as rows of the run file."""
    rows = np.zeros(epoch.litters.size, dtype=LITTER_DTYPE)
    for name in LITTER.names or ():
        rows[name] = epoch.litters[name]
    rows["n_sites"] = epoch.entry_sites
    return rows


def sites_of_state(state: Mapping[str, Any]) -> tuple[EntrySites, ...]:
    """Return the entry sites of every source that a checkpoint holds."""
    prefix = "site_record_"
    count = sum(name.startswith(prefix) for name in state)
    return tuple(
        EntrySites(state[f"{prefix}{index}"], state[f"site_threshold_{index}"])
        for index in range(count)
    )
