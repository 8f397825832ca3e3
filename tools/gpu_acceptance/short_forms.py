"""The short form of every shipped scenario: the same biology and sources, few vessels and cells.

The rule works on the scenario as it stands, so that a new one has its short form at once: at most
so many epochs of its own length, a body of few terminals, all sources smaller by one factor, and
its windows moved to where cells are under way.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from ctc.scenario.load import load_scenario, shipped_scenarios
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import BolusSource
from ctc.scenario.sources import resolve_sources

TERMINALS = 1500
EPOCHS = 4
CELLS = 3000
TRACKED = 100


def short_form(
    name: str, *, cells: int = CELLS, epochs: int = EPOCHS, tables: Path | None = None
) -> Scenario:
    """Return a shipped scenario cut short.

    Parameters
    ----------
    name : str
        Such as ``quick`` or ``cancers/breast``.
    cells : int
        Expected of all sources together.
    epochs : int
        At most so many.
    tables : Path, optional
        Folder of an imported body, for those scenarios that leave it open.

    Raises
    ------
    InputError
        If the scenario needs tables and none are given, or cannot be read.
    """
    given = [f"body.folder={tables}"] if tables is not None and needs_tables(name) else []
    settings = load_scenario(name, overrides=given).settings
    n_epochs = min(epochs, round(settings.run.duration / settings.run.epoch))
    duration = n_epochs * settings.run.epoch
    overrides = [*given, f"run.duration={duration!r} s", f"record.tracked={TRACKED}"]
    if settings.body.source == "grown":
        overrides.append(f"body.terminals={min(TERMINALS, settings.body.terminals)}")
    for number, _ in enumerate(settings.record.window):
        start = (number + 0.5) * settings.run.epoch
        window = f"record.window.{number}"
        overrides += [f"{window}.start={start!r} s", f"{window}.duration=40 s"]
        overrides += [f"{window}.interval=20 s"]
    brief = load_scenario(name, overrides=overrides)
    expected = sum(source.expected_cells for source in resolve_sources(brief))
    share = min(cells / expected, 1.0)
    for number, source in enumerate(settings.source):
        key = f"source.{number}"
        if isinstance(source, BolusSource):
            overrides.append(f"{key}.cells={max(round(source.cells * share), 1)}")
        else:
            overrides.append(f"{key}.mass={source.mass * share * 1e3!r} g")
    return load_scenario(name, overrides=overrides)


def scenario_names() -> tuple[str, ...]:
    """Return the names of all shipped scenarios without a calendar.

    A calendar cannot be cut short: what it orders would never take place.
    """
    return tuple(name for name in shipped_scenarios() if not name.startswith("clinic/"))


def needs_tables(name: str) -> bool:
    """Return whether a scenario runs in an imported body, which is not shipped."""
    body = tomllib.loads(shipped_scenarios()[name].read_text(encoding="utf-8")).get("body", {})
    return bool(body.get("source") == "tables" and not body.get("folder"))


def large_form(cells: int) -> Scenario:
    """Return ``quick`` with all its vessels, for so many cells and four of its epochs."""
    whole = load_scenario("quick")
    run = whole.settings.run
    source = whole.settings.source[0]
    assert not isinstance(source, BolusSource)
    brief = [f"run.duration={EPOCHS * run.epoch!r} s", "record.tracked=0"]
    expected = resolve_sources(load_scenario("quick", overrides=brief))[0].expected_cells
    mass = source.mass * cells / expected
    return load_scenario("quick", overrides=[*brief, f"source.0.mass={mass * 1e3!r} g"])
