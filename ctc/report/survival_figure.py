"""Kaplan-Meier curves with their bands, and below them how many are at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ctc.analysis.survival import SurvivalCurve, Times, at_risk, kaplan_meier
from ctc.checks import FloatArray
from ctc.report.axes import Frame, Scale
from ctc.report.curves import spread_labels
from ctc.report.drawing import Command, Drawing, Point, shortened, text_width
from ctc.report.trial_material import MONTH, YEAR, time_text

_WIDTH, _RIGHT, _TOP, _HEIGHT = 960.0, 236.0, 26.0, 300.0
_ROW = 20.0
_FINEST = 0.5  # pixels
_NARROWEST = 110.0  # of what stands left of the numbers at risk


@dataclass(frozen=True)
class SurvivalGroup:
    """A curve with its name, its colour (of `ctc.report.colours`) and its patients."""

    name: str
    colour: str
    times: Times


def survival_figure(
    name: str,
    groups: Sequence[SurvivalGroup],
    *,
    caption: str,
    y_label: str,
    x_label: str,
) -> Drawing:
    """Return the figure of groups of at least one patient each.

    Parameters
    ----------
    name : str
        Of its place in the page.
    groups : sequence of SurvivalGroup
        Not empty; those without patients are left out.
    caption : str
        For readers that do not see it.
    y_label, x_label : str
        What is shown, and since when; the unit of time is put behind it.
    """
    shown = [group for group in groups if group.times.n]
    span = max(float(group.times.duration.max()) for group in shown) or MONTH
    unit, size = ("years", YEAR) if span >= 3.0 * YEAR else ("months", MONTH)
    left = 64.0 + max(text_width(group.name, 12.0) for group in shown)
    left = min(max(left, _NARROWEST), 250.0)
    drawing = Drawing(name, caption, _WIDTH, _TOP + _HEIGHT + 92.0 + _ROW * len(shown))
    box = (left, _TOP, _WIDTH - left - _RIGHT, _HEIGHT)
    frame = Frame(*box, Scale(0.0, span / size), Scale(0.0, 100.0))
    frame.draw(drawing, x_label=f"{x_label} [{unit}]", n_x=7)
    middle = (left - 50.0, _TOP + 0.5 * _HEIGHT)
    drawing.text(middle, y_label, size=12.0, colour="faint", anchor="middle", is_upright=True)
    curves = [kaplan_meier(group.times) for group in shown]
    for group, curve in zip(shown, curves, strict=True):
        _band(drawing, frame, curve, colour=group.colour, size=size)
    for group, curve in zip(shown, curves, strict=True):
        points = _steps(curve.time, curve.share, curve.last_seen)
        places = _thinned([frame.at(t / size, 100.0 * s) for t, s in points])
        tip = f"{group.name}: median {time_text(curve.quantile()[0])}"
        drawing.line(places, colour=group.colour, width=2.4, tip=tip)
        _lost(drawing, frame, group, curve=curve, size=size)
    _label(drawing, frame, shown, curves=curves)
    _numbers_at_risk(drawing, frame, shown, size=size)
    return drawing


def _steps(time: FloatArray, share: FloatArray, end: float) -> list[Point]:
    """Return the corners of a falling staircase."""
    points = [(float(time[0]), float(share[0]))]
    for t, s in zip(time[1:].tolist(), share[1:].tolist(), strict=True):
        points += [(t, points[-1][1]), (t, s)]
    return [*points, (max(end, points[-1][0]), points[-1][1])]


def _thinned(places: list[Point]) -> list[Point]:
    """Return a staircase without steps that no eye can tell, its ends kept."""
    kept = places[:1]
    for place in places[1:-1]:
        if abs(place[0] - kept[-1][0]) >= _FINEST or abs(place[1] - kept[-1][1]) >= _FINEST:
            # Level, then down: a corner of a skipped step would else be cut.
            if place[0] != kept[-1][0] and place[1] != kept[-1][1]:
                kept.append((place[0], kept[-1][1]))
            kept.append(place)
    return [*kept, *places[1:][-1:]]


def _band(
    drawing: Drawing, frame: Frame, curve: SurvivalCurve, *, colour: str, size: float
) -> None:
    upper = _steps(curve.time, curve.high, curve.last_seen)
    lower = _steps(curve.time, curve.low, curve.last_seen)
    ways = ([frame.at(t / size, 100.0 * s) for t, s in way] for way in (upper, lower))
    above, below = (_thinned(way) for way in ways)
    places = [*above, *reversed(below)]
    commands: list[Command] = [("L" if i else "M", place) for i, place in enumerate(places)]
    drawing.path([*commands, ("Z", ())], fill=colour, opacity=0.16)


def _lost(
    drawing: Drawing, frame: Frame, group: SurvivalGroup, *, curve: SurvivalCurve, size: float
) -> None:
    """Mark where patients were last seen without the event; places of one pixel only once."""
    times = np.unique(group.times.duration[~group.times.is_event])
    before = -10.0
    for time in times.tolist():
        x, y = frame.at(time / size, 100.0 * curve.at(time))
        if x - before >= 2.0:
            drawing.line([(x, y - 3.5), (x, y + 3.5)], colour=group.colour, width=1.0)
            before = x


def _label(
    drawing: Drawing,
    frame: Frame,
    groups: Sequence[SurvivalGroup],
    *,
    curves: Sequence[SurvivalCurve],
) -> None:
    """Write beside each curve's end what is left of it, labels apart from one another."""
    ends = [
        (frame.at(frame.x.high, 100.0 * float(curve.share[-1]))[1], str(i), group.colour)
        for i, (group, curve) in enumerate(zip(groups, curves, strict=True))
    ]
    x = frame.right + 14.0
    for y, which, colour in spread_labels(
        ends, low=frame.top + 6.0, high=frame.bottom - 14.0, gap=36.0
    ):
        group, curve = groups[int(which)], curves[int(which)]
        drawing.box((x, y - 1.5), (14.0, 3.0), colour=colour)
        drawing.text((x + 20.0, y + 4.0), shortened(group.name, 172.0), is_bold=True, size=12.5)
        low, high = curve.low[-1], curve.high[-1]
        text = f"{100.0 * curve.share[-1]:.0f} % ({100.0 * low:.0f} to {100.0 * high:.0f})"
        drawing.text((x + 20.0, y + 19.0), text, size=11.5, colour="faint")


def _numbers_at_risk(
    drawing: Drawing, frame: Frame, groups: Sequence[SurvivalGroup], *, size: float
) -> None:
    top = frame.bottom + 62.0
    drawing.text((16.0, top), "at risk", size=12.0, colour="faint")
    for i, group in enumerate(groups):
        y = top + _ROW * (i + 1)
        name = shortened(group.name, frame.left - 58.0)
        drawing.text((16.0, y), name, size=12.0, colour=group.colour, is_bold=True)
        for value in frame.x.ticks(7):
            n = int(at_risk(group.times, np.array([value * size]))[0])
            place = (frame.across(value), y)
            drawing.text(place, f"{n:,}", size=12.0, anchor="middle")
