"""Figures of arms: the median by the product limit beside lifelines', stages, missing columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from ctc.cohort.figures import arm_figures, median_time
from ctc.cohort.table import SweepTable
from ctc.record.sweep_files import TableColumn


@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40),
)
def test_median_is_that_of_lifelines(patients: list[tuple[int, bool]]) -> None:
    time = np.array([float(t) for t, _ in patients])
    died = np.array([is_dead for _, is_dead in patients])
    fitter = KaplanMeierFitter().fit(time, died)
    expected = fitter.median_survival_time_
    start = np.full(time.shape, 100.0)
    event = np.where(died, start + time, np.nan)
    found = median_time(start, event, end=start + time)
    if found is None:
        assert expected == np.inf
    else:
        # Where exactly half are left over a stretch, both its ends are medians.
        survival = fitter.survival_function_at_times([found]).iloc[0]
        assert survival <= 0.5 + 1e-9
        assert found <= expected or survival == pytest.approx(0.5)


def _table(**columns: list[float]) -> SweepTable:
    n = len(next(iter(columns.values())))
    arm = TableColumn("arm", np.zeros(n, dtype=np.uint16), role="index", labels=("all",))
    rest = [TableColumn(name, np.array(values)) for name, values in columns.items()]
    return SweepTable(Path("x"), (arm, *rest), {}, {})


def test_stages_go_from_far_to_near() -> None:
    table = _table(
        t_found=[1, 1, 1, 1, 255, 2],
        n_found=[0, 1, 1, 255, 255, 255],
        m_found=[0, 0, 1, 1, 255, 0],
    )
    stages = arm_figures(table)["all"]["found_at_stage"]
    assert stages == {"localised": 2, "regional": 1, "distant": 2, "not staged": 1}


def test_only_what_there_is_is_told() -> None:
    assert arm_figures(_table(colonies=[1.0, 2.0])) == {"all": {"patients": 2, "colonies": 3}}


def test_survival_counts_from_the_diagnosis() -> None:
    nan = float("nan")
    table = _table(
        diagnosis_time=[10.0, 20.0, nan, 10.0],
        death_time=[30.0, nan, 50.0, 70.0],
        end_time=[30.0, 100.0, 50.0, 70.0],
        metastasis_time=[20.0, nan, nan, nan],
        death_cause=[1, 0, 2, 1],
    )
    figures = arm_figures(table)["all"]
    assert (figures["deaths"], figures["deaths_by_cancer"], figures["diagnosed"]) == (3, 2, 3)
    assert figures["median_survival"] == 60.0
    assert figures["median_metastasis_free_survival"] == 60.0
