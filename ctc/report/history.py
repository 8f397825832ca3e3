"""Cells over time: the whole body by state, and the fullest organs one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.report.colours import STATE_COLOURS
from ctc.report.curves import draw_curve, label_ends, time_frame
from ctc.report.drawing import Drawing, text_width
from ctc.report.material import Material
from ctc.report.section import Section, Table
from ctc.states import CellState
from ctc.viewer.scene import ORGAN_COUNTS

_WIDTH = 960.0
_MOST_ORGANS, _COLUMNS = 12, 4
_LEAST = 0.7  # the axis begins a little below one cell, so that one cell is seen
# Those of lesions included: what grows when colonies do.
_BURDEN, _BURDEN_COLOUR = "living cells in organs", "text"
_NAMES = {
    CellState.CIRCULATING: "circulating",
    CellState.ARRESTED: "arrested",
    CellState.EXTRAVASATED: "solitary in tissue",
    CellState.DORMANT: "dormant",
    CellState.COLONY: "colonies",
    CellState.DIED: "died",
    CellState.EXITED: "left by an open end",
}


def history_section(material: Material) -> Section:
    """Return the curves of the cells over time."""
    title = "Cells over time"
    times = material.times
    if not times.size:
        return Section("history", title, ("No epoch is complete yet, so there are no curves.",))
    sentences = [
        (
            "Left to right is time since the start of the run; up is the number of cells, on a "
            "logarithmic axis. Curves are those of all cells, not of a sample; living cells in "
            "organs include those that lesions have grown to."
        )
    ]
    figures = [_draw_body(material)]
    shown = _fullest(material)
    if shown:
        figures.append(_draw_organs(material, shown))
        n_more = int((_peak(material) > 0).sum()) - len(shown)
        more = f" {n_more} emptier organs are in the table." if n_more else ""
        sentences.append(f"Below, the {len(shown)} organs that held most cells.{more}")
    else:
        sentences.append("No organ has held an arrested or settled cell yet.")
    return Section(
        "history",
        title,
        sentences,
        figures,
        (_organ_table(material), _state_series(material), _organ_series(material)),
        ("Points are ends of epochs; what rises and falls within an epoch is not seen.",),
    )


def _draw_body(material: Material) -> Drawing:
    times, by_state = material.times, material.series["cells_by_state"].astype(np.float64)
    curves = [
        ("shed so far", "shed", material.series["shed"].astype(np.float64)),
        (_BURDEN, _BURDEN_COLOUR, material.series["cells"].sum(axis=1).astype(np.float64)),
    ]
    curves += [
        (_NAMES[state], STATE_COLOURS[state], by_state[:, state])
        for state in CellState
        if by_state[:, state].any()
    ]
    drawing = Drawing("cells_over_time", "Cells of the whole body over time", _WIDTH, 360.0)
    top = max(10.0, 2.0 * max(float(values.max()) for _, _, values in curves))
    unit, frame = time_frame(times, (72.0, 12.0, 700.0, 290.0), low=_LEAST, top=top)
    frame.draw(drawing, x_label=f"time [{unit}]", y_label="cells", n_x=9)
    for _, colour, values in curves:
        draw_curve(drawing, frame, times, values=values, colour=colour, width=2.2)
    label_ends(drawing, frame, [(name, colour, values[-1]) for name, colour, values in curves])
    return drawing


def _draw_organs(material: Material, organs: list[int]) -> Drawing:
    rows = -(-len(organs) // _COLUMNS)
    wide, tall, left = 212.0, 128.0, 48.0
    drawing = Drawing(
        "organs_over_time",
        "Cells in each of the fullest organs over time",
        _WIDTH,
        46.0 + rows * (tall + 34.0) + 34.0,
    )
    x = left
    legend = [(_BURDEN, _BURDEN_COLOUR)]
    legend += [(_NAMES[state], STATE_COLOURS[state]) for state in ORGAN_COUNTS]
    for name, colour in legend:
        drawing.box((x, 8.5), (14.0, 3.0), colour=colour)
        drawing.text((x + 20.0, 14.0), name)
        x += 46.0 + text_width(name, 13.0)
    top = max(10.0, 2.0 * float(max(_peak(material).max(), material.series["cells"].max())))
    for number, organ in enumerate(organs):
        row, column = divmod(number, _COLUMNS)
        place = (left + column * (wide + 18.0), 56.0 + row * (tall + 34.0))
        unit, frame = time_frame(material.times, (*place, wide, tall), low=_LEAST, top=top)
        is_last = number + _COLUMNS >= len(organs)
        frame.draw(drawing, has_x=is_last, has_y=column == 0, n_x=4, n_y=4, size=11.0)
        name = material.organ_names[organ]
        drawing.text((frame.left, frame.top - 7.0), name, is_bold=True, size=12.5)
        burden = material.series["cells"][:, organ].astype(np.float64)
        draw_curve(drawing, frame, material.times, values=burden, colour=_BURDEN_COLOUR, width=1.2)
        for state, series in ORGAN_COUNTS.items():
            values = material.series[series][:, organ].astype(np.float64)
            colour = STATE_COLOURS[state]
            draw_curve(drawing, frame, material.times, values=values, colour=colour, width=1.8)
        if is_last:
            drawing.text(
                (frame.left + 0.5 * wide, frame.bottom + 29.0),
                f"time [{unit}]",
                size=11.0,
                colour="faint",
                anchor="middle",
            )
    return drawing


def _peak(material: Material) -> npt.NDArray[np.float64]:
    counts = [material.series[name].max(axis=0, initial=0) for name in ORGAN_COUNTS.values()]
    peak: npt.NDArray[np.float64] = np.max(counts, axis=0).astype(np.float64)
    return peak


def _fullest(material: Material) -> list[int]:
    peak = _peak(material)
    settled = sum(material.organ_counts(name) for name in ORGAN_COUNTS.values())
    order = np.lexsort((np.arange(peak.size), -peak, -np.asarray(settled)))
    return [int(i) for i in order if peak[i] > 0][:_MOST_ORGANS]


def _organ_table(material: Material) -> Table:
    names = ("arrivals", *ORGAN_COUNTS.values(), "died", "cells")
    counts = {name: material.organ_counts(name) for name in names}
    order = np.lexsort((np.arange(len(material.organ_names)), -counts["arrivals"]))
    return Table(
        "organs",
        "Organs at the end",
        (
            "organ",
            "entries into its beds",
            "arrested now",
            "solitary in tissue",
            "dormant",
            "colonies",
            "died there",
            "living tumour cells",
        ),
        tuple(
            (material.organ_names[i], *(int(counts[name][i]) for name in names))
            for i in order
            if any(counts[name][i] for name in names)
        ),
    )


def _state_series(material: Material) -> Table:
    by_state = material.series["cells_by_state"]
    return Table(
        "cells_over_time",
        "Cells by state over time",
        ("time [s]", "shed", *(state.name.lower() for state in CellState)),
        tuple(
            (float(t), int(shed), *(int(n) for n in row))
            for t, shed, row in zip(material.times, material.series["shed"], by_state, strict=True)
        ),
        is_shown=False,
    )


def _organ_series(material: Material) -> Table:
    names = (*ORGAN_COUNTS.values(), "died", "cells")
    rows = []
    for k, time in enumerate(material.times.tolist()):
        for i, organ in enumerate(material.organ_names):
            counts = tuple(int(material.series[name][k, i]) for name in names)
            if any(counts):
                rows.append((time, organ, *counts))
    columns = ("time [s]", "organ", *names)
    return Table(
        "organs_over_time", "Cells by organ over time", columns, tuple(rows), is_shown=False
    )
