"""A figure of the benchmark: its median, its ratio, its goal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tools.bench.rows import Conditions, Figure, Goal, Peer, figure_of, spread
from tools.bench.timing import exponent, in_turn, time_once


def test_a_ratio_is_the_median_of_neighbours() -> None:
    """Runs 1 to 3 stand beside peers 1, 4 and 1: ratios 1, 1/2, 3."""
    figure = figure_of(
        "speed",
        "1/s",
        ours=np.array([1.0, 2.0, 3.0]),
        peer=np.array([1.0, 4.0, 1.0]),
        peer_name="other",
    )
    assert figure.peer == Peer("other", 1.0)
    assert (figure.ours, figure.ratio, figure.best, figure.n_runs) == (2.0, 1.0, 3.0, 3)


def test_a_cost_is_better_when_it_is_less() -> None:
    figure = figure_of(
        "time", "s", ours=np.array([2.0, 1.0]), peer=Peer("other", 3.0), is_less_better=True
    )
    assert figure.best == 1.0
    assert figure.ratio == pytest.approx(2.0)


def test_spread_is_half_the_distance_of_the_quartiles() -> None:
    assert spread(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == pytest.approx(1.0 / 3.0)
    assert spread(np.array([7.0])) == 0.0


@pytest.mark.parametrize(
    ("goal", "value", "is_met"),
    [
        (Goal(low=2.0), 2.0, True),
        (Goal(low=2.0), 1.999, False),
        (Goal(high=0.3), 0.31, False),
        (Goal(low=0.97, high=1.03), 1.0, True),
        (Goal(low=0.97, high=1.03), math.nan, False),
    ],
)
def test_goals_include_their_ends(goal: Goal, value: float, is_met: bool) -> None:
    assert goal.is_met(value) is is_met


def test_a_goal_of_the_ratio_judges_the_ratio() -> None:
    goal = Goal(low=3.0, is_of_ratio=True)
    ours, peer = np.array([10.0]), np.array([5.0])
    assert figure_of("a", "", ours=ours, peer=peer, goal=goal).is_met is False
    assert figure_of("a", "", ours=2 * ours, peer=peer, goal=goal).is_met is True
    assert figure_of("a", "", ours=ours, peer=peer).is_met is None


def test_figures_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="equally often"):
        figure_of("a", "", ours=np.ones(3), peer=np.ones(2))
    with pytest.raises(ValueError, match="equally often"):
        figure_of("a", "", ours=np.ones(0))
    with pytest.raises(ValueError, match="must have an end"):
        Goal()
    with pytest.raises(ValueError, match="low <= high"):
        Goal(low=2.0, high=1.0)
    with pytest.raises(ValueError, match="with a peer"):
        Figure("a", "", ours=1.0, best=1.0, n_runs=1, spread=0.0, ratio=2.0)
    with pytest.raises(ValueError, match="of the ratio"):
        figure_of("a", "", ours=np.ones(1), goal=Goal(low=1.0, is_of_ratio=True))


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_exponent_of_an_exact_power(power: float) -> None:
    sizes = 10.0 ** np.arange(4, 8)
    assert exponent(sizes, 3.0 * sizes**power) == pytest.approx(power, abs=1e-12)


def test_an_exponent_needs_two_sizes() -> None:
    with pytest.raises(ValueError, match="two different sizes"):
        exponent(np.array([2.0, 2.0]), np.array([1.0, 3.0]))


def test_contenders_run_in_turn() -> None:
    order: list[str] = []

    def job(name: str) -> int:
        order.append(name)
        return len(order)

    found = in_turn({"ours": lambda: job("ours"), "peer": lambda: job("peer")}, 2)
    assert order == ["ours", "peer", "ours", "peer"]
    assert found == {"ours": [1, 3], "peer": [2, 4]}


def test_both_clocks_go() -> None:
    taken = time_once(lambda: sum(range(100_000)))
    assert taken.wall > 0.0
    assert taken.processor > 0.0
    assert (taken + taken).wall == 2.0 * taken.wall


def test_a_smaller_problem_is_not_judged() -> None:
    goal = Goal(low=1.0)
    assert Conditions().of_whole(goal) is goal
    assert Conditions(is_quick=True).of_whole(goal) is None


def test_medians_are_of_five_runs_at_least() -> None:
    assert Conditions(is_quick=True).runs() == 5
    assert Conditions().runs(5) == 5
    assert Conditions().runs() == 7
