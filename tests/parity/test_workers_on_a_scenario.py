"""A shipped scenario, whose cells fall asleep and wake, to the same bits in workers of Dask."""

from pathlib import Path

import pytest

import ctc
from ctc.scenario.scenario import Scenario
from tests.parity.runs import digests
from tools.short_forms import short_form

CELLS, EPOCHS = 20_000, 8


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return short_form("breast_untreated", cells=CELLS, epochs=EPOCHS)


@pytest.fixture(scope="module")
def expected(
    scenario: Scenario, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str | None, str | None]:
    summary = ctc.run(scenario, tmp_path_factory.mktemp("plain") / "run.vtkhdf", device="cpu")
    states = summary.more["states"]
    assert states["dormant"] > 10
    assert states["circulating"] > 10
    return digests(summary)


def test_workers_change_nothing(
    scenario: Scenario, expected: tuple[str | None, str | None], tmp_path: Path
) -> None:
    """State and record, through the client's own share of the work, with threads in each worker."""
    summary = ctc.run(scenario, tmp_path / "run.vtkhdf", device="cpu", workers=2, threads=2)
    assert digests(summary) == expected
    assert "2 Dask workers" in summary.device
    assert "2 threads" in summary.device
