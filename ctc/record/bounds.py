"""Bounds: what the rows of a run can say, so that no reader meets an index of nothing.

A file is damaged by a bad copy or a bad disk as often as by being cut short, and then its numbers
still have the right type. They are checked once, where they leave the file.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.layout import NO_SEGMENT
from ctc.record.series import SERIES_GROUP
from ctc.record.vessels import VESSEL_GROUP
from ctc.states import (
    CellState,
    DeathCause,
    EventKind,
    ExaminationKind,
    LesionState,
    Milestone,
    Response,
    Route,
    TreatmentKind,
)

# What a code stands for, by log; in frames "state" is the only one.
_CODES: dict[str, dict[str, type[enum.IntEnum]]] = {
    "events": {"kind": EventKind, "cause": DeathCause},
    "lesions": {"state": LesionState, "route": Route},
    "litters": {"route": Route},
    "examinations": {"kind": ExaminationKind, "response": Response},
    "treatments": {"kind": TreatmentKind},
    "milestones": {"kind": Milestone},
}
_CODES_OF_CELLS: dict[str, type[enum.IntEnum]] = {"state": CellState}


@dataclass(frozen=True)
class Bounds:
    """What organs, segments, codes and places of a run can be.

    Attributes
    ----------
    n_organs : int
        Organs of the run.
    n_segments : int
        Vessel segments of the run.
    """

    n_organs: int
    n_segments: int

    @classmethod
    def of(cls, file: h5py.File) -> Self:
        """Return those of an open run file."""
        organs, starts = file[SERIES_GROUP]["names"], file[VESSEL_GROUP]["start_node"]
        return cls(n_organs=int(organs.shape[0]), n_segments=int(starts.shape[0]))

    def check(
        self,
        name: str,
        values: npt.NDArray[Any],
        *,
        table: str,
        first_row: int = 0,
        has_junctions: bool = True,
    ) -> None:
        """Refuse a column that holds what no writer wrote.

        Parameters
        ----------
        name : str
            Of the column; those without bounds pass.
        values : (n, ...) array
            What the file holds.
        table : str
            Where it stands, such as ``frame 3``.
        first_row : int
            Which row of that the first value is.
        has_junctions : bool
            Whether `NO_SEGMENT` may stand for a segment.

        Raises
        ------
        InputError
            Names the first row that is wrong.
        """
        codes = _CODES.get(table, _CODES_OF_CELLS)
        if name == "organ":
            bad, rule = (values < -1) | (values >= self.n_organs), f"-1 .. {self.n_organs - 1}"
        elif name == "segment":
            bad, rule = values >= self.n_segments, f"0 .. {self.n_segments - 1}"
            if has_junctions:
                bad &= values != NO_SEGMENT
                rule += f" or {NO_SEGMENT}"
        elif name in codes:
            known = codes[name]
            is_known = np.zeros(2**8, dtype=np.bool_)
            is_known[list(known)] = True
            bad, rule = ~is_known[values], f"a code of {known.__name__}"
        elif name in ("position", "age"):
            is_finite = np.isfinite(values)
            bad, rule = ~is_finite.all(axis=tuple(range(1, values.ndim))), "finite"
        else:
            return
        if bad.any():
            row = int(np.argmax(bad))
            message = (
                f"{name} must be {rule}, got {values[row]} at row {first_row + row} of {table} "
                f"({np.count_nonzero(bad)} of {bad.size} rows). The file is damaged: copy it again."
            )
            raise InputError(message)
