"""RECIST 1.1: worked examples and extremes."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.clinic.imaging import Pictures
from ctc.clinic.recist import NOTHING_KNOWN, assess, resolve_recist, take_baseline
from ctc.states import ExaminationKind, Response
from tests.unit.clinic.diagnosed import ORGANS, parameters

LAWS = resolve_recist(parameters())
MM = 1e-3


def pictures(found):
    """Return pictures that show number -> (organ, millimetres)."""
    size = np.array([mm * MM for _, mm in found.values()], dtype=np.float64)
    return Pictures(
        kind=ExaminationKind.CT,
        is_in_view=np.ones(len(found), dtype=bool),
        rows=np.arange(len(found)),
        number=np.array(list(found), dtype=np.int64),
        organ=np.array([ORGANS.index(organ) for organ, _ in found.values()], dtype=np.int16),
        diameter=size,
        true_diameter=size,
    )


def baseline(found, before=None):
    return take_baseline(pictures(found), organ_names=ORGANS, laws=LAWS, before=before)


def judged(found, start, removed=()):
    gone = np.array(removed, dtype=np.int64)
    return assess(pictures(found), start, organ_names=ORGANS, laws=LAWS, removed=gone)


def liver(*sizes):
    return {number: ("liver", mm) for number, mm in enumerate(sizes)}


def test_targets_are_the_largest_measurable_two_an_organ_five_in_all():
    found = {
        1: ("liver", 30),
        2: ("liver", 50),
        3: ("liver", 20),
        4: ("lung", 11),
        5: ("lung", 9.9),
        6: ("lymph nodes", 14),
        7: ("lymph nodes", 16),
        8: ("brain", 25),
        9: ("spleen", 12),
        10: ("kidney", 11.5),
    }
    start = baseline(found)
    assert start.targets.tolist() == [2, 1, 8, 7, 9]
    assert start.total == pytest.approx(133 * MM)
    assert start.known.tolist() == list(range(1, 11))


def test_those_of_one_size_are_taken_by_number():
    assert baseline({5: ("lung", 20), 3: ("lung", 20), 9: ("lung", 20)}).targets.tolist() == [3, 5]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((40, 30), Response.STABLE),
        ((29, 21), Response.STABLE),  # 50 of 70: -28.6 %
        ((28, 20), Response.PARTIAL),  # 48 of 70: -31.4 %
        ((43, 40), Response.STABLE),  # 83: +18.6 %
        ((44, 41), Response.PROGRESSIVE),  # 85: +21.4 %, +15 mm
        ((), Response.COMPLETE),
        ((20,), Response.PARTIAL),
    ],
)
def test_sums_against_baseline(now, expected):
    assert judged(liver(*now), baseline(liver(40, 30))).response == expected


def test_progression_is_measured_from_the_nadir():
    start = baseline(liver(50, 50))
    first = judged(liver(25, 25), start)
    assert first.response == Response.PARTIAL
    assert first.baseline.nadir == pytest.approx(50 * MM)
    second = judged(liver(31, 30), first.baseline)
    assert second.response == Response.PROGRESSIVE  # 61 of 50, though 39 % below baseline
    assert second.baseline.nadir == pytest.approx(50 * MM)


def test_a_rise_of_less_than_5_mm_is_none():
    start = baseline(liver(10, 10))
    assert judged(liver(12.4, 12.4), start).response == Response.STABLE  # +24 %, 4.8 mm
    assert judged(liver(12.6, 12.6), start).response == Response.PROGRESSIVE


def test_a_new_lesion_is_progression_whatever_the_sum():
    start = baseline(liver(50, 50))
    shrunk = liver(10, 10) | {7: ("brain", 12)}
    found = judged(shrunk, start)
    assert (found.response, found.n_new) == (Response.PROGRESSIVE, 1)


def test_a_small_finding_is_new_once_it_is_beyond_doubt():
    start = baseline(liver(50))
    first = judged(liver(50) | {7: ("brain", 4)}, start)
    assert (first.response, first.n_new) == (Response.STABLE, 0)
    second = judged(liver(50) | {7: ("brain", 11)}, first.baseline)
    assert (second.response, second.n_new) == (Response.PROGRESSIVE, 1)


def test_what_is_no_target_progresses_when_it_doubles():
    found = liver(50, 40) | {7: ("liver", 6), 8: ("lung", 6)}
    start = baseline(found)
    assert start.targets.tolist() == [0, 1]
    assert judged(found | {8: ("lung", 11.9)}, start).response == Response.STABLE
    assert judged(found | {8: ("lung", 12.1)}, start).response == Response.PROGRESSIVE


def test_it_is_not_complete_while_anything_is_left():
    start = baseline(liver(40) | {5: ("lung", 6)})
    assert judged({5: ("lung", 6)}, start).response == Response.PARTIAL
    assert judged({}, start).response == Response.COMPLETE


def test_nodes_of_normal_size_do_not_stand_against_a_complete_response():
    start = baseline({1: ("lymph nodes", 20)})
    assert judged({1: ("lymph nodes", 9)}, start).response == Response.COMPLETE
    assert judged({1: ("lymph nodes", 11)}, start).response == Response.PARTIAL


def test_disease_that_cannot_be_measured_is_there_or_not():
    start = baseline(liver(6, 7))
    assert start.targets.size == 0
    assert judged(liver(6, 7), start).response == Response.STABLE
    assert judged({}, start).response == Response.COMPLETE


def test_without_disease_there_is_no_response_until_it_comes_back():
    nothing = judged({}, NOTHING_KNOWN)
    assert nothing.response == Response.NOT_EVALUABLE
    back = judged(liver(15), nothing.baseline)
    assert (back.response, back.n_new) == (Response.PROGRESSIVE, 1)


def test_what_was_taken_out_is_gone():
    start = baseline(liver(50, 40))
    assert judged(liver(50, 40), start, removed=[0]).response == Response.PARTIAL


def test_what_was_known_before_is_not_new():
    start = baseline(liver(50), before=baseline({8: ("lung", 20)}))
    assert judged(liver(50) | {8: ("lung", 20)}, start).n_new == 0


@settings(deadline=None, max_examples=200)
@given(
    visits=st.lists(
        st.dictionaries(
            st.integers(0, 6),
            st.tuples(st.sampled_from(ORGANS), st.floats(0.01, 2000.0)),
            max_size=7,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_nadirs_only_fall_and_what_is_known_stays_known(visits):
    start = baseline(visits[0])
    assert start.targets.size <= 5
    for visit in visits:
        found = judged(visit, start)
        after = found.baseline
        assert 0.0 <= after.nadir <= start.nadir
        assert set(start.known) <= set(after.known)
        assert after.smallest.shape == after.known.shape
        assert np.isfinite(after.smallest).all()
        assert found.total >= 0.0
        if found.n_new:
            assert found.response == Response.PROGRESSIVE
        start = after


def test_limits_are_parameters():
    strict = dataclasses.replace(LAWS, partial_share=0.5)
    start = baseline(liver(100))
    found = assess(pictures(liver(60)), start, organ_names=ORGANS, laws=strict)
    assert found.response == Response.STABLE
