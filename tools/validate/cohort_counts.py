"""Rows 10 and 20: tumour cells in drawn blood of a population, and what they foretell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.analysis.endpoints import Endpoint, Origin, by_conversion, times_to
from ctc.analysis.survival import BoolArray, Times
from ctc.checks import FloatArray
from ctc.cohort.table import SweepTable
from tools.validate.cohorts import (
    CohortRow,
    again,
    dealt_out,
    estimate,
    median_survival,
    rows_of,
)
from tools.validate.published import PublishedFigure, published_figures
from tools.validate.rows import (
    Basis,
    Figure,
    Outcome,
    RowSkipped,
    Sheet,
    within_points,
)

# Of women whose tumour grows until it is felt; of them those with metastases then.
SWEEP = "breast_population"
CUT_OFF = 5.0
_POINTS = 0.1
_FEW_REASON = (
    "The published series is of all carcinomas, many of whose cells the antibody does not hold; "
    "the law has no class of patients without any cell. Above 5, of breast cancer, it is met."
)
_MONTH = 365.25 * 86400.0 / 12.0


@dataclass(frozen=True)
class CountLaw(CohortRow):
    """Counts of a population of patients with metastases, at the first draw."""

    sweep: str = SWEEP
    number: int = 10
    name: str = "count_law"
    body: str = f"human_female, {SWEEP}"
    source: str = "Allard 2004 Clin Cancer Res 10:6897; review PMC3126032"
    law: str = "patients differ in what they shed: all have the mean count"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        published = published_figures("clinic")
        counts = _counts(table)
        if ablated:
            random = np.random.Generator(np.random.Philox(key=5))
            counts = random.poisson(counts.mean(), counts.size).astype(np.float64)
        figures = (
            _share(
                "metastatic, 2 cells or more",
                published["two_cells"],
                counts >= 2.0,
                basis="fitted",
                reason=_FEW_REASON,
                known=(0.65, 0.95),
            ),
            _share(
                "metastatic, 5 cells or more",
                published["five_cells"],
                counts >= CUT_OFF,
                basis="predicted",
            ),
        )
        rows = (("mean", float(counts.mean())), ("standard deviation", float(counts.std())))
        more = (("median", float(np.median(counts))), ("largest", float(counts.max())))
        sheet = Sheet("Counts in 7.5 mL", ("", "found"), (*rows, *more))
        note = (
            "How much patients differ in shedding (log-normal, 2.2) was taken from the mean of 60 "
            "and the standard deviation of 693 of the same paper; the share above 5 was not."
        )
        return Outcome(figures, {}, (note,), (sheet,))


@dataclass(frozen=True)
class PrognosisSplit(CohortRow):
    """Survival of patients with many and few cells, and by the change under treatment."""

    sweep: str = SWEEP
    number: int = 20
    name: str = "prognosis_split"
    body: str = f"human_female, {SWEEP}"
    source: str = "review PMC3126032"
    law: str = "counts tell of the patient: they are dealt out among patients"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        published = published_figures("clinic")
        times = times_to(table, Endpoint.OVERALL, origin=Origin.DIAGNOSIS, rows=_with_counts(table))
        if not times.n:
            message = "no patient of the sweep has a draw of blood"
            raise RowSkipped(message)
        place = dealt_out(times.n) if ablated else np.arange(times.n)
        is_high = np.asarray(table.column("ctc_baseline"))[times.row][place] >= CUT_OFF

        def ratio(chosen: npt.NDArray[np.int64]) -> float:
            drawn, high = again(times, chosen), is_high[chosen]
            return median_survival(drawn.of(high)) / median_survival(drawn.of(~high))

        split = estimate(ratio, times.n)
        low, high = published["median_ratio"].band
        figures = [
            Figure(
                name="median survival, 5 cells or more over fewer",
                target=(low, high),
                tolerance="0.1",
                got=split.value,
                standard_error=split.error,
                n=times.n,
                basis="predicted",
                is_met=low - _POINTS <= split.value <= high + _POINTS,
            )
        ]
        change = _conversion(table, published["converts"], ablated=ablated)
        sheets: tuple[Sheet, ...] = ()
        if change is not None:
            figures.append(change[0])
            sheets = (change[1],)
        note = (
            "Medians from the mean hazard where fewer than half died. Nothing of survival by "
            "counts was fitted: lethal numbers of cells come from survival by organ."
        )
        return Outcome(tuple(figures), {}, (note,), sheets)


def _conversion(
    table: SweepTable, published: PublishedFigure, *, ablated: bool
) -> tuple[Figure, Sheet] | None:
    groups = by_conversion(table, CUT_OFF)
    within = rows_of(table)
    times = [
        times_to(table, Endpoint.OVERALL, origin=Origin.FOLLOW_UP, rows=group.rows & within)
        for group in groups
    ]
    everyone = Times(
        np.concatenate([t.duration for t in times]),
        np.concatenate([t.is_event for t in times]),
        np.concatenate([t.row for t in times]),
    )
    which = np.repeat(np.arange(4), [t.n for t in times])
    if everyone.n < 8 or np.unique(which).size < 2:
        return None
    if ablated:
        which = which[dealt_out(which.size)]

    def order(chosen: npt.NDArray[np.int64]) -> float:
        drawn, kinds = again(everyone, chosen), which[chosen]
        medians = [median_survival(drawn.of(kinds == k)) for k in range(4)]
        return _in_order([m for m in medians if np.isfinite(m)])

    found = estimate(order, everyone.n)
    figure = Figure(
        name="pairs of the four groups by change whose medians are in the published order",
        target=published.target,
        tolerance="all",
        got=found.value,
        standard_error=found.error,
        n=everyone.n,
        basis="predicted",
        is_met=found.value == 1.0,
    )
    rows = tuple(
        (
            group.name,
            float((which == k).sum()),
            median_survival(everyone.of(which == k)) / _MONTH if (which == k).any() else "-",
        )
        for k, group in enumerate(groups)
    )
    return figure, Sheet("By change", ("group", "patients", "median [months]"), rows)


def _in_order(medians: list[float]) -> float:
    """Return the share of pairs of which the first is the larger."""
    pairs = [a > b for i, a in enumerate(medians) for b in medians[i + 1 :]]
    return sum(pairs) / len(pairs) if pairs else 0.0


def _with_counts(table: SweepTable) -> BoolArray:
    count = np.asarray(table.column("ctc_baseline"), dtype=np.float64)
    metastatic = np.asarray(table.column("m_true")) == 1
    found: BoolArray = np.isfinite(count) & metastatic & rows_of(table)
    return found


def _counts(table: SweepTable) -> FloatArray:
    counts = np.asarray(table.column("ctc_baseline"), dtype=np.float64)[_with_counts(table)]
    if not counts.size:
        message = "no patient of the sweep has metastases and a draw of blood"
        raise RowSkipped(message)
    return counts


def _share(
    name: str,
    published: PublishedFigure,
    which: BoolArray,
    *,
    basis: Basis,
    reason: str = "",
    known: tuple[float, float] | None = None,
) -> Figure:
    got = float(which.mean())
    if published.value is not None:
        is_met = within_points(got, published.value, _POINTS)
        target: float | tuple[float, float] = published.value
    else:
        low, high = target = published.band
        is_met = low - _POINTS <= got <= high + _POINTS
    return Figure(
        name=name,
        target=target,
        tolerance="10 points",
        got=got,
        standard_error=float(np.sqrt(got * (1.0 - got) / which.size)),
        n=which.size,
        basis=basis,
        is_met=is_met,
        reason=reason,
        known=known,
    )
