"""Surgery: what it takes out, and what it leaves at the margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray


@dataclass(frozen=True)
class SurgeryLaw:
    """What surgery leaves behind.

    Attributes
    ----------
    residual_probability : float
        Chance that tumour is left where a primary tumour was taken out.
    residual_probability_of_metastasis : float
        The same of a metastasis or a node.
    residual_cells : float
        Cells that are then left.
    """

    residual_probability: float
    residual_probability_of_metastasis: float
    residual_cells: float


def resection(
    cells: FloatArray,
    is_primary: npt.NDArray[np.bool_],
    deviates: FloatArray,
    *,
    law: SurgeryLaw,
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Return which tumours are out as a whole, and the share of the others that is left.

    With the chance p of its kind, ``min(M, N)`` of its N cells are left; else it is gone.

    Parameters
    ----------
    cells : (n,) float64
        N, of tumours that are operated on.
    is_primary : (n,) bool
        Whose p is that of primary tumours.
    deviates : (n,) float64
        Uniform in (0, 1).
    law : SurgeryLaw
        p and M.

    Returns
    -------
    is_removed : (n,) bool
        Nothing is left.
    survival : (n,) float64
        Share of cells left, of sensitive and resistant ones alike; 0 where it is removed.

    Notes
    -----
    Only what was found is operated on (`ctc.clinic.treating.aimed_at`), so what no examination
    showed stays. What handling a tumour sheds before it is out is a factor of the order,
    `handling`. Deaths by the operation are left out.
    """
    chance = np.where(is_primary, law.residual_probability, law.residual_probability_of_metastasis)
    is_removed = deviates >= chance
    survival: FloatArray = np.where(
        is_removed, 0.0, np.minimum(law.residual_cells / np.maximum(cells, 1.0), 1.0)
    )
    return is_removed, survival
