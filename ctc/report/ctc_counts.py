"""Tumour cells counted in drawn blood over time, with the count from which a draw is positive."""

from __future__ import annotations

from ctc.analysis.clinical_course import ClinicalCourse, Examined
from ctc.analysis.course_lines import day_text, result_text
from ctc.report.axes import Frame, Scale, tick_text, time_unit
from ctc.report.drawing import Drawing, Point
from ctc.report.material import Material

_WIDTH, _LEFT, _RIGHT, _TOP, _TALL = 960.0, 176.0, 190.0, 20.0, 190.0
_CUT_OFF = "diagnosis.blood.cut_off"
_ZERO = 0.4  # where a draw without a cell lies on the logarithmic axis


def draw_counts(material: Material, course: ClinicalCourse) -> Drawing | None:
    """Return the counts of all draws, joined by entry, or None where none was made."""
    draws = [row for row in course.examinations if row.kind == "blood_draw"]
    if not draws:
        return None
    drawing = Drawing("ctc_counts", "Tumour cells in drawn blood", _WIDTH, _TOP + _TALL + 50.0)
    end = float(material.times[-1])
    unit, size = time_unit(end)
    top = max(30.0, 2.0 * max(row.value for row in draws))
    box = (_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, _TALL)
    frame = Frame(*box, Scale(0.0, end / size), Scale(0.8 * _ZERO, top, is_log=True))
    frame.draw(drawing, has_y=False, x_label=f"time [{unit}]", n_x=9)
    for value in (_ZERO, *frame.y.ticks(5)):
        _, y = frame.at(0.0, value)
        text = "0" if value == _ZERO else tick_text(value, is_log=True)
        drawing.text((_LEFT - 7.0, y + 4.0), text, size=12.0, colour="faint", anchor="end")
    middle = (_LEFT - 50.0, _TOP + 0.5 * _TALL)
    label = "cells counted"
    drawing.text(middle, label, size=12.0, colour="faint", anchor="middle", is_upright=True)
    cut_off = material.scenario["parameters"].get(_CUT_OFF)
    if cut_off:
        _, y = frame.at(0.0, float(cut_off["value"]))
        drawing.line([(frame.left, y), (frame.right, y)], colour="text", is_dashed=True)
        text = f"cut-off, {cut_off['value']:g} cells"
        drawing.text((frame.right + 8.0, y + 4.0), text, size=12.0)
    for entry in dict.fromkeys(row.entry for row in draws):
        own = [row for row in draws if row.entry == entry]
        places = [_place(frame, row, size) for row in own]
        drawing.line(places, colour="circulating", width=1.4)
        for place, row in zip(places, own, strict=True):
            tip = f"{row.name}, {day_text(row.time)}: {result_text(row)}"
            drawing.dot(place, 4.6, colour="accent", tip=tip, is_open=not row.is_positive)
    return drawing


def _place(frame: Frame, row: Examined, size: float) -> Point:
    return frame.at(row.time / size, max(row.value, _ZERO))
