"""Rows that need patients: their figures from a made table, and without their laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from ctc.analysis.survival import Times
from ctc.cohort.table import SweepTable
from tests.unit.report.virtual_trial import VirtualTrial, virtual_trial
from tools.validate.cohort_adjuvant import AdjuvantChemotherapy
from tools.validate.cohort_counts import CountLaw, PrognosisSplit
from tools.validate.cohort_stages import FoundMetastases, NodeSplit, StageSurvival
from tools.validate.cohorts import CohortRow, dealt_out, estimate, median_survival
from tools.validate.registry import ROWS, with_cohorts
from tools.validate.rows import RowSkipped


@pytest.fixture(scope="module")
def table() -> SweepTable:
    """Patients whose hazards go with size, nodes and metastases; effect of the second arm 0.65."""
    return cast("SweepTable", virtual_trial(1500, effect=0.6))


@pytest.mark.parametrize(
    ("row", "worse"),
    [
        (PrognosisSplit(), "up"),
        (StageSurvival(), "missed"),
        (AdjuvantChemotherapy(), "up"),
        (NodeSplit(), "changed"),
        (FoundMetastases(), "changed"),
        (CountLaw(), "changed"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_row_changes_without_its_law(row, worse: str, table: SweepTable) -> None:
    shipped, ablated = (row.outcome(table, ablated=ablated) for ablated in (False, True))
    assert [f.name for f in shipped.figures] == [f.name for f in ablated.figures]
    assert all(f.basis in {"predicted", "fitted"} and f.n > 0 for f in shipped.figures)
    before, after = shipped.figures[0].got, ablated.figures[0].got
    if worse == "up":
        assert after > before
        assert after == pytest.approx(1.0, abs=0.25)
    elif worse == "missed":
        assert ablated.is_red
    else:
        assert after != before


def test_ratio_of_arms_is_that_of_their_rates(table: SweepTable) -> None:
    (figure,) = AdjuvantChemotherapy().outcome(table, ablated=False).figures
    rates = []
    for arm in (0, 1):
        rows = np.asarray(table.column("arm")) == arm
        watched = (table.column("end_time") - table.column("diagnosis_time"))[rows].sum()
        rates.append((table.column("death_cause")[rows] == 1).sum() / watched)
    assert figure.got == pytest.approx(rates[1] / rates[0], rel=1e-12)
    assert figure.standard_error is not None
    assert 0.0 < figure.standard_error < 0.1


def test_too_few_patients_are_skipped_and_say_so() -> None:
    few = cast("SweepTable", virtual_trial(3))
    for row in (AdjuvantChemotherapy(), FoundMetastases(), StageSurvival(), NodeSplit()):
        with pytest.raises(RowSkipped):
            row.outcome(few, ablated=False)


def test_without_a_folder_a_row_is_skipped_and_says_what_it_takes() -> None:
    for row in ROWS:
        if isinstance(row, CohortRow):
            with pytest.raises(RowSkipped, match="--sweeps FOLDER"):
                row.measure(ablated=False)


def test_folder_and_number_reach_the_rows_of_cohorts_only() -> None:
    row = with_cohorts(CountLaw(), Path("tables"), n_patients=7)
    assert row == replace(CountLaw(), tables=Path("tables"), n_patients=7)
    other = next(each for each in ROWS if each.name == "lead_time")
    assert with_cohorts(other, Path("tables"), n_patients=7) is other


def test_bootstrap_error_is_that_of_a_mean() -> None:
    """400 numbers of standard deviation 1: 0.05, known to 5 % from 200 resamples."""
    values = np.random.Generator(np.random.Philox(key=1)).standard_normal(400)
    found = estimate(lambda chosen: float(values[chosen].mean()), values.size)
    assert found.value == pytest.approx(values.mean())
    assert found.error == pytest.approx(0.05, rel=0.25)


def test_dealing_out_keeps_all() -> None:
    assert np.array_equal(np.sort(dealt_out(50)), np.arange(50))
    assert not np.array_equal(dealt_out(50), np.arange(50))


def test_median_from_the_mean_hazard_where_few_die() -> None:
    times = Times(np.full(10, 4.0), np.arange(10) < 2, np.arange(10))
    assert median_survival(times) == pytest.approx(np.log(2.0) * 40.0 / 2.0)


def test_made_tables_have_the_columns_that_rows_ask_for() -> None:
    assert isinstance(virtual_trial(5), VirtualTrial)
