"""Structured rows from their columns, and some of the columns of such rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def columns_of(rows: npt.NDArray[Any], names: tuple[str, ...]) -> npt.NDArray[Any]:
    """Return some columns of structured rows, packed."""
    chosen = np.zeros(rows.size, dtype=[(name, rows.dtype[name]) for name in names])
    for name in names:
        chosen[name] = rows[name]
    return chosen


def rows_of(state: Mapping[str, Any], prefix: str, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return structured rows from their columns in a state, named ``<prefix>_<field>``."""
    names = dtype.names or ()
    rows = np.zeros(state[f"{prefix}_{names[0]}"].size, dtype=dtype)
    for name in names:
        rows[name] = state[f"{prefix}_{name}"]
    return rows
