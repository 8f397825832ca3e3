"""The row of cohorts: patients of their own processes, and what is made of their clocks."""

from __future__ import annotations

from typing import Any

import pytest

from tools.bench.cohort import Cohort, outcome_of
from tools.bench.rows import Conditions, Goal


def found(*, wall: float, alone: float = 0.0) -> dict[str, Any]:
    each: dict[str, Any] = {"patients": 10, "cells": 500, "hops": 7000, "is_same": True}
    each |= {"pooled": [wall, 0.5 * wall], "alone": [alone, alone], "kernels": 0.1 * wall}
    return each | {"peak": 10**8}


def test_two_processes_are_as_fast_as_the_slower() -> None:
    """20 patients within 4 s: 18,000 an hour; one process makes 10 in 3 s."""
    rounds = {
        "one": [[found(wall=3.0, alone=6.0)]],
        "two": [[found(wall=4.0), found(wall=3.0)]],
    }
    outcome = outcome_of(rounds, goal=Goal(low=12_000.0))
    one, core, two, peak = outcome.figures
    assert [one.ours, one.ratio] == pytest.approx([12_000.0, 2.0])
    assert core.ours == pytest.approx(24_000.0)
    assert [two.ours, two.ratio] == pytest.approx([18_000.0, 1.5])
    assert two.is_met
    assert peak.ours == 1e8
    assert outcome.shares == pytest.approx({"kernels": 0.2, "host": 0.8})
    assert "50 cells followed and 700 hops" in outcome.notes[0]
    assert "equal" in outcome.notes[0]


def test_one_core_says_so() -> None:
    outcome = outcome_of({"one": [[found(wall=3.0, alone=6.0)]]}, goal=None)
    assert len(outcome.figures) == 3
    assert "one core" in outcome.notes[1].lower()


def test_patients_are_followed_both_ways() -> None:
    row = Cohort(
        n_quick=1, n_rounds=1, overrides=("run.duration=3 years", "examination.5.delay=1 year")
    )
    outcome = row.measure(Conditions(is_quick=True))
    assert all(figure.ours > 0.0 for figure in outcome.figures)
    assert all(figure.goal is None for figure in outcome.figures)
    assert "one by one: equal" in outcome.notes[0]
    assert 0.0 < outcome.shares["kernels"] < 1.0
