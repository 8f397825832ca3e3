"""Copies of a body side by side: the same ways in each, and no way from one to another."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from ctc.simulation.emission import emission_of
from ctc.simulation.launches import Launches
from tests.physics.mixed import mixed_setting
from tests.physics.worlds import bolus
from tools.gpu_acceptance.bodies import copies, sites_in_copies
from tools.gpu_acceptance.hop_speed import Walkers
from tools.gpu_acceptance.plain_hop import BUDGET, PlainTables, walk_arrays


def test_copies_lead_into_themselves() -> None:
    hops = mixed_setting().hops
    n = hops.records.size
    three = copies(hops, 3)
    for name in ("transit_time", "bore_class", "share"):
        np.testing.assert_array_equal(three.records[name].reshape(3, n)[2], hops.records[name])
    following = three.records["next"].reshape(3, n).astype(np.int64)
    np.testing.assert_array_equal(following - n * np.arange(3)[:, None], [hops.records["next"]] * 3)
    np.testing.assert_array_equal(
        three.record[hops.record.size :][: hops.record.size] - n, hops.record
    )


def test_cells_begin_in_all_copies_alike() -> None:
    """60,000 cells in 3 copies: 20,000 each, standard deviation 115."""
    setting = mixed_setting(cells=10)
    walkers = Walkers(setting, 3)
    sites = sites_in_copies(setting.hops, setting.sources[0].sites, 3)
    assert sites.record.size == 3 * setting.sources[0].sites.record.size
    litter = bolus(walkers.hops, [0], count=60_000)
    litter = replace(litter, source=replace(litter.source, sites=sites))
    launches = Launches(CpuBackend(), walkers.hops, setting.tables, seed=1)
    launches.emit(emission_of([litter]))
    copy = launches.population.on_host()["segment"] // setting.hops.records.size
    assert np.abs(np.bincount(copy, minlength=3) - 20_000).max() < 5 * 115


def test_speed_is_measured_on_whole_cells() -> None:
    found = Walkers(mixed_setting(), 4).measure(CpuBackend(), 3000)
    assert found.n_cells == 3000
    assert found.hops > 10 * 3000
    assert found.kernel >= found.whole > 0.0


@pytest.mark.parametrize("n_hops", [1, 40])
def test_plain_points_take_the_mean_time_of_the_blood(n_hops: int) -> None:
    """Points spread by flow take volume over flow in the mean: one pass of the loop is 6 s.

    2e4 points; the standard error is taken from the data, and the limit is five of them.
    """
    setting = mixed_setting()
    tables = PlainTables.of(setting.hops, setting.tables)
    start = np.full(20_000, int(setting.hops.record[7]))
    clock, budget = walk_arrays(np, tables, start, n_hops)
    assert (budget <= BUDGET).all()
    if n_hops == 1:
        expected = 1.5
        error = clock.std() * 1e-9 / np.sqrt(clock.size)
        assert abs(clock.mean() * 1e-9 - expected) < 5.0 * error
    else:
        assert clock.min() > 0
