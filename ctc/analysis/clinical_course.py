"""The clinical course of a run: how the patient was examined and treated, and what it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import FALSE_POSITIVE, NANOSECONDS, UNKNOWN_STAGE, WHOLE_BODY
from ctc.record.reader import Run
from ctc.states import ExaminationKind, Milestone, Response, TreatmentKind

_LOCAL = (TreatmentKind.SURGERY, TreatmentKind.RADIATION)


@dataclass(frozen=True)
class Stage:
    """T, N and M as numbers; None where one is not known."""

    t: int | None
    n: int | None
    m: int | None

    @classmethod
    def of(cls, row: np.void, prefix: str) -> Stage:
        """Return the stage in the columns ``prefix_t``, ``_n`` and ``_m`` of an examination."""
        codes = (int(row[f"{prefix}_{letter}"]) for letter in "tnm")
        return cls(*(None if code == UNKNOWN_STAGE else code for code in codes))

    @property
    def text(self) -> str:
        """Such as ``T2 N1 M0``, with X for what is not known; ``-`` where nothing is."""
        parts = {"T": self.t, "N": self.n, "M": self.m}
        if all(code is None for code in parts.values()):
            return "-"
        return " ".join(f"{name}{'X' if code is None else code}" for name, code in parts.items())


@dataclass(frozen=True)
class Examined:
    """One occasion of an examination.

    Attributes
    ----------
    time : float [s]
        From the start of the run.
    name, kind : str
        Of the entry in the calendar, and by what: ``ct``, ``blood_draw`` ...
    entry, occasion : int
        Its place in the scenario; which time it was done, from 0.
    is_positive : bool
        Whether it says tumour.
    value : float
        As `ctc.record.layout.EXAMINATION_FIELDS` says, by kind.
    n_found, n_false : int
        True and false findings.
    organs : tuple of str
        Where these are, each once.
    response : str
        RECIST, ``not evaluable`` where none can be told.
    found, there : Stage
        By all that had been found; of what was there.
    """

    time: float
    name: str
    kind: str
    entry: int
    occasion: int
    is_positive: bool
    value: float
    n_found: int
    n_false: int
    organs: tuple[str, ...]
    response: str
    found: Stage
    there: Stage


@dataclass(frozen=True)
class Treated:
    """One occasion of a treatment.

    Attributes
    ----------
    time : float [s]
        From the start of the run.
    name, kind : str
        Of the entry in the calendar, and by what: ``surgery``, ``chemotherapy`` ...
    entry, occasion : int
        Its place in the scenario; which cycle, fraction or time it was, from 0.
    is_local : bool
        Whether it is aimed at tumours; the others act in the whole body.
    n_targets : int
        Tumours whose cells it changed at once; 0 where it did none.
    organs : tuple of str
        Where these are, each once.
    cells_before, cells_after : float
        Living tumour cells in them (or in the body) just before and just after.
    """

    time: float
    name: str
    kind: str
    entry: int
    occasion: int
    is_local: bool
    n_targets: int
    organs: tuple[str, ...]
    cells_before: float
    cells_after: float


@dataclass(frozen=True)
class Reached:
    """A milestone: when [s], what, by which examination (or ""), in which organ (or "")."""

    time: float
    milestone: str
    by: str
    organ: str


@dataclass(frozen=True)
class Found:
    """A tumour when an examination showed it for the first time.

    Attributes
    ----------
    target : int
        Lesion, or -1 - number of the source of a primary.
    organ : str
        Where.
    time : float [s]
        When.
    by : str
        The examination.
    measured, diameter : float [m]
        As measured then, and as it was.
    founded : float or None [s]
        When a cell founded it; None of a primary, which was there from the start.
    """

    target: int
    organ: str
    time: float
    by: str
    measured: float
    diameter: float
    founded: float | None

    @property
    def unseen(self) -> float | None:
        """How long it was there before it was found [s]."""
        return None if self.founded is None else self.time - self.founded

    @property
    def name(self) -> str:
        """Such as ``lesion 12`` or ``primary``."""
        return f"lesion {self.target}" if self.target >= 0 else "primary"


@dataclass(frozen=True)
class Cleared:
    """A tumour of which a treatment left nothing: its target as in `Found`, and when [s]."""

    target: int
    time: float


@dataclass(frozen=True)
class ClinicalCourse:
    """Everything that the calendar of a run brought, each part in order of time."""

    examinations: tuple[Examined, ...] = ()
    treatments: tuple[Treated, ...] = ()
    milestones: tuple[Reached, ...] = ()
    found: tuple[Found, ...] = ()
    cleared: tuple[Cleared, ...] = ()

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain dicts and lists, with the stages as texts beside their numbers."""
        plain = asdict(self)
        for row, examined in zip(plain["examinations"], self.examinations, strict=True):
            row["found"]["text"] = examined.found.text
            row["there"]["text"] = examined.there.text
        for row, found in zip(plain["found"], self.found, strict=True):
            row["unseen"] = found.unseen
        return plain


