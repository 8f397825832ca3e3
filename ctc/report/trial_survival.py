"""Survival of the arms: curves, and their differences in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.analysis.endpoints import Endpoint, Origin
from ctc.analysis.hazard_ratio import HazardRatio, has_lifelines, hazard_ratio
from ctc.analysis.paired import PairedDifference, compare_paired
from ctc.analysis.survival import LogRank, Times, kaplan_meier, log_rank, p_text
from ctc.report.drawing import shortened
from ctc.report.section import Cell, Section, Table
from ctc.report.survival_figure import SurvivalGroup, survival_figure
from ctc.report.trial_material import MONTH, TrialMaterial, time_text

_TITLE = "Survival"
_LONGEST = 20.0  # of the name of an arm in a table, some 36 letters
_BANDS = (
    "Bands hold 95 % point by point (Greenwood's variance of ln(-ln S)); ticks are patients last "
    "seen there. An event is a death of any cause, or before it a metastasis found, or a relapse "
    "or progression; other deaths end the watch for death by the cancer. Who has what is waited "
    "for at the start is not counted."
)
NO_LIFELINES = (
    "Hazard ratios are left out: lifelines is not installed (pip install 'ctc[sweep]', then "
    "write the page again)."
)


@dataclass(frozen=True)
class Effect:
    """One arm against the first, for one endpoint; None where nothing can be said."""

    ratio: HazardRatio | None
    test: LogRank
    difference: PairedDifference | None


def effect_of(material: TrialMaterial, endpoint: Endpoint, arm: int) -> Effect | None:
    """Return what an arm does against the first one; None where either has no patients."""
    known: dict[tuple[Endpoint, int], Effect | None] = material.effects
    if (endpoint, arm) not in known:
        known[endpoint, arm] = _effect(material, endpoint, arm)
    return known[endpoint, arm]


def _effect(material: TrialMaterial, endpoint: Endpoint, arm: int) -> Effect | None:
    first, other = (material.times(endpoint)[i] for i in (0, arm))
    if not first.n or not other.n:
        return None
    pair = material.pair(endpoint, arm)
    horizon = material.horizon(endpoint)
    difference = None
    if pair[0].n >= 2 and horizon > 0.0:
        difference = compare_paired(pair[0], pair[1], horizon=horizon)
    return Effect(ratio_of(other, first), log_rank([first, other]), difference)


def ratio_of(group: Times, reference: Times) -> HazardRatio | None:
    """Return a hazard ratio; None without lifelines, events or patients."""
    if not has_lifelines() or not group.n or not reference.n:
        return None
    return hazard_ratio(group, reference)


def ratio_text(ratio: HazardRatio | None) -> str:
    """Return a hazard ratio with its interval, such as ``0.65 (0.55 to 0.77)``."""
    if ratio is None:
        return "-"
    return f"{ratio.ratio:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def survival_section(material: TrialMaterial) -> Section:
    """Return the curves of all endpoints, and the table of effects."""
    figures = []
    for endpoint in material.endpoints:
        times = material.times(endpoint)
        groups = [
            SurvivalGroup(name, material.colour(arm), times[arm])
            for arm, name in enumerate(material.arms)
        ]
        if any(group.times.n for group in groups):
            figures.append(
                survival_figure(
                    endpoint.name.lower(),
                    groups,
                    caption=f"Kaplan-Meier curves of {endpoint}, by arm",
                    y_label=f"{endpoint} [%]",
                    x_label=f"time since {material.origin}",
                )
            )
    sentences = [_sentence(material), _origin_sentence(material)]
    notes = [_BANDS]
    if len(material.arms) > 1:
        notes.append(
            "Hazard ratios are Cox', against the first arm; the log-rank test takes the arms for "
            "different patients, which they are not: it errs on the safe side. Time gained is the "
            "difference of mean times within the time that all arms are watched, with its standard "
            "error, patients paired; beside it how many times more patients arms of different "
            "patients would need for that error."
        )
        if not has_lifelines():
            notes.append(NO_LIFELINES)
    return Section("survival", _TITLE, sentences, figures, (_table(material),), notes)


def _sentence(material: TrialMaterial) -> str:
    endpoint = material.endpoints[0]
    parts = []
    for arm, name in enumerate(material.arms):
        times = material.times(endpoint)[arm]
        if times.n:
            median, low, high = kaplan_meier(times).quantile()
            text = f"{name}: {times.n_events:,} deaths in {times.n:,} patients"
            if math.isfinite(median):
                text += f", median {time_text(median)}"
                text += f" ({time_text(low)} to {time_text(high)})"
            else:
                text += ", median not reached"
            parts.append(text)
    return "; ".join(parts) + "."


def _origin_sentence(material: TrialMaterial) -> str:
    if material.origin is Origin.DIAGNOSIS:
        return (
            "Times count from diagnosis, which each patient has at the same moment in every arm. "
            "Who was never diagnosed is not counted."
        )
    return (
        "Times count from the start of the run, the same moment in every arm: arms that find "
        "tumours sooner would else seem to let patients live longer (lead time)."
    )


def _table(material: TrialMaterial) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for endpoint in material.told:
        for arm, name in enumerate(material.arms):
            times = material.times(endpoint)[arm]
            if not times.n:
                continue
            median, low, high = kaplan_meier(times).quantile()
            band = f" ({time_text(low)} to {time_text(high)})" if math.isfinite(median) else ""
            row: tuple[Cell, ...] = (
                str(endpoint) if not arm else "",
                shortened(name, _LONGEST, 1.0),
                f"{times.n_events:,} of {times.n:,}",
                time_text(median) + band,
            )
            if len(material.arms) > 1:
                row += _effect_cells(material, endpoint, arm)
            rows.append(row)
    columns: tuple[str, ...] = ("endpoint", "arm", "events", "median (95 %)")
    if len(material.arms) > 1:
        columns += (
            "hazard ratio (95 %)",
            "p, Cox",
            "p, log-rank",
            "time gained [months]",
            "patients saved",
        )
    return Table("effects", "In numbers", columns, tuple(rows), is_open=True)


def _effect_cells(material: TrialMaterial, endpoint: Endpoint, arm: int) -> tuple[Cell, ...]:
    effect = effect_of(material, endpoint, arm) if arm else None
    if effect is None:
        return ("reference", "", "", "", "") if not arm else ("-", "-", "-", "-", "-")
    gained, saves = "-", "-"
    if effect.difference is not None:
        gained = gain_text(effect.difference)
        saves = saving_text(effect.difference)
    p = "-" if effect.ratio is None else p_text(effect.ratio.p_value)
    return (ratio_text(effect.ratio), p, p_text(effect.test.p_value), gained, saves)


def gain_text(difference: PairedDifference) -> str:
    """Return a difference with its standard error, in months."""
    error = difference.standard_error / MONTH
    return f"{difference.difference / MONTH:+.1f}\u00a0\u00b1\u00a0{error:.1f}"


def saving_text(difference: PairedDifference) -> str:
    """Return how many times more patients the same error takes without pairing."""
    saving = difference.variance_reduction
    return f"{saving:.1f}\u00a0\u00d7" if math.isfinite(saving) else "arms are equal"
