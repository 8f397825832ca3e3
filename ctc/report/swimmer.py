"""Single patients in time, and best responses: what curves hide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.report.axes import Frame, Scale, percent_text
from ctc.report.drawing import Drawing, shortened
from ctc.report.section import Cell, Section, Table
from ctc.report.trial_material import MONTH, YEAR, TrialMaterial, of_first_arm
from ctc.states import Response

_WIDTH, _LEFT, _RIGHT, _TOP = 960.0, 60.0, 200.0, 16.0
_ROW, _GAP = 7.0, 5.0
_MOST_PATIENTS = 24
_MARKS = (
    ("metastasis_time", "arrested", "metastasis found"),
    ("progression_time", "autopsy", "progression"),
    ("relapse_time", "colony", "relapse"),
)
_RESPONSE_COLOURS = {
    Response.COMPLETE: "extravasated",
    Response.PARTIAL: "accent",
    Response.STABLE: "died",
    Response.PROGRESSIVE: "arrested",
}


def course_section(material: TrialMaterial) -> Section | None:
    """Return single courses and the best responses of all arms."""
    if not material.has("end_time"):
        return None
    figures, tables = [], []
    chosen = _chosen(material)
    if chosen.size:
        figures.append(_swimmer(material, chosen))
    responses = _responses(material)
    if any(any(row) for row in responses):
        figures.append(_response_bars(material, responses))
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, *row) for name, row in zip(material.arms, responses, strict=True) if any(row)
        )
        columns = ("arm", *(kind.name.lower() for kind in _RESPONSE_COLOURS))
        tables.append(Table("responses", "Best responses", columns, rows))
    if not figures:
        return None
    sentence = (
        f"{chosen.size} patients, evenly chosen by how long they live{of_first_arm(material)}"
    )
    sentence += "; the same patient in neighbouring bars." if len(material.arms) > 1 else "."
    return Section("courses", "Single patients", (sentence,), figures, tuple(tables))


def _chosen(material: TrialMaterial) -> npt.NDArray[Any]:
    """Return numbers of patients in the first arm with a diagnosis, by how long they live."""
    start = material.column("diagnosis_time", 0)
    length = material.column("end_time", 0) - start
    known = np.flatnonzero(np.isfinite(length) & (length > 0.0))
    ordered = known[np.argsort(-length[known], kind="stable")]
    n = min(_MOST_PATIENTS, ordered.size)
    return ordered[np.linspace(0, ordered.size - 1, n).round().astype(np.int64)] if n else ordered


def _swimmer(material: TrialMaterial, chosen: npt.NDArray[Any]) -> Drawing:
    n_arms = len(material.arms)
    pitch = _ROW * n_arms + _GAP + (5.0 if n_arms == 1 else 0.0)
    height = pitch * chosen.size
    drawing = Drawing("courses", "Courses of single patients", _WIDTH, _TOP + height + 58.0)
    columns = {
        name: [material.column(name, arm) for arm in range(n_arms)]
        for name in ("diagnosis_time", "end_time", "death_time", "death_cause")
    }
    marks = {
        name: [material.column(name, arm) for arm in range(n_arms)]
        for name, _, _ in _MARKS
        if material.has(name)
    }
    spans = [
        columns["end_time"][arm][chosen] - columns["diagnosis_time"][arm][chosen]
        for arm in range(n_arms)
    ]
    longest = float(np.nanmax(np.concatenate(spans)))
    unit, size = ("years", YEAR) if longest >= 3.0 * YEAR else ("months", MONTH)
    box = (_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, height)
    frame = Frame(*box, Scale(0.0, longest / size), Scale(0.0, 1.0))
    frame.draw(drawing, x_label=f"time since diagnosis [{unit}]", has_y=False, n_y=1, n_x=7)
    _legend(drawing, material, marks)
    middle = (_LEFT - 22.0, _TOP + 0.5 * height)
    drawing.text(middle, "patients", size=12.0, colour="faint", anchor="middle", is_upright=True)
    for i, patient in enumerate(chosen.tolist()):
        for arm in range(n_arms):
            start = columns["diagnosis_time"][arm][patient]
            end = columns["end_time"][arm][patient]
            if not (np.isfinite(start) and end > start):
                continue
            thick = _ROW - 1.5 if n_arms > 1 else _ROW + 3.0
            y = _TOP + pitch * i + 0.5 * _GAP + _ROW * arm
            x = frame.across((end - start) / size)
            tip = f"patient {patient}, {material.arms[arm]}: {(end - start) / size:.1f} {unit}"
            colour = material.colour(arm)
            drawing.box((_LEFT, y), (x - _LEFT, thick), colour=colour, opacity=0.42, tip=tip)
            middle_y = y + 0.5 * thick
            for name, colour, _ in _MARKS:
                when = marks[name][arm][patient] if name in marks else np.nan
                if np.isfinite(when) and when >= start:
                    place = (frame.across((when - start) / size), middle_y)
                    drawing.diamond(place, 4.2, colour=colour)
            if np.isfinite(columns["death_time"][arm][patient]):
                is_cancer = columns["death_cause"][arm][patient] == 1
                drawing.dot(
                    (x, middle_y),
                    3.6,
                    colour="text" if is_cancer else "faint",
                    is_open=not is_cancer,
                )
            else:
                commands = [
                    ("M", (x, middle_y - 4.0)),
                    ("L", (x + 7.0, middle_y)),
                    ("L", (x, middle_y + 4.0)),
                    ("Z", ()),
                ]
                drawing.path(commands, fill=material.colour(arm))
    return drawing


def _legend(
    drawing: Drawing, material: TrialMaterial, marks: dict[str, list[npt.NDArray[Any]]]
) -> None:
    x, y = _WIDTH - _RIGHT + 18.0, _TOP + 10.0
    for arm, name in enumerate(material.arms):
        drawing.box((x, y - 8.0), (14.0, 8.0), colour=material.colour(arm), opacity=0.42)
        drawing.text((x + 22.0, y), shortened(name, 160.0, 11.5), size=11.5)
        y += 20.0
    for name, colour, text in _MARKS:
        if name in marks:
            drawing.diamond((x + 7.0, y - 4.0), 4.6, colour=colour)
            drawing.text((x + 22.0, y), text, size=11.5)
            y += 20.0
    drawing.dot((x + 7.0, y - 4.0), 3.8, colour="text")
    drawing.text((x + 22.0, y), "death by cancer", size=11.5)
    drawing.dot((x + 7.0, y + 16.0), 3.8, colour="faint", is_open=True)
    drawing.text((x + 22.0, y + 20.0), "other death", size=11.5)
    y += 36.0
    commands = [
        ("M", (x + 3.0, y - 4.0)),
        ("L", (x + 10.0, y)),
        ("L", (x + 3.0, y + 4.0)),
        ("Z", ()),
    ]
    drawing.path(commands, fill="faint")
    drawing.text((x + 22.0, y + 4.0), "alive", size=11.5)


def _responses(material: TrialMaterial) -> list[list[int]]:
    if "best_response" not in material.table.outcomes:
        return [[] for _ in material.arms]
    return [
        [int((material.column("best_response", arm) == kind).sum()) for kind in _RESPONSE_COLOURS]
        for arm in range(len(material.arms))
    ]


def _response_bars(material: TrialMaterial, responses: Sequence[Sequence[int]]) -> Drawing:
    left, wide, row = 250.0, _WIDTH - 250.0 - 20.0, 40.0
    drawing = Drawing("responses", "Best responses by arm", _WIDTH, 52.0 + row * len(material.arms))
    x = left
    for kind, colour in _RESPONSE_COLOURS.items():
        drawing.box((x, 10.0), (14.0, 14.0), colour=colour, opacity=0.8)
        drawing.text((x + 20.0, 22.0), kind.name.lower(), size=12.0)
        x += 132.0
    for arm, counts in enumerate(responses):
        y = 42.0 + row * arm
        total = sum(counts)
        name = material.arms[arm]
        drawing.text((left - 14.0, y + 19.0), name, anchor="end", is_bold=True, size=12.5)
        if not total:
            drawing.text((left, y + 19.0), "nothing to measure", size=12.0, colour="faint")
            continue
        x = left
        for count, colour in zip(counts, _RESPONSE_COLOURS.values(), strict=True):
            part = wide * count / total
            drawing.box((x, y), (max(part - 1.5, 0.0), row - 12.0), colour=colour, opacity=0.8)
            if part > 62.0:
                text = f"{count:,} ({percent_text(count, total)})"
                place = (x + 0.5 * part, y + 18.5)
                if part > 110.0:
                    drawing.text(place, text, anchor="middle", size=12.0, is_bold=True)
                else:
                    drawing.text(place, f"{count:,}", anchor="middle", size=12.0, is_bold=True)
            x += part
    return drawing
