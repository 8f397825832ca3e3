"""Lesions and tumours that treatment removes or shrinks; colonies that become no lesions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.records import EVENT
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.genealogy import LITTER
from ctc.simulation.lesions import Lesions
from ctc.simulation.overt import OvertShares
from ctc.simulation.primaries import Primary
from ctc.states import LesionState
from tests.unit.simulation.test_primaries import GOMPERTZ, tumour

DAY, NS = 86_400, 10**9
DOUBLING = 10.0 * DAY
KINDS = list(GrowthKind)


def law_of(kind: GrowthKind) -> GrowthLaw:
    return GrowthLaw(kind, 1e9, reference_cells=1e5, exponent=0.5)


def founded(
    n: int,
    *,
    kind: GrowthKind = GrowthKind.EXPONENTIAL,
    overt_share: float = 1.0,
    patient: int = 0,
    first: int = 0,
    **biology: float,
) -> Lesions:
    """Return n colonies of time 0 in n segments, those that became lesions."""
    laws = LesionBiology(law_of(kind), **biology)
    lesions = Lesions(
        (DOUBLING,),
        laws,
        7,
        patient=patient,
        overt=OvertShares(by_blood=overt_share, by_lymph=overt_share),
    )
    events = np.zeros(n, dtype=EVENT)
    where = first + np.arange(n)
    events["cell"] = where
    zeros = np.zeros(n, dtype=np.int64)
    lesions.found(events, organ=zeros, segment=where, litters=np.zeros(n, dtype=LITTER))
    return lesions


@pytest.mark.parametrize("share", [0.5, 0.03, 1e-4])
def test_a_share_of_the_colonies_becomes_overt(share: float) -> None:
    """n = 10^6 colonies: binomial, five standard errors."""
    n = 1_000_000
    lesions = founded(n, overt_share=share)
    assert abs(lesions.rows.size - n * share) < 5 * math.sqrt(n * share * (1 - share))
    np.testing.assert_array_equal(lesions.rows["lesion"], np.arange(lesions.rows.size))
    np.testing.assert_array_equal(lesions.rows["cell"], lesions.rows["segment"])


def test_a_colony_that_is_overt_is_so_at_any_higher_share() -> None:
    """The same word decides, so lesions of a smaller share are among those of a larger one."""
    few, some, all_ = (founded(10_000, overt_share=share) for share in (0.1, 0.4, 1.0))
    assert set(few.rows["segment"]) < set(some.rows["segment"]) < set(all_.rows["segment"])
    others = founded(10_000, overt_share=0.4, patient=1)
    both = np.intersect1d(some.rows["segment"], others.rows["segment"]).size
    assert abs(both - 1600) < 5 * math.sqrt(10_000 * 0.16 * 0.84)


def test_being_overt_is_decided_for_each_by_itself() -> None:
    """Nothing hangs on which colonies are founded with a colony."""
    whole = founded(1000, overt_share=0.3)
    parts = [founded(500, overt_share=0.3, first=first) for first in (0, 500)]
    keys = np.concatenate([part.rows["key"] for part in parts])
    np.testing.assert_array_equal(whole.rows["key"], keys)


@pytest.mark.parametrize(
    ("is_resected", "state"), [(True, LesionState.RESECTED), (False, LesionState.ERADICATED)]
)
def test_nothing_is_left_of_what_was_removed(*, is_resected: bool, state: LesionState) -> None:
    """Nor is it lost, does it die out, wake or shed later; the others are as they were."""
    laws = {
        "loss_rate": 0.3 / DAY,
        "surveillance_cells": 4.0,
        "balance_share": 0.5,
        "balance_cells": 8.0,
        "waking_rate": 1e-6,
        "cell_loss_factor": 0.4,
    }
    lesions, untouched = founded(2000, **laws), founded(2000, **laws)
    chosen = np.arange(2000) % 3 == 0
    lesions.remove(chosen, is_resected=is_resected)
    for epoch in range(40):
        start, end = (k * DAY * NS for k in (epoch, epoch + 1))
        changed = lesions.settle(epoch, start=start, end=end)
        assert not chosen[changed].any()
        expected = untouched.settle(epoch, start=start, end=end)
        np.testing.assert_array_equal(changed, expected[~chosen[expected]])
        assert not lesions.sizes(end)[chosen].any()
        assert (lesions.states(end)[chosen] == state).all()
    end = 40 * DAY * NS
    np.testing.assert_array_equal(lesions.sizes(end)[~chosen], untouched.sizes(end)[~chosen])
    np.testing.assert_array_equal(lesions.states(end)[~chosen], untouched.states(end)[~chosen])
    assert np.unique(lesions.states(end)[~chosen]).size == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_lesion_goes_on_by_its_law_from_another_size(kind: GrowthKind) -> None:
    """A lesion cut back to what it was t days ago is t days late from then on."""
    lesions, untouched = founded(3, kind=kind), founded(3, kind=kind)
    time, late = 200 * DAY * NS, 40 * DAY * NS
    chosen = np.array([False, True, True])
    then = untouched.sizes(time - late)
    lesions.resize(chosen, then[chosen], time=time)
    np.testing.assert_allclose(lesions.sizes(time)[chosen], then[chosen], rtol=1e-12)
    for after in (0, 1, 33, 1000):
        now = time + after * DAY * NS
        expected = untouched.sizes(now - late)[chosen]
        np.testing.assert_allclose(lesions.sizes(now)[chosen], expected, rtol=1e-9)
        np.testing.assert_array_equal(lesions.sizes(now)[~chosen], untouched.sizes(now)[~chosen])


def test_a_lesion_may_be_resized_again_and_again() -> None:
    """Halved each ten days, in which it doubles, it stays between 8 and 16 cells."""
    lesions = founded(1)
    for number in range(20):
        time = (40 + 10 * number) * DAY * NS
        assert lesions.sizes(time)[0] == pytest.approx(16.0, rel=1e-9)
        lesions.resize(np.array([True]), np.array([8.0]), time=time)
        assert lesions.sizes(time)[0] == 8.0


def test_a_lesion_in_balance_that_is_cut_back_grows_to_its_balance_again() -> None:
    lesions = founded(200, balance_share=0.5, balance_cells=8.0)
    end = 40 * DAY * NS
    rests = lesions.states(end) == LesionState.IN_BALANCE
    assert 60 < rests.sum() < 140
    lesions.resize(rests, np.full(rests.sum(), 2.0), time=end)
    assert (lesions.states(end)[rests] == LesionState.GROWING).all()
    np.testing.assert_allclose(lesions.sizes(end + 10 * DAY * NS)[rests], 4.0, rtol=1e-9)
    np.testing.assert_allclose(lesions.sizes(end + 30 * DAY * NS)[rests], 8.0, rtol=1e-9)
    assert (lesions.states(end + 31 * DAY * NS)[rests] == LesionState.IN_BALANCE).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.5, 1e-3, 1e-9])
def test_a_tumour_goes_on_by_its_law_from_another_mass(kind: GrowthKind, share: float) -> None:
    """As a tumour that began with what was left, then, would."""
    law = replace(GOMPERTZ, kind=kind)
    primary = Primary(tumour(law=law))
    time = 30 * DAY * NS
    left = share * primary.mass(time)
    treated = primary.resized(left, time=time)
    fresh = Primary(tumour(law=law, mass=left))
    for days in (0, 1, 50, 400):
        now = days * DAY * NS
        assert treated.mass(time + now) == pytest.approx(fresh.mass(now), rel=1e-12)
        assert treated.radius(time + now) == pytest.approx(fresh.radius(now), rel=1e-12)
    # Its strength is over the mass at the start of the run, as its rate is that of that mass.
    strength = treated.strength(time - NS, time + NS)
    assert strength == pytest.approx(left / 1e-3, rel=1e-6)
    assert not treated.is_steady


def test_a_tumour_without_growth_keeps_what_was_left() -> None:
    primary = Primary(tumour())
    treated = primary.resized(2e-4, time=5 * DAY * NS)
    assert treated.mass(500 * DAY * NS) == 2e-4
    assert treated.strength(0, NS) == pytest.approx(0.2, rel=1e-12)
    assert primary.is_steady
    assert not treated.is_steady


def test_vigour_is_a_factor_on_what_a_tumour_sheds() -> None:
    primary = Primary(tumour(law=GOMPERTZ, viable_rim=2e-3))
    lively = replace(primary, vigour=3.5)
    for days in (0, 7, 300):
        span = days * DAY * NS, (days + 1) * DAY * NS
        expected = 3.5 * primary.strength(*span)
        assert lively.strength(*span) == pytest.approx(expected, rel=1e-14)
        assert lively.mass(span[0]) == primary.mass(span[0])
    assert not replace(Primary(tumour()), vigour=0.5).is_steady
    assert replace(Primary(tumour()), vigour=0.0).strength(0, NS) == 0.0


def test_a_removed_tumour_is_gone_from_its_moment_on() -> None:
    time = 12 * DAY * NS
    removed = Primary(tumour(law=GOMPERTZ)).removed(time)
    assert removed.is_there(time - 1)
    assert not removed.is_there(time)
    assert removed.cells(time - 1) > 10**9
    assert removed.cells(time) == 0
