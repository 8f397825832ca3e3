"""The chart of a patient: burden over time, with examinations, treatments and milestones below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ctc.analysis.clinical_course import ClinicalCourse, Examined, Reached, Treated, entry_names
from ctc.analysis.course_lines import day_text, effect_text, result_text
from ctc.analysis.found_and_there import ball_diameter, tumour_burden
from ctc.report.axes import Frame, Scale, time_unit
from ctc.report.curves import draw_curve, label_ends
from ctc.report.drawing import Drawing, text_width
from ctc.report.material import Material

_WIDTH, _LEFT, _RIGHT = 960.0, 176.0, 190.0
_TALL, _LANE = 250.0, 22.0
_MILESTONE_ROW = 15.0
_PRIMARY, _METASTASES = "shed", "colony"
_FOUND, _FALSE, _GIVEN = "accent", "died", "autopsy"
# Diameters marked beside the cells [m].
_DIAMETERS = ((1e-4, "0.1 mm"), (1e-3, "1 mm"), (1e-2, "1 cm"), (1e-1, "10 cm"))


@dataclass(frozen=True)
class _Axis:
    """Time across: the unit and its size [s]."""

    unit: str
    size: float
    frame: Frame

    def x(self, seconds: float) -> float:
        return self.frame.across(seconds / self.size)


def draw_course(material: Material, course: ClinicalCourse) -> Drawing:
    """Return the chart of a course; the run has at least one epoch."""
    times = material.times
    primary, lesions = tumour_burden(material.series)
    rows = _milestone_rows(course.milestones, float(times[-1]))
    top = 14.0 + _MILESTONE_ROW * (1 + max(rows, default=0))
    examined = entry_names(material.scenario, "examination")
    treated = entry_names(material.scenario, "treatment")
    lanes = [*_used(examined, course.examinations), *_used(treated, course.treatments)]
    tall = top + _TALL + 16.0 + _LANE * len(lanes) + 52.0
    drawing = Drawing("patient", "Tumour burden and clinical course over time", _WIDTH, tall)
    unit, size = time_unit(float(times[-1]))
    high = max(10.0, 3.0 * float(max(primary.max(), lesions.max())))
    box = (_LEFT, top, _WIDTH - _LEFT - _RIGHT, _TALL)
    frame = Frame(*box, Scale(0.0, float(times[-1]) / size), Scale(0.7, high, is_log=True))
    frame.draw(drawing, has_x=False, y_label="tumour cells", n_x=9)
    axis = _Axis(unit, size, frame)
    _draw_diameters(drawing, frame, material)
    for values, colour in ((primary, _PRIMARY), (lesions, _METASTASES)):
        draw_curve(drawing, frame, times, values=values, colour=colour, width=2.2)
    beside = Frame(*box[:2], box[2] + 46.0, box[3], frame.x, frame.y)
    ends = [("primary tumour", _PRIMARY, primary), ("metastases", _METASTASES, lesions)]
    label_ends(drawing, beside, [(name, c, values[-1]) for name, c, values in ends if values[-1]])
    for name, _, values in ends:
        if values.any() and not values[-1]:
            last = int(np.flatnonzero(values)[-1])
            x, y = frame.at(times[last] / size, values[last])
            drawing.text((x + 9.0, y + 4.0), name)
    _draw_milestones(drawing, axis, course.milestones, rows=rows, bottom=tall - 48.0)
    _draw_lanes(drawing, axis, material, course=course, top=top + _TALL + 16.0)
    _draw_time(drawing, axis, tall - 48.0)
    return drawing


def _used(names: Sequence[str], rows: Sequence[Examined] | Sequence[Treated]) -> list[str]:
    used = {row.entry for row in rows}
    return [name for entry, name in enumerate(names) if entry in used]


def _draw_diameters(drawing: Drawing, frame: Frame, material: Material) -> None:
    """Mark on the right how wide a ball of so many cells is."""
    one = float(ball_diameter(np.ones(1), material.scenario)[0])
    for diameter, text in _DIAMETERS:
        cells = (diameter / one) ** 3
        if frame.y.low < cells < frame.y.high:
            _, y = frame.at(0.0, cells)
            drawing.line([(frame.right, y), (frame.right + 5.0, y)], colour="faint")
            drawing.text((frame.right + 8.0, y + 4.0), text, size=11.0, colour="faint")


def _milestone_rows(milestones: Sequence[Reached], end: float) -> list[int]:
    """Return in which row above the chart each milestone is named, so that none covers another."""
    width = _WIDTH - _LEFT - _RIGHT
    taken: list[float] = []
    rows = []
    for each in milestones:
        x = width * each.time / end
        start, stop = _name_extent(each, x, width)
        row = next((i for i, reach in enumerate(taken) if start > reach), len(taken))
        taken[row : row + 1] = [stop + 8.0]
        rows.append(row)
    return rows


def _name_extent(milestone: Reached, x: float, width: float) -> tuple[float, float]:
    """Return from where to where the name of a milestone at x runs, held within its chart."""
    wide = text_width(milestone.milestone, 12.0)
    start = min(x - 4.0, width + _RIGHT - 8.0 - wide)
    return start, start + wide


def _draw_milestones(
    drawing: Drawing,
    axis: _Axis,
    milestones: Sequence[Reached],
    *,
    rows: Sequence[int],
    bottom: float,
) -> None:
    frame = axis.frame
    for each, row in zip(milestones, rows, strict=True):
        x = axis.x(each.time)
        tip = f"{each.milestone}, {day_text(each.time)}" + (f", by {each.by}" if each.by else "")
        y = frame.top - 8.0 - _MILESTONE_ROW * row
        line = [(x, y + 3.0), (x, bottom)]
        drawing.line(line, colour="text", width=1.1, is_dashed=True, opacity=0.75, tip=tip)
    for each, row in zip(milestones, rows, strict=True):
        y = frame.top - 8.0 - _MILESTONE_ROW * row
        start, stop = _name_extent(each, axis.x(each.time) - frame.left, frame.width)
        corner = (frame.left + start - 2.0, y - 11.0)
        drawing.box(corner, (stop - start, 14.0), colour="ground")
        drawing.text((frame.left + start, y), each.milestone, size=12.0, is_bold=True)


def _draw_lanes(
    drawing: Drawing, axis: _Axis, material: Material, *, course: ClinicalCourse, top: float
) -> None:
    y = top + 0.5 * _LANE
    for entry, name in enumerate(entry_names(material.scenario, "examination")):
        examined = [row for row in course.examinations if row.entry == entry]
        if examined:
            _draw_lane(drawing, axis, name, y=y)
            _draw_examined(drawing, axis, examined, y=y)
            y += _LANE
    entries = material.scenario.get("treatment", ())
    for entry, name in enumerate(entry_names(material.scenario, "treatment")):
        treated = [row for row in course.treatments if row.entry == entry]
        if treated:
            _draw_lane(drawing, axis, name, y=y)
            _draw_treated(drawing, axis, treated, y=y, settings=entries[entry])
            y += _LANE


def _draw_examined(drawing: Drawing, axis: _Axis, rows: Sequence[Examined], *, y: float) -> None:
    for row in rows:
        if row.kind == "symptoms" and not row.is_positive:
            continue  # every month in which nothing was noticed
        tip = f"{row.name}, {day_text(row.time)}: {result_text(row)}"
        place = (axis.x(row.time), y)
        is_false = row.n_false > 0 and row.n_found == 0
        colour = _FALSE if is_false else _FOUND
        drawing.dot(place, 4.6, colour=colour, tip=tip, is_open=not row.is_positive)


def _draw_treated(
    drawing: Drawing,
    axis: _Axis,
    rows: Sequence[Treated],
    *,
    y: float,
    settings: Mapping[str, object],
) -> None:
    """Draw a bar as long as the treatment acts, and a mark at each occasion."""
    whole = axis.frame.x.high * axis.size
    end = min(rows[-1].time + _length(settings, whole), whole)
    left, right = axis.x(rows[0].time), axis.x(end)
    if right > left:
        drawing.box((left, y - 5.0), (right - left, 10.0), colour=_GIVEN, opacity=0.45)
    for row in rows:
        effect = effect_text(row.cells_before, row.cells_after)
        tip = f"{row.name}, {day_text(row.time)}: {effect}"
        place = (axis.x(row.time) - 1.2, y - 6.5)
        drawing.box(place, (2.4, 13.0), colour=_GIVEN, tip=tip)


def _draw_lane(drawing: Drawing, axis: _Axis, name: str, *, y: float) -> None:
    drawing.line([(axis.frame.left, y), (axis.frame.right, y)], opacity=0.9)
    most = math.floor((_LEFT - 24.0) / text_width("m", 12.0))
    short = name if len(name) <= most else name[: most - 1] + "\u2026"
    drawing.text((axis.frame.left - 12.0, y + 4.0), short, size=12.0, anchor="end")


def _length(entry: Mapping[str, object], whole: float) -> float:
    """Return how long after its last occasion an entry goes on to act [s]."""
    if "duration" not in entry:
        interval = entry.get("interval")
        is_drug = entry["kind"] == "chemotherapy"
        return float(interval) if is_drug and isinstance(interval, float | int) else 0.0
    duration = entry["duration"]
    return float(duration) if isinstance(duration, float | int) else whole


def _draw_time(drawing: Drawing, axis: _Axis, y: float) -> None:
    frame = Frame(axis.frame.left, y - 1.0, axis.frame.width, 1.0, axis.frame.x, Scale(0.0, 1.0))
    frame.draw(drawing, has_y=False, n_x=9, n_y=1, x_label=f"time [{axis.unit}]")
