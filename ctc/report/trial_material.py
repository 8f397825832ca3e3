"""What the page of a trial is made from: the table of a sweep, seen arm by arm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ctc.analysis.endpoints import Endpoint, Origin, times_to
from ctc.analysis.survival import BoolArray, Times
from ctc.checks import FloatArray

YEAR = 365.25 * 86400.0
MONTH = YEAR / 12.0
# Names of `ctc.report.colours`, in the order of arms; safe for colour-blind eyes.
ARM_COLOURS = ("shed", "accent", "arrested", "extravasated", "autopsy", "colony")
# Cells in a draw from which on a count is high: CellSearch, breast and prostate (Allard 2004).
CUT_OFF = 5.0
_SHOWN = (Endpoint.OVERALL, Endpoint.METASTASIS_FREE, Endpoint.PROGRESSION_FREE)


class DescribedColumn(Protocol):
    """A column with what is said of it."""

    @property
    def name(self) -> str:
        """Of it."""

    @property
    def values(self) -> npt.NDArray[Any]:
        """In SI; codes where there are labels."""

    @property
    def unit(self) -> str:
        """SI unit."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What codes 0, 1 .. stand for."""


class TrialTable(Protocol):
    """The table of a sweep: a row for each patient and arm, patient after patient."""

    @property
    def path(self) -> Path:
        """Its file."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """Title, question, design, seed, version and the like."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The file of the sweep, and its plan as JSON."""

    @property
    def further(self) -> Mapping[str, tuple[DescribedColumn, ...]]:
        """Other tables, such as the sensitivity."""

    @property
    def digest(self) -> str:
        """Of all rows."""

    @property
    def arms(self) -> tuple[str, ...]:
        """Names."""

    @property
    def varied(self) -> tuple[str, ...]:
        """Keys that differ between patients."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Columns of what became of them."""

    def described(self, name: str) -> DescribedColumn:
        """Return a column with unit and labels."""

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the values of a column, of all rows."""


@dataclass(frozen=True)
class TrialMaterial:
    """A table with what all sections ask of it."""

    table: TrialTable

    @cached_property
    def effects(self) -> dict[Any, Any]:
        """What was found of arms against the first, so that no model is fitted twice."""
        return {}

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms; the first is the one that others are compared with."""
        return self.table.arms

    @property
    def title(self) -> str:
        """Of the sweep."""
        return self.table.attributes.get("title", "") or "A virtual trial"

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Distributions and arms."""
        found: dict[str, Any] = json.loads(self.table.texts.get("plan", "") or "{}")
        return found

    @cached_property
    def n_patients(self) -> int:
        """In each arm."""
        return int(np.unique(self.table.column("patient")).size)

    def colour(self, arm: int) -> str:
        """Return the name of the colour of an arm; a lone arm has the accent."""
        shift = 1 if len(self.arms) == 1 else 0
        return ARM_COLOURS[(arm + shift) % len(ARM_COLOURS)]

    def of_arm(self, arm: int) -> BoolArray:
        """Return which rows are of an arm."""
        found: BoolArray = np.asarray(self.table.column("arm")) == arm
        return found

    def column(self, name: str, arm: int | None = None) -> FloatArray:
        """Return a column as float64, of all rows or of one arm in order of patients."""
        values = np.asarray(self.table.column(name), dtype=np.float64)
        return values if arm is None else values[self.of_arm(arm)]

    def has(self, name: str) -> bool:
        """Whether there is a column with at least one number in it."""
        return name in self.table.outcomes and bool(np.isfinite(self.column(name)).any())

    @cached_property
    def origin(self) -> Origin:
        """From when on arms are compared.

        Diagnosis, where every patient has it at the same time in all arms; else the start, as an
        arm that finds tumours earlier would only seem to let patients live longer.
        """
        times = [self.column("diagnosis_time", arm) for arm in range(len(self.arms))]
        same = all(np.array_equal(times[0], each, equal_nan=True) for each in times)
        return Origin.DIAGNOSIS if same and bool(np.isfinite(times[0]).any()) else Origin.START

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Those that some patient reaches."""
        found = tuple(each for each in _SHOWN if any(t.n_events for t in self.times(each)))
        return found or (Endpoint.OVERALL,)

    @cached_property
    def told(self) -> tuple[Endpoint, ...]:
        """Those of the table: with death by the cancer where patients die of other things, too."""
        causes = set(np.unique(self.column("death_cause")).tolist())
        more = (Endpoint.CANCER_DEATH,) if {1.0, 2.0} <= causes else ()
        return (*self.endpoints[:1], *more, *self.endpoints[1:])

    def times(self, endpoint: Endpoint, *, origin: Origin | None = None) -> tuple[Times, ...]:
        """Return the times of each arm until an endpoint."""
        return tuple(
            times_to(self.table, endpoint, origin=origin or self.origin, rows=self.of_arm(arm))
            for arm in range(len(self.arms))
        )

    def pair(self, endpoint: Endpoint, arm: int) -> tuple[Times, Times]:
        """Return the times of an arm and of the first one, of patients that both have, in order."""
        first, other = (self.times(endpoint)[i] for i in (0, arm))
        patient = np.asarray(self.table.column("patient"))
        both = np.intersect1d(patient[first.row], patient[other.row])
        return tuple(t.of(np.isin(patient[t.row], both)) for t in (other, first))  # type: ignore[return-value]

    def horizon(self, endpoint: Endpoint) -> float:
        """Return the time [s] up to which every arm was watched; 0 where there is none."""
        ends = [float(t.duration.max()) for t in self.times(endpoint) if t.n]
        return min(ends) if len(ends) == len(self.arms) else 0.0


def time_text(seconds: float) -> str:
    """Return a survival time in months, or in years from 5 on; infinite: not reached."""
    if not np.isfinite(seconds):
        return "not reached"
    if seconds < 5.0 * YEAR:
        return f"{seconds / MONTH:.1f} months"
    return f"{seconds / YEAR:.1f} years"


def of_first_arm(material: TrialMaterial) -> str:
    """Return words that name the first arm where there are others, with a blank before them."""
    return f" in arm \u201c{material.arms[0]}\u201d" if len(material.arms) > 1 else ""
