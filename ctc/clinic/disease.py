"""Disease: what there is of one patient's tumours and lesions at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray


@dataclass(frozen=True)
class Disease:
    """Primary tumours and lesions of one patient that live at one moment, n in all.

    Attributes
    ----------
    number : (n,) int64
        Of the lesion, >= 0; -1 - number of its source for a primary tumour.
    key : (n,) uint64
        Identity for chances: the same whatever else there is.
    organ : (n,) int16
        Index into `organ_names`; -1 between organs.
    cells : (n,) float64
        Living tumour cells, >= 1.
    diameter : (n,) float64 [m]
        Of a ball of the tumour's volume.
    growth_rate : (n,) float64 [1/s]
        Specific growth rate now, d ln N / dt, untreated; 0 at rest.
    reference_rate : (n,) float64 [1/s]
        The same at the size for which its doubling time is given.
    resistant_share : (n,) float64
        Share of its cells that no drug reaches.
    organ_names : tuple of str
        Of the body.
    """

    number: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    organ: npt.NDArray[np.int16]
    cells: FloatArray
    diameter: FloatArray
    growth_rate: FloatArray
    reference_rate: FloatArray
    resistant_share: FloatArray
    organ_names: tuple[str, ...]

    @property
    def is_primary(self) -> npt.NDArray[np.bool_]:
        """Which are primary tumours, (n,) bool."""
        found: npt.NDArray[np.bool_] = self.number < 0
        return found


class Draws(Protocol):
    """Uniform deviates of one occasion of one patient, by key: no order matters."""

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> FloatArray:
        """Return a deviate in (0, 1) for each key, (n,) float64; other numbers, other ones."""
        ...
