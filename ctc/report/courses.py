"""Courses of the cells: how long after shedding, and after how many beds, they met their fate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.analysis.since_shed import QUESTIONS, SinceShed, times_since_shed
from ctc.report.axes import Frame, Scale, count_text, duration_text
from ctc.report.drawing import Drawing
from ctc.report.material import Material
from ctc.report.section import Section, Table

_TITLE = "How long, and how many beds, before it happened"
_WIDTH, _LEFT, _ROW = 960.0, 168.0, 104.0
_COLOURS = dict(zip(QUESTIONS, ("arrested", "extravasated", "died", "colony"), strict=True))
_TIME_TICKS = (
    *(1.0, 10.0, 60.0, 600.0, 3600.0, 21600.0, 86400.0, 604800.0, 2592000.0),
    *(31557600.0, 315576000.0),
)
_MOST_BARS = 30


def courses_section(material: Material) -> Section:
    """Return the distributions of times since shedding and of beds passed."""
    found = times_since_shed(material.run)
    if found is None or not found.counts:
        why = "The run stores no events" if not material.run.n_events else "No event tells of them"
        text = f"{why}, so times since shedding are not known (record.events, run.epoch)."
        return Section("courses", _TITLE, (text,))
    sentences = ["How long after it was shed a cell met what stands on the left."]
    if not found.has_arrests:
        sentences.append(
            'Arrests are not among the stored events; with record.events = "all" the time to the '
            "first arrest would stand here too."
        )
    sentences += [_median_sentence(found)]
    notes = []
    if found.resolution:
        notes.append(
            "A tumour sheds at random within an epoch and the file keeps the epoch only, so each "
            f"time is known to within {duration_text(0.5 * found.resolution)}; what is shorter "
            f"than {duration_text(found.edges[1])} stands in the pale first bar."
        )
        notes.append(
            "Later cells are seen for a shorter time than early ones: long times are counted too "
            "rarely in a run that goes on shedding until its end."
        )
    if "founded a colony" in found.counts:
        notes.append(
            "A cell that sleeps past the end of an epoch is counted from then on, not told apart: "
            "colonies of such cells are missing here."
        )
    return Section(
        "courses",
        _TITLE,
        sentences,
        (_draw_times(found), _draw_passes(found)),
        (_time_table(found), _passes_table(found)),
        notes,
    )


def _median_sentence(found: SinceShed) -> str:
    parts = []
    for name, counts in found.counts.items():
        half = int(np.searchsorted(np.cumsum(counts), 0.5 * counts.sum()))
        low, high = found.edges[half], found.edges[half + 1]
        if half == 0:
            parts.append(f"{name}, under {duration_text(high)}")
        else:
            parts.append(f"{name}, {duration_text(low)} to {duration_text(high)}")
    return "Medians after shedding: " + "; ".join(parts) + "."


def _draw_times(found: SinceShed) -> Drawing:
    last = max(int(np.flatnonzero(counts).max()) for counts in found.counts.values()) + 1
    least, most = float(found.edges[1]), float(found.edges[max(last, 2)])
    step = float(found.edges[2] / found.edges[1]) if found.edges.size > 2 else 10.0**0.125
    # The first bar has the width of two others and a gap behind it.
    low = least / step**3
    drawing = Drawing(
        "time_since_shed",
        "Cells by the time since they were shed",
        _WIDTH,
        54.0 + _ROW * len(found.counts),
    )
    width = _WIDTH - _LEFT - 20.0
    for number, (name, counts) in enumerate(found.counts.items()):
        top = 10.0 + _ROW * number
        frame = Frame(
            _LEFT,
            top + 8.0,
            width,
            _ROW - 26.0,
            Scale(low, most, is_log=True),
            Scale(0.0, 1.08 * float(counts.max())),
        )
        ticks = [t for t in _TIME_TICKS if least <= t <= most]
        for tick in ticks:
            x = frame.across(tick)
            drawing.line([(x, frame.top), (x, frame.bottom)], opacity=0.7)
        drawing.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], colour="faint")
        drawing.text((_LEFT - 14.0, top + 46.0), name, anchor="end", is_bold=True)
        total = f"{count_text(counts.sum())} cells"
        drawing.text((_LEFT - 14.0, top + 63.0), total, anchor="end", colour="faint", size=12.0)
        for i, count in enumerate(counts[:last]):
            if not count:
                continue
            edges = (low, least / step) if i == 0 else (found.edges[i], found.edges[i + 1])
            x0, x1 = (frame.across(edge) for edge in edges)
            y = frame.at(low, float(count))[1]
            high = duration_text(found.edges[i + 1])
            span = f"under {high}" if i == 0 else f"{duration_text(found.edges[i])} to {high}"
            drawing.box(
                (x0 + 0.75, y),
                (x1 - x0 - 1.5, frame.bottom - y),
                colour=_COLOURS[name],
                opacity=0.6 if i == 0 else 1.0,
                tip=f"{span}: {count_text(count)}",
            )
    foot = frame.bottom + 17.0
    middle = 0.5 * (frame.across(low) + frame.across(least / step))
    drawing.text(
        (middle, foot), f"under {duration_text(least)}", size=12.0, colour="faint", anchor="middle"
    )
    place = -1e9
    for tick in ticks:
        x = frame.across(tick)
        if x - place > 50.0 and x - middle > 70.0:
            text = duration_text(tick)
            drawing.text((x, foot), text, size=12.0, colour="faint", anchor="middle")
            place = x
    label = (_LEFT + 0.5 * width, foot + 19.0)
    text = "time since it was shed, log axis"
    drawing.text(label, text, size=12.0, colour="faint", anchor="middle")
    return drawing


def _draw_passes(found: SinceShed) -> Drawing:
    longest = max(counts.size for counts in found.passes.values())
    n_bars = min(longest, _MOST_BARS)
    has_rest = longest > _MOST_BARS
    drawing = Drawing(
        "beds_passed",
        "Cells by the number of capillary beds that they had passed",
        _WIDTH,
        54.0 + _ROW * len(found.passes),
    )
    width = _WIDTH - _LEFT - 20.0
    slot = width / (n_bars + has_rest)
    for number, (name, counts) in enumerate(found.passes.items()):
        top = 10.0 + _ROW * number
        bars = _bars(counts, n_bars, has_rest=has_rest)
        highest = float(bars.max())
        bottom, tall = top + _ROW - 18.0, _ROW - 26.0
        drawing.line([(_LEFT, bottom), (_LEFT + width, bottom)], colour="faint")
        drawing.text((_LEFT - 14.0, top + 46.0), name, anchor="end", is_bold=True)
        mean = float((counts * np.arange(counts.size)).sum() / counts.sum())
        text = f"mean {mean:.3g} beds"
        drawing.text((_LEFT - 14.0, top + 63.0), text, anchor="end", colour="faint", size=12.0)
        for i, count in enumerate(bars.tolist()):
            size = tall * count / (1.08 * highest)
            beds = f"{n_bars} or more" if i == n_bars else f"{i}"
            drawing.box(
                (_LEFT + slot * i + 0.1 * slot, bottom - size),
                (0.8 * slot, size),
                colour=_COLOURS[name],
                opacity=0.6 if i == n_bars else 1.0,
                tip=f"{beds} beds: {count_text(count)}",
            )
    foot = bottom + 17.0
    step = 1 if n_bars <= 20 else 5
    for i in range(0, n_bars, step):
        x = _LEFT + slot * (i + 0.5)
        drawing.text((x, foot), f"{i}", size=12.0, colour="faint", anchor="middle")
    if has_rest:
        x = _LEFT + slot * (n_bars + 0.5)
        drawing.text((x, foot), f"{n_bars}+", size=12.0, colour="faint", anchor="middle")
    text = "capillary beds passed before"
    label = (_LEFT + 0.5 * width, foot + 19.0)
    drawing.text(label, text, size=12.0, colour="faint", anchor="middle")
    return drawing


def _bars(counts: npt.NDArray[np.int64], n_bars: int, *, has_rest: bool) -> npt.NDArray[np.int64]:
    bars = np.zeros(n_bars + has_rest, dtype=np.int64)
    size = min(counts.size, n_bars)
    bars[:size] = counts[:size]
    if has_rest:
        bars[-1] = counts[n_bars:].sum()
    return bars


def _time_table(found: SinceShed) -> Table:
    rows = [
        (name, float(found.edges[i]), float(found.edges[i + 1]), int(count))
        for name, counts in found.counts.items()
        for i, count in enumerate(counts)
        if count
    ]
    columns = ("what", "from [s]", "to [s]", "cells")
    return Table("time_since_shed", "Times", columns, tuple(rows), is_shown=False)


def _passes_table(found: SinceShed) -> Table:
    rows = [
        (name, i, int(count))
        for name, counts in found.passes.items()
        for i, count in enumerate(counts)
        if count
    ]
    columns = ("what", "beds passed", "cells")
    return Table("beds_passed", "Beds", columns, tuple(rows), is_shown=False)
