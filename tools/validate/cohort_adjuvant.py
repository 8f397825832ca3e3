"""Row 28: what chemotherapy after surgery does to deaths by breast cancer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.analysis.endpoints import Endpoint, Origin, times_to
from ctc.analysis.survival import Times
from ctc.cohort.table import SweepTable
from tools.validate.cohorts import CohortRow, again, estimate, rows_of
from tools.validate.published import published_figures
from tools.validate.rows import Figure, Outcome, RowSkipped, Sheet, within_points

# Two arms of the same women: surgery alone, and with six cycles.
SWEEP = "adjuvant_chemotherapy"
_POINTS = 0.1
_FEWEST_DEATHS = 5


@dataclass(frozen=True)
class AdjuvantChemotherapy(CohortRow):
    """Rates of death by the cancer in two arms of the same patients."""

    sweep: str = SWEEP
    number: int = 28
    name: str = "adjuvant_chemotherapy"
    body: str = f"human_female, {SWEEP}"
    source: str = "EBCTCG 2012 Lancet 379:432 (from memory)"
    law: str = "drugs kill: both arms are surgery alone"

    def outcome(self, table: SweepTable, *, ablated: bool) -> Outcome:
        """Return the figures of a table."""
        target = published_figures("clinic")["adjuvant_ratio"].target
        arms = [
            times_to(
                table, Endpoint.CANCER_DEATH, origin=Origin.DIAGNOSIS, rows=rows_of(table, arm)
            )
            for arm in (0, 0 if ablated else 1)
        ]
        if arms[0].n != arms[1].n or arms[0].n_events < _FEWEST_DEATHS:
            message = (
                f"arms must be of the same patients, {_FEWEST_DEATHS} of whom died: got "
                f"{arms[0].n_events} and {arms[1].n_events} deaths"
            )
            raise RowSkipped(message)

        def ratio(chosen: npt.NDArray[np.int64]) -> float:
            rates = [_rate(again(times, chosen)) for times in arms]
            return rates[1] / rates[0] if rates[0] > 0.0 else float("nan")

        found = estimate(ratio, arms[0].n)
        figure = Figure(
            name="rate of death by the cancer, with chemotherapy over without",
            target=target,
            tolerance="0.1",
            got=found.value,
            standard_error=found.error,
            n=arms[0].n,
            basis="fitted",
            is_met=within_points(found.value, target, _POINTS),
        )
        rows = tuple(
            (name, times.n_events, float(_rate(times) * 365.25 * 86400.0))
            for name, times in zip(("without", "with"), arms, strict=True)
        )
        sheet = Sheet("Deaths by the cancer", ("arm", "deaths", "rate [1/year]"), rows)
        note = (
            "Logs killed a cycle were fitted to this third for one metastasis of any size that "
            "grows by the law of a run; how many patients have which metastases was not. The same "
            "patients with the same random numbers are in both arms."
        )
        return Outcome((figure,), {}, (note,), (sheet,))


def _rate(times: Times) -> float:
    return times.n_events / float(times.duration.sum())
