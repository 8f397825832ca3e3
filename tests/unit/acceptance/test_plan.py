"""The time: shares, what no longer fits, what is kept back."""

import math
from importlib.util import find_spec

import pytest

from tools.gpu_acceptance.plan import GRACE, RESERVE, STEPS, Budget, Step


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_a_step_gets_its_share_until_less_is_left() -> None:
    clock = Clock()
    budget = Budget(1.0, clock)
    step = Step("any", "", 20.0, 5.0)
    assert budget.allowance(step) == 20.0
    clock.time += 60.0 - RESERVE - GRACE - 12.0
    assert budget.allowance(step) == pytest.approx(12.0)
    clock.time += 7.5
    assert budget.allowance(step) is None
    assert budget.left == pytest.approx(GRACE + 4.5)


def test_the_last_step_gets_all_that_is_left() -> None:
    assert STEPS[-1].share == math.inf
    assert Budget(9.5, Clock()).allowance(STEPS[-1]) == pytest.approx(570.0 - RESERVE - GRACE)


def test_shares_fit_into_the_time_with_a_build() -> None:
    """Nine and a half minutes, of which the last step keeps what it needs at least."""
    shares = [step.share for step in STEPS if math.isfinite(step.share)]
    build = 25.0
    assert sum(shares) + STEPS[-1].least + build + RESERVE + GRACE <= 9.5 * 60.0
    assert all(step.least <= step.share for step in STEPS)


def test_names_are_unique_and_have_modules() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    assert all(find_spec(f"{step.room}.{step.name}") for step in STEPS)
