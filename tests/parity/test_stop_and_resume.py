"""A run stopped at any checkpoint and resumed ends in the same bits, files and all."""

from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.errors import StoppedEarly
from ctc.scenario.scenario import Scenario
from ctc.summary import RunSummary
from tests.parity.runs import digests, load, stop_after


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Scenario:
    return load(folder)


@pytest.fixture(scope="module")
def whole(folder: Path, scenario: Scenario) -> RunSummary:
    return ctc.run(scenario, folder / "whole.vtkhdf", device="cpu")


def test_run_is_worth_comparing(whole: RunSummary) -> None:
    """Every kind of end is there, and the sums are right."""
    assert whole.digest is not None
    assert whole.n_shed == whole.in_flight + sum(whole.fates.values())
    assert whole.n_shed > 4000
    assert sum(organ["colonies"] for organ in whole.organs.values()) > 0
    assert sum(whole.fates.values()) > 100


def test_stop_at_every_checkpoint(
    tmp_path: Path, scenario: Scenario, whole: RunSummary, folder: Path
) -> None:
    path = tmp_path / "run.vtkhdf"
    stop_after(scenario, path, 1)
    for threads, chunk in ((1, None), (7, 101), (2, 2000)):
        with pytest.raises(StoppedEarly):
            ctc.resume(path, device="cpu", threads=threads, chunk=chunk, max_epochs=1)
    found = ctc.resume(path, device="cpu")
    assert digests(found) == digests(whole)
    assert found.organs == whole.organs
    assert found.first_pass == whole.first_pass
    with ctc.open_run(folder / "whole.vtkhdf") as wanted, ctc.open_run(path) as got:
        np.testing.assert_array_equal(got.events(), wanted.events())
        np.testing.assert_array_equal(got.frame_times, wanted.frame_times)


@pytest.mark.parametrize(
    "override",
    ["record.tracked=1000", "record.tracked=0", "record.events=all", "record.compression=none"],
)
def test_recording_changes_no_result(override: str, tmp_path: Path, whole: RunSummary) -> None:
    found = ctc.run(load(tmp_path, override), tmp_path / "run.vtkhdf", device="cpu")
    assert found.digest == whole.digest
    if "tracked" in override:
        assert found.record_digest != whole.record_digest


@pytest.mark.parametrize(
    "override",
    [
        "override.blood_hazards.anoikis_hazard=0.04080005 1/h",
        "override.tissue.organ.default.release_rate=0.68000069 1/h",
        "override.tissue.organ.default.exit_or_death_rate=0.1000001 1/h",
        "override.tumour_cell.diameter=12.4000125 um",
    ],
)
def test_a_millionth_of_a_rate_changes_the_digest(
    override: str, tmp_path: Path, whole: RunSummary
) -> None:
    found = ctc.run(load(tmp_path, override), tmp_path / "run.vtkhdf", device="cpu")
    assert found.digest != whole.digest
