"""Laws by which tumours and lesions grow, as values; `ctc.simulation.growth` computes with them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ctc.errors import InputError


class GrowthKind(enum.StrEnum):
    """How the growth rate of a tumour goes with its size."""

    EXPONENTIAL = "exponential"
    GOMPERTZ = "gompertz"
    LOGISTIC = "logistic"
    POWER_LAW = "power_law"


@dataclass(frozen=True)
class GrowthLaw:
    """A law, and what all tumours that follow it share.

    Attributes
    ----------
    kind : GrowthKind
        Which law.
    capacity : float
        Cells that a tumour cannot exceed; the asymptote of Gompertz and logistic growth.
    reference_cells : float
        The size at which doubling times hold: there the specific growth rate is
        ``ln 2 / doubling time``. Exponential growth has the same at every size.
    exponent : float
        p of the power law ``dN/dt = a N^p``, 0 <= p < 1.
    """

    kind: GrowthKind
    capacity: float
    reference_cells: float = 1.0
    exponent: float = 0.5

    def __post_init__(self) -> None:
        bounded = self.kind in (GrowthKind.GOMPERTZ, GrowthKind.LOGISTIC)
        if bounded and not self.reference_cells < self.capacity:
            message = (
                f"size at which the doubling time holds must be below the capacity of "
                f"{self.capacity:g} cells for {self.kind} growth, got {self.reference_cells:g} "
                "cells. Lower tumour.reference_cells or raise tissue.lesion_capacity."
            )
            raise InputError(message)
