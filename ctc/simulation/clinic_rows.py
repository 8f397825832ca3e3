"""ClinicRows: what was examined, found, treated and reached in an epoch, as rows for the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

EXAMINATION = np.dtype(
    [
        ("time", "<i8"),
        ("entry", "<u2"),
        ("occasion", "<u2"),
        ("kind", "u1"),
        ("is_positive", "u1"),
        ("value", "<f8"),
        ("n_found", "<u4"),
        ("n_false", "<u4"),
        ("response", "u1"),
        ("stage_t", "u1"),
        ("stage_n", "u1"),
        ("stage_m", "u1"),
        ("true_t", "u1"),
        ("true_n", "u1"),
        ("true_m", "u1"),
    ]
)
FINDING = np.dtype(
    [
        ("time", "<i8"),
        ("entry", "<u2"),
        ("occasion", "<u2"),
        ("target", "<i8"),
        ("organ", "<i2"),
        ("diameter", "<f8"),
        ("true_diameter", "<f8"),
    ]
)
TREATMENT = np.dtype(
    [
        ("time", "<i8"),
        ("entry", "<u2"),
        ("occasion", "<u2"),
        ("kind", "u1"),
        ("target", "<i8"),
        ("organ", "<i2"),
        ("cells_before", "<f8"),
        ("cells_after", "<f8"),
    ]
)
MILESTONE = np.dtype([("time", "<i8"), ("kind", "u1"), ("entry", "<i4"), ("organ", "<i2")])
EFFECT = np.dtype(
    [
        ("time", "<i8"),
        ("organ", "<i2"),
        ("blood_hazard", "<f8"),
        ("arrested_death_rate", "<f8"),
        ("tissue_death_rate", "<f8"),
        ("dormant_death_rate", "<f8"),
        ("organ_death_rate", "<f8"),
        ("immune_factor", "<f8"),
        ("platelets", "<f8"),
        ("extravasation_factor", "<f8"),
        ("colony_factor", "<f8"),
        ("escape_factor", "<f8"),
    ]
)
# Target of a treatment of everything.
WHOLE_BODY = -(2**61)


@dataclass
class ClinicRows:
    """Rows of one epoch, in the order in which things happened.

    Attributes
    ----------
    examinations : list of EXAMINATION rows
        One for each occasion.
    findings : list of FINDING rows
        One for each finding of each.
    treatments : list of TREATMENT rows
        One for each target of each occasion.
    milestones : list of MILESTONE rows
        Each kind once in a course.
    effects : list of EFFECT rows
        What acts on cells: in the whole body, then in each organ where that is more.
    """

    examinations: list[tuple[Any, ...]] = field(default_factory=list)
    findings: list[tuple[Any, ...]] = field(default_factory=list)
    treatments: list[tuple[Any, ...]] = field(default_factory=list)
    milestones: list[tuple[Any, ...]] = field(default_factory=list)
    effects: list[tuple[Any, ...]] = field(default_factory=list)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return them as structured arrays, by name."""
        return {
            "examinations": np.array(self.examinations, dtype=EXAMINATION),
            "findings": np.array(self.findings, dtype=FINDING),
            "treatments": np.array(self.treatments, dtype=TREATMENT),
            "milestones": np.array(self.milestones, dtype=MILESTONE),
            "effects": np.array(self.effects, dtype=EFFECT),
        }
