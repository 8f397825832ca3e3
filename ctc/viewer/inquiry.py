"""Inquiry: what is known of one cell, lesion, organ or vessel, looked up in the run."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.reader import Frame, Run
from ctc.viewer.body_model import BodyModel
from ctc.viewer.event_search import events_of_cell
from ctc.viewer.lesion_bodies import Primary
from ctc.viewer.stories import (
    Story,
    cell_story,
    doubling_times,
    lesion_story,
    organ_story,
    primary_story,
    segment_story,
)


class Inquiry:
    """Answers about one run.

    Parameters
    ----------
    run : Run
        Open.
    scenario : mapping
        `Run.scenario`.
    body : BodyModel
        Of the run.
    primaries : sequence of Primary
        Tumours that the scenario gives.
    lock : RLock
        Held while the run file is read.
    """

    def __init__(
        self,
        run: Run,
        scenario: Mapping[str, Any],
        *,
        body: BodyModel,
        primaries: Sequence[Primary],
        lock: threading.RLock,
    ) -> None:
        self._run = run
        self._body = body
        self._primaries = {primary.identity: primary for primary in primaries}
        self._doubling_times = doubling_times(scenario)
        self._lock = lock

    def cell(self, identity: int, frame: Frame | None) -> Story:
        """Return what is known of a cell; looks through the events once, block by block."""
        with self._lock:
            events = events_of_cell(self._run, identity)
            names = self._run.organ_names
            is_told = self._run.has_column("events", "size_class")
        return cell_story(
            identity,
            frame,
            events=events,
            organ_names=names,
            class_cells=self._run.header.class_cells,
            do_events_tell_size=is_told,
        )

    def lesion(self, identity: int, time: int, *, rows: npt.NDArray[Any]) -> Story:
        """Return what is known of a lesion or primary tumour at a moment [ns].

        Raises
        ------
        InputError
            If there is no such lesion among the rows.
        """
        own = rows[rows["lesion"] == identity]
        if not own.size and identity in self._primaries:
            return primary_story(self._primaries[identity])
        if not own.size:
            message = f"lesion must be one of this run, got {identity}. Point at another."
            raise InputError(message)
        own = own[np.argsort(own["time"], kind="stable")]
        with self._lock:
            names = self._run.organ_names
        return lesion_story(own, time, organ_names=names, doubling_times=self._doubling_times)

    def organ(self, name: str, time: int, *, series: Mapping[str, npt.NDArray[Any]]) -> Story:
        """Return flow, blood and counts of an organ at a moment [ns]."""
        epoch = int(np.searchsorted(series["time"], time, side="right")) - 1
        return organ_story(name, self._body.network, self._body.flow, series=series, epoch=epoch)

    def segment(self, index: int) -> Story:
        """Return what is known of a vessel segment.

        Raises
        ------
        InputError
            If there is no such segment.
        """
        n_segments = self._body.network.n_segments
        if not 0 <= index < n_segments:
            message = f"vessel must be 0 .. {n_segments - 1}, got {index}. Point at another."
            raise InputError(message)
        return segment_story(
            index, self._body.network, self._body.flow, passages=self._body.passages()
        )
