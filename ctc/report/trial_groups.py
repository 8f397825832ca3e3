"""Survival by what was found of a patient: stage, and tumour cells in blood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ctc.analysis.endpoints import (
    Endpoint,
    Group,
    Origin,
    by_conversion,
    by_count,
    by_stage,
    times_to,
)
from ctc.analysis.survival import Times, kaplan_meier, log_rank, p_text
from ctc.report.section import Cell, Section, Table
from ctc.report.survival_figure import SurvivalGroup, survival_figure
from ctc.report.trial_material import CUT_OFF, YEAR, TrialMaterial, of_first_arm, time_text
from ctc.report.trial_survival import ratio_of, ratio_text

_STAGES = ("stage I", "stage II", "stage III", "stage IV")
_STAGE_COLOURS = ("extravasated", "accent", "arrested", "artery")
_TWO_COLOURS = ("accent", "arrested")
_FOUR_COLOURS = ("accent", "extravasated", "colony", "artery")
_FEWEST = 10


def stage_section(material: TrialMaterial) -> Section | None:
    """Return survival by the stage found at diagnosis, of patients of the first arm."""
    if not material.has("diagnosis_time"):
        return None
    groups = _shown(material, by_stage(material.table), origin=Origin.DIAGNOSIS)
    if len(groups) < 2:
        return None
    named = [SurvivalGroup(name, _STAGE_COLOURS[_STAGES.index(name)], t) for name, t in groups]
    figure = survival_figure(
        "by_stage",
        named,
        caption="Overall survival by the stage found at diagnosis",
        y_label="overall survival [%]",
        x_label="time since diagnosis",
    )
    rows = []
    for name, times in groups:
        curve = kaplan_meier(times)
        alive = [
            f"{100.0 * curve.at(k * YEAR):.1f}" if curve.last_seen >= k * YEAR else ""
            for k in (1, 5)
        ]
        events = f"{times.n_events:,} of {times.n:,}"
        rows.append((name, events, time_text(curve.quantile()[0]), *alive))
    columns = ("stage found", "deaths", "median", "alive after 1 year [%]", "after 5 years [%]")
    p = p_text(log_rank([times for _, times in groups]).p_value)
    sentence = (
        f"By the stage that examinations found{of_first_arm(material)}: log-rank p {p}. Groups of "
        f"fewer than {_FEWEST} patients are left out."
    )
    table = Table("by_stage", "In numbers", columns, tuple(rows), is_open=True)
    return Section("stages", "By stage at diagnosis", (sentence,), (figure,), (table,))


def cells_section(material: TrialMaterial) -> Section | None:
    """Return survival by tumour cells in drawn blood, before and under treatment; all arms."""
    if not material.has("ctc_baseline"):
        return None
    figures, tables, sentences = [], [], []
    two = _shown(material, by_count(material.table, CUT_OFF), origin=Origin.DIAGNOSIS, arm=None)
    if len(two) == 2:
        (_, low), (_, high) = two
        ratio = ratio_of(high, low)
        medians = [kaplan_meier(times).quantile()[0] for times in (low, high)]
        sentence = (
            f"{CUT_OFF:g} cells or more in the first draw go with a hazard ratio of "
            f"{ratio_text(ratio)}; log-rank p {p_text(log_rank([low, high]).p_value)}."
        )
        if all(np.isfinite(medians)):
            sentence += f" The medians have the ratio {medians[1] / medians[0]:.2f}."
        sentences.append(sentence)
        named = [SurvivalGroup(n, c, t) for (n, t), c in zip(two, _TWO_COLOURS, strict=True)]
        figures.append(
            survival_figure(
                "by_count",
                named,
                caption="Overall survival by circulating tumour cells at the first draw",
                y_label="overall survival [%]",
                x_label="time since diagnosis",
            )
        )
    if material.has("ctc_follow_up"):
        four = _shown(
            material, by_conversion(material.table, CUT_OFF), origin=Origin.FOLLOW_UP, arm=None
        )
        if len(four) >= 2:
            order = [group.name for group in by_conversion(material.table, CUT_OFF)]
            named = [SurvivalGroup(n, _FOUR_COLOURS[order.index(n)], t) for n, t in four]
            figures.append(
                survival_figure(
                    "by_conversion",
                    named,
                    caption="Overall survival by the change of counts under treatment",
                    y_label="overall survival [%]",
                    x_label="time since the second draw",
                )
            )
            rows: list[tuple[Cell, ...]] = [
                (n, t.n, t.n_events, time_text(kaplan_meier(t).quantile()[0])) for n, t in four
            ]
            columns = ("first draw, change", "patients", "deaths", "median")
            tables.append(Table("by_conversion", "By change", columns, tuple(rows), is_open=True))
            sentences.append(
                "By the change from the first to the second draw, counted from the second."
            )
    if not figures:
        return None
    note = (
        f"A draw of 7.5 mL counts as high from {CUT_OFF:g} cells on (breast and prostate cancer: "
        "Cristofanilli 2004 N Engl J Med 351:781, from memory). Patients of all arms together."
    )
    return Section("cells", "By tumour cells in blood", sentences, figures, tuple(tables), (note,))


def _shown(
    material: TrialMaterial,
    groups: Sequence[Group],
    *,
    origin: Origin,
    arm: int | None = 0,
) -> list[tuple[str, Times]]:
    everyone = np.ones(np.asarray(material.table.column("arm")).size, dtype=np.bool_)
    within = everyone if arm is None else material.of_arm(arm)
    found = [
        (g.name, times_to(material.table, Endpoint.OVERALL, origin=origin, rows=g.rows & within))
        for g in groups
    ]
    return [(name, times) for name, times in found if times.n >= _FEWEST]
