"""What a draw of blood is taken from: tumour cells that passed a vessel, and blood that did."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import SheddingSource
from ctc.simulation.tables import Tables


class Blood(Protocol):
    """Tumour cells in the blood of patients."""

    def concentration(
        self, setting: Setting, tables: Tables, sheds: list[SheddingSource], *, segment: int
    ) -> float:
        """Return how many events, single cells and clusters, a volume of blood holds [1/m^3].

        Just now, where blood is drawn.

        Parameters
        ----------
        setting : Setting
            Of the patient.
        tables : Tables
            That the patient's cells obey.
        sheds : list of SheddingSource
            What sheds them, at its present rate.
        segment : int
            Of the network, where blood is drawn.
        """
        ...


class BloodOfRun:
    """The blood of the one patient of a run: what passed the vessel in the last epoch.

    Attributes
    ----------
    segments : (n,) int64
        Where blood is drawn.
    """

    def __init__(self, flow_rate: dict[int, float], weight: float) -> None:
        self.segments = np.array(sorted(flow_rate), dtype=np.int64)
        self._flow_rate = np.array([flow_rate[segment] for segment in sorted(flow_rate)])
        self._weight = weight
        self._passed = np.zeros(self.segments.size, dtype=np.int64)
        self._rate: FloatArray = np.zeros(self.segments.size)

    def note(self, passages: npt.NDArray[np.uint64], *, start: int, end: int) -> None:
        """Take in how many cells had entered each segment at the end of an epoch [ns]."""
        passed = passages[self.segments].astype(np.int64)
        self._rate = (passed - self._passed) / ((end - start) / NANOSECONDS)
        self._passed = passed

    def concentration(
        self, setting: Setting, tables: Tables, sheds: list[SheddingSource], *, segment: int
    ) -> float:
        """Return the events in a volume [1/m^3], as in `Blood`."""
        del setting, tables, sheds
        at = int(np.searchsorted(self.segments, segment))
        return float(self._weight * self._rate[at] / self._flow_rate[at])

    def state(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `restore` needs, by name."""
        return {"blood_passed": self._passed.copy(), "blood_rate": self._rate.copy()}

    def restore(self, state: dict[str, npt.NDArray[np.generic]]) -> None:
        """Take up the state of an earlier simulation."""
        self._passed = state["blood_passed"].astype(np.int64)
        self._rate = state["blood_rate"].astype(np.float64)
