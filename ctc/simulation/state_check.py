"""What a state must be like before a simulation takes it up: form, and indices of kernels.

A checkpoint carries a checksum, so damage never comes so far. Somebody who writes one himself gets
a refusal where its numbers would lead kernels outside their tables, not a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.simulation.ledger import FINAL_EVENTS
from ctc.states import FATES, CellState, DeathCause

# Rows that come and go with what a run holds; those of one table are equally many.
_TABLES = ("cell_", "litter_", "lesion_", "dormant_class_", "dormant_tracked_", "dormant_")
_FREE = ("care_", "source_")
_EVENT_BITS = 4  # the upper four bits of a cell's state
_RECORD_BITS = 32  # of the code of dormant cells
_HERE = [state for state in CellState if state not in FATES]


def require_state(
    state: Mapping[str, Any],
    fresh: Mapping[str, Callable[[], Any]],
    *,
    n_records: int,
    n_size_classes: int,
    n_segments: int,
    n_organs: int,
) -> None:
    """Raise InputError unless a state has the form of another and its indices lie in their tables.

    Parameters
    ----------
    state : mapping of str to array or number
        From a checkpoint.
    fresh : mapping of str to callable
        `Simulation.state_parts` of one that has not begun.
    n_records, n_size_classes, n_segments, n_organs : int
        Rows of the tables of the setting.
    """
    rows: dict[str, int] = {}
    for name, give in fresh.items():
        if not name.startswith(_FREE):
            _require_form(name, state[name], np.asarray(give()), rows)
    for name, most in (
        ("cell_segment", n_records),
        ("cell_size_class", n_size_classes),
        ("cell_cause", len(DeathCause) + 1),  # the last: an attachment, which is no death
        ("lesion_segment", n_segments),
        ("lesion_organ", n_organs),
        ("dormant_class_size_class", n_size_classes),
        ("dormant_tracked_size_class", n_size_classes),
    ):
        if name in fresh:
            _require(name, state[name], (state[name] >= 0) & (state[name] < most), f"< {most}")
    for name in ("cell_entry_time", "cell_exit_time", "dormant_count", "hops", "n_shed"):
        if name in fresh:
            _require(name, state[name], np.asarray(state[name]) >= 0, ">= 0")
    own = state["cell_state"] & ((1 << _EVENT_BITS) - 1)
    _require("cell_state", own, np.isin(own, _HERE), "that of a cell in flight")
    for name in ("cell_id", "litter_first_cell", "dormant_code"):
        if name in fresh:
            is_rising = np.ones(state[name].size, dtype=bool)
            is_rising[1:] = state[name][1:] > state[name][:-1]
            _require(name, state[name], is_rising, "larger than the one before")
    for name in ("dormant_code", "dormant_tracked_code"):
        if name in fresh:
            code = state[name]
            record, own_class = code & ((1 << _RECORD_BITS) - 1), code >> _RECORD_BITS
            n_classes = state["dormant_class_clone"].size
            is_known = (record < n_records) & (own_class >= 0) & (own_class < n_classes)
            _require(name, code, is_known, "of a segment and a class that are there")
    held = state["cell_id"].size + int(np.sum(state["dormant_count"]))
    ended = sum(int(np.sum(state["events_by_kind"][kind])) for kind in FINAL_EVENTS)
    is_whole = int(state["n_shed"]) == held + ended
    _require("n_shed", state["n_shed"], is_whole, f"the {held + ended} cells held or ended")


def _require_form(name: str, value: Any, like: npt.NDArray[Any], rows: dict[str, int]) -> None:
    found = np.asarray(value)
    table = next((each for each in _TABLES if name.startswith(each)), "")
    is_fit = found.dtype == like.dtype if like.ndim else found.dtype.kind == like.dtype.kind
    is_fit &= found.ndim == like.ndim and found.shape[1:] == like.shape[1:]
    if is_fit and found.ndim:
        n_rows = rows.setdefault(table, found.shape[0]) if table else like.shape[0]
        is_fit = found.shape[0] == n_rows
    if not is_fit:
        message = f"{name} must be {like.dtype} of shape {like.shape}, got {found.dtype} of shape "
        message += f"{found.shape}. The checkpoint is of another run or damaged."
        raise InputError(message)


def _require(name: str, values: Any, is_right: Any, rule: str) -> None:
    if not np.all(is_right):
        row = int(np.argmin(np.atleast_1d(is_right)))
        value = np.atleast_1d(values)[row]
        message = f"{name} must be {rule}, got {value} at row {row}. "
        raise InputError(message + "The checkpoint is damaged: remove it, or start anew.")
