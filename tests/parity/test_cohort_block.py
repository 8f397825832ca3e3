"""Rows of a cohort: the same whoever else is followed, and those of a run of the patient alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ctc
from ctc.backends.base import Backend
from ctc.cohort import block
from ctc.cohort.block import follow_block
from ctc.cohort.course import COURSE
from ctc.errors import InputError
from ctc.simulation.setting import Setting
from ctc.simulation.shards import LocalShards
from ctc.states import Milestone
from tests.parity.courses import member

NUMBERS = (7, 1, 2, 3, 4, 5, 6, 8, 9, 2**23 - 2)
WEEK = 7 * 86400.0


class InSmallChunks(LocalShards):
    """Shards that follow few cells at a time."""

    @classmethod
    def on(cls, setting: Setting, backend: Backend, **options: Any) -> LocalShards:
        return LocalShards.on(setting, backend, chunk=37, **options)


def follow(
    folder: Path, numbers: tuple[int, ...], *overrides: str, threads: int = 1, arm: int = 0
) -> np.ndarray:
    members = [member(folder, number, *overrides, arm=arm) for number in numbers]
    return follow_block(members, backend_name="cpu", threads=threads, folder=folder)


def assert_same(found: np.ndarray, wanted: np.ndarray) -> None:
    for name in COURSE.names or ():
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cohort")


@pytest.fixture(scope="module")
def rows(folder: Path) -> np.ndarray:
    return follow(folder, NUMBERS)


def test_the_block_is_worth_looking_at(rows: np.ndarray) -> None:
    """Some die early, some late and some not; some spread, some relapse."""
    assert rows["patient"].tolist() == list(NUMBERS)
    died = np.isfinite(rows["death_time"])
    assert 2 <= died.sum() < rows.size
    assert np.isfinite(rows["diagnosis_time"]).all()
    assert np.unique(rows["end_time"]).size > 3
    assert (rows["colonies"] > 0).any()
    assert np.isfinite(rows["relapse_time"]).any()
    assert (rows["n_lesions_true"] > 0).any()


@pytest.mark.parametrize("place", range(0, len(NUMBERS), 3))
def test_nothing_hangs_on_who_else_is_there(place: int, folder: Path, rows: np.ndarray) -> None:
    """The dead are counted at their own end, whoever lives on."""
    assert_same(follow(folder, NUMBERS[place : place + 1]), rows[place : place + 1])


def test_order_threads_and_chunks_are_nothing(
    folder: Path, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = follow(folder, NUMBERS[::-1], threads=2)
    assert_same(turned[::-1], rows)
    monkeypatch.setattr(block, "LocalShards", InSmallChunks)
    assert_same(follow(folder, NUMBERS[:4]), rows[:4])


def test_cells_of_each_patient_are_conserved(rows: np.ndarray) -> None:
    ended = sum(rows[name] for name in ("in_flight", "died", "colonies", "exited"))
    np.testing.assert_array_equal(rows["shed"], ended)
    assert (rows["died_by_treatment"] <= rows["died"]).all()


@pytest.mark.parametrize("place", [0, 3, 9])
def test_a_run_of_the_patient_alone_gives_the_same(
    place: int, folder: Path, rows: np.ndarray, tmp_path: Path
) -> None:
    """Milestones, stages, lesions and cells of the run file; counts in blood are another estimate.

    A patient who dies ends the run, and the file is finished with it.
    """
    number, row = NUMBERS[place], rows[place]
    done = ctc.run(member(tmp_path, number).scenario, tmp_path / "run.vtkhdf", device="cpu")
    assert done.digest
    with ctc.open_run(tmp_path / "run.vtkhdf") as run:
        reached = {Milestone(m["kind"]): m["time"] / 1e9 for m in run.milestones()}
        examined, treated = run.examinations(), run.treatments()
        series = run.series()
    for milestone, name in (
        (Milestone.DIAGNOSIS, "diagnosis_time"),
        (Milestone.METASTASIS_FOUND, "metastasis_time"),
        (Milestone.RELAPSE, "relapse_time"),
        (Milestone.PROGRESSION, "progression_time"),
        (Milestone.DEATH_BY_OTHER, "death_time"),
    ):
        np.testing.assert_array_equal(reached.get(milestone, np.nan), row[name], err_msg=name)
    begun = treated["time"].min() if treated.size else np.iinfo(np.int64).max
    # An examination at the edge of the first treatment comes before it.
    before = examined[examined["time"] <= begun][-1]
    for axis in "tnm":
        assert before[f"stage_{axis}"] == row[f"{axis}_found"]
        assert before[f"true_{axis}"] == row[f"{axis}_true"]
    last = series["time"][-1] / 1e9
    assert last - WEEK < row["end_time"] <= last
    assert (done.n_shed, done.in_flight) == (row["shed"], row["in_flight"])
    assert done.fates["colony"] == row["colonies"]
    assert sum(count for name, count in done.fates.items() if "died" in name) == row["died"]


def test_arms_are_the_same_until_they_differ(folder: Path, rows: np.ndarray) -> None:
    """An operation three weeks later: what went before it is the same to the last bit."""
    late = follow(folder, NUMBERS, "treatment.0.delay=5 weeks", arm=1)
    late["arm"] = 0
    for name in ("diagnosis_time", "diagnosis_diameter", "primary_cells_at_diagnosis"):
        np.testing.assert_array_equal(late[name], rows[name], err_msg=name)
    early_deaths = rows["end_time"] < rows["diagnosis_time"] + 2 * WEEK
    assert early_deaths.any()
    assert_same(late[early_deaths], rows[early_deaths])
    assert not np.array_equal(late["shed"], rows["shed"])


def test_numbers_may_not_come_twice(folder: Path) -> None:
    with pytest.raises(InputError, match="must have different numbers, got 1 twice"):
        follow(folder, (1, 1))
