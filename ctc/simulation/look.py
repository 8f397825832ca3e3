"""Look: a patient as one examination met them, before anything that followed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from ctc.clinic.disease import Disease
from ctc.clinic.staging import Stage


@dataclass(frozen=True)
class Look:
    """What there was of a patient's tumours at an examination, and what was known after it.

    Attributes
    ----------
    is_diagnosis : bool
        Whether it was this examination that first said cancer.
    is_treated : bool
        Whether any treatment had begun before it.
    disease : Disease
        All that was there.
    known : (m,) KNOWN
        What had been found by then and was not gone.
    found, there : Stage
        By what had been found, and by what was there.
    """

    is_diagnosis: bool
    is_treated: bool
    disease: Disease
    known: npt.NDArray[Any]
    found: Stage
    there: Stage
