"""Residence times in one tube: the law of points, of finite cells, of plugs, and of a chamber."""

import numpy as np
import pytest
from scipy.special import digamma

from ctc.states import EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.probe import probe
from tests.physics.worlds import (
    BLOOD,
    EXACT_RADIUS,
    Vessel,
    bolus,
    follow_out,
    living,
    made_world,
)
from tests.reference.laws import mean_residence, residence_cdf, streamline_speed, uniform_deviate

N = 200_000
# P(sqrt(n) D > 2.74) = 2 exp(-2 * 2.74^2) = 6e-7, the chance of five standard errors.
KOLMOGOROV_LIMIT = 2.74


def kolmogorov(sample: np.ndarray, cdf: np.ndarray) -> float:
    """Return sqrt(n) times the largest gap between a law at the sorted sample and its own."""
    steps = np.arange(sample.size + 1) / sample.size
    gap = max(np.max(steps[1:] - cdf), np.max(cdf - steps[:-1]))
    return float(np.sqrt(sample.size) * gap)


def residence_times(size_ratio: float, *, is_born_there: bool, n: int = N) -> np.ndarray:
    """Return sorted residence times in a tube of mean transit time 1 s.

    Newborn cells start in the tube itself, or hop into it from one whose mean transit of 10 ns
    (2048 times that at most) is far below the resolution of the test.
    """
    biology = BLOOD if size_ratio == 0 else living(diameter_median=2 * size_ratio * EXACT_RADIUS)
    feeder = [] if is_born_there else [Vessel("in", "a", transit=1e-8)]
    world = made_world([*feeder, Vessel("a", "b", transit=1.0)], biology)
    journey = follow_out(world, bolus(world.hops, [0], count=n), step=3000.0, seed=11)
    left = journey.of_kind(EventKind.EXITED)
    assert left.size == n
    return np.sort(left["time"]) * 1e-9


@pytest.mark.parametrize("is_born_there", [True, False])
def test_points_follow_the_inverse_cube(is_born_there: bool) -> None:
    """Density tau^2 / (2 t^3) from tau/2 on, n = 2e5, Kolmogorov-Smirnov."""
    time = residence_times(0.0, is_born_there=is_born_there)
    assert time[0] >= 0.5
    assert kolmogorov(time, 1.0 - 1.0 / (4.0 * time**2)) < KOLMOGOROV_LIMIT


@pytest.mark.parametrize("size_ratio", [0.01, 0.1, 0.3, 0.5, 0.75, 0.8])
def test_finite_cells_follow_the_closed_form(size_ratio: float) -> None:
    """t = tau / (2 sqrt(1 - F u) - (4/3) L^2), u uniform; n = 2e5, Kolmogorov-Smirnov."""
    time = residence_times(size_ratio, is_born_there=False)
    assert kolmogorov(time, residence_cdf(time, size_ratio)) < KOLMOGOROV_LIMIT
    error = time.std() / np.sqrt(time.size)
    assert abs(time.mean() - mean_residence(size_ratio)) < 5 * error


@pytest.mark.parametrize("size_ratio", [0.0, 0.05, 0.2, 0.5, 0.8])
def test_mean_speed_is_the_integral_over_the_streamlines_in_reach(size_ratio: float) -> None:
    """Flux-weighted mean of 2 sqrt(1 - F u) - (4/3) L^2, exact sum over 2^20 deviates.

    With s = sqrt(1 - F) = 1 - (1-L)^2 the integral is 4 (1 - s^3) / (3 (1 - s^2)) - (4/3) L^2: 4/3
    for points, which travel faster than the blood on average. The sum is off by the midpoint rule,
    at most 1e-9 here (1e-7 for points, at the wall), and by float32: 3e-7.
    """
    word = np.arange(1 << 20, dtype=np.uint64) * 4096 + 2048
    speed = probe(word.astype(np.uint32), size_ratio=size_ratio).speed.astype(np.float64)
    edge = 1.0 - (1.0 - size_ratio) ** 2
    mean = 4.0 * (1.0 - edge**3) / (3.0 * (1.0 - edge**2)) - 4.0 / 3.0 * size_ratio**2
    assert speed.mean() == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("size_ratio", [0.1, 0.5, 0.8])
