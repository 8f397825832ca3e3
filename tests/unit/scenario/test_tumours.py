"""What a tumour of a scenario is resolved to, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import Scenario
from ctc.scenario.tumours import PrimaryTumour, Tissue, resolve_tumour


def scenario(*overrides: str) -> Scenario:
    return load_scenario("quick", overrides=list(overrides))


def tumour(*overrides: str) -> PrimaryTumour:
    found = scenario(*overrides)
    return resolve_tumour(found, found.settings.source[0])  # type: ignore[arg-type]


def test_cells_of_a_ball() -> None:
    """4e9 cells a gram at the density of water: a ball of 2 mm has 4.19 mg of them."""
    tissue = Tissue(cells_per_mass=4e12, density=1000.0)
    assert tissue.cells_of_ball(2e-3) == pytest.approx(4e12 * 1000.0 * 4.0 / 3.0 * math.pi * 1e-9)


@pytest.mark.parametrize(
    ("growth", "invasion", "is_placed", "has_front"),
    [
        ([], [], False, False),
        (["source.growth=gompertz"], [], True, False),
        ([], ["source.invasion=single"], True, True),
        (["source.growth=gompertz"], ["source.invasion=collective"], True, True),
    ],
)
def test_growth_and_invasion_are_asked_for_by_themselves(
    growth: list[str], invasion: list[str], is_placed: bool, has_front: bool
) -> None:
    found = tumour(*growth, *invasion)
    assert (found.law is not None) == bool(growth)
    assert (found.front_speed is not None) == has_front
    assert found.is_placed == is_placed
    # What has no vessels within reach matters to a tumour that changes, and to no other.
    assert (found.avascular_diameter > 0.0) == (bool(growth) or has_front)


def test_a_front_moves_as_fishers_wave() -> None:
    """2 sqrt(D ln 2 / T) with D = v^2 t / 3; cells that hold together are slower by a factor."""
    single = tumour("source.invasion=single", "source.doubling_time=100 days")
    values = scenario().parameters
    speed, persistence = values.value("tumour.cell_speed"), values.value("tumour.cell_persistence")
    wave = 2.0 * math.sqrt(speed**2 * persistence / 3.0 * math.log(2.0) / (100.0 * 86400.0))
    assert single.front_speed == pytest.approx(wave, rel=1e-12)
    together = tumour("source.invasion=collective", "source.doubling_time=100 days")
    factor = values.value("tumour.collective_factor")
    assert together.front_speed == pytest.approx(wave * factor, rel=1e-12)


@pytest.mark.parametrize(("overrides", "share"), [([], None), (["source.lymph_share=0.25"], 0.25)])
def test_lymph_has_the_share_that_is_given_else_that_of_the_parameters(
    overrides: list[Any], share: float | None
) -> None:
    expected = scenario().parameters.value("lymph.entry_share") if share is None else share
    assert tumour(*overrides).lymph_share == expected > 0.0
    assert tumour(*overrides).needs_lymph == (share is not None)


def test_points_enter_no_lymph_unless_told() -> None:
    assert tumour("cells.inert=true").lymph_share == 0.0
