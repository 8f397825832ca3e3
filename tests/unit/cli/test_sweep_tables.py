"""What a sweep would do and what it came to, on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctc.cli.sweep_tables import print_plan, print_sweep
from ctc.summary import SweepPlan, SweepSummary

YEAR = 365.25 * 86400.0


def plan(**changes: Any) -> SweepPlan:
    given: dict[str, Any] = {
        "title": "A trial",
        "question": "Who lives longer?",
        "design": "cohort",
        "scenario": "quick",
        "n_patients": 1200,
        "n_members": 2400,
        "n_done": 400,
        "n_blocks": 5,
        "arms": (
            {"name": "plain", "scenario": "quick", "changes": ()},
            {"name": "treated", "scenario": "quick", "changes": ("a = 1", "b = 2")},
        ),
        "varied": (
            {"key": "host.age", "distribution": "normal", "low": "40", "median": "60", "high": "80",
             "unit": "years", "basis": "measured"},
            {"key": "run.seed", "distribution": "uniform", "low": "0", "median": "1", "high": "2",
             "unit": "", "basis": ""},
        ),
        "correlations": (
            {"between": ("host.age", "run.seed"), "rho": 0.5, "drawn": 0.472},
            {"between": ("host.age", "source.mass"), "rho": -0.25, "drawn": None},
        ),
        "notes": ("It takes an hour.",),
    }  # fmt: skip
    return SweepPlan(**given | changes)


def summary(**changes: Any) -> SweepSummary:
    given: dict[str, Any] = {
        "title": "A trial",
        "status": "finished",
        "digest": "ab" * 32,
        "n_members": 2400,
        "n_done": 2400,
        "arms": {
            "plain": {"patients": 1200, "deaths": 1100, "median_survival": 3.5 * YEAR,
                      "found_at_stage": {"distant": 1001, "localised": 99}},
            "treated": {"patients": 1200, "deaths": 500, "median_survival": None,
                        "found_at_stage": {"distant": 7}},
        },
    }  # fmt: skip
    return SweepSummary(**given | changes)


def rows(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_plan_tells_arms_draws_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    print_plan(plan())
    found = rows(capsys.readouterr().out)
    assert "Who lives longer?" in found
    assert "plain quick as it is" in found
    assert "treated quick a = 1; b = 2" in found
    assert "host.age normal 40 60 80 years measured" in found
    assert "run.seed uniform 0 1 2 - -" in found
    assert "host.age and run.seed +0.50 +0.47" in found
    assert "host.age and source.mass -0.25 -" in found
    told = "cohort: 1,200 patients in 2 arms, 2,400 to follow; 400 done, 5 block(s) left"
    assert found[-2:] == [told, "It takes an hour."]


def test_a_plan_of_one_arm_says_less(capsys: pytest.CaptureFixture[str]) -> None:
    print_plan(plan(question="", arms=plan().arms[:1], varied=(), correlations=(), notes=()))
    out = capsys.readouterr().out
    assert "1,200 patients, 2,400 to follow" in out
    for absent in ("What varies", "Rank correlations", "None"):
        assert absent not in out


def test_a_sweep_tells_its_arms_and_stages(capsys: pytest.CaptureFixture[str]) -> None:
    files = (Path("t/sweep.h5"), Path("t/sweep.csv"))
    print_sweep(summary(patients_per_hour=12_345.6, files=files, notes=("One block was lost.",)))
    found = rows(capsys.readouterr().out)
    # Figures that no arm has are no columns, and stages at which nobody was found neither.
    assert "patients deaths survival" in found
    assert "plain 1,200 1,100 3.50 years" in found
    assert "treated 1,200 500 not reached" in found
    assert "localised distant" in found
    assert "plain 99 1,001" in found
    assert "treated 0 7" in found
    assert found[-4:] == [
        "2,400 of 2,400 patients done, 12,346 patients/h",
        "digest " + "ab" * 32,
        "One block was lost.",
        "Written: t/sweep.h5, t/sweep.csv",
    ]


def test_indices_are_told_with_their_errors_and_remarks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    index = {"arm": "plain", "outcome": "deaths", "key": "host.age", "note": "-"}
    index |= {"first": 0.25, "first_error": 0.0123, "total": 0.5, "total_error": 0.1}
    constant = index | {"outcome": "shed", "note": "the same for all"}
    constant |= dict.fromkeys(("first", "first_error", "total", "total_error"))
    print_sweep(summary(sensitivity=(index, constant)))
    found = rows(capsys.readouterr().out)
    assert "plain deaths host.age 0.250 0.012 0.500 0.100" in found
    assert "plain shed host.age - - - -" in found
    assert "shed, plain: the same for all" in found
    assert not [line for line in found if line.startswith("deaths, plain")]


def test_a_sweep_that_goes_on_has_no_digest(capsys: pytest.CaptureFixture[str]) -> None:
    print_sweep(summary(status="unfinished", digest=None, arms={}, n_done=3))
    assert rows(capsys.readouterr().out)[-1] == "3 of 2,400 patients done"


def test_a_median_below_a_year_is_told_in_days(capsys: pytest.CaptureFixture[str]) -> None:
    arm = {"patients": 2, "median_survival": 30 * 86400.0}
    print_sweep(summary(arms={"only": arm}))
    assert "only 2 30 days" in rows(capsys.readouterr().out)
