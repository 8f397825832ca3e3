"""The mean of what lesions found and shed, against many small runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ctc.backends.base import Backend, choose_backend
from ctc.forecast import forecast
from ctc.lesion_forecast import LesionForecast, forecast_lesions
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.epochs import Simulation
from ctc.simulation.lesions import LESION
from ctc.simulation.overt import OvertShares
from ctc.simulation.setting import Setting
from tests.physics.mixed import mixed_setting, mixed_world

# Lesions have vessels from 8 cells on and shed 2e-5 /s a cell; what a run of hours can show.
SHEDDING = LesionBiology(
    GrowthLaw(GrowthKind.EXPONENTIAL, 300.0), shedding_rate=2e-5, vascular_cells=8.0
)
N_RUNS = 10
HOURS = tuple(0.1 * k for k in range(1, 36))


@pytest.fixture(scope="module")
def cpu() -> Backend:
    return choose_backend("cpu", threads=1)


def setting(
    hours: Sequence[float] = HOURS, *, doubling_time: float = 600.0, **changes: Any
) -> Setting:
    made = mixed_setting(
        mixed_world(),
        cells=300,
        epochs=tuple(3600.0 * hour for hour in hours),
        doubling_time=doubling_time,
        lesions=replace(SHEDDING, **changes),
    )
    return replace(made, routes=np.arange(8, dtype=np.uint8) % 5)


def runs(laid_out: Setting, cpu: Backend) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error of founded, of lesions, cells and litters over `N_RUNS`."""
    found = []
    for seed in range(N_RUNS):
        simulation = Simulation(replace(laid_out, seed=1000 + seed), cpu)
        litters = np.concatenate([epoch.litters for epoch in simulation.epochs()])
        lesions, litters = simulation.lesions.rows, litters[litters["parent"] >= 0]
        found.append(
            (lesions.size, (lesions["parent"] >= 0).sum(), litters["count"].sum(), litters.size)
        )
    table = np.array(found, dtype=np.float64)
    return table.mean(axis=0), table.std(axis=0, ddof=1) / N_RUNS**0.5


def figures(foretold: LesionForecast) -> np.ndarray:
    return np.array([foretold.founded, foretold.of_lesions, foretold.cells, foretold.litters])


def test_the_mean_of_many_runs_is_foretold(cpu: Backend) -> None:
    """10 runs of some 600 lesions and 3,500 cells of theirs: five standard errors are 14 %."""
    laid_out = setting()
    mean, error = runs(laid_out, cpu)
    assert mean[1] > 300
    foretold = figures(forecast_lesions(laid_out, cpu))
    assert (np.abs(foretold - mean) < 5.0 * error).all(), (foretold, mean, error)


def test_loss_balance_and_waking_are_foretold(cpu: Backend) -> None:
    """They are settled at the end of epochs, in the forecast as they come: 5 % beside the noise."""
    laws: dict[str, Any] = {
        "loss_rate": 1e-4,
        "surveillance_cells": 30.0,
        "balance_share": 0.5,
        "balance_cells": 20.0,
        "waking_rate": 1e-4,
    }
    laid_out = setting(doubling_time=1000.0, **laws)
    mean, error = runs(laid_out, cpu)
    foretold = figures(forecast_lesions(laid_out, cpu))
    assert (np.abs(foretold - mean) < 5.0 * error + 0.05 * mean).all(), (foretold, mean, error)
    without = figures(forecast_lesions(setting(doubling_time=1000.0), cpu))
    assert (without[1:] > 1.5 * foretold[1:]).all()


def test_lineages_that_die_out_are_foretold(cpu: Backend) -> None:
    """Half of the lesions die out, the others start from more cells: 5 % beside the noise."""
    laid_out = setting(doubling_time=800.0, cell_loss_factor=0.5)
    mean, error = runs(laid_out, cpu)
    foretold = figures(forecast_lesions(laid_out, cpu))
    assert (np.abs(foretold - mean) < 5.0 * error + 0.05 * mean).all(), (foretold, mean, error)


def test_colonies_that_stay_small_are_foretold_to_shed_nothing(cpu: Backend) -> None:
    """Four in ten become lesions. Rows of a run are those; the forecast counts all colonies."""
    share = 0.4
    laid_out = replace(setting(), overt=OvertShares(by_blood=share))
    mean, error = runs(laid_out, cpu)
    foretold = figures(forecast_lesions(laid_out, cpu)) * [share, share, 1.0, 1.0]
    assert (np.abs(foretold - mean) < 5.0 * error).all(), (foretold, mean, error)
    assert figures(forecast_lesions(setting(), cpu))[2] > 2.0 * foretold[2]


def test_long_epochs_are_foretold_roughly(cpu: Backend) -> None:
    """Lesions double six times in an epoch, in which sizes are constant: within a fifth."""
    laid_out = setting(range(1, 5))
    mean, _ = runs(laid_out, cpu)
    assert figures(forecast_lesions(laid_out, cpu)) == pytest.approx(mean, rel=0.2)


@pytest.mark.parametrize(
    "laid_out",
    [
        setting(shedding_rate=0.0),
        setting(vascular_cells=1e6),
        setting((0.1, 0.2), doubling_time=3600.0),
    ],
    ids=["no shedding", "no vessels", "too short"],
)
def test_nothing_is_foretold_where_no_lesion_can_shed(laid_out: Setting, cpu: Backend) -> None:
    foretold = forecast_lesions(laid_out, cpu)
    assert foretold == LesionForecast()
    assert foretold.sentences(cells_of_sources=1.0, colony_factor=1.0) == ()


def test_memory_and_time_count_what_lesions_shed(cpu: Backend) -> None:
    """A run in which they shed a thousand times as much as the sources."""
    hours = range(1, 9)
    quiet = forecast(setting(hours, shedding_rate=0.0), cpu, expected_cells=600.0)
    loud = forecast(setting(hours, shedding_rate=3e-4), cpu, expected_cells=600.0)
    assert loud.lesions.cells > 1e6
    assert loud.lesions.is_running_away
    # Their cells come and go in chunks; what stays are the lesions that they found.
    assert loud.memory_bytes - quiet.memory_bytes > LESION.itemsize * loud.lesions.founded > 1e9
    assert loud.seconds > 2.0 * quiet.seconds


def test_what_runs_away_is_told_with_the_remedy() -> None:
    calm = LesionForecast(100.0, 10.0, 5e3, 100.0, 50.0)
    (told,) = calm.sentences(cells_of_sources=1e6, colony_factor=1e-5)
    assert told.startswith("Lesions shed in turn: on average 100 colonies, 10 of them founded by")
    assert "5e+03 beside 1e+06 of the sources" in told
    warning, remedy = LesionForecast(1e9, 1e9, 1e12, 1e10, 1e9).sentences(
        cells_of_sources=1e6, colony_factor=1.0
    )
    assert warning.startswith("WARNING: lesions run away. On average 1e+09 colonies")
    assert "lower tissue.colony_factor, now 1 (" in remedy
    assert "--set tumours.lesions_shed=false" in remedy
