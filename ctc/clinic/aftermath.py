"""What is left of tumours and lesions after a blow: cells, resistant share, what is gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.disease import Disease, Draws
from ctc.clinic.eradication import eradicated
from ctc.clinic.treating import SURVIVAL_DRAW, Blow

_RESISTANT_DRAW = SURVIVAL_DRAW + 1


@dataclass(frozen=True)
class Aftermath:
    """Rows of a `Disease` after a blow, n in all.

    Attributes
    ----------
    is_removed : (n,) bool
        Taken out as a whole.
    is_eradicated : (n,) bool
        Not taken out, but no cell is left that could found it anew.
    cells : (n,) float64
        Left: 0 where removed or eradicated, as before where untouched, else at least 1.
    resistant_share : (n,) float64
        Of what is left; 0 where nothing is.
    """

    is_removed: npt.NDArray[np.bool_]
    is_eradicated: npt.NDArray[np.bool_]
    cells: FloatArray
    resistant_share: FloatArray


def after_blow(blow: Blow, disease: Disease, draws: Draws) -> Aftermath:
    """Return what a blow leaves.

    Resistant cells, ``round(r N)`` of N, and the others are thinned apart by their survival
    (`eradicated`): a single resistant cell that no drug reaches survives for certain.

    Parameters
    ----------
    blow : Blow
        Of one occasion.
    disease : Disease
        What it fell on.
    draws : Draws
        Deviates of the same occasion.

    Returns
    -------
    Aftermath
        Rows in the same order.
    """
    resistant = np.rint(disease.resistant_share * disease.cells)
    parts = []
    for number, cells, survival in (
        (SURVIVAL_DRAW, disease.cells - resistant, blow.survival),
        (_RESISTANT_DRAW, resistant, blow.resistant_survival),
    ):
        deviates = draws.uniform(disease.key, number)
        _, left = eradicated(cells, survival, deviates, clonogen_share=blow.clonogen_share)
        parts.append(np.where(cells < 0.5, 0.0, left))
    total = parts[0] + parts[1]
    is_hit = blow.is_touched & ~blow.is_removed
    is_eradicated = is_hit & (total == 0.0)
    cells = np.where(is_hit, total, np.where(blow.is_removed, 0.0, disease.cells))
    share = np.zeros(cells.size)
    np.divide(parts[1], total, out=share, where=is_hit & (total > 0.0))
    is_whole = ~blow.is_touched
    return Aftermath(
        is_removed=blow.is_removed,
        is_eradicated=is_eradicated,
        cells=cells,
        resistant_share=np.where(is_whole, disease.resistant_share, share),
    )
