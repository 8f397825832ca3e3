"""Overt shares: one followed cell for many, and as many lesions; more of those that go to nodes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.backends.base import choose_backend
from ctc.errors import InputError
from ctc.simulation.epochs import Simulation
from ctc.simulation.overt import OvertShares, overt_shares
from ctc.states import Route
from tests.physics.mixed import MIXED_VENULE, mixed_setting, mixed_world
from tests.physics.worlds import shedding
from tests.unit.simulation.cared import SCENARIO

WORLD = mixed_world()
EPOCHS = (3600.0, 7200.0, 10800.0, 14400.0)


def lesions_of(weight: float, *, share: float, seed: int) -> int:
    """Return the overt lesions of 4000 shed cells in four hours, one of `weight` followed."""
    setting = mixed_setting(WORLD, cells=1, epochs=EPOCHS)
    source = shedding(WORLD, MIXED_VENULE, rate=4000.0 / 7200.0 / weight, stop=7200.0)
    own = min(weight * share, 1.0)
    shares = OvertShares(weight, weight, by_blood=own, by_lymph=own, in_nodes=own)
    setting = replace(setting, sources=(source,), overt=shares, seed=seed)
    simulation = Simulation(setting, choose_backend("cpu", threads=1))
    for _ in simulation.epochs():
        pass
    return simulation.lesions.rows.size


def test_a_weight_changes_no_mean() -> None:
    """Counts over 60 seeds each of weight 1 and 10, share 0.1: two Poisson means, five SE."""
    n = 60
    every = np.array([lesions_of(1.0, share=0.1, seed=seed) for seed in range(n)])
    few = np.array([lesions_of(10.0, share=0.1, seed=1000 + seed) for seed in range(n)])
    error = math.sqrt((every.var(ddof=1) + few.var(ddof=1)) / n)
    assert every.mean() > 10 * error
    assert abs(every.mean() - few.mean()) < 5 * error
    # Both are Poisson: variance over mean of n counts has the SE sqrt(2 / (n - 1)).
    for counts in (every, few):
        assert counts.var(ddof=1) / counts.mean() == pytest.approx(
            1.0, abs=5 * math.sqrt(2 / (n - 1))
        )


def shares_of(folder: Path, *overrides: str) -> OvertShares:
    path = folder / "overt.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    scenario = ctc.load_scenario(path, overrides=list(overrides))
    return overt_shares(scenario, ("lung", "lymph nodes", "liver"))


@pytest.mark.parametrize(
    ("weight", "share", "in_nodes", "lymph_weight"),
    [(1e4, 1e-5, 1e-3, 1e3), (1e4, 1e-5, 1e-6, 1e4), (10.0, 1e-3, 1.0, 1.0), (1.0, 0.3, 0.5, 1.0)],
)
def test_cells_for_the_nodes_stand_for_fewer(
    weight: float, share: float, in_nodes: float, lymph_weight: float, tmp_path: Path
) -> None:
    """Chance over weight is the share of shed cells, wherever a chance is below 1."""
    found = shares_of(
        tmp_path,
        f"cells.weight={weight}",
        f"override.tumour.overt_share={share}",
        f"override.lymph.overt_share={in_nodes}",
    )
    assert found.lymph_weight == pytest.approx(lymph_weight)
    assert found.by_blood / found.weight == pytest.approx(share)
    assert found.by_lymph / found.lymph_weight == pytest.approx(share)
    assert found.in_nodes / found.lymph_weight == pytest.approx(in_nodes)
    routes = np.array([Route.LYMPHATIC, Route.LYMPHATIC, Route.SEVERAL, Route.SEVERAL])
    organs = np.array([1, 0, 1, 2])
    chances = found.of(routes.astype(np.uint8), organs)
    expected = [found.in_nodes, found.by_lymph, found.by_blood, found.by_blood]
    assert chances.tolist() == expected


def test_a_cell_that_would_be_several_lesions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"weight must be <= 1 / tumour.overt_share = 1000, got"):
        shares_of(tmp_path, "cells.weight=1001", "override.tumour.overt_share=1e-3")
