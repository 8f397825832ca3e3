"""What a draw of blood is taken from: tumour cells that passed a vessel, and blood that did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.tables import Tables

if TYPE_CHECKING:
    from ctc.simulation.patient import Patient


class Blood(Protocol):
    """Tumour cells in the blood of patients."""

    def concentration(self, patient: Patient, *, segment: int, time: int) -> tuple[float, float]:
        """Return events, single cells and clusters, in a volume of blood, and clusters among them.

        Parameters
        ----------
        patient : Patient
            Whose blood it is.
        segment : int
            Of the network, where it is drawn.
        time : int [ns]
            When.

        Returns
        -------
        concentration : float [1/m^3]
            Shed events, whatever followed cells stand for.
        cluster_share : float
            Of clusters among them, 0 to 1.
        """
        ...


def shed_cluster_share(tables: Tables) -> float:
    """Return the share of clusters among the events that are shed.

    Clusters are caught sooner than single cells, so in blood they are fewer: an upper bound.
    """
    threshold = tables.size_threshold.astype(np.float64) * 2.0**-64
    chance = np.diff(threshold, prepend=0.0)
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    return min(float(sum(chance[tables.sizes["n_cells"] > 1].tolist())), 1.0)


class BloodOfRun:
    """The blood of the one patient of a run: what passed the vessel in the last epoch.

    Holds where every followed cell stands for as many shed ones; `ctc.cohort.blood_response`
    knows what to do elsewhere.

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

    def concentration(self, patient: Patient, *, segment: int, time: int) -> tuple[float, float]:
        """Return events in a volume [1/m^3] and the share of clusters, as in `Blood`."""
        del time
        at = int(np.searchsorted(self.segments, segment))
        found = float(self._weight * self._rate[at] / self._flow_rate[at])
        return found, shed_cluster_share(patient.setting.tables)

    def state(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `restore` needs, by name."""
        return {"blood_passed": self._passed.copy(), "blood_rate": self._rate.copy()}

    def restore(self, state: dict[str, npt.NDArray[np.generic]]) -> None:
        """Take up the state of an earlier simulation."""
        self._passed = state["blood_passed"].astype(np.int64)
        self._rate = state["blood_rate"].astype(np.float64)
