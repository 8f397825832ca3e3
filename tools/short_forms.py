"""The short form of every shipped scenario: the same biology and sources, few vessels and cells.

The rule works on the scenario as it stands, so that a new one has its short form at once: at most
so many epochs of its own length, or as many as its calendar needs, a body of few terminals, all
sources smaller by one factor, and its windows, or one where it has none, moved to where cells are
under way. A calendar that waits for a diagnosis begins with a tumour that can be found, and lesions
grow fast, so that what it orders takes place within its few epochs.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from ctc.cohort.planning import make_plan
from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.scenario.clinic_course import ANCHORS
from ctc.scenario.load import load_scenario, shipped_scenarios
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import BolusSource, Settings
from ctc.scenario.sources import resolve_sources

TERMINALS = 1500
EPOCHS = 4
CELLS = 3000
TRACKED = 100
_WINDOW = 'duration = "40 s", interval = "20 s"'
# Base points of a design that needs a power of two of them.
FEWEST_PATIENTS = 2

# A tumour that is seen at once or soon; few lesions, which are seen within a year; a margin that is
# left to be irradiated.
FOUND_SOON = (
    "source.0.mass=60 g",
    "cells.weight=1000",
    "cells.most_followed=400",
    "override.tumour.overt_share=2e-4",
    "override.treatment.surgery.residual_probability=1.0",
    *(
        f"override.tissue.organ.{organ}.doubling_time=10 days"
        for organ in ("default", "liver", "lung")
    ),
)


def short_form(
    name: str,
    *,
    cells: int = CELLS,
    epochs: int = EPOCHS,
    tables: Path | None = None,
    further: Sequence[str] = (),
) -> Scenario:
    """Return a shipped scenario cut short.

    Parameters
    ----------
    name : str
        Such as ``quick`` or ``cancers/breast``.
    cells : int
        Expected of all sources together; not of a tumour that is waited for.
    epochs : int
        At most so many, or as few as leave room for the calendar.
    tables : Path, optional
        Folder of an imported body, for those scenarios that leave it open.
    further : sequence of str
        ``key=value`` texts, applied last.

    Raises
    ------
    InputError
        If the scenario needs tables and none are given, or cannot be read.
    """
    given = [f"body.folder={tables}"] if tables is not None and needs_tables(name) else []
    settings = load_scenario(name, overrides=given).settings
    overrides = [*given, f"record.tracked={TRACKED}"]
    if settings.body.source == "grown":
        overrides.append(f"body.terminals={min(TERMINALS, settings.body.terminals)}")
    is_waited_for = waits_for_a_finding(settings)
    if is_waited_for:
        overrides += FOUND_SOON
    tried = tuple(overrides)
    overrides.append(
        _shortest(settings, epochs, lambda it: load_scenario(name, overrides=[*tried, it]))
    )
    windows = ", ".join(
        f'{{start = "{(number + 0.5) * settings.run.epoch!r} s", {_WINDOW}}}'
        for number in range(max(len(settings.record.window), 1))
    )
    overrides.append(f"record.window=[{windows}]")
    if not is_waited_for:
        overrides += _smaller_sources(load_scenario(name, overrides=overrides), cells)
    return load_scenario(name, overrides=[*overrides, *further])


def waits_for_a_finding(settings: Settings) -> bool:
    """Whether an entry of the calendar waits for what an examination is to find."""
    return any(entry.after in ANCHORS for entry in (*settings.examination, *settings.treatment))


def needs_tables(name: str) -> bool:
    """Return whether a scenario runs in an imported body, which is not shipped."""
    body = tomllib.loads(shipped_scenarios()[name].read_text(encoding="utf-8")).get("body", {})
    return bool(body.get("source") == "tables" and not body.get("folder"))


def tables_folder() -> Path | None:
    """Return the folder of an imported body, if it is here."""
    root = Path(__file__).resolve().parents[1]
    places = [Path(os.environ.get("CTC_REFERENCE") or root / "shared")]
    places += [root / "shared", root.parent / "shared"]
    folders = [place / "data" / "bodyparts3d" for place in places]
    return next((folder for folder in folders if folder.is_dir()), None)


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


def sweep_names() -> tuple[str, ...]:
    """Return the names of the shipped sweeps."""
    return tuple(sorted(path.stem for path in (resource_folder("scenarios") / "sweeps").iterdir()))


def short_sweep(name: str) -> tuple[str, ...]:
    """Return the overrides that cut a shipped sweep short, as `short_form` does its scenario.

    Parameters
    ----------
    name : str
        Such as ``screening_interval``.
    """
    arm = make_plan(Path(name), n_patients=FEWEST_PATIENTS).arms[0]
    whole = arm.draft.scenario(arm.overrides, removed=arm.removed).settings
    overrides = (*FOUND_SOON, f"body.terminals={TERMINALS}")

    def require_room(duration: str) -> None:
        make_plan(Path(name), overrides=(*overrides, duration), n_patients=FEWEST_PATIENTS)

    return (*overrides, _shortest(whole, EPOCHS, require_room))


def _shortest(settings: Settings, epochs: int, require_room: Callable[[str], object]) -> str:
    """Return the shortest duration of at least so many epochs that a calendar has room in.

    As an override; ``require_room`` is given such and raises InputError where it has none.
    """
    run = settings.run
    longest = round(run.duration / run.epoch)

    def lasting(n_epochs: int) -> str:
        return f"run.duration={n_epochs * run.epoch!r} s"

    enough = min(epochs, longest)
    if settings.examination or settings.treatment:
        too_few, enough = enough - 1, longest
        while enough - too_few > 1:
            tried = (too_few + enough) // 2
            try:
                require_room(lasting(tried))
            except InputError:
                too_few = tried
            else:
                enough = tried
    return lasting(enough)


def _smaller_sources(brief: Scenario, cells: int) -> list[str]:
    """Return what makes all sources of a scenario smaller, so that they shed so many cells."""
    expected = sum(source.expected_cells for source in resolve_sources(brief))
    share = min(cells / expected, 1.0)
    overrides = []
    for number, source in enumerate(brief.settings.source):
        key = f"source.{number}"
        if isinstance(source, BolusSource):
            overrides.append(f"{key}.cells={max(round(source.cells * share), 1)}")
        else:
            overrides.append(f"{key}.mass={source.mass * share * 1e3!r} g")
    return overrides
