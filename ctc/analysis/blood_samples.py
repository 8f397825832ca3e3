"""Tumour cells in the blood of one vessel, as a draw from it would find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NANOSECONDS

DRAW_VOLUME = 7.5e-6  # [m^3] of blood: what a test for circulating tumour cells draws


@dataclass(frozen=True)
class BloodSamples:
    """Cells in `DRAW_VOLUME` of the blood of one vessel, epoch by epoch.

    Attributes
    ----------
    time : (n_epochs,) float64 [s]
        End of each epoch.
    cells : (n_epochs,) float64
        Cells that passed in the epoch over the blood that did, times the volume drawn.
    standard_error : (n_epochs,) float64
        Of `cells`, from the number counted: passages of an epoch are Poisson at best (a cell that
        comes round again adds to the true error).
    """

    time: npt.NDArray[np.float64]
    cells: npt.NDArray[np.float64]
    standard_error: npt.NDArray[np.float64]


def blood_samples(
    series: Mapping[str, npt.NDArray[Any]], vessel: int, *, flow_rate: float
) -> BloodSamples:
    """Return what draws from a named vessel would hold.

    Parameters
    ----------
    series : mapping of str to array
        `Run.series`, with ``vessel_passages``.
    vessel : int
        Index into `Run.vessel_names`.
    flow_rate : float [m^3/s]
        Of the vessel where most blood flows in it, > 0.
    """
    end = np.asarray(series["time"], dtype=np.float64) / NANOSECONDS
    so_far = np.asarray(series["vessel_passages"][:, vessel], dtype=np.float64)
    passed = np.diff(so_far, prepend=0.0)
    blood = flow_rate * np.diff(end, prepend=0.0)
    return BloodSamples(
        time=end,
        cells=passed / blood * DRAW_VOLUME,
        standard_error=np.sqrt(passed) / blood * DRAW_VOLUME,
    )
