"""Survival by hand, against lifelines, and against the law that times were drawn from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctc.analysis import hazard_ratio as ratios
from ctc.analysis.paired import compare_paired, pseudo_values
from ctc.analysis.survival import (
    Times,
    at_risk,
    kaplan_meier,
    log_rank,
    p_text,
    restricted_mean,
)
from ctc.errors import InputError

YEAR = 365.25 * 86400.0


def times(durations: list[float], events: list[int]) -> Times:
    return Times(
        np.array(durations, dtype=np.float64),
        np.array(events, dtype=np.bool_),
        np.arange(len(durations)),
    )


def drawn(n: int, *, hazard: float, seed: int, censoring: float = 0.3) -> Times:
    random = np.random.default_rng(seed)
    event, lost = random.exponential(1 / hazard, n), random.exponential(1 / censoring, n)
    return Times(np.minimum(event, lost), event <= lost, np.arange(n))


def test_curve_by_hand() -> None:
    """Events at 1 (of 4), 3 (of 2); one lost at 2, one at 3, who is at risk then."""
    curve = kaplan_meier(times([1.0, 2.0, 3.0, 3.0], [1, 0, 1, 0]))
    assert curve.time.tolist() == [0.0, 1.0, 3.0]
    assert curve.share == pytest.approx([1.0, 0.75, 0.375])
    assert curve.at(2.9) == 0.75
    assert curve.quantile()[0] == 3.0
    assert curve.last_seen == 3.0


def test_nobody_has_the_event() -> None:
    curve = kaplan_meier(times([1.0, 2.0], [0, 0]))
    assert curve.share.tolist() == [1.0]
    assert curve.quantile() == (math.inf, math.inf, math.inf)
    assert restricted_mean(curve, 5.0) == 5.0
    test = log_rank([times([1.0], [0]), times([2.0], [0])])
    assert test.p_value == 1.0


def test_all_have_it_at_once() -> None:
    curve = kaplan_meier(times([0.0, 0.0], [1, 1]))
    assert curve.at(0.0) == 0.0
    assert np.isfinite(curve.low).all()
    assert np.isfinite(curve.high).all()


def test_last_at_risk_leaves_a_band() -> None:
    curve = kaplan_meier(times([1.0, 2.0, 3.0], [1, 1, 1]))
    assert curve.share[-1] == 0.0
    assert curve.high[-1] == curve.high[-2] > 0.0


def test_curve_band_and_median_are_those_of_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    sample = drawn(300, hazard=0.4, seed=5)
    fitted = lifelines.KaplanMeierFitter().fit(sample.duration, sample.is_event)
    curve = kaplan_meier(sample)
    np.testing.assert_allclose(
        fitted.survival_function_at_times(curve.time).to_numpy(), curve.share, rtol=1e-12
    )
    band = fitted.confidence_interval_survival_function_
    chosen = [curve.band_at(t) for t in band.index[5:250]]
    np.testing.assert_allclose(band.to_numpy()[5:250], chosen, rtol=1e-9)
    assert curve.quantile()[0] == fitted.median_survival_time_
    limits = lifelines.utils.median_survival_times(band).to_numpy().ravel()
    assert curve.quantile()[1:] == tuple(limits)
    assert restricted_mean(curve, 2.0) == pytest.approx(
        lifelines.utils.restricted_mean_survival_time(fitted, t=2.0), rel=1e-9
    )


def test_log_rank_is_that_of_lifelines() -> None:
    statistics = pytest.importorskip("lifelines.statistics")
    groups = [drawn(80, hazard=h, seed=i) for i, h in enumerate((0.3, 0.4, 0.6))]
    # Ties, as epochs make them.
    groups = [Times(np.ceil(g.duration * 4.0), g.is_event, g.row) for g in groups]
    names = np.repeat([0, 1, 2], 80)
    theirs = statistics.multivariate_logrank_test(
        np.concatenate([g.duration for g in groups]),
        names,
        np.concatenate([g.is_event for g in groups]),
    )
    ours = log_rank(groups)
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-9)
    assert ours.freedom == 2
    assert sum(ours.observed) == pytest.approx(sum(ours.expected))


def test_hazard_ratio_finds_the_one_drawn_from() -> None:
    """2,000 patients an arm, ratio 0.6; the standard error of its logarithm is about 0.035."""
    pytest.importorskip("lifelines")
    found = ratios.hazard_ratio(
        drawn(2000, hazard=0.6 / YEAR, seed=1, censoring=0.2 / YEAR),
        drawn(2000, hazard=1.0 / YEAR, seed=2, censoring=0.2 / YEAR),
    )
    assert found is not None
    assert abs(math.log(found.ratio / 0.6)) < 5 * 0.035
    assert found.low < found.ratio < found.high
    assert found.p_value < 1e-6


def test_no_ratio_without_events() -> None:
    pytest.importorskip("lifelines")
    assert ratios.hazard_ratio(times([1.0, 2.0], [0, 0]), times([1.0, 2.0], [1, 0])) is None


def test_without_lifelines_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratios.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'ctc\[sweep\]'"):
        ratios.hazard_ratio(times([1.0], [1]), times([1.0], [1]))


def test_numbers_at_risk_count_who_leaves_just_then() -> None:
    sample = times([1.0, 2.0, 2.0, 3.0], [1, 0, 1, 0])
    assert at_risk(sample, np.array([0.0, 1.0, 2.0, 2.5, 4.0])).tolist() == [4, 4, 3, 1, 0]


def test_pseudo_values_without_censoring_are_the_times() -> None:
    sample = times([1.0, 2.0, 5.0], [1, 1, 0])
    assert pseudo_values(sample, 4.0).tolist() == [1.0, 2.0, 4.0]


def test_pseudo_values_average_to_the_restricted_mean() -> None:
    sample = drawn(60, hazard=0.5, seed=8)
    mean = restricted_mean(kaplan_meier(sample), 2.0)
    # Exact but for terms of 1 / n^2 of the jackknife.
    assert float(pseudo_values(sample, 2.0).mean()) == pytest.approx(mean, rel=5e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=14),
    st.floats(0.5, 9.0),
)
def test_pseudo_values_are_those_of_leaving_each_out(
    pairs: list[tuple[int, bool]], horizon: float
) -> None:
    """Ties, events at 0 and at the end, a last patient at risk: against the curves themselves."""
    sample = times([float(t) for t, _ in pairs], [int(e) for _, e in pairs])
    n = sample.n
    whole = restricted_mean(kaplan_meier(sample), horizon)
    rest = [restricted_mean(kaplan_meier(sample.of(np.arange(n) != i)), horizon) for i in range(n)]
    if bool(np.all(sample.is_event | (sample.duration >= horizon))):
        expected = np.minimum(sample.duration, horizon)
    else:
        expected = n * whole - (n - 1) * np.array(rest)
    np.testing.assert_allclose(pseudo_values(sample, horizon), expected, atol=1e-9)


def test_pairing_gains_what_the_correlation_gives() -> None:
    """A patient's times differ by 5 % between arms: the paired error is far below the unpaired.

    500 pairs of exponential times with mean 2: unpaired error of the difference 2 sqrt(2 / 500)
    = 0.126, paired 0.05 * 2 / sqrt(500) = 0.0045 and little more.
    """
    random = np.random.default_rng(3)
    base = random.exponential(2.0, 500)
    better = base * (1.0 + 0.05 * random.standard_normal(500)) + 0.1
    every = np.ones(500, dtype=np.bool_)
    pair = compare_paired(
        Times(better, every, np.arange(500)), Times(base, every, np.arange(500)), horizon=100.0
    )
    assert abs(pair.difference - 0.1) < 5 * pair.standard_error
    assert pair.standard_error == pytest.approx(0.0063, rel=0.15)
    assert pair.unpaired_error == pytest.approx(0.126, rel=0.15)
    assert pair.variance_reduction > 100.0
    assert pair.band[0] < pair.difference < pair.band[1]


def test_equal_arms_differ_by_nothing() -> None:
    sample = drawn(40, hazard=0.5, seed=4)
    pair = compare_paired(sample, sample, horizon=2.0)
    assert pair.difference == pair.standard_error == 0.0
    assert pair.variance_reduction == math.inf


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1e10), st.booleans()), min_size=2, max_size=30))
def test_curves_stay_curves(pairs: list[tuple[float, bool]]) -> None:
    sample = times([t for t, _ in pairs], [int(e) for _, e in pairs])
    curve = kaplan_meier(sample)
    assert np.all(np.diff(curve.share) <= 0.0)
    assert np.all((curve.low <= curve.share) & (curve.share <= curve.high))
    assert np.all((curve.low >= 0.0) & (curve.high <= 1.0))
    assert np.isfinite(log_rank([sample.of(sample.row < 1), sample.of(sample.row >= 1)]).p_value)


def test_p_values_are_written_as_papers_do() -> None:
    assert [p_text(p) for p in (1e-9, 0.0123, 0.5, math.nan)] == [
        "<\u00a00.0001",
        "0.012",
        "0.50",
        "-",
    ]
