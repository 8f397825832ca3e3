"""Tumour cells in the blood, as draws from some vessels would find them."""

from __future__ import annotations

from collections.abc import Mapping

from ctc.analysis.blood_samples import BloodSamples, samples_of_run
from ctc.report.curves import draw_curve, label_ends, time_frame
from ctc.report.drawing import Drawing
from ctc.report.material import Material
from ctc.report.section import Section, Table

_TITLE = "Tumour cells in blood"
_WIDTH = 960.0
# Colours by vessel, of those that there are: what patients are bled from stands out.
_COLOURS = {
    "left median cubital vein": "text",
    "superior vena cava": "dormant",
    "inferior vena cava": "exited",
    "superior mesenteric vein": "extravasated",
    "portal vein": "autopsy",
    "hepatic veins": "colony",
    "pulmonary trunk": "arrested",
    "aortic root": "artery",
}


def blood_section(material: Material) -> Section:
    """Return the course of the cells in the blood of some vessels."""
    samples = samples_of_run(material.run)
    if not any(sample.passages for sample in samples.values()):
        why = "No cell has passed a vessel from which blood is drawn."
        if not samples:
            why = (
                "The run does not tell how many cells passed its vessels, or follows more of the "
                "cells that entered the lymph than of others: its draws of blood are examinations."
            )
        return Section("blood", _TITLE, (why,))
    return Section(
        "blood",
        _TITLE,
        (
            (
                "Tumour cells in 7.5 ml of blood, the volume of a test for them: cells that passed "
                "the vessel in an epoch over the blood that did. What a filter holds back shows as "
                "a step from one vessel to the next behind it."
            ),
        ),
        (_draw(material, samples),),
        (_table(samples), _series(samples)),
        (
            (
                "Errors are those of counting (square root of the passages of an epoch). What a "
                "test finds of these cells is another matter: recovery is not in these numbers."
            ),
        ),
    )


def _draw(material: Material, samples: Mapping[str, BloodSamples]) -> Drawing:
    drawing = Drawing("blood", "Tumour cells in 7.5 ml of blood over time", _WIDTH, 340.0)
    positive = [float(v) for sample in samples.values() for v in sample.cells if v > 0.0]
    low, top = 0.7 * min(positive), 2.0 * max(positive)
    times = material.times
    unit, frame = time_frame(times, (72.0, 12.0, 660.0, 270.0), low=max(low, top * 1e-6), top=top)
    frame.draw(drawing, x_label=f"time [{unit}]", y_label="cells in 7.5 ml", n_x=9)
    ends = []
    for name, sample in samples.items():
        colour = _COLOURS[name]
        draw_curve(drawing, frame, times, values=sample.cells, colour=colour, width=2.0)
        ends.append((name, colour, float(sample.cells[-1])))
    label_ends(drawing, frame, ends)
    return drawing


def _table(samples: Mapping[str, BloodSamples]) -> Table:
    rows = []
    for name, sample in samples.items():
        top = int(sample.cells.argmax())
        rows.append(
            (
                name,
                sample.passages,
                float(sample.cells[top]),
                float(sample.standard_error[top]),
                float(sample.time[top]),
                float(sample.cells[-1]),
                float(sample.standard_error[-1]),
            )
        )
    columns = (
        "vessel",
        "cells that passed",
        "fullest epoch [1/7.5 ml]",
        "its standard error",
        "it ended at [s]",
        "last epoch [1/7.5 ml]",
        "its standard error",
    )
    return Table("blood", "Draws by vessel", columns, tuple(rows), is_open=True)


def _series(samples: Mapping[str, BloodSamples]) -> Table:
    time = next(iter(samples.values())).time.tolist()
    rows = tuple(
        (time[k], *(float(sample.cells[k]) for sample in samples.values()))
        for k in range(len(time))
    )
    columns = ("time [s]", *(f"{name} [1/7.5 ml]" for name in samples))
    return Table("blood_over_time", "Draws over time", columns, rows, is_shown=False)
