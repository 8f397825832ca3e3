"""Plan: all patients and arms of a sweep, drawn and checked; follows none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.load import Draft
from ctc.scenario.scenario import Scenario
from ctc.scenario.sweep_load import SweepText
from ctc.scenario.sweep_tables import SweepSettings


@dataclass(frozen=True)
class Arm:
    """One way to treat the patients.

    Attributes
    ----------
    name : str
        Shown.
    draft : Draft
        Its scenario, unchecked.
    overrides : tuple of str
        ``key=value`` texts, those of ``--set`` first, then its own.
    removed : tuple of str
        Entries that it leaves out.
    """

    name: str
    draft: Draft
    overrides: tuple[str, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Varied:
    """One key in which patients differ.

    Attributes
    ----------
    key : str
        As ``--set`` takes it.
    unit : str
        SI, as pint writes it; empty for numbers and words.
    values : (n_patients,) float64
        In SI, of 15 digits; codes where there are labels.
    description : str
        Its distribution in words.
    basis, source : str
        Where that is from.
    labels : tuple of str
        Words of codes 0, 1 ..
    shown_unit : str
        In which the file has it.
    """

    key: str
    unit: str
    values: FloatArray
    description: str
    basis: str = ""
    source: str = ""
    labels: tuple[str, ...] = ()
    shown_unit: str = ""

    def override(self, patient: int) -> str:
        """Return ``key=value`` of one patient, to the last digit and with its unit."""
        return f"{self.key}={self.text(float(self.values[patient]))}"

    def text(self, value: float) -> str:
        """Return a value as a scenario file has it."""
        if self.labels:
            return self.labels[int(value)]
        # Plain numbers as words of TOML, 3 and not 3.0 where a count may be asked for.
        number = repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return f"{number} {self.unit}".rstrip()

    @property
    def extremes(self) -> tuple[int, ...]:
        """Patients that between them have the smallest and the largest value, or every word."""
        if self.labels:
            return tuple(int(i) for i in np.unique(self.values, return_index=True)[1])
        return int(np.argmin(self.values)), int(np.argmax(self.values))


@dataclass(frozen=True)
class Plan:
    """What is to be followed: complete, so that nothing is read once it exists.

    Attributes
    ----------
    sweep : SweepText
        The file.
    arms : tuple of Arm
        At least one.
    varied : tuple of Varied
        In order of the file.
    n_patients : int
        In each arm.
    """

    sweep: SweepText
    arms: tuple[Arm, ...]
    varied: tuple[Varied, ...]
    n_patients: int

    @property
    def settings(self) -> SweepSettings:
        """The table ``[sweep]``."""
        return self.sweep.content.sweep

    @property
    def n_members(self) -> int:
        """Patients times arms."""
        return self.n_patients * len(self.arms)

    def overrides(self, patient: int, arm: int) -> tuple[str, ...]:
        """Return what makes this patient of the scenario of the arm, as ``--set`` takes it."""
        return (
            *self.arms[arm].overrides,
            *(varied.override(patient) for varied in self.varied),
            f"run.seed={self.settings.seed}",
            f"patient.number={patient}",
        )

    def scenario(self, patient: int, arm: int) -> Scenario:
        """Return the scenario of one patient in one arm, checked.

        Raises
        ------
        InputError
            If the values of this patient do not fit together.
        """
        chosen = self.arms[arm]
        try:
            return chosen.draft.scenario(self.overrides(patient, arm), removed=chosen.removed)
        except InputError as error:
            message = f"{error} (patient {patient} of arm '{chosen.name}')"
            raise InputError(message, file=str(self.sweep.path)) from None

    def samples(self) -> npt.NDArray[np.float64]:
        """Return what varies, (n_patients, n_varied) float64."""
        columns = [varied.values for varied in self.varied]
        return np.stack(columns, axis=1) if columns else np.zeros((self.n_patients, 0))

    def identity(self) -> str:
        """Return the SHA-256 of all that decides a patient: equal for equal rows.

        Patients of a cohort do not hang on how many there are, so their number is no part of it,
        nor are titles, sources and the size of blocks.
        """
        settings = self.settings
        content: dict[str, Any] = {
            "seed": settings.seed,
            "design": settings.design,
            "vary": [
                {"key": v.key, "unit": v.unit, "law": v.description, "labels": v.labels}
                for v in self.varied
            ],
            "correlation": [c.model_dump() for c in self.sweep.content.correlation],
            "arms": [
                {"name": arm.name, "scenario": _numbers(arm), "removed": arm.removed}
                for arm in self.arms
            ],
        }
        if settings.design != "cohort":
            content["patients"] = self.n_patients
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def as_json(self) -> str:
        """Return distributions and arms for the table file."""
        content = {
            "scenario": self.settings.scenario,
            "vary": [
                {
                    "key": v.key,
                    "unit": v.unit,
                    "distribution": v.description,
                    "basis": v.basis,
                    "source": v.source,
                }
                for v in self.varied
            ],
            "correlation": [c.model_dump() for c in self.sweep.content.correlation],
            "arms": [
                {
                    "name": arm.name,
                    "scenario": arm.draft.file.name,
                    "set": arm.overrides,
                    "removed": arm.removed,
                }
                for arm in self.arms
            ],
        }
        return json.dumps(content, indent=1, ensure_ascii=False)


def _numbers(arm: Arm) -> dict[str, Any]:
    """Return the scenario of an arm without what changes no result."""
    scenario = arm.draft.scenario(arm.overrides, removed=arm.removed)
    content: dict[str, Any] = json.loads(scenario.resolved())
    for name in ("path", "overrides", "base_text", "scenario", "record"):
        del content[name]
    content["parameters"] = {name: p["value"] for name, p in content["parameters"].items()}
    return content


def check_members(plan: Plan, *, at_most: int | None = None) -> None:
    """Raise InputError unless patients are right in every arm: their values fit together.

    Parameters
    ----------
    plan : Plan
        Whose values are each right by themselves.
    at_most : int, optional
        So many patients, evenly spread over all; every patient when left out.
    """
    count = plan.n_patients if at_most is None else min(at_most, plan.n_patients)
    for arm in range(len(plan.arms)):
        for number in range(count):
            plan.scenario(number * plan.n_patients // count, arm)
