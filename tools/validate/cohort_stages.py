"""Rows 25 to 27: survival by stage, metastases at diagnosis, nodes at diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ctc.analysis.endpoints import Endpoint, Origin, times_to
from ctc.analysis.survival import kaplan_meier
from ctc.checks import FloatArray
from ctc.cohort.table import SweepTable
from tools.validate.cohorts import CohortRow, again, dealt_out, estimate, rows_of
from tools.validate.published import published_figures
from tools.validate.rows import Figure, Outcome, RowSkipped, Sheet, within_factor, within_points

# Of women whose tumour grows until it is felt.
SWEEP = "breast_population"
_YEARS = 5.0 * 365.25 * 86400.0
_POINTS = 0.1
_FACTOR = 2.0
_FEWEST = 10
_STAGE_REASON = (
    "The women of the sweep come with lumps of 25 mm, not from screening, and get surgery and six "
    "cycles: no radiation, no endocrine or HER2 therapy, which most of those in the registry had. "
    "And the mean of shedding over patients, to which metastases go, is eleven times the median."
)
# Between what shares the reason was found to hold.
_STAGE_KNOWN = {"localised": (0.5, 0.85), "regional": (0.2, 0.6)}
_SIZE_REASON = (
    "The published figure is of pancreatic cancer, found late; a breast cancer of 25 mm is found "
    "while its metastases are young, and most of those found measure less than 1 cm."
)
_SPREADS = ("localised", "regional", "distant")


@dataclass(frozen=True)
class StageSurvival(CohortRow):
    """Death by the cancer within five years of diagnosis, by how far it was found to be."""

    sweep: str = SWEEP
    number: int = 25
    name: str = "stage_survival"
    body: str = f"human_female, {SWEEP}"
    source: str = "SEER 2014-20 (from memory)"
    law: str = "stages tell of the patient: they are dealt out among patients"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        published = published_figures("clinic")
        times = times_to(table, Endpoint.CANCER_DEATH, origin=Origin.DIAGNOSIS, rows=rows_of(table))
        spread = _spread(table)[times.row]
        if ablated:
            spread = spread[dealt_out(spread.size)]
        figures, alive = [], []
        for k, name in enumerate(_SPREADS):
            part = times.of(spread == k)
            if part.n < _FEWEST or float(part.duration.max()) < _YEARS:
                continue

            def share(chosen: npt.NDArray[np.int64], k: int = k) -> float:
                drawn = again(times, chosen)
                of_it = drawn.of(spread[chosen] == k)
                return kaplan_meier(of_it).at(_YEARS) if of_it.n else float("nan")

            found = estimate(share, times.n)
            target = published[f"alive_{name}"].target
            alive.append(found.value)
            figures.append(
                Figure(
                    name=f"{name}: not dead of the cancer after 5 years",
                    target=target,
                    tolerance="10 points",
                    got=found.value,
                    standard_error=found.error,
                    n=part.n,
                    basis="predicted",
                    is_met=within_points(found.value, target, _POINTS),
                    reason=_STAGE_REASON if name in _STAGE_KNOWN else "",
                    known=_STAGE_KNOWN.get(name),
                )
            )
        if len(figures) < 2:
            message = "fewer than two stages of the sweep have ten patients watched for five years"
            raise RowSkipped(message)
        kept = sum(a > b for a, b in pairwise(alive)) / (len(alive) - 1)
        figures.append(
            Figure(
                name="neighbouring stages in the published order",
                target=1.0,
                tolerance="all",
                got=kept,
                standard_error=0.0,
                n=times.n,
                basis="predicted",
                is_met=kept == 1.0,
            )
        )
        note = (
            "Relative survival is read as survival of those who die of nothing else. Localised: "
            "no nodes or metastases found; regional: nodes; distant: metastases."
        )
        return Outcome(tuple(figures), {}, (note,))


@dataclass(frozen=True)
class FoundMetastases(CohortRow):
    """The largest metastasis of patients in whom some are found at diagnosis."""

    sweep: str = SWEEP
    number: int = 26
    name: str = "found_metastases"
    body: str = f"human_female, {SWEEP}"
    source: str = "Haeno 2012 Cell 148:362 (pancreatic cancer)"
    law: str = "small ones are not seen: every overt one is found"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        target = published_figures("clinic")["largest_metastasis"].target
        size = _column(table, "largest_true" if ablated else "largest_found")
        number = _column(table, "n_lesions_true" if ablated else "n_lesions_found")
        which = rows_of(table) & (number > 0) & np.isfinite(_column(table, "diagnosis_time"))
        centimetres = 1e2 * size[which]
        if centimetres.size < _FEWEST:
            message = f"only {centimetres.size} patients of the sweep have metastases at diagnosis"
            raise RowSkipped(message)
        found = estimate(lambda chosen: float(np.median(centimetres[chosen])), centimetres.size)
        figure = Figure(
            name="largest metastasis found at diagnosis, median",
            target=target,
            tolerance=f"factor {_FACTOR:g}",
            got=found.value,
            standard_error=found.error,
            n=centimetres.size,
            basis="predicted",
            is_met=within_factor(found.value, target, _FACTOR),
            unit="cm",
            reason=_SIZE_REASON,
            known=(0.3, 1.2),
        )
        counts = number[which]
        sheet = Sheet(
            "Metastases of those who have any at diagnosis",
            ("", "5 %", "median", "95 %"),
            (
                ("number found", *np.quantile(counts, (0.05, 0.5, 0.95)).tolist()),
                ("largest [cm]", *np.quantile(centimetres, (0.05, 0.5, 0.95)).tolist()),
            ),
        )
        note = "The published figure is of pancreatic cancer: no series of breast cancer at hand."
        return Outcome((figure,), {}, (note,), (sheet,))


@dataclass(frozen=True)
class NodeSplit(CohortRow):
    """The share of patients with positive nodes at diagnosis, by the size of the tumour."""

    sweep: str = SWEEP
    number: int = 27
    name: str = "node_split"
    body: str = f"human_female, {SWEEP}"
    source: str = "Cancer Res Treat 2010 42:30; J Korean Surg Soc 2001 60:375"
    law: str = "nodes go with size: they are dealt out among patients"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        published = published_figures("clinic")
        diameter, nodes = _column(table, "diagnosis_diameter"), _column(table, "n_found")
        known = rows_of(table) & np.isfinite(diameter) & (nodes < 255)
        diameter, positive = diameter[known], nodes[known] > 0
        if ablated:
            positive = positive[dealt_out(positive.size)]
        figures = []
        for name, low, high in (("nodes_t1c", 0.010, 0.020), ("nodes_t2", 0.020, 0.050)):
            which = (diameter > low) & (diameter <= high)
            n = int(which.sum())
            if n < _FEWEST:
                continue
            got = float(positive[which].mean())
            figure = published[name]
            least, most = figure.band if figure.value is None else (figure.value, figure.value)
            figures.append(
                Figure(
                    name=f"node-positive at {1e3 * low:.0f} to {1e3 * high:.0f} mm",
                    target=figure.band if figure.value is None else figure.value,
                    tolerance="10 points",
                    got=got,
                    standard_error=float(np.sqrt(got * (1.0 - got) / n)),
                    n=n,
                    basis="fitted",
                    is_met=least - _POINTS <= got <= most + _POINTS,
                )
            )
        if not figures:
            message = "no size of tumour has ten patients of the sweep with nodes looked at"
            raise RowSkipped(message)
        note = (
            "The share of deposits in nodes that become overt was chosen with such shares in view."
        )
        return Outcome(tuple(figures), {}, (note,))


def _spread(table: SweepTable) -> npt.NDArray[np.int64]:
    """Return 0, 1 or 2 by what was found: localised, regional, distant; -1 unknown."""
    nodes, distant = (_column(table, f"{letter}_found") for letter in "nm")
    tumour = _column(table, "t_found")
    found = np.where(distant == 1, 2, np.where((nodes > 0) & (nodes < 255), 1, 0))
    spread: npt.NDArray[np.int64] = np.where(tumour == 255, -1, found)
    return spread


def _column(table: SweepTable, name: str) -> FloatArray:
    return np.asarray(table.column(name), dtype=np.float64)
