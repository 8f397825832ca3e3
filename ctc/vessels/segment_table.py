"""Columns of segments that are filled part by part and become a network at the end."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray, IntArray


@dataclass(frozen=True)
class SegmentTable:
    """Segments in the making; -1 and NaN mean not yet filled.

    Attributes
    ----------
    start_node, end_node, kind, organ, region, name : (n_segments,) int32
        As in `VesselNetwork`.
    lumen_radius, length, volume : (n_segments,) float64
        As in `VesselNetwork`, SI.
    """

    start_node: IntArray
    end_node: IntArray
    kind: IntArray
    organ: IntArray
    region: IntArray
    name: IntArray
    lumen_radius: FloatArray
    length: FloatArray
    volume: FloatArray

    @classmethod
    def empty(cls, n_segments: int) -> SegmentTable:
        """Return a table with nothing filled."""
        unfilled: dict[str, Any] = {
            column.name: np.full(n_segments, -1, dtype=np.int32) for column in fields(cls)
        }
        for column in ("lumen_radius", "length", "volume"):
            unfilled[column] = np.full(n_segments, np.nan)
        return cls(**unfilled)

    def put(self, place: npt.NDArray[Any] | slice, **columns: npt.ArrayLike) -> None:
        """Fill some columns at some segments."""
        for column, values in columns.items():
            getattr(self, column)[place] = values
