"""Dormant cells as counts: how many are left, how many wake, when and where, by closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from ctc.simulation.dormant import DormantCells
from ctc.simulation.genealogy import LITTER
from ctc.states import COUNTED_CELL, EventKind
from tests.physics.mixed import mixed_setting, mixed_world
from tests.physics.test_streamline import KOLMOGOROV_LIMIT, kolmogorov

GUT_BED, LIVER_BED = 4, 5
HOUR = 3600 * 10**9


def asleep(n: int, *, seed: int = 1, tracked: int = 0, **rates: float) -> DormantCells:
    """Return n cells in each of two beds, of two clones; the first ids are tracked."""
    setting = mixed_setting(mixed_world(**rates), seed=seed)
    dormant = DormantCells(setting)
    litters = np.zeros(2, dtype=LITTER)
    litters["parent"], litters["route"], litters["first_cell"] = [-1, 3], [1, 2], [0, n]
    bed = setting.hops.record[[GUT_BED, LIVER_BED]]
    ids = np.arange(2 * n, dtype=np.uint64)
    cells = {
        "id": ids,
        "segment": np.tile(bed, n).astype(np.uint32),
        "size_class": np.zeros(2 * n, dtype=np.uint16),
        "clone": (ids >= n).astype(np.uint16),
    }
    dormant.absorb(cells, litters, (ids >= n).astype(np.int64), is_tracked=ids < tracked)
    return dormant


@pytest.mark.parametrize("n_epochs", [1, 7])
@pytest.mark.parametrize(
    ("escape", "death"), [(2e-5, 7e-5), (1e-9, 1e-7), (3e-4, 0.0), (0.0, 1e-5)]
)
def test_what_is_left_and_what_wakes(escape: float, death: float, n_epochs: int) -> None:
    """In seven hours, in one stretch or in seven, exp(-7 h (e + d)) are left; e / (e + d) woke.

    n = 2e6; binomial errors, five of them. Cells of two beds and two clones take part alike.
    """
    n = 1_000_000
    dormant = asleep(n, seed=n_epochs, escape_rate=escape, dormant_death_rate=death)
    n_woken = n_died = 0
    for epoch in range(n_epochs):
        start, end = (7 * HOUR * k // n_epochs for k in (epoch, epoch + 1))
        found = dormant.awaken(epoch, start=start, end=end)
        n_woken += found.colonies.size
        n_died += int(found.died.sum())
    left = np.exp(-(escape + death) * 7 * 3600)
    error = np.sqrt(2 * n * left * (1 - left))
    assert abs(dormant.n_cells - 2 * n * left) < 5 * error + 1e-9
    assert dormant.n_cells + n_woken + n_died == 2 * n
    share = escape / (escape + death)
    gone = n_woken + n_died
    assert abs(n_woken - gone * share) <= 5 * np.sqrt(gone * share * (1 - share))
    by_organ = dormant.by_organ()
    assert np.abs(by_organ[:2] - n * left).max() < 5 * np.sqrt(n * left * (1 - left)) + 1e-9


@pytest.mark.parametrize("rate", [1e-3, 1e-13])
def test_colonies_come_at_exponential_times(rate: float) -> None:
    """Kolmogorov-Smirnov against the exponential law cut at the epoch's end.

    At 1e-13 /s times are uniform; nobody would wake, so the size of a colony's crowd is 3e12.
    """
    n = 20_000
    dormant = asleep(n, escape_rate=rate, dormant_death_rate=0.0)
    # Rates of the kernels are whole numbers of 2^-58 a tick: 1e-13 /s is 2 of them.
    rate = float(dormant.rates()[0, 0]) * 2.0**-58 / 65.536e-6
    if rate < 1e-9:
        dormant.count[...] = 10**14
    found = dormant.awaken(0, start=HOUR, end=2 * HOUR)
    time = np.sort(found.colonies["time"] - HOUR) * 1e-9
    assert found.colonies.size > 10_000
    assert time[0] > 0
    assert time[-1] <= 3600
    expected = np.expm1(-rate * time) / np.expm1(-rate * 3600)
    assert kolmogorov(time, expected) < KOLMOGOROV_LIMIT


def test_a_colony_tells_where_it_came_from() -> None:
    """Half in each bed, half of each clone; parent and route are those of the clone."""
    n = 50_000
    dormant = asleep(n, escape_rate=1e-4, dormant_death_rate=0.0)
    found = dormant.awaken(0, start=0, end=HOUR)
    events, origins = found.colonies, found.origins
    assert (events["cell"] == COUNTED_CELL).all()
    assert (events["kind"] == EventKind.COLONY).all()
    np.testing.assert_array_equal(origins["parent"], np.where(events["clone"] == 0, -1, 3))
    np.testing.assert_array_equal(origins["route"], np.where(events["clone"] == 0, 1, 2))
    bed = dormant._setting.hops.record[GUT_BED]
    for half in (events["clone"] == 1, events["segment"] == bed):
        assert abs(half.sum() - 0.5 * events.size) < 5 * np.sqrt(0.25 * events.size)


def test_tracked_cells_leave_as_often_as_all_others_and_change_nothing() -> None:
    """n = 40,000 tracked of 200,000: binomial error of what is left after each of five hours."""
    n, n_tracked, rate = 100_000, 40_000, 5e-5
    plain = asleep(n, escape_rate=rate / 4, dormant_death_rate=0.75 * rate)
    dormant = asleep(n, tracked=n_tracked, escape_rate=rate / 4, dormant_death_rate=0.75 * rate)
    for epoch in range(5):
        span = {"start": epoch * HOUR, "end": (epoch + 1) * HOUR}
        np.testing.assert_array_equal(
            dormant.awaken(epoch, **span).colonies, plain.awaken(epoch, **span).colonies
        )
        left = np.exp(-rate * 3600 * (epoch + 1))
        held = dormant.tracked.rows["id"]
        error = np.sqrt(n_tracked * left * (1 - left))
        assert abs(held.size - n_tracked * left) < 5 * error
        assert np.unique(held).size == held.size
        assert held.max() < n_tracked
    np.testing.assert_array_equal(dormant.count, plain.count)
    # No row holds more tracked cells than cells.
    row = np.searchsorted(dormant.code, dormant.tracked.rows["code"])
    assert (np.bincount(row, minlength=dormant.count.size) <= dormant.count).all()


def test_cells_without_clocks_sleep_for_ever() -> None:
    dormant = asleep(1000, tracked=10, escape_rate=0.0, dormant_death_rate=0.0)
    found = dormant.awaken(0, start=0, end=10**9 * HOUR // 10**6)
    assert dormant.n_cells == 2000
    assert found.colonies.size == found.died.sum() == 0
    assert dormant.frame(1)["id"].size == 10