def test_mean_residence_is_the_integral(size_ratio: float) -> None:
    """Mean of 1 / speed: ((1-s) + (b/2) ln((2-b) / (2s-b))) / F, b = (4/3) L^2; as above."""
    word = np.arange(1 << 20, dtype=np.uint64) * 4096 + 2048
    speed = probe(word.astype(np.uint32), size_ratio=size_ratio).speed.astype(np.float64)
    edge, lag = 1.0 - (1.0 - size_ratio) ** 2, 4.0 / 3.0 * size_ratio**2
    slow = 0.5 * lag * np.log((2.0 - lag) / (2.0 * edge - lag))
    expected = (1.0 - edge + slow) / (1.0 - edge**2)
    assert (1.0 / speed).mean() == pytest.approx(expected, rel=2e-6)
    assert mean_residence(size_ratio) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("size_ratio", [0.81, 0.95, 1.0, 3.0])
def test_a_cell_that_fills_the_lumen_moves_with_the_blood(size_ratio: float) -> None:
    """The residence is tau itself, to the rounding of a float32 of 1e9 ns."""
    time = residence_times(size_ratio, is_born_there=True, n=100)
    np.testing.assert_allclose(time, 1.0, rtol=1e-7)


def test_points_take_volume_over_flow_on_average() -> None:
    """n = 1e6, five standard errors of the law's own variance.

    Over the deviates (k + 1/2) / N with N = 2^23 it is finite:

        E t^2 = (1/4N) sum 1 / ((k + 1/2) / N) = (digamma(N + 1/2) - digamma(1/2)) / 4 = 4.48

    which gives a standard error of 1.9e-3 tau. (Without the cut by N it would diverge.)
    """
    n_deviates = 2.0**23
    variance = (digamma(n_deviates + 0.5) - digamma(0.5)) / 4 - 1.0
    time = residence_times(0.0, is_born_there=False, n=1_000_000)
    assert abs(time.mean() - 1.0) < 5 * np.sqrt(variance / time.size)


def test_mean_over_all_deviates_is_volume_over_flow_to_1e_4() -> None:
    """Exact sum over all 2^23 streamlines of a point.

    The middles of N equal intervals miss zeta(1/2, 1/2) / (2 sqrt(N)) = -1.04e-4 of the integral
    of 1 / (2 sqrt(1 - u)): the slowest streamlines, next to the wall.
    """
    total = 0.0
    for start in range(0, 1 << 23, 1 << 21):
        word = np.arange(start, start + (1 << 21), dtype=np.uint64) << np.uint64(9)
        total += float((1.0 / probe(word.astype(np.uint32)).speed.astype(np.float64)).sum())
    assert total / 2**23 - 1.0 == pytest.approx(-0.604899 / (2.0 * np.sqrt(2.0**23)), rel=2e-3)


def test_speed_over_generated_arguments() -> None:
    """Against float64: six roundings of 6e-8 each, 1 - F u amplified by half where it is small."""
    words = np.random.Philox(key=4).random_raw(200_000)
    word = (words >> np.uint64(32)).astype(np.uint32)
    ratio = (words & np.uint64(0xFFFF)).astype(np.float32) / np.float32(65536.0)
    found = probe(word, size_ratio=ratio).speed
    exact = streamline_speed(uniform_deviate(word), ratio)
    assert found.min() > 0
    inner = (np.asarray(exact) > 0.05) & (np.abs(ratio - 0.8) > 1e-4)
    np.testing.assert_allclose(found[inner], exact[inner], rtol=2e-4)
    np.testing.assert_allclose(found[inner], exact[inner], atol=3e-6)


@pytest.mark.parametrize("count", [N])
def test_a_chamber_mixes(count: int) -> None:
    """Exponential residence of mean volume / flow, n = 2e5."""
    world = made_world(
        [
            Vessel("in", "a", transit=1e-8),
            Vessel("a", "b", transit=1.0, kind=SegmentKind.HEART_CHAMBER),
            Vessel("b", "c", transit=1e-9),
        ]
    )
    journey = follow_out(world, bolus(world.hops, [0], count=count), step=3000.0, seed=12)
    time = np.sort(journey.of_kind(EventKind.EXITED)["time"]) * 1e-9
    assert time.size == count
    assert kolmogorov(time, 1.0 - np.exp(-time)) < KOLMOGOROV_LIMIT
    assert abs(time.mean() - 1.0) < 5 / np.sqrt(count)
