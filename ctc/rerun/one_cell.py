"""One cell followed again with every segment that it passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.tracing import Step, TracingBackend
from ctc.record.layout import NO_SEGMENT
from ctc.rerun.comparison import Comparison, compare
from ctc.rerun.material import RunAgain
from ctc.simulation.setting import Setting
from ctc.states import FATES, CellState, EventKind

# A segment that a cell passed: when it came and when it left, or the end of what is known of it.
VISIT = np.dtype([("segment", "<u4"), ("entry", "<i8"), ("exit", "<i8")])
_STATE_AFTER = {
    EventKind.ARRESTED: CellState.ARRESTED,
    EventKind.ATTACHED: CellState.ARRESTED,
    EventKind.RELEASED: CellState.CIRCULATING,
    EventKind.EXTRAVASATED: CellState.EXTRAVASATED,
    EventKind.DORMANT: CellState.DORMANT,
    EventKind.DIED: CellState.DIED,
    EventKind.COLONY: CellState.COLONY,
    EventKind.EXITED: CellState.EXITED,
}


@dataclass(frozen=True)
class CellPath:
    """The whole course of a cell.

    Attributes
    ----------
    cell : int
        Its identity.
    litter : LITTER
        What bore it.
    born : int [ns]
        When it was shed.
    visits : (n,) VISIT
        Segments in order, junctions left out; in the first it was born.
    n_hops : int
        Segments that it entered after its birth.
    events : (m,) structured array
        `layout.EVENT_DTYPE`, all that happened to it, whatever the run stored of it.
    size_class : int
        How many cells travel together, as an index.
    state : CellState
        At `end`.
    end : int [ns]
        When it met its fate, was counted as one of many dormant cells, or the run ended.
    asleep_since : int [ns] or None
        When it was counted as dormant: nobody can tell it from others like it from then on.
    comparison : Comparison
        With what the run recorded.
    """

    cell: int
    litter: npt.NDArray[Any]
    born: int
    visits: npt.NDArray[Any]
    n_hops: int
    events: npt.NDArray[Any]
    size_class: int
    state: CellState
    end: int
    asleep_since: int | None
    comparison: Comparison


def follow_cell(again: RunAgain, cell: int) -> CellPath:
    """Follow one cell of a run again.

    Raises
    ------
    InputError
        If it was never born.
    """
    cells = np.array([cell], dtype=np.uint64)
    backend = TracingBackend()
    epochs = list(again.retrace(cells, backend))
    setting = again.births.setting
    events = again.all_rows(np.concatenate([epoch.events for epoch in epochs]))
    state = (
        _STATE_AFTER[EventKind(int(events["kind"][-1]))] if events.size else (CellState.CIRCULATING)
    )
    asleep = next((epoch.end for epoch in epochs if epoch.asleep.size), None)
    if state in FATES:
        end = int(events["time"][-1])
    else:
        end = setting.epochs[again.run.n_epochs - 1] if asleep is None else asleep
    return CellPath(
        cell=cell,
        litter=again.births.litters_of(cells)[0],
        born=backend.steps[0].left_last,
        visits=_visits(backend.steps, setting, end),
        n_hops=sum(step.has_hopped for step in backend.steps),
        events=events,
        size_class=backend.size_class,
        state=state,
        end=end,
        asleep_since=asleep,
        comparison=compare(again, cells, epochs),
    )


def _visits(steps: Sequence[Step], setting: Setting, end: int) -> npt.NDArray[Any]:
    """Return the segments of steps: junctions have no length and take no time."""
    entry = np.array([step.left_last for step in steps], dtype=np.int64)
    record = np.array([step.record for step in steps], dtype=np.int64)
    visits = np.zeros(record.size, dtype=VISIT)
    visits["segment"] = setting.hops.segment[record].astype(np.uint32)
    visits["entry"], visits["exit"] = entry, np.append(entry[1:], end)
    found: npt.NDArray[Any] = visits[visits["segment"] != NO_SEGMENT]
    return found
