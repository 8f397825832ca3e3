"""Endpoints and groups from the columns of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ctc.analysis.endpoints import (
    Endpoint,
    Origin,
    by_conversion,
    by_count,
    by_nodes,
    by_stage,
    times_to,
)

NAN = np.nan


class Table:
    """Columns by name; those not given are of patients whom nothing happens to in 10 s."""

    def __init__(self, n: int, **columns: list[float]) -> None:
        self._n, self._columns = n, columns

    def column(self, name: str) -> npt.NDArray[Any]:
        if name in self._columns:
            return np.array(self._columns[name])
        if name == "end_time":
            return np.full(self._n, 10.0)
        if name == "diagnosis_time":
            return np.full(self._n, 1.0)
        if name.endswith("_time"):
            return np.full(self._n, NAN)
        return np.zeros(self._n, dtype=np.int64)


def test_overall_survival_counts_any_death() -> None:
    table = Table(3, death_time=[4.0, NAN, 7.0], end_time=[4.0, 10.0, 7.0], death_cause=[1, 0, 2])
    found = times_to(table, Endpoint.OVERALL)
    assert found.duration.tolist() == [4.0, 10.0, 7.0]
    assert found.is_event.tolist() == [True, False, True]


def test_death_by_cancer_is_censored_by_other_deaths() -> None:
    table = Table(3, death_time=[4.0, NAN, 7.0], end_time=[4.0, 10.0, 7.0], death_cause=[1, 0, 2])
    found = times_to(table, Endpoint.CANCER_DEATH, origin=Origin.DIAGNOSIS)
    assert found.duration.tolist() == [3.0, 9.0, 6.0]
    assert found.is_event.tolist() == [True, False, False]


def test_first_of_metastasis_and_death() -> None:
    table = Table(
        3, metastasis_time=[3.0, NAN, NAN], death_time=[5.0, 6.0, NAN], end_time=[5.0, 6.0, 10.0]
    )
    found = times_to(table, Endpoint.METASTASIS_FREE)
    assert found.duration.tolist() == [3.0, 6.0, 10.0]
    assert found.is_event.tolist() == [True, True, False]


def test_who_has_it_at_the_origin_or_lacks_the_origin_is_left_out() -> None:
    table = Table(4, diagnosis_time=[2.0, NAN, 2.0, 2.0], metastasis_time=[2.0, 5.0, 1.0, 6.0])
    found = times_to(table, Endpoint.METASTASIS_FREE, origin=Origin.DIAGNOSIS)
    assert found.row.tolist() == [3]
    assert found.duration.tolist() == [4.0]


def test_progression_or_relapse() -> None:
    table = Table(2, progression_time=[NAN, 8.0], relapse_time=[6.0, 7.0])
    found = times_to(table, Endpoint.PROGRESSION_FREE, origin=Origin.DIAGNOSIS)
    assert found.duration.tolist() == [5.0, 6.0]


def test_only_chosen_rows() -> None:
    found = times_to(Table(3), Endpoint.OVERALL, rows=np.array([False, True, False]))
    assert found.row.tolist() == [1]


def test_four_groups_in_the_published_order() -> None:
    table = Table(5, ctc_baseline=[0, 9, 1, 8, NAN], ctc_follow_up=[0, 2, 7, 9, 3])
    assert [np.flatnonzero(g.rows).tolist() for g in by_conversion(table, 5)] == [
        [0],
        [1],
        [2],
        [3],
    ]
    assert [int(g.rows.sum()) for g in by_count(table, 5)] == [2, 2]


@pytest.mark.parametrize(
    ("t", "n", "m", "stage"),
    [
        (1, 0, 0, 1),
        (1, 255, 255, 1),
        (2, 0, 0, 2),
        (1, 1, 0, 2),
        (3, 0, 0, 2),
        (3, 1, 0, 3),
        (1, 2, 0, 3),
        (4, 0, 0, 3),
        (1, 0, 1, 4),
        (0, 0, 1, 4),
        (255, 0, 0, 0),
        (0, 0, 0, 0),
    ],
)
def test_stages(t: int, n: int, m: int, stage: int) -> None:
    table = Table(1, t_found=[t], n_found=[n], m_found=[m])
    found = [i for i, group in enumerate(by_stage(table), start=1) if group.rows[0]]
    assert found == ([stage] if stage else [])


def test_nodes() -> None:
    negative, positive = by_nodes(Table(3, n_found=[0, 2, 255]))
    assert negative.rows.tolist() == [True, False, False]
    assert positive.rows.tolist() == [False, True, False]
