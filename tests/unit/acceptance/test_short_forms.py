"""Every shipped scenario has a short form: few vessels, cells and epochs, the same biology."""

import pytest

from ctc.scenario.load import load_scenario
from ctc.scenario.sources import resolve_sources
from tests.reference_data import require_reference
from tools.gpu_acceptance.short_forms import (
    CELLS,
    EPOCHS,
    TERMINALS,
    large_form,
    needs_tables,
    scenario_names,
    short_form,
)

GROWN = [name for name in scenario_names() if not needs_tables(name)]


@pytest.mark.parametrize("name", GROWN)
def test_short_forms_are_short(name: str) -> None:
    whole, brief = load_scenario(name), short_form(name)
    run = brief.settings.run
    assert run.epoch == whole.settings.run.epoch
    assert run.duration <= EPOCHS * run.epoch
    assert brief.settings.body.terminals <= TERMINALS
    cells = [source.expected_cells for source in resolve_sources(brief)]
    assert sum(cells) == pytest.approx(CELLS, rel=0.01)
    starts = [window.start for window in brief.settings.record.window]
    assert len(starts) == len(whole.settings.record.window)
    assert all(start < run.duration for start in starts)
    values = {key: p.value for key, p in whole.parameters.items()}
    assert values == {key: p.value for key, p in brief.parameters.items()}


def test_some_are_left() -> None:
    assert len(GROWN) >= 17
    assert needs_tables("imported_body")


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
