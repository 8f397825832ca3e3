"""The entries of a clinical calendar, examinations and treatments alike, in file order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctc.scenario.clinic_tables import (
    Antiplatelet,
    BoneModifying,
    Chemotherapy,
    Examination,
    Immunotherapy,
    Radiation,
    Surgery,
    Targeted,
    Treatment,
)
from ctc.scenario.diagnosis_rules import can_see
from ctc.scenario.schema import Settings
from ctc.states import ExaminationKind, Milestone, TreatmentKind

# What an entry may wait for beside other entries.
ANCHORS = {
    "diagnosis": Milestone.DIAGNOSIS,
    "metastasis": Milestone.METASTASIS_FOUND,
    "relapse": Milestone.RELAPSE,
    "progression": Milestone.PROGRESSION,
}
# Before the name of an entry: when it began, not when it was over.
START_OF = "start of "
IMAGING = frozenset(
    {
        ExaminationKind.CT,
        ExaminationKind.MRI,
        ExaminationKind.PET,
        ExaminationKind.MAMMOGRAPHY,
        ExaminationKind.BONE_SCAN,
        ExaminationKind.SYMPTOMS,
    }
)


@dataclass(frozen=True)
class CourseEntry:
    """One entry of the calendar; times in whole nanoseconds.

    Attributes
    ----------
    is_treatment : bool
        Whether it stands under ``[[treatment]]``, else under ``[[examination]]``.
    index : int
        Its place in that list.
    name : str
        As given, or kind and number among those of its kind, from 1.
    kind : ExaminationKind or TreatmentKind
        What it is.
    at : int or None [ns]
        Time of its first occasion, where that is fixed.
    after : str
        Else what it waits for, as written.
    delay : int [ns]
        Behind that.
    n_occasions : int or None
        Cycles, fractions, repeats; None without end.
    interval : int [ns]
        Between two of them; 0 where there is one.
    is_continued : bool
        Whether it goes on from its one occasion for `duration`.
    duration : int or None [ns]
        How long, for what is continued; None to the end of the run.
    settings : Examination or Treatment
        Its table.
    """

    is_treatment: bool
    index: int
    name: str
    kind: ExaminationKind | TreatmentKind
    at: int | None
    after: str
    delay: int
    n_occasions: int | None
    interval: int
    is_continued: bool
    duration: int | None
    settings: Examination | Treatment

    @property
    def place(self) -> str:
        """Where it stands, for messages: ``examination.2 ('staging CT')``."""
        return _place("treatment" if self.is_treatment else "examination", self.index, self.name)

    @property
    def is_imaging(self) -> bool:
        """Whether it takes pictures, on which tumours are found."""
        return self.kind in IMAGING and not self.is_treatment

    def can_show(self, organ: str) -> bool:
        """Whether it can show an organ, however badly; only some pictures cannot show all.

        A PET scan of the brain can: it is blind there only to what is small.
        """
        return not self.is_imaging or can_see(self.settings.kind, organ)

    @property
    def length(self) -> int | None:
        """Time from its first occasion until it is over [ns]; None if it never is."""
        if self.is_continued:
            return self.duration
        return None if self.n_occasions is None else (self.n_occasions - 1) * self.interval


def nanoseconds(seconds: float) -> int:
    """Return a time as a whole number of nanoseconds."""
    return round(seconds * 1e9)


def last_epoch(settings: Settings) -> int:
    """Return when the last epoch of the run begins [ns]: nothing takes place later."""
    duration, epoch = nanoseconds(settings.run.duration), nanoseconds(settings.run.epoch)
    return (duration - 1) // epoch * epoch


def anchor_of(after: str) -> tuple[str, bool]:
    """Return whose time ``after`` means, and whether its start rather than its end is meant."""
    if after.startswith(START_OF):
        return after.removeprefix(START_OF), True
    return after, False


def course_of(settings: Settings) -> tuple[CourseEntry, ...]:
    """Return all entries of the calendar, examinations before treatments, names filled in."""
    seen: Counter[str] = Counter()
    found = []
    for is_treatment, tables in ((False, settings.examination), (True, settings.treatment)):
        for index, table in enumerate(tables):
            seen[table.kind] += 1
            found.append(_entry(table, index, f"{table.kind} {seen[table.kind]}", is_treatment))
    return tuple(found)


def named_key(key: str, tree: Mapping[str, Any]) -> str:
    """Return a key of a scenario file that may not be right with the name of its entry, if any.

    ``treatment.1.dose`` becomes ``treatment.1 ('SBRT').dose``; other keys stay as they are.
    """
    table, _, rest = key.partition(".")
    number, _, inner = rest.partition(".")
    entries = tree.get(table)
    if table not in ("examination", "treatment") or not number.isdigit():
        return key
    if not isinstance(entries, list) or not isinstance(entries[int(number)], dict):
        return key
    before = [entry for entry in entries[: int(number) + 1] if isinstance(entry, dict)]
    kind, name = before[-1].get("kind"), before[-1].get("name")
    if not isinstance(name, str) or not name:
        name = f"{kind} {sum(entry.get('kind') == kind for entry in before)}" if kind else ""
    if not name:
        return key
    return _place(table, int(number), name) + (f".{inner}" if inner else "")


def _place(table: str, index: int, name: str) -> str:
    return f"{table}.{index} ('{name}')"


def _entry(
    table: Examination | Treatment, index: int, own_name: str, is_treatment: bool
) -> CourseEntry:
    n_occasions: int | None = 1
    interval = 0
    duration: int | None = 0
    is_continued = isinstance(table, Targeted | Immunotherapy | BoneModifying | Antiplatelet)
    if isinstance(table, Chemotherapy):
        n_occasions, interval = table.cycles, nanoseconds(table.interval)
    elif isinstance(table, Radiation):
        n_occasions, interval = table.fractions, nanoseconds(table.interval)
    elif isinstance(table, Targeted | Immunotherapy | BoneModifying | Antiplatelet):
        duration = None if table.duration is None else nanoseconds(table.duration)
    elif not isinstance(table, Surgery) and table.every is not None:
        n_occasions, interval = table.times, nanoseconds(table.every)
    codes: type[ExaminationKind] | type[TreatmentKind]
    codes = TreatmentKind if is_treatment else ExaminationKind
    return CourseEntry(
        is_treatment=is_treatment,
        index=index,
        name=table.name or own_name,
        kind=codes[table.kind.upper()],
        at=None if table.at is None else nanoseconds(table.at),
        after=table.after,
        delay=nanoseconds(table.delay),
        n_occasions=n_occasions,
        interval=0 if n_occasions == 1 else interval,
        is_continued=is_continued,
        duration=duration,
        settings=table,
    )
