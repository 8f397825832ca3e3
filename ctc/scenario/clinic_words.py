"""A clinical calendar in words: what is done, and when."""

from __future__ import annotations

from ctc.scenario.clinic_course import CourseEntry, anchor_of
from ctc.scenario.clinic_tables import (
    BloodDraw,
    Chemotherapy,
    Immunotherapy,
    PatientSettings,
    Radiation,
    Surgery,
    Targeted,
)

_SECOND = 10**9
_UNITS = (
    ("year", 31_557_600 * _SECOND),
    ("month", 2_629_800 * _SECOND),
    ("week", 604_800 * _SECOND),
    ("day", 86_400 * _SECOND),
    ("h", 3600 * _SECOND),
    ("min", 60 * _SECOND),
    ("s", _SECOND),
)
_COUNTED = ("year", "month", "week", "day")
_DAY = 86_400 * _SECOND


def time_text(time: int) -> str:
    """Return a length of time [ns] in the largest unit that it is a whole number of."""
    for unit, size in _UNITS:
        if time and time % size == 0:
            count = time // size
            return f"{count:,} {unit}" + ("s" if count > 1 and unit in _COUNTED else "")
    if time >= _DAY:
        return f"{time / _DAY:.6g} days"
    return f"{time / _SECOND:.4g} s"


def what_text(entry: CourseEntry) -> str:
    """Return what is done, such as ``radiation of metastases in liver, 5 x 10 Gy``."""
    table = entry.settings
    words = [str(table.kind).replace("_", " ")]
    if isinstance(table, Surgery | Radiation):
        words.append(f"of {table.target}")
    organs: tuple[str, ...] = getattr(table, "organs", ())
    if organs:
        words.append(("in " if entry.is_treatment else "of ") + ", ".join(organs))
    text = " ".join(words)
    if isinstance(table, Radiation):
        text += f", {table.fractions} x {table.dose:g} Gy"
    elif isinstance(table, Chemotherapy):
        text += f", {table.cycles} cycle" + ("s" if table.cycles > 1 else "")
    elif isinstance(table, Targeted):
        text += f" against {table.pathway}"
    elif isinstance(table, Immunotherapy):
        text += f", {table.regimen.replace('_', '-')}"
    elif isinstance(table, BloodDraw):
        text += f", {1e6 * table.volume:g} mL of the {table.vessel}"
    most = getattr(table, "most_lesions", None)
    return text if most is None else f"{text}, unless more than {most} have been found"


def when_text(entry: CourseEntry) -> str:
    """Return when it is done, such as ``2 weeks after diagnosis, then every 3 weeks``."""
    if entry.at is not None:
        text = time_text(entry.at) if entry.at else "at the start"
    else:
        name, of_start = anchor_of(entry.after)
        whose = f"the start of {name}" if of_start else name
        text = f"{time_text(entry.delay)} after {whose}" if entry.delay else f"after {whose}"
    if entry.is_continued:
        return text + (f", for {time_text(entry.duration)}" if entry.duration else ", to the end")
    if entry.n_occasions is None:
        return f"{text}, then every {time_text(entry.interval)}"
    if entry.n_occasions > 1:
        return f"{text}, then every {time_text(entry.interval)}, {entry.n_occasions} times in all"
    return text


def patient_text(patient: PatientSettings) -> str:
    """Return in a sentence who is treated, and how the patient differs from the reference."""
    age = patient.age / 31_557_600
    names = ("frailty", "chemosensitivity", "radiosensitivity", "avidity")
    factors = [
        f"{name} {getattr(patient, name):g}" for name in names if getattr(patient, name) != 1
    ]
    ranks = [
        f"rank {patient.immune_response:g} by immunotherapy",
        f"rank {patient.targeted_response:g} by targeted drugs",
    ]
    mortal = "" if patient.is_mortal else "; no death ends the run"
    rest = ", ".join([*ranks, *factors])
    return f"Patient {patient.number}, {age:.3g} years old: {rest}{mortal}."
