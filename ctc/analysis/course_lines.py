"""A clinical course in words, line by line, as a doctor would read it from a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from ctc.analysis.clinical_course import ClinicalCourse, Examined, Reached, Treated

_DAY = 86400.0  # [s]
_MOST_ORGANS = 3
_NO_RESPONSE = "not evaluable"
_SYMPTOMS = "symptoms"
# What one occasion of a treatment is called.
_UNITS = {"chemotherapy": "cycle", "radiation": "fraction"}
# What stands first of what happened at one moment.
_EXAMINED, _REACHED, _TREATED = range(3)


@dataclass(frozen=True)
class CourseLine:
    """One line.

    Attributes
    ----------
    time, until : float [s]
        From the start of the run; the last of several occasions, else the same.
    kind : str
        ``examination``, ``treatment`` or ``milestone``.
    what, where, result : str
        In words; empty for none.
    found, there : str
        The stage by all that had been found, and that of what was there; empty but for
        examinations.
    is_positive : bool
        Whether an examination says tumour; true of all else.
    """

    time: float
    until: float
    kind: str
    what: str
    where: str
    result: str
    found: str = ""
    there: str = ""
    is_positive: bool = True

    @property
    def when(self) -> str:
        """Such as ``day 92`` or ``day 92 - 126``."""
        text = day_text(self.time)
        return f"{text} - {day_text(self.until)[4:]}" if self.until > self.time else text

    def as_plain(self) -> dict[str, Any]:
        """Return the line as a plain dict, with `when`."""
        return {"when": self.when, **asdict(self)}


def course_lines(
    course: ClinicalCourse, *, joins_examinations: bool = True
) -> tuple[CourseLine, ...]:
    """Return all lines of a course in order of time.

    A milestone stands behind the examination that told of it. Occasions of one treatment with
    nothing else between them (the fractions of a radiation) are one line, and so are those of one
    examination that told the same, unless `joins_examinations` is false. Symptoms are a line when
    a patient begins to notice something.
    """
    lines: list[CourseLine] = []
    for (rank, entry), group in groupby(_in_order(course), key=_key):
        own = list(group)
        if rank == _TREATED:
            lines.append(_treatment_line([row for row in own if isinstance(row, Treated)]))
            continue
        assert entry is None or rank == _EXAMINED
        new = [_line(row) for row in own if not isinstance(row, Treated)]
        if not joins_examinations:
            lines += new
            continue
        for _, same in groupby(new, key=lambda line: replace(line, time=0.0, until=0.0)):
            first, *others = same
            lines.append(_joined(first, others))
    return tuple(lines)


def _in_order(course: ClinicalCourse) -> list[Examined | Treated | Reached]:
    examinations = _told(course.examinations)
    place = {(row.time, row.name): number for number, row in enumerate(examinations)}
    last = len(examinations)
    rows: list[tuple[float, int, int, Examined | Treated | Reached]] = [
        *((row.time, number, _EXAMINED, row) for number, row in enumerate(examinations)),
        *(
            (row.time, place.get((row.time, row.by), last), _REACHED, row)
            for row in course.milestones
        ),
        *((row.time, last, _TREATED, row) for row in course.treatments),
    ]
    return [row for *_, row in sorted(rows, key=lambda row: row[:3])]


def _told(rows: Sequence[Examined]) -> list[Examined]:
    """Return examinations without those symptoms that were not there or not new."""
    told = []
    is_noticed: dict[int, bool] = {}
    for row in rows:
        is_new = row.is_positive and not is_noticed.get(row.entry, False)
        is_noticed[row.entry] = row.is_positive
        if row.kind != _SYMPTOMS or is_new:
            told.append(row)
    return told


def _joined(first: CourseLine, others: Sequence[CourseLine]) -> CourseLine:
    """Return a line for several that differ in time alone."""
    if not others:
        return first
    what = f"{first.what}, {len(others) + 1} times"
    return replace(first, what=what, until=others[-1].time)


def day_text(seconds: float) -> str:
    """Return a moment such as ``day 92`` or, within a day, ``day 0.5``."""
    days = seconds / _DAY
    return f"day {days:,.0f}" if abs(days - round(days)) < 1e-6 else f"day {days:,.4g}"


def cells_text(cells: float) -> str:
    """Return a number of cells such as ``35`` or ``1.2e9``."""
    if cells < 1e4:
        return f"{cells:,.0f}"
    digits, _, power = f"{cells:.1e}".partition("e")
    return f"{digits}e{int(power)}"


def length_text(metres: float) -> str:
    """Return a length such as ``21 mm``."""
    return f"{1e3 * metres:.2g} mm" if metres < 0.1 else f"{1e3 * metres:.0f} mm"


def result_text(row: Examined) -> str:
    """Return what an examination told."""
    if row.kind == "blood_draw":
        cells = f"{row.value:,.0f} tumour cell{'' if row.value == 1 else 's'}"
        return cells + (", positive" if row.is_positive else ", negative")
    if row.kind == "ctdna":
        share = f"{100.0 * row.value:.2g} % of the DNA"
        return share + (", positive" if row.is_positive else ", negative")
    if row.kind == _SYMPTOMS:
        return f"noticed, {length_text(row.value)}" if row.is_positive else "nothing noticed"
    if row.kind == "biopsy":
        return "tumour" if row.is_positive else "no tumour"
    if row.kind == "sentinel_node":
        return f"{row.value:.0f} positive" if row.value else "no node positive"
    n_shown = row.n_found + row.n_false
    text = "nothing found"
    if n_shown:
        text = f"{n_shown} found"
        if row.n_false:
            text += f" ({row.n_false} false)" if row.n_found else " (false)"
        text += f", {length_text(row.value)} in all" if row.value else ""
    return text if row.response == _NO_RESPONSE else f"{text}; {_response(row.response)}"


def effect_text(before: float, after: float) -> str:
    """Return what a treatment did to the cells that it was aimed at."""
    if not before:
        return "nothing left to treat"
    if after >= before:
        return f"given against {cells_text(before)} cells"
    text = f"{cells_text(before)} cells, {cells_text(after)} left"
    return f"{text} ({math.log10(before / after):.2g} logs)" if after >= 1.0 else text


def _response(response: str) -> str:
    return f"{response} {'disease' if response in ('stable', 'progressive') else 'response'}"


def _key(row: Examined | Treated | Reached) -> tuple[int, int | None]:
    if isinstance(row, Treated):
        return _TREATED, row.entry
    return (_EXAMINED, row.entry) if isinstance(row, Examined) else (_REACHED, None)


def _line(row: Examined | Reached) -> CourseLine:
    if isinstance(row, Reached):
        by = f"by {row.by}" if row.by else ""
        return CourseLine(
            row.time, row.time, "milestone", row.milestone.upper(), where=row.organ, result=by
        )
    return CourseLine(
        row.time,
        row.time,
        "examination",
        row.name,
        where=_organs(row.organs),
        result=result_text(row),
        found=row.found.text,
        there=row.there.text,
        is_positive=row.is_positive,
    )


def _treatment_line(rows: Sequence[Treated]) -> CourseLine:
    first, last = rows[0], rows[-1]
    what = first.name
    unit = _UNITS.get(first.kind, "time")
    if len(rows) > 1:
        what += f", {unit}s {first.occasion + 1} to {last.occasion + 1}"
    elif first.occasion:
        what += f", {unit} {first.occasion + 1}"
    organs = tuple(dict.fromkeys(organ for row in rows for organ in row.organs))
    n_targets = max(row.n_targets for row in rows)
    where = _organs(organs) if first.is_local else "whole body"
    if n_targets > 1:
        where += f", {n_targets} tumours"
    result = effect_text(first.cells_before, last.cells_after)
    return CourseLine(first.time, last.time, "treatment", what, where=where, result=result)


def _organs(names: Sequence[str]) -> str:
    named = [name or "between organs" for name in names]
    more = len(named) - _MOST_ORGANS
    return ", ".join(named[:_MOST_ORGANS]) + (f" and {more} more" if more > 0 else "")
