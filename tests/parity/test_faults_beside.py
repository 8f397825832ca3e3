"""What goes wrong beside the leading thread stops the run, and the run can be gone on with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ctc
from ctc.errors import CtcError
from ctc.record.reader import open_run
from ctc.scenario.scenario import Scenario
from ctc.simulation import event_runs
from ctc.simulation.dormant import DormantCells
from ctc.simulation.passages import PassagePlan
from ctc.summary import RunSummary
from tests.parity.runs import digests, load

GOOD_CALLS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Scenario:
    return load(folder)


@pytest.fixture(scope="module")
def whole(folder: Path, scenario: Scenario) -> RunSummary:
    return ctc.run(scenario, folder / "whole.vtkhdf", device="cpu")


def failing(function: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """Return a function that raises from its third call on."""
    n_calls = 0

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls > GOOD_CALLS:
            raise error
        return function(*arguments, **named)

    return called


FAULTS = {
    "passages": (PassagePlan, "settle", CtcError("cells must go on from every node")),
    "order": (event_runs, "in_order", MemoryError("no room to sort")),
    "dormant": (DormantCells, "awaken", CtcError("dormant cells must wake once")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_third_epoch(
    fault: str, tmp_path: Path, scenario: Scenario, whole: RunSummary
) -> None:
    path = tmp_path / "run.vtkhdf"
    owner, name, error = FAULTS[fault]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, failing(getattr(owner, name), error))
        with pytest.raises(type(error), match=str(error)):
            ctc.run(scenario, path, device="cpu")
    with open_run(path) as run:
        assert run.n_epochs <= GOOD_CALLS
        assert run.status != "finished"
    assert digests(ctc.resume(path, device="cpu")) == digests(whole)