def course_of(run: Run) -> ClinicalCourse | None:
    """Return the clinical course of a run, None where its scenario has no calendar."""
    scenario = run.scenario()
    if not has_calendar(scenario):
        return None
    return clinical_course(
        scenario,
        run.organ_names,
        examinations=run.examinations(),
        findings=run.findings(),
        treatments=run.treatments(),
        milestones=run.milestones(),
        lesions=run.lesions(),
    )


def has_calendar(scenario: Mapping[str, Any]) -> bool:
    """Whether a scenario, with everything filled in, examines or treats a patient."""
    return bool(scenario.get("examination") or scenario.get("treatment"))


def clinical_course(
    scenario: Mapping[str, Any],
    organ_names: Sequence[str],
    *,
    examinations: npt.NDArray[Any],
    findings: npt.NDArray[Any],
    treatments: npt.NDArray[Any],
    milestones: npt.NDArray[Any],
    lesions: npt.NDArray[Any],
) -> ClinicalCourse:
    """Return a course in words and SI.

    Parameters
    ----------
    scenario : mapping
        With every default filled in.
    organ_names : sequence of str
        What organ indices mean.
    examinations, findings, treatments, milestones : structured array
        The logs of a run.
    lesions : (n,) structured array
        The newest row of each lesion.
    """
    examined = entry_names(scenario, "examination")
    treated = entry_names(scenario, "treatment")
    organs_shown = _organs_by_occasion(findings, organ_names)
    return ClinicalCourse(
        examinations=tuple(
            Examined(
                time=int(row["time"]) / NANOSECONDS,
                name=_at(examined, int(row["entry"])),
                kind=ExaminationKind(int(row["kind"])).name.lower(),
                entry=int(row["entry"]),
                occasion=int(row["occasion"]),
                is_positive=bool(row["is_positive"]),
                value=_finite(row["value"]),
                n_found=int(row["n_found"]),
                n_false=int(row["n_false"]),
                organs=organs_shown.get((int(row["entry"]), int(row["occasion"])), ()),
                response=Response(int(row["response"])).name.lower().replace("_", " "),
                found=Stage.of(row, "stage"),
                there=Stage.of(row, "true"),
            )
            for row in examinations
        ),
        treatments=_treated(treatments, treated, organ_names),
        milestones=tuple(
            Reached(
                time=int(row["time"]) / NANOSECONDS,
                milestone=Milestone(int(row["kind"])).name.lower().replace("_", " "),
                by=_at(examined, int(row["entry"])),
                organ=_organ(int(row["organ"]), organ_names),
            )
            for row in milestones
        ),
        found=_first_found(findings, examined, organ_names, lesions=lesions),
        cleared=_cleared(treatments),
    )


