"""The effect of an arm in parts of the patients: a forest plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ctc.analysis.endpoints import Group, Origin, by_count, by_nodes, by_stage
from ctc.analysis.hazard_ratio import HazardRatio, has_lifelines
from ctc.analysis.survival import BoolArray, Times
from ctc.report.axes import Frame, Scale
from ctc.report.drawing import Drawing
from ctc.report.section import Cell, Section, Table
from ctc.report.trial_material import CUT_OFF, TrialMaterial
from ctc.report.trial_survival import NO_LIFELINES, ratio_of, ratio_text

_TITLE = "Effect by subgroup"
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 960.0, 330.0, 178.0, 26.0, 44.0
_FEWEST_EVENTS = 5


@dataclass(frozen=True)
class Effect:
    """One row: its patients, and the hazard ratio where it can be told."""

    name: str
    is_all: bool
    times: Times
    reference: Times
    ratio: HazardRatio | None


def forest_section(material: TrialMaterial) -> Section | None:
    """Return a forest plot for each arm but the first; None for a lone arm."""
    if len(material.arms) < 2:
        return None
    if not has_lifelines():
        return Section("subgroups", _TITLE, (NO_LIFELINES,))
    figures: list[Drawing] = []
    rows: list[tuple[Cell, ...]] = []
    for arm in range(1, len(material.arms)):
        effects = list(_effects(material, arm))
        if any(each.ratio is not None for each in effects):
            figures.append(_draw(material, arm, effects))
        rows += [
            (
                material.arms[arm],
                each.name,
                f"{each.times.n_events:,} of {each.times.n:,}",
                f"{each.reference.n_events:,} of {each.reference.n:,}",
                ratio_text(each.ratio),
            )
            for each in effects
        ]
    endpoint = material.endpoints[0]
    sentence = (
        f"Hazard ratios of {endpoint} against {material.arms[0]}; left of 1 patients live longer. "
        "Squares are as large as the events behind them."
    )
    if not figures:
        sentence = f"Too few events for a ratio: it takes {_FEWEST_EVENTS} in each of two arms."
    few = (
        f"A subgroup with fewer than {_FEWEST_EVENTS} events in an arm has no ratio. Subgroups are "
        "looked at one by one, without correction for their number."
    )
    notes = [few]
    if material.origin is Origin.START:
        notes.append(
            "Patients are not split by stage here: the arms find tumours at different times, so a "
            "stage at diagnosis is no property of the patient alone."
        )
    columns = ("arm", "patients", "events", f"events, {material.arms[0]}", "hazard ratio (95 %)")
    table = Table("subgroups", "The same in numbers", columns, tuple(rows))
    return Section("subgroups", _TITLE, (sentence,), figures, (table,), notes)


def _subgroups(material: TrialMaterial) -> Sequence[Group]:
    everyone = np.ones(np.asarray(material.table.column("arm")).size, dtype=np.bool_)
    groups = [Group("all patients", everyone)]
    if material.origin is Origin.DIAGNOSIS:
        groups += [*by_stage(material.table), *by_nodes(material.table)]
    if material.has("ctc_baseline"):
        groups += by_count(material.table, CUT_OFF)
    if material.has("diagnosis_time") and "patient.age" in material.table.varied:
        age = material.column("patient.age")
        limit = float(np.median(age))
        years = limit / (365.25 * 86400.0)
        groups += [
            Group(f"younger than {years:.0f}", age < limit),
            Group(f"{years:.0f} and older", age >= limit),
        ]
    return groups


def _effects(material: TrialMaterial, arm: int) -> Iterator[Effect]:
    endpoint = material.endpoints[0]
    first, other = (material.times(endpoint)[i] for i in (0, arm))
    patient = np.asarray(material.table.column("patient"))
    for i, group in enumerate(_subgroups(material)):
        # As the first arm tells: no treatment may move a patient from group to group.
        chosen = patient[group.rows & material.of_arm(0)]

        def part(times: Times, who: BoolArray = chosen) -> Times:
            return times.of(np.isin(patient[times.row], who))

        times, reference = part(other), part(first)
        if times.n + reference.n:
            enough = min(times.n_events, reference.n_events) >= _FEWEST_EVENTS
            ratio = ratio_of(times, reference) if enough else None
            yield Effect(group.name, i == 0, times, reference, ratio)


def _draw(material: TrialMaterial, arm: int, effects: Sequence[Effect]) -> Drawing:
    height = _ROW * len(effects)
    drawing = Drawing(
        f"subgroups_{arm}",
        f"Hazard ratio of {material.arms[arm]} by subgroup",
        _WIDTH,
        _TOP + height + 62.0,
    )
    ends = [(e.ratio.low, e.ratio.high) for e in effects if e.ratio is not None]
    low = max(min([0.5, *(0.9 * end[0] for end in ends)]), 0.05)
    high = min(max([2.0, *(1.1 * end[1] for end in ends)]), 20.0)
    scale = Scale(low, high, is_log=True)
    frame = Frame(_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, height, scale, Scale(0.0, 1.0))
    if effects[0].is_all:
        drawing.box((0.0, _TOP), (_WIDTH, _ROW), colour="panel")
    _axis(drawing, frame)
    better, worse = f"\u2190 {material.arms[arm]} better", f"{material.arms[0]} better \u2192"
    one = frame.across(1.0)
    drawing.text((one - 8.0, _TOP - 10.0), better, anchor="end", size=11.5, colour="faint")
    drawing.text((one + 8.0, _TOP - 10.0), worse, size=11.5, colour="faint")
    drawing.text((_LEFT - 20.0, _TOP - 10.0), "events", anchor="end", size=12.0, colour="faint")
    drawing.text(
        (_WIDTH - 4.0, _TOP - 10.0), "ratio (95 %)", anchor="end", size=12.0, colour="faint"
    )
    most = max(e.times.n_events + e.reference.n_events for e in effects) or 1
    for i, each in enumerate(effects):
        y = _TOP + _ROW * (i + 0.5)
        drawing.text((12.0, y + 4.5), each.name, is_bold=each.is_all)
        events = f"{each.times.n_events:,} v {each.reference.n_events:,}"
        drawing.text((_LEFT - 20.0, y + 4.5), events, anchor="end", size=12.0)
        drawing.text(
            (_WIDTH - 4.0, y + 4.5), ratio_text(each.ratio), anchor="end", is_bold=each.is_all
        )
        if each.ratio is None:
            continue
        colour = material.colour(arm)
        places = [(frame.across(value), y) for value in (each.ratio.low, each.ratio.high)]
        drawing.line(places, colour=colour, width=2.0)
        side = 5.0 + 9.0 * math.sqrt((each.times.n_events + each.reference.n_events) / most)
        x = frame.across(each.ratio.ratio)
        tip = f"{each.name}: {ratio_text(each.ratio)}"
        if each.is_all:
            drawing.diamond((x, y), 8.0, colour=colour, tip=tip)
        else:
            corner = (x - 0.5 * side, y - 0.5 * side)
            drawing.box(corner, (side, side), colour=colour, tip=tip)
    return drawing


def _axis(drawing: Drawing, frame: Frame) -> None:
    for value in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0):
        if frame.x.low <= value <= frame.x.high:
            x = frame.across(value)
            is_one = value == 1.0
            drawing.line(
                [(x, frame.top), (x, frame.bottom)],
                colour="faint" if is_one else "line",
                width=1.4 if is_one else 1.0,
                is_dashed=is_one,
            )
            place = (x, frame.bottom + 17.0)
            drawing.text(place, f"{value:g}", size=12.0, colour="faint", anchor="middle")
    drawing.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], colour="faint")
    middle = (frame.left + 0.5 * frame.width, frame.bottom + 38.0)
    drawing.text(middle, "hazard ratio", size=12.0, colour="faint", anchor="middle")
