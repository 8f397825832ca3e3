"""Tumours from their first cell to their first finding: how long they lay unseen."""

from __future__ import annotations

import numpy as np

from ctc.analysis.clinical_course import ClinicalCourse
from ctc.analysis.course_lines import day_text, length_text
from ctc.record.layout import NANOSECONDS
from ctc.report.axes import Frame, Scale, duration_text, time_unit
from ctc.report.drawing import Drawing
from ctc.report.material import Material
from ctc.states import GONE

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 960.0, 176.0, 190.0, 30.0, 18.0
_MOST = 30


def draw_found(material: Material, course: ClinicalCourse) -> Drawing | None:
    """Return a line for each metastasis that was found, or None where none was.

    Those that were largest when they were found, where there are many. A line ends where the
    lesion does.
    """
    history = material.run.lesion_history()
    history = history[np.isin(history["state"], GONE)]
    gone = dict(zip(history["lesion"][::-1].tolist(), history["time"][::-1].tolist(), strict=True))
    known = [row for row in course.found if row.founded is not None]
    if not known:
        return None
    largest = sorted(known, key=lambda row: (-row.diameter, row.time, row.target))[:_MOST]
    shown = sorted(largest, key=lambda row: (row.time, row.founded, row.target))
    tall = _ROW * len(shown)
    drawing = Drawing(
        "tumours_found", "From first cell to first finding", _WIDTH, _TOP + tall + 50.0
    )
    end = max(float(material.times[-1]), shown[-1].time)
    unit, size = time_unit(end)
    box = (_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, tall)
    frame = Frame(*box, Scale(0.0, end / size), Scale(0.0, 1.0))
    frame.draw(drawing, has_y=False, n_x=9, n_y=1, x_label=f"time [{unit}]")
    for x, text, anchor in (
        (_LEFT - 10.0, "metastasis", "end"),
        (frame.right + 12.0, "size when found", "start"),
        (_WIDTH - 4.0, "unseen for", "end"),
    ):
        drawing.text((x, _TOP - 11.0), text, anchor=anchor, size=11.5, colour="faint")
    for place, row in enumerate(shown):
        y = _TOP + (place + 0.5) * _ROW
        # A lesion that its cell founded before the run began would start at its left end.
        begin, found = (frame.across(t / size) for t in (row.founded or 0.0, row.time))
        tip = f"{row.name} in {row.organ or 'no organ'}: founded {day_text(row.founded or 0.0)}, "
        tip += f"found {day_text(row.time)} by {row.by}"
        drawing.line([(begin, y), (found, y)], colour="faint", is_dashed=True, tip=tip)
        last = frame.across(gone.get(row.target, end * NANOSECONDS) / NANOSECONDS / size)
        drawing.line([(found, y), (last, y)], colour="colony", width=2.0, opacity=0.6)
        drawing.dot((begin, y), 2.4, colour="faint", tip=tip)
        radius = min(max(2.4, 0.2e3 * row.diameter), 0.5 * _ROW)
        drawing.dot((found, y), radius, colour="colony", tip=tip)
        name = f"{row.organ or 'between organs'}, {row.target}"
        drawing.text((_LEFT - 10.0, y + 4.0), name, size=12.0, anchor="end")
        drawing.text((frame.right + 12.0, y + 4.0), length_text(row.diameter), size=12.0)
        unseen = duration_text(row.unseen or 0.0)
        drawing.text((_WIDTH - 4.0, y + 4.0), unseen, size=12.0, anchor="end", colour="faint")
    return drawing