def entry_names(scenario: Mapping[str, Any], table: str) -> tuple[str, ...]:
    """Return what each entry of ``examination`` or ``treatment`` is called, in order.

    By its name, else by kind and number among those of its kind, from 1.
    """
    kinds = [entry["kind"].replace("_", " ") for entry in scenario.get(table, ())]
    return tuple(
        entry.get("name") or f"{kinds[place]} {kinds[: place + 1].count(kinds[place])}"
        for place, entry in enumerate(scenario.get(table, ()))
    )


def _treated(
    rows: npt.NDArray[Any], names: Sequence[str], organ_names: Sequence[str]
) -> tuple[Treated, ...]:
    """Return one `Treated` for each occasion, whatever it was aimed at."""
    # A drug may be noted for each of very many lesions.
    moments = rows[["time", "entry", "occasion"]]
    _, first, of_row = np.unique(moments, return_index=True, return_inverse=True)
    n_local = np.bincount(of_row[rows["target"] != WHOLE_BODY], minlength=first.size)
    before, after = (
        np.bincount(of_row, weights=rows[name], minlength=first.size)
        for name in ("cells_before", "cells_after")
    )
    found = []
    for place in np.argsort(first).tolist():
        row = rows[first[place]]
        kind = TreatmentKind(int(row["kind"]))
        own = rows["organ"][(of_row == place) & (rows["target"] != WHOLE_BODY)]
        organs = dict.fromkeys(_organ(organ, organ_names) for organ in own.tolist())
        found.append(
            Treated(
                time=int(row["time"]) / NANOSECONDS,
                name=_at(names, int(row["entry"])),
                kind=kind.name.lower(),
                entry=int(row["entry"]),
                occasion=int(row["occasion"]),
                is_local=kind in _LOCAL,
                n_targets=int(n_local[place]),
                organs=tuple(organs),
                cells_before=float(before[place]),
                cells_after=float(after[place]),
            )
        )
    return tuple(found)


def _cleared(rows: npt.NDArray[Any]) -> tuple[Cleared, ...]:
    """Return what was taken out or killed to the last cell."""
    is_local = rows["target"] != WHOLE_BODY
    own = rows[is_local & (rows["cells_before"] >= 1.0) & (rows["cells_after"] < 1.0)]
    return tuple(Cleared(int(row["target"]), int(row["time"]) / NANOSECONDS) for row in own)


def _first_found(
    findings: npt.NDArray[Any],
    names: Sequence[str],
    organ_names: Sequence[str],
    *,
    lesions: npt.NDArray[Any],
) -> tuple[Found, ...]:
    founded = dict(zip(lesions["lesion"].tolist(), lesions["founded"].tolist(), strict=True))
    first: dict[int, np.void] = {}
    for row in findings:
        if row["target"] != FALSE_POSITIVE:
            first.setdefault(int(row["target"]), row)
    return tuple(
        Found(
            target=target,
            organ=_organ(int(row["organ"]), organ_names),
            time=int(row["time"]) / NANOSECONDS,
            by=_at(names, int(row["entry"])),
            measured=float(row["diameter"]),
            diameter=float(row["true_diameter"]),
            founded=founded[target] / NANOSECONDS if target in founded else None,
        )
        for target, row in first.items()
    )


def _organs_by_occasion(
    findings: npt.NDArray[Any], organ_names: Sequence[str]
) -> dict[tuple[int, int], tuple[str, ...]]:
    organs: dict[tuple[int, int], dict[str, None]] = {}
    for row in findings:
        key = (int(row["entry"]), int(row["occasion"]))
        organs.setdefault(key, {})[_organ(int(row["organ"]), organ_names)] = None
    return {key: tuple(names) for key, names in organs.items()}


def _finite(value: float) -> float:
    """Return a number, 0 for what is none: JSON has no NaN."""
    return float(value) if np.isfinite(value) else 0.0


def _organ(index: int, names: Sequence[str]) -> str:
    return names[index] if index >= 0 else ""


def _at(names: Sequence[str], index: int) -> str:
    """Return the name of an entry; empty for none, and for one that the scenario lacks."""
    return names[index] if 0 <= index < len(names) else ""
