"""Every way in which a step can end is told apart, and what it found until then is kept."""

import os
import time
from pathlib import Path

import pytest

from tools.gpu_acceptance import launcher
from tools.gpu_acceptance.environment import Environment
from tools.gpu_acceptance.findings import CUT, FAILED, NOT_RUN, SKIPPED, Outcome
from tools.gpu_acceptance.launcher import do_step
from tools.gpu_acceptance.plan import Budget, Step

ROOM = "tests.unit.acceptance.odd_steps"


def outcome_of(name: str, folder: Path, **options: object) -> Outcome:
    step = Step(name, "", 60.0, 1.0, needs_gpu=False, room=ROOM)
    return do_step(step, Environment(folder), budget=Budget(1.0), no_gpu="", **options)


def test_a_step_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "GRACE", 1.0)
    step = Step("hangs", "", 4.0, 1.0, needs_gpu=False, room=ROOM)
    found = do_step(step, Environment(tmp_path), budget=Budget(1.0), no_gpu="")
    assert found.state == CUT
    (child,) = found.findings
    deadline = time.monotonic() + 120.0
    while is_running(int(child.value)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(child.value))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")")[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_process_that_dies_is_a_failure_with_its_last_word(tmp_path: Path) -> None:
    found = outcome_of("dies", tmp_path)
    assert found.state == FAILED
    assert "134" in found.reason
    assert "illegal memory access" in found.reason
    assert [finding.name for finding in found.findings] == ["first"]


def test_an_exception_is_a_failure(tmp_path: Path) -> None:
    found = outcome_of("raises", tmp_path)
    assert (found.state, found.reason) == (FAILED, "ValueError: no such thing")
    assert len(found.findings) == 1


def test_what_cannot_be_done_is_skipped(tmp_path: Path) -> None:
    found = outcome_of("cannot", tmp_path)
    assert (found.state, found.reason) == (SKIPPED, "counters are for administrators")


def test_a_wrong_finding_is_a_failure_even_where_time_ran_out(tmp_path: Path) -> None:
    found = outcome_of("errs", tmp_path)
    assert found.state == FAILED
    assert "digest" in found.reason
    assert [finding.value for finding in found.findings] == ["DIFFERENT", 1.5e10]


def test_without_a_gpu_or_a_program_a_step_is_skipped(tmp_path: Path) -> None:
    environment, budget = Environment(tmp_path), Budget(1.0)
    needs_gpu = Step("raises", "", 10.0, room=ROOM)
    found = do_step(needs_gpu, environment, budget=budget, no_gpu="no driver")
    assert found.state == SKIPPED
    needs_program = Step("raises", "", 10.0, program="no-such-program", room=ROOM)
    found = do_step(needs_program, environment, budget=budget, no_gpu="")
    assert found.state == SKIPPED
    assert "no-such-program" in found.reason


def test_only_steps_that_put_work_to_a_gpu_say_so(tmp_path: Path) -> None:
    environment, budget = Environment(tmp_path), Budget(1.0)

    def has_asked(name: str, *, asks_gpu: bool = True, no_gpu: str = "") -> bool:
        step = Step(name, "", 60.0, 1.0, needs_gpu=False, asks_gpu=asks_gpu, room=ROOM)
        return do_step(step, environment, budget=budget, no_gpu=no_gpu).has_asked_gpu

    assert has_asked("errs")
    assert not has_asked("errs", asks_gpu=False)
    assert not has_asked("errs", no_gpu="no driver")
    assert not has_asked("cannot")


def test_a_step_that_no_longer_fits_is_not_run(tmp_path: Path) -> None:
    step = Step("raises", "", 60.0, 20.0, needs_gpu=False, room=ROOM)
    found = do_step(step, Environment(tmp_path), budget=Budget(0.2), no_gpu="")
    assert found.state == NOT_RUN
    assert "20 s" in found.reason


def test_steps_get_their_environment(tmp_path: Path) -> None:
    variables = Environment(tmp_path).variables
    assert variables["CTC_CACHE"].startswith(str(tmp_path))
    assert str(launcher.ROOT) in variables["PYTHONPATH"].split(os.pathsep)
