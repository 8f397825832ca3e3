"""Lesions: the few that grow on the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power
from ctc.simulation.hop_table import NANOSECONDS

LESION = np.dtype(
    [
        ("lesion", "<u4"),
        ("organ", "<i2"),
        ("segment", "<u4"),
        ("cell", "<u8"),
        ("founded", "<i8"),
        ("clone", "<u2"),
    ]
)


@dataclass
class Lesions:
    """All colonies of a run, and how large they are.

    A colony doubles at its organ's doubling time up to a capacity:
    ``cells(t) = min(capacity, 2^((t - founded) / doubling time))``.

    Attributes
    ----------
    doubling_time : sequence of float [s]
        By row of the organ tables.
    capacity : float
        Cells that a lesion cannot exceed.
    rows : (n,) LESION
        In the order of their founding.
    """

    doubling_time: Sequence[float]
    capacity: float
    rows: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=LESION))

    def found(
        self,
        events: npt.NDArray[Any],
        *,
        organ: npt.NDArray[np.integer[Any]],
        segment: npt.NDArray[np.integer[Any]],
    ) -> npt.NDArray[Any]:
        """Add a lesion for each colony event, in their order, and return the new rows."""
        new = np.zeros(events.size, dtype=LESION)
        new["lesion"] = self.rows.size + np.arange(events.size)
        new["organ"] = organ
        new["segment"] = segment
        new["cell"] = events["cell"]
        new["founded"] = events["time"]
        new["clone"] = events["clone"]
        self.rows = np.concatenate([self.rows, new])
        return new

    def cells(self, time: int) -> npt.NDArray[np.uint64]:
        """Return the number of cells of every lesion at a time [ns], (n,) uint64."""
        doubling = np.asarray(self.doubling_time)[self.rows["organ"]]
        age = (time - self.rows["founded"]) / NANOSECONDS
        exponent = np.minimum(np.maximum(age, 0.0) / doubling, 60.0)
        grown = np.minimum(power(2.0, exponent), self.capacity)
        return np.floor(grown).astype(np.uint64)
