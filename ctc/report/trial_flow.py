"""How patients go through a trial, in numbers, after the diagram of CONSORT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ctc.analysis.survival import BoolArray
from ctc.report.axes import count_text, percent_text
from ctc.report.drawing import Drawing, Point, shortened
from ctc.report.section import Cell, Section, Table
from ctc.report.trial_material import TrialMaterial

_TITLE = "Patients"
_WIDTH, _GAP, _LINE, _PAD = 960.0, 24.0, 19.0, 14.0
_MOST_ABREAST = 4
Steps = tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def flow_section(material: TrialMaterial) -> Section:
    """Return the diagram, and the same as a table."""
    steps = [_steps(material, arm) for arm in range(len(material.arms))]
    n = material.n_patients
    sentence = f"{count_text(n)} virtual patients were drawn from stated distributions"
    if len(material.arms) > 1:
        sentence += (
            f" and followed in each of {len(material.arms)} arms. An arm has the same patients as "
            "the others, with the same random numbers for everything that befalls them, so what "
            "differs between arms is done by the arms."
        )
    else:
        sentence += " and followed to their end."
    figures = (_draw(material, steps),) if len(material.arms) <= _MOST_ABREAST else ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{head}: {what}", *(dict(dict(each)[head])[what] for each in steps))
        for head, parts in steps[0]
        for what, _ in parts
    )
    table = Table("patients", "The same in numbers", ("", *material.arms), rows)
    return Section("patients", _TITLE, (sentence,), figures, (table,))


def _steps(material: TrialMaterial, arm: int) -> Steps:
    """Return the boxes of an arm: a heading, and how many by what became of them."""
    happened = {
        name: np.isfinite(material.column(f"{name}_time", arm))
        for name in ("diagnosis", "metastasis", "relapse", "progression", "death")
    }
    cause = material.column("death_cause", arm)
    found = happened["diagnosis"]
    stage = material.column("m_found", arm) == 1

    def count(which: BoolArray) -> int:
        return int(which.sum())

    return (
        (
            "Diagnosis",
            (
                ("cancer found", count(found)),
                ("with metastases", count(found & stage)),
                ("never diagnosed", count(~found)),
            ),
        ),
        (
            "Course",
            (
                ("metastasis found later", count(happened["metastasis"] & ~(found & stage))),
                ("relapse", count(happened["relapse"])),
                ("progression", count(happened["progression"])),
            ),
        ),
        (
            "End",
            (
                ("died of the cancer", count(happened["death"] & (cause == 1))),
                ("died of other causes", count(happened["death"] & (cause == 2))),
                ("alive when last seen", count(~happened["death"])),
            ),
        ),
    )


def _draw(material: TrialMaterial, steps: Sequence[Steps]) -> Drawing:
    n_arms = len(steps)
    wide = min(380.0, (_WIDTH - _GAP * (n_arms - 1)) / n_arms)
    is_wide = wide >= 280.0
    span = n_arms * wide + (n_arms - 1) * _GAP
    lefts = [0.5 * (_WIDTH - span) + i * (wide + _GAP) for i in range(n_arms)]
    heights = [2.0 * _PAD + _LINE * (len(parts) + 1) for _, parts in steps[0]]
    top = 66.0 + 44.0
    total = top + 46.0 + sum(h + 30.0 for h in heights) - 16.0
    drawing = Drawing("patients", "Flow of patients through the arms", _WIDTH, total)
    n = material.n_patients
    centre = 0.5 * _WIDTH
    box = (centre - 200.0, 6.0)
    _frame(drawing, box, (400.0, 52.0), colour="line")
    text = f"{count_text(n)} virtual patients"
    drawing.text((centre, 28.0), text, anchor="middle", is_bold=True, size=14.5)
    small = "the same in every arm" if n_arms > 1 else "drawn from stated distributions"
    drawing.text((centre, 46.0), small, anchor="middle", size=12.0, colour="faint")
    middles = [left + 0.5 * wide for left in lefts]
    level = 58.0 + 22.0
    drawing.line([(centre, 58.0), (centre, level)], colour="faint", width=1.2)
    drawing.line([(middles[0], level), (middles[-1], level)], colour="faint", width=1.2)
    for arm, (left, middle) in enumerate(zip(lefts, middles, strict=True)):
        _arrow(drawing, (middle, level), (middle, top))
        drawing.box((left, top), (wide, 32.0), colour=material.colour(arm), opacity=0.22)
        drawing.box((left, top), (4.0, 32.0), colour=material.colour(arm))
        name = material.arms[arm]
        size = 13.5 if is_wide else 12.0
        name = shortened(name, 0.88 * wide, size)
        drawing.text((middle, top + 21.0), name, anchor="middle", is_bold=True, size=size)
        y = top + 32.0
        for (head, parts), height in zip(steps[arm], heights, strict=True):
            _arrow(drawing, (middle, y), (middle, y + 22.0))
            y += 22.0
            _frame(drawing, (left, y), (wide, height), colour="line")
            drawing.text((left + _PAD, y + _PAD + 10.0), head, size=12.0, colour="faint")
            for i, (what, number) in enumerate(parts):
                at = y + _PAD + 10.0 + _LINE * (i + 1)
                drawing.text((left + _PAD, at), what, size=13.0 if is_wide else 12.0)
                right = left + wide - _PAD
                aside = 58.0 if is_wide else 0.0
                drawing.text((right - aside, at), f"{number:,}", anchor="end", is_bold=True)
                if is_wide:
                    share = percent_text(number, n)
                    drawing.text((right, at), share, anchor="end", size=12.0, colour="faint")
            y += height
    return drawing


def _frame(drawing: Drawing, corner: Point, size: Point, *, colour: str) -> None:
    (x, y), (width, height) = corner, size
    drawing.box(corner, size, colour="panel")
    edge = ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
    drawing.line(edge, colour=colour, width=1.0)


def _arrow(drawing: Drawing, start: Point, end: Point) -> None:
    drawing.line([start, (end[0], end[1] - 4.0)], colour="faint", width=1.2)
    x, y = end
    commands = [("M", (x - 4.0, y - 7.0)), ("L", (x + 4.0, y - 7.0)), ("L", (x, y)), ("Z", ())]
    drawing.path(commands, fill="faint")
