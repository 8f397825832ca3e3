"""The patient: the clinical course, what had been found beside what was there, counts in blood."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ctc.analysis.clinical_course import ClinicalCourse, Found, course_of
from ctc.analysis.course_lines import course_lines, day_text, length_text
from ctc.analysis.found_and_there import CLASS_ENDS, OrganTumours, found_and_there
from ctc.report.axes import count_text, duration_text
from ctc.report.ctc_counts import draw_counts
from ctc.report.found_late import draw_found
from ctc.report.material import Material
from ctc.report.patient_chart import draw_course
from ctc.report.section import Cell, Section, Table

_TITLE = "The patient"
_NOTES = (
    (
        "Stages found are by all examinations up to then, stages there by what the simulation "
        "knows. Filled marks are positive examinations, grey ones those that showed nothing but "
        "false findings. Imaging gives the sum of the measured diameters."
    ),
    (
        "A tumour counts as found from its first true finding on; false findings are in no curve. "
        "How long it lay unseen is the time from its first cell to that finding."
    ),
)


def patient_section(material: Material) -> Section | None:
    """Return the section of the clinical course; None where the scenario has no calendar."""
    course = course_of(material.run)
    if course is None:
        return None
    if not course.examinations and not course.treatments:
        text = "The calendar has brought no examination and no treatment yet."
        return Section("patient", _TITLE, (text,))
    tumours = found_and_there(
        material.lesions,
        [row.target for row in course.found],
        scenario=material.scenario,
        organ_names=material.organ_names,
    )
    figures = [draw_course(material, course)]
    figures += [
        figure
        for figure in (draw_found(material, course), draw_counts(material, course))
        if figure is not None
    ]
    return Section(
        "patient",
        _TITLE,
        _sentences(course, tumours),
        figures,
        (
            _lines_table(course),
            _examinations_table(course),
            _treatments_table(course),
            _found_table(course),
            _there_table(tumours),
        ),
        _NOTES,
    )


def _sentences(course: ClinicalCourse, tumours: tuple[OrganTumours, ...]) -> tuple[str, ...]:
    reached = [
        f"{row.milestone} on {day_text(row.time)}" + (f" (by {row.by})" if row.by else "")
        for row in course.milestones
    ]
    text = "; ".join(reached) + "." if reached else "The disease has not been found."
    found = [text[0].upper() + text[1:]]
    metastases = [row for row in course.found if row.target >= 0]
    if metastases:
        found.append(_found_text(metastases))
    there = sum(int(row.there.sum()) for row in tumours)
    if there:
        seen = sum(int(row.found.sum()) for row in tumours)
        missed = max(row.largest_missed for row in tumours)
        text = f"{count_text(there)} metastases live at the end; {count_text(seen)} of them had "
        text += "been found"
        text += f". The largest that was not measures {length_text(missed)}." if missed else "."
        found.append(text)
    return tuple(found)


def _found_text(metastases: list[Found]) -> str:
    sizes = np.array([row.diameter for row in metastases])
    unseen = np.array([row.unseen for row in metastases if row.unseen is not None])
    text = f"{count_text(len(metastases))} metastas{'e' if len(metastases) > 1 else 'i'}s "
    text += "were" if len(metastases) > 1 else "was"
    text += f" found, at a median diameter of {length_text(float(np.median(sizes)))}"
    if unseen.size:
        text += f", after {duration_text(float(np.median(unseen)))} unseen"
        text += " (median)" if unseen.size > 1 else ""
    return text + "."


def _lines_table(course: ClinicalCourse) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (line.when, line.what, line.where, line.result, line.found, line.there)
        for line in course_lines(course)
    )
    columns = ("when", "what", "where", "result", "stage found", "stage there")
    return Table("clinical_course", "Clinical course", columns, rows, is_open=True)


def _examinations_table(course: ClinicalCourse) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.time,
            row.name,
            row.kind,
            row.occasion,
            int(row.is_positive),
            row.value,
            row.n_found,
            row.n_false,
            row.response,
            row.found.text,
            row.there.text,
        )
        for row in course.examinations
    )
    columns = (
        *("time [s]", "examination", "kind", "occasion", "positive", "value", "found", "false"),
        *("response", "stage found", "stage there"),
    )
    return Table("examinations", "Examinations", columns, rows, is_shown=False)


def _treatments_table(course: ClinicalCourse) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.time,
            row.name,
            row.kind,
            row.occasion,
            "; ".join(row.organs) if row.is_local else "whole body",
            row.n_targets,
            row.cells_before,
            row.cells_after,
        )
        for row in course.treatments
    )
    columns = (
        *("time [s]", "treatment", "kind", "occasion", "where", "tumours"),
        *("cells before", "cells after"),
    )
    return Table("treatments", "Treatments", columns, rows, is_shown=False)


def _found_table(course: ClinicalCourse) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.name,
            row.organ or "between organs",
            f"{row.time / 86400.0:.0f}",
            row.by,
            f"{1e3 * row.measured:.1f}",
            f"{1e3 * row.diameter:.1f}",
            "" if row.unseen is None else f"{row.unseen / 86400.0:.0f}",
        )
        for row in course.found
    )
    columns = (
        *("tumour", "organ", "found [day]", "by", "measured [mm]", "true diameter [mm]"),
        "lay unseen [days]",
    )
    return Table("tumours_found", "Tumours when they were found", columns, rows)


def _there_table(tumours: tuple[OrganTumours, ...]) -> Table:
    ends = [f"{1e3 * end:g}" for end in CLASS_ENDS[:-1]]
    classes = (f"< {ends[0]}", *(f"{a} - {b}" for a, b in pairwise(ends)))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.organ or "between organs",
            *(
                f"{found} of {there}" if there else ""
                for found, there in zip(row.found.tolist(), row.there.tolist(), strict=True)
            ),
            f"{1e3 * row.largest:.1f}",
            f"{1e3 * row.largest_missed:.1f}" if row.largest_missed else "",
        )
        for row in tumours
    )
    columns = (
        "organ",
        *(f"{each} mm" for each in (*classes, f"> {ends[-1]}")),
        "largest [mm]",
        "largest missed [mm]",
    )
    title = "Metastases that live at the end: found of there, by diameter"
    return Table("found_and_there", title, columns, rows)
