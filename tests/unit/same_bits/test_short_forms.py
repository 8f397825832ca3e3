"""Every shipped scenario has a short form: few vessels, cells and epochs, the same biology."""

import pytest

from ctc.backends.cpu import CpuBackend
from ctc.preparation import prepare
from ctc.scenario.load import load_scenario, shipped_scenarios
from ctc.scenario.scenario import Scenario
from ctc.scenario.sources import resolve_sources
from ctc.simulation.epochs import Simulation
from ctc.states import TreatmentKind
from tests.reference_data import require_reference
from tools.short_forms import (
    CELLS,
    EPOCHS,
    FOUND_SOON,
    TERMINALS,
    large_form,
    needs_tables,
    short_form,
    waits_for_a_finding,
)

CLINIC = [name for name in shipped_scenarios() if name.startswith("clinic/")]
WAITING = [name for name in CLINIC if waits_for_a_finding(load_scenario(name).settings)]
OTHERS = [name for name in shipped_scenarios() if name not in WAITING and not needs_tables(name)]


def values_of(scenario: Scenario) -> dict[str, object]:
    return {key: parameter.value for key, parameter in scenario.parameters.items()}


@pytest.mark.parametrize("name", OTHERS)
def test_short_forms_are_short(name: str) -> None:
    whole, brief = load_scenario(name), short_form(name)
    run = brief.settings.run
    assert run.epoch == whole.settings.run.epoch
    if name not in CLINIC:
        assert run.duration <= EPOCHS * run.epoch
    assert brief.settings.body.terminals <= TERMINALS
    cells = [source.expected_cells for source in resolve_sources(brief)]
    assert sum(cells) == pytest.approx(CELLS, rel=0.01)
    starts = [window.start for window in brief.settings.record.window]
    assert len(starts) == max(len(whole.settings.record.window), 1)
    assert all(start < run.duration for start in starts)
    assert values_of(whole) == values_of(brief)


def test_some_are_left() -> None:
    assert len(OTHERS) >= 19
    assert len(WAITING) >= 5
    assert needs_tables("imported_body")


@pytest.mark.parametrize("name", CLINIC)
def test_all_that_a_calendar_orders_takes_place(name: str) -> None:
    """In fewer than thirty epochs, and with no other numbers than those that say why."""
    whole, brief = load_scenario(name), short_form(name)
    changed = {key for key, value in values_of(brief).items() if value != values_of(whole)[key]}
    assert changed <= {text.partition("=")[0].removeprefix("override.") for text in FOUND_SOON}
    simulation = Simulation(prepare(brief).setting, CpuBackend(threads=1))
    assert len(simulation.setting.epochs) < 30
    kinds: set[int] = set()
    for epoch in simulation.epochs():
        kinds |= set(epoch.clinic["treatments"]["kind"].tolist())
    ordered = {TreatmentKind[entry.kind.upper()] for entry in brief.settings.treatment}
    assert kinds == ordered


def test_an_imported_body_is_shortened_too() -> None:
    folder = require_reference("data", "bodyparts3d")
    brief = short_form("imported_body", tables=folder)
    cells = [source.n_cells for source in resolve_sources(brief)]
    assert len(cells) == 16
    assert sum(cells) == pytest.approx(CELLS, rel=0.01)


def test_the_large_form_keeps_all_vessels() -> None:
    found = large_form(50_000)
    assert found.settings.body.terminals == load_scenario("quick").settings.body.terminals
    assert resolve_sources(found)[0].expected_cells == pytest.approx(50_000)
