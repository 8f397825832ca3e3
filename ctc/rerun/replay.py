"""Replay: one cell of a run, its whole way and what is known of its end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ctc.analysis.cell_course import Happening, happenings, table_of
from ctc.record.layout import NO_SEGMENT
from ctc.record.reader import Run, open_run
from ctc.rerun.material import RunAgain
from ctc.rerun.one_cell import CellPath, follow_cell
from ctc.rerun.way_story import Ending, Story, distance_text, way_story
from ctc.states import CellState, LesionState
from ctc.vessels.network import VesselNetwork
from ctc.viewer.durations import clock_text, duration_text, to_seconds


@dataclass(frozen=True)
class Replay:
    """A cell that was followed again.

    Attributes
    ----------
    run : Path
        The run file.
    title : str
        Of the run.
    path : CellPath
        Its way and its events.
    course : list of Happening
        The same as what happened, and the journeys between.
    network : VesselNetwork
        Its vessels.
    size : str
        How many cells travel together, in words.
    shed_by : str
        What shed it, in words.
    lesion : dict
        The lesion that it founded, as plain values; empty where it founded none.
    seen_later : list of (int, str)
        Time [ns] and state, in the first and last frames after it was counted as dormant.
    has_same_kernels : bool
        Whether this program has the kernels that made the run.
    """

    run: Path
    title: str
    path: CellPath
    course: list[Happening]
    network: VesselNetwork
    size: str
    shed_by: str
    lesion: dict[str, Any]
    seen_later: list[tuple[int, str]]
    has_same_kernels: bool

    @property
    def is_as_recorded(self) -> bool:
        """Whether all that the run recorded of it came out again, bit for bit."""
        return not self.path.comparison.n_different

    def as_mapping(self) -> dict[str, Any]:
        """Return it as plain values: the keys of ``ctc replay --json``."""
        path, network = self.path, self.network
        visits = path.visits
        segment = visits["segment"].astype(np.int64)
        return {
            "run": str(self.run),
            "cell": path.cell,
            "size": self.size,
            "shed_by": self.shed_by,
            "born_ns": path.born,
            "end_ns": path.end,
            "state": path.state.name.lower(),
            "counted_as_dormant_ns": path.asleep_since,
            "seen_later": [{"time_ns": time, "state": state} for time, state in self.seen_later],
            "lesion": self.lesion,
            "n_hops": path.n_hops,
            "distance_m": sum(e.before.distance for e in self.course if e.before is not None),
            "course": table_of(self.course),
            "path": {
                "segment": segment.tolist(),
                "entry_ns": visits["entry"].tolist(),
                "exit_ns": visits["exit"].tolist(),
                "kind": network.kind[segment].tolist(),
                "organ": network.organ[segment].tolist(),
            },
            "events": [
                {name: int(row[name]) for name in row.dtype.names or ()} for row in path.events
            ],
            "compared": {
                "has_same_kernels": self.has_same_kernels,
                "events": path.comparison.n_events,
                "places_in_frames": path.comparison.n_places,
                "differences": path.comparison.differences,
            },
        }

    def story(self) -> Story:
        """Return its story, line by line: when, and what."""
        path = self.path
        return way_story(
            self.course,
            shed_by=self.shed_by,
            ending=Ending(
                path.state, path.end, path.asleep_since, _founded(self.lesion), self._seen_text()
            ),
        )

    def facts(self) -> str:
        """Return its way in one line."""
        path = self.path
        ways = [each.before for each in self.course if each.before is not None]
        lived = duration_text(to_seconds(path.end - path.born))
        return (
            f"{self.size}, followed for {lived}: {path.visits.size:,} vessels, "
            f"{distance_text(sum(way.distance for way in ways))}, "
            f"{sum(len(way.passes) for way in ways):,} capillary beds passed"
        )

    def draw(
        self, target: Path, *, view: str = "front", size: tuple[int, int] | None = None
    ) -> None:
        """Write the picture of its way; as `ctc.viewer.way_picture.draw_way`."""
        from ctc.viewer.camera import View  # noqa: PLC0415 - only for this
        from ctc.viewer.way_marks import marks_of  # noqa: PLC0415 - only for this
        from ctc.viewer.way_picture import DEFAULT_SIZE, draw_way  # noqa: PLC0415 - only for this

        visits = self.path.visits
        moments = [each.time for each in self.course]
        rest = [
            (before.time, each.time)
            for before, each in pairwise(self.course)
            if each.before is None
        ]
        places = [
            self._place(each, is_first=number == 0) for number, each in enumerate(self.course)
        ]
        lines = {time: text for time, text in self.story() if time}
        texts = [f"{clock_text(time)}  {lines.get(clock_text(time), '')}" for time in moments]
        draw_way(
            self.network,
            visits,
            target,
            title=f"The way of cell {self.path.cell}",
            facts=self.facts(),
            marks=marks_of(self.course, self.network, texts, places),
            rest=rest,
            view=View(view),
            size=size or DEFAULT_SIZE,
        )

    def _place(self, each: Happening, *, is_first: bool) -> int:
        """Return the segment where something happened, or else where the cell was then."""
        visits = self.path.visits
        segment = NO_SEGMENT if each.event is None else int(each.event["segment"])
        if segment < self.network.n_segments:
            return segment
        last = int(np.searchsorted(visits["entry"], each.time, side="right")) - 1
        return int(visits["segment"][0 if is_first else max(last, 0)])

    def _seen_text(self) -> str:
        if not self.seen_later:
            return ""
        (first, before), (last, after) = self.seen_later[0], self.seen_later[-1]
        if before == after:
            return f"frames of the run show it {after} until {clock_text(last)}"
        return (
            f"frames of the run show it {before} at {clock_text(first)}, {after} at "
            + clock_text(last)
        )


def _founded(lesion: dict[str, Any]) -> str:
    if not lesion:
        return "which never becomes an overt lesion of the run"
    more = f", {lesion['children']} lesions stem from it" if lesion["children"] else ""
    return (
        f"it is lesion {lesion['lesion']} of the run: {lesion['cells']:,} cells at "
        f"{clock_text(lesion['time_ns'])}, {lesion['state'].replace('_', ' ')}{more}"
    )


def replay(path: Path, cell: int) -> Replay:
    """Follow one cell of a run again, with every vessel that it passes.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``, finished, running or killed.
    cell : int
        Its identity.

    Returns
    -------
    Replay
        Its way, events and end; ``story()``, ``draw(file)`` and ``as_mapping()`` tell of it.

    Raises
    ------
    InputError
        If the run cannot be read, is older than what this needs, or has no such cell.
    """
    with open_run(path) as run:
        return replay_cell(run, cell)


def replay_cell(run: Run, cell: int) -> Replay:
    """Follow one cell of an open run again, with its whole way.

    Raises
    ------
    InputError
        If the cell was never born, or the run does not hold what is needed.
    """
    again = RunAgain(run)
    path = follow_cell(again, cell)
    course = happenings(path.visits, path.events, network=again.network, end=path.end)
    later = [] if path.asleep_since is None else _seen_later(run, cell, path.asleep_since)
    return Replay(
        run=run.path,
        title=again.scenario.title,
        path=path,
        course=course,
        network=again.network,
        size=_size(again, path.size_class),
        shed_by=_shed_by(again, int(path.litter["parent"])),
        lesion=_lesion(run, cell) if path.state is CellState.COLONY else {},
        seen_later=later,
        has_same_kernels=again.has_same_kernels,
    )


def _size(again: RunAgain, size_class: int) -> str:
    sizes = again.run.header.class_cells
    n_cells = sizes[size_class] if size_class < len(sizes) else 1
    return "a single cell" if n_cells == 1 else f"a cluster of {n_cells} cells"


def _shed_by(again: RunAgain, parent: int) -> str:
    if parent < 0:
        source = again.births.setting.sources[-1 - parent]
        what = "tumour" if source.primary is not None else "bolus"
        where = f" in {source.organ}" if source.organ else ""
        return f"the {what}{where} (source {-parent})"
    rows = again.run.lesions()
    rows = rows[rows["lesion"] == parent]
    organ = int(rows["organ"][0]) if rows.size else -1
    where = f" in {again.run.organ_names[organ]}" if organ >= 0 else ""
    return f"lesion {parent}{where}"


def _lesion(run: Run, cell: int) -> dict[str, Any]:
    """Return the lesion that a cell founded; the few colonies that count as overt become one."""
    rows = run.lesions()
    rows = rows[rows["cell"] == np.uint64(cell)]
    if not rows.size:
        return {}
    row = rows[-1]
    organ = int(row["organ"])
    return {
        "lesion": int(row["lesion"]),
        "organ": run.organ_names[organ] if organ >= 0 else "",
        "cells": int(row["cells"]),
        "time_ns": int(row["time"]),
        "state": LesionState(int(row["state"])).name.lower(),
        "children": int(np.count_nonzero(run.lesions()["parent"] == int(row["lesion"]))),
    }


def _seen_later(run: Run, cell: int, since: int) -> list[tuple[int, str]]:
    """Return when frames show a cell first and last after a time [ns], and as what."""
    seen: list[tuple[int, str]] = []
    for number in np.flatnonzero(run.frame_times >= since).tolist():
        ids = run.frame_column(number, "id")
        at = int(np.searchsorted(ids, np.uint64(cell)))
        if at >= ids.size or int(ids[at]) != cell:
            break
        state = CellState(int(run.frame_column(number, "state")[at])).name.lower()
        seen = [*seen[:1], (int(run.frame_times[number]), state)]
    return seen
