"""Knowledge: what is learnt, forgotten and found again, and its state."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.clinic.imaging import FALSE_FINDING
from ctc.clinic.recist import Baseline
from ctc.simulation.knowledge import Found, Knowledge
from ctc.states import Milestone, Response

LESION, PRIMARY, FALSE = Found(3, 1, 0.02), Found(-1, 0, 0.03), Found(FALSE_FINDING - 3, 2, 0.01)


def test_what_is_learnt_is_new_once() -> None:
    known = Knowledge()
    assert known.learn([LESION, PRIMARY], 5) == [LESION, PRIMARY]
    again = Found(3, 1, 0.05)
    assert known.learn([again, FALSE], 9) == [FALSE]
    assert known.present["target"].tolist() == [3, -1, FALSE.target]
    assert known.present["diameter"].tolist() == [0.05, 0.03, 0.01]
    assert known.present["first_found"].tolist() == [5, 5, 9]
    asked = np.array([3, 4, -1, -2, FALSE.target])
    assert known.are_known(asked).tolist() == [True, False, True, False, True]


def test_what_is_forgotten_is_new_again() -> None:
    known = Knowledge()
    known.learn([LESION, PRIMARY], 5)
    known.forget(-1)
    known.forget(77)
    assert known.present["target"].tolist() == [3]
    assert known.learn([PRIMARY], 8) == [PRIMARY]
    assert known.rows["is_gone"].tolist() == [False, True, False]
    assert known.present["first_found"].tolist() == [5, 8]
    known.forget(-1)
    assert known.rows["is_gone"].tolist() == [False, True, True]


def test_free_is_who_had_something_and_has_it_no_more() -> None:
    """False findings count for nothing, before and after."""
    known = Knowledge()
    assert not known.is_free
    known.learn([FALSE], 1)
    assert not known.is_free
    known.learn([LESION, PRIMARY], 2)
    known.forget(3)
    assert not known.is_free
    known.forget(-1)
    assert known.is_free
    known.learn([LESION], 3)
    assert not known.is_free


def test_milestones_are_reached_once() -> None:
    known = Knowledge()
    assert known.reach(Milestone.RELAPSE, 7)
    assert not known.reach(Milestone.RELAPSE, 9)
    assert known.reached == {Milestone.RELAPSE: 7}


@pytest.mark.parametrize(
    ("given", "best"),
    [
        ((Response.PROGRESSIVE, Response.STABLE), Response.STABLE),
        ((Response.PARTIAL, Response.COMPLETE, Response.PROGRESSIVE), Response.COMPLETE),
        ((Response.NOT_EVALUABLE,), Response.NOT_EVALUABLE),
        ((Response.NOT_EVALUABLE, Response.PROGRESSIVE), Response.PROGRESSIVE),
        ((Response.PARTIAL, Response.NOT_EVALUABLE), Response.PARTIAL),
    ],
)
def test_the_best_response_stays(given: tuple[Response, ...], best: Response) -> None:
    known = Knowledge()
    for each in given:
        known.take_response(each)
    assert known.best_response == best


@pytest.mark.parametrize("is_full", [True, False])
def test_state_goes_round(*, is_full: bool) -> None:
    known = Knowledge()
    if is_full:
        known.learn([LESION, PRIMARY, FALSE], 4)
        known.forget(3)
        known.reach(Milestone.DIAGNOSIS, 0)
        known.reach(Milestone.DEATH_BY_CANCER, 10**18)
        known.looked_at["n"] = True
        known.take_response(Response.PARTIAL)
        none = np.zeros(0, dtype=np.int64)
        known.baselines = {
            5: Baseline(np.array([3]), np.array([-1, 3]), np.array([0.1, 0.2]), 0.3, 0.1),
            1: Baseline(none, none, np.zeros(0), total=0.0, nadir=0.0),
            2: Baseline(none, np.array([9]), np.array([0.5]), total=1.0, nadir=0.5),
        }
    other = Knowledge()
    other.learn([PRIMARY], 1)
    other.restore(known.state())
    for name, array in known.state().items():
        np.testing.assert_array_equal(other.state()[name], array, err_msg=name)
    assert other.reached == known.reached
    assert other.looked_at == known.looked_at
    assert other.best_response is known.best_response
    assert set(other.baselines) == set(known.baselines)
    for kind, baseline in known.baselines.items():
        for name, value in vars(baseline).items():
            np.testing.assert_array_equal(getattr(other.baselines[kind], name), value)
