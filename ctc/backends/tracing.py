"""A backend that stops a cell after every hop and writes down where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctc.backends.cpu import CpuBackend
from ctc.backends.records import EVENT


@dataclass(frozen=True)
class Step:
    """A segment record that a cell entered, or found itself in when it was born.

    Attributes
    ----------
    record : int
        Of the hop table.
    left_last : int [ns]
        When it left the one before; of a newborn cell when it was born.
    has_hopped : bool
        Whether it came there by a hop: not at its birth, nor by the second way out of a node.
    """

    record: int
    left_last: int
    has_hopped: bool


class TracingBackend(CpuBackend):
    """The host library, one hop of one cell at a time; see `ctc.backends.base.Backend`.

    Attributes
    ----------
    steps : list of Step
        The path of the cell so far.
    size_class : int
        Of the cell.
    """

    def __init__(self) -> None:
        super().__init__(threads=1, variant="scalar", max_hops=1)
        self.steps: list[Step] = []
        self.size_class = 0

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point; of `ctc_advance` first what needs no hop, then one hop."""
        values = dict(arguments)
        if kernel == "ctc_emit":
            done = super().launch(kernel, values)
            self.size_class = int(values["size_class"][0])
            self.steps.append(Step(_place(values, 0), int(values["entry_time"][0]), False))
            return done
        if kernel != "ctc_advance" or not values["count"]:
            return super().launch(kernel, values)
        done = super().launch(kernel, values | {"max_hops": 0})
        if values["event_count"][0] or not values["tally"][_UNFINISHED]:
            return done  # it rests, or its next event needs room
        record, left = int(values["segment"][0]), int(values["exit_time"][0])
        if record != self.steps[-1].record:
            self.steps.append(Step(record, left, False))
        done = super().launch(kernel, values)
        self.steps.append(Step(_place(values, 0), left, True))
        return done


_HOPS, _UNFINISHED = range(2)


def _place(values: Mapping[str, Any], slot: int) -> int:
    """Return the record that a cell entered: that of its first event there, if it had one."""
    if values["event_count"][0]:
        return int(values["events"][: EVENT.itemsize].view(EVENT)["segment"][0])
    return int(values["segment"][slot])
