"""A state that somebody made himself is refused before kernels use it as indices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.simulation.state_check import require_state
from ctc.states import CellState, EventKind


def state(n: int) -> dict[str, Any]:
    """Return a state of so many cells."""
    ones = np.ones(n, dtype=np.int64)
    cells = {"segment": "u4", "size_class": "u2", "cause": "u1", "state": "u1", "id": "u8"}
    dormant = {"code": "i8", "count": "i8", "class_clone": "u2", "tracked_code": "i8"}
    return {
        **{f"cell_{name}": np.arange(n).astype(dtype) % 4 for name, dtype in cells.items()},
        "cell_id": np.arange(n, dtype=np.uint64),
        "cell_entry_time": ones,
        "cell_exit_time": ones,
        **{f"dormant_{name}": np.zeros(min(n, 1), dtype) for name, dtype in dormant.items()},
        "events_by_kind": np.zeros((max(EventKind) + 1, 3), dtype=np.int64),
        "n_shed": n,
        "hops": 7,
    }


def check(found: dict[str, Any]) -> None:
    fresh: dict[str, Callable[[], Any]] = {k: partial(np.asarray, v) for k, v in state(0).items()}
    require_state(found, fresh, n_records=4, n_size_classes=4, n_segments=4, n_organs=2)


def test_a_sound_state_passes() -> None:
    check(state(0))
    check(state(4))


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("cell_segment", 4, "< 4"),
        ("cell_size_class", 9, "< 4"),
        ("cell_cause", 200, "< "),
        ("cell_state", int(CellState.DIED), "that of a cell in flight"),
        ("cell_exit_time", -1, ">= 0"),
        ("cell_id", 0, "larger than the one before"),
        ("dormant_code", 7, "of a segment and a class that are there"),
        ("dormant_tracked_code", 5 << 32, "of a segment and a class that are there"),
        ("dormant_count", -3, ">= 0"),
        ("dormant_count", 3, "cells held or ended"),
    ],
)
def test_indices_outside_their_tables_are_refused(name: str, value: int, rule: str) -> None:
    odd = state(4)
    odd[name][-1] = value
    with pytest.raises(InputError, match=rf"(?s){rule}"):
        check(odd)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cell_segment", np.zeros((4, 1), dtype="u4")),
        ("cell_segment", np.zeros(3, dtype="u4")),
        ("cell_segment", np.zeros(4, dtype="f8")),
        ("events_by_kind", np.zeros((2, 3), dtype=np.int64)),
        ("hops", "seven"),
    ],
)
def test_another_form_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=r"must be .*of shape"):
        check({**state(4), name: value})
