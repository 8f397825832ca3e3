"""Cells next to the wall: how many, how fast, how long, and that none of it happens unasked."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.scenario.surroundings import Margination
from ctc.states import EventKind
from tests.physics.mixed import digest_of_run, mixed_setting, mixed_world
from tests.physics.probe import probe
from tests.physics.test_streamline import KOLMOGOROV_LIMIT, kolmogorov
from tests.physics.worlds import EXACT_RADIUS, Vessel, bolus, follow_out, living, made_world
from tests.reference.laws import mean_residence, residence_cdf, streamline_speed, uniform_deviate

N = 200_000
OUTERMOST = 1.0 - 2.0**-24


def residence_times(size_ratio: float, chance: float) -> np.ndarray:
    """Return sorted residence times in a tube of mean transit time 1 s where cells marginate."""
    biology = living(diameter_median=2 * size_ratio * EXACT_RADIUS, margination=Margination(chance))
    world = made_world([Vessel("in", "a", transit=1e-8), Vessel("a", "b", transit=1.0)], biology)
    journey = follow_out(world, bolus(world.hops, [0], count=N), step=3000.0, seed=15)
    return np.sort(journey.of_kind(EventKind.EXITED)["time"]) * 1e-9


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.9])
def test_one_deviate_decides_place_and_streamline(chance: float) -> None:
    """min(u / (1 - m), 1 - 2^-24), one rounding of 6e-8; exactly u where nobody marginates."""
    words = (np.random.Philox(key=16).random_raw(N) >> np.uint64(32)).astype(np.uint32)
    words[:2] = 0, 0xFFFF_FFFF
    stretch = np.float32(1.0 / (1.0 - chance))
    found = probe(words, value=stretch).marginated
    uniform = uniform_deviate(words)
    if chance == 0.0:
        np.testing.assert_array_equal(found, uniform.astype(np.float32))
    expected = np.minimum(uniform * float(stretch), OUTERMOST)
    np.testing.assert_allclose(found, expected, rtol=6e-8)


@pytest.mark.parametrize("chance", [0.3, 0.8])
@pytest.mark.parametrize("size_ratio", [0.05, 0.3, 0.7])
def test_mean_speed_is_the_integral(size_ratio: float, chance: float) -> None:
    """(1-m) (4 (1-s^3) / (3 (1-s^2)) - b) + m (2s - b), summed over 2^20 even deviates.

    The kink at u = 1 - m falls between two of them: 1e-6 at most, and float32 as much.
    """
    word = np.arange(1 << 20, dtype=np.uint64) * 4096 + 2048
    stretched = probe(word.astype(np.uint32), value=1.0 / (1.0 - chance)).marginated
    speed = streamline_speed(stretched.astype(np.float64), size_ratio)
    edge, lag = 1.0 - (1.0 - size_ratio) ** 2, 4.0 / 3.0 * size_ratio**2
    free = 4.0 * (1.0 - edge**3) / (3.0 * (1.0 - edge**2)) - lag
    expected = (1.0 - chance) * free + chance * (2.0 * edge - lag)
    assert speed.mean() == pytest.approx(expected, abs=3e-6)
    assert 2.0 * edge - lag == pytest.approx(4.0 * size_ratio - 10.0 / 3.0 * size_ratio**2)


@pytest.mark.parametrize("chance", [0.4, 1.0])
@pytest.mark.parametrize("size_ratio", [0.1, 0.5, 0.8])
def test_times_are_those_of_wall_and_stream(size_ratio: float, chance: float) -> None:
    """n = 2e5: the share at the wall (binomial), its one time, the law of the others, the mean."""
    time = residence_times(size_ratio, chance)
    at_wall = 1.0 / (4.0 * size_ratio - 10.0 / 3.0 * size_ratio**2)
    is_at_wall = time >= at_wall * (1.0 - 3e-6)
    n_at_wall = np.count_nonzero(is_at_wall)
    assert abs(n_at_wall - N * chance) <= 5 * np.sqrt(N * chance * (1.0 - chance)) + 1.0
    np.testing.assert_allclose(time[is_at_wall], at_wall, rtol=3e-6)
    mean = (1.0 - chance) * mean_residence(size_ratio) + chance * at_wall
    assert abs(time.mean() - mean) < 5 * time.std() / np.sqrt(N) + 3e-6 * at_wall
    if chance < 1.0:
        free = time[~is_at_wall]
        assert kolmogorov(free, residence_cdf(free, size_ratio)) < KOLMOGOROV_LIMIT


def test_points_and_plugs_have_no_wall_to_go_to() -> None:
    """The slowest streamline of a point is 2048 times slower than the mean, no more."""
    assert residence_times(0.0, 1.0).max() <= 2048.1
    np.testing.assert_allclose(residence_times(0.9, 1.0), 1.0, rtol=1e-7)


def test_a_chance_of_nothing_changes_no_bit() -> None:
    """Vessels where cells would marginate, with a chance of 0, against vessels where none do."""
    world = mixed_world(margination=Margination(0.5))
    assert np.any(world.hops.records["bore_class"] & 0xC00 == 0x400)
    off = replace(world, tables=replace(world.tables, margination=1.0))
    wanted = digest_of_run(mixed_setting(cells=500), CpuBackend())
    assert digest_of_run(mixed_setting(off, cells=500), CpuBackend()) == wanted
    assert digest_of_run(mixed_setting(world, cells=500), CpuBackend()) != wanted


def test_a_chance_of_a_millionth_more_is_felt() -> None:
    digests = set()
    for chance in (0.5, 0.5 * (1.0 + 1e-6)):
        world = mixed_world(margination=Margination(chance))
        digests.add(digest_of_run(mixed_setting(world, cells=5000), CpuBackend()))
    assert len(digests) == 2
