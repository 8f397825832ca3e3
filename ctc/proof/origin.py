"""Whether a run is of the scenario, vessels and program that it names."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from ctc.backends.source import kernel_hash
from ctc.errors import InputError
from ctc.input_files import is_file, parse_toml
from ctc.preparation import vessels_of
from ctc.proof.check import Check, Verdict, judged, right, unknown
from ctc.record.provenance import program_commit
from ctc.record.reader import Run
from ctc.record.vessels import vessels_hash
from ctc.resources import program_version
from ctc.scenario.load import Draft, load_scenario, read_draft
from ctc.scenario.rules import TOPICS
from ctc.scenario.scenario import Scenario, restore_scenario
from ctc.simulation.prepare import nanoseconds

PROGRAM, SCENARIO, VESSELS, GROWN = "program", "scenario", "vessels", "vessels grown again"
# How the commit of a checkout with changed files ends.
_CHANGED = "-dirty"


def is_other_program(run: Run) -> bool:
    """Return whether another program than this one may have made a run.

    Its kernels alone do not tell: vessels, parameters and what is recorded come from the rest. A
    checkout with changed files is not even the same as itself.
    """
    made = run.provenance
    here = program_commit() or ""
    own = program_version(), here, kernel_hash()
    return (made.version, made.commit, made.kernel_hash) != own or here.endswith(_CHANGED)


def check_program(run: Run) -> Check:
    """Say whether this program is the one that made a run."""
    own, made, here = kernel_hash(), run.provenance, program_commit() or ""
    same_version = made.version == program_version()
    told = f"ctc {made.version}, kernels {made.kernel_hash[:12]}"
    if made.kernel_hash == own:
        return right(PROGRAM, told if same_version else f"{told}; here it is {program_version()}")
    if same_version and made.commit == here and not here.endswith(_CHANGED):
        message = f"{told}, but that very version and commit have kernels {own[:12]}"
        return Check(PROGRAM, Verdict.WRONG, message)
    return unknown(
        PROGRAM,
        f"{told}; here they are {own[:12]}: cells followed again need not come out the same",
    )


def check_scenario(run: Run) -> Check:
    """Say whether the stored text gives the stored scenario, and the run is of that."""
    header = run.header
    stored = restore_scenario(header.scenario_json, header.scenario_text)
    wrong = []
    if nanoseconds(stored.settings.run.duration) != header.duration:
        wrong.append(f"duration is {header.duration} ns, the scenario says otherwise")
    beside = _files_beside(stored)
    try:
        wanted = _resolved_again(stored)
    except InputError as error:
        if not beside or wrong:
            raise
        return unknown(SCENARIO, f"its text names files ({', '.join(beside)}): {error.message}")
    given = json.loads(header.scenario_json)
    for name in ("path", "overrides", "base_text"):
        wanted.pop(name, None), given.pop(name, None)
    differing = [key for key in sorted({*wanted, *given}) if wanted.get(key) != given.get(key)]
    if differing and not wrong and is_other_program(run):
        told = f"{', '.join(differing)}: the text gives others here, by another ctc's parameters"
        return unknown(SCENARIO, told)
    if differing == ["parameters"] and not wrong and beside:
        told = f"parameters: {', '.join(beside)} give others by now, or a lie is told here"
        return unknown(SCENARIO, told)
    wrong += [f"{key} is not what the text gives" for key in differing]
    return judged(SCENARIO, wrong, told="the text gives what is stored, key by key")


def _resolved_again(stored: Scenario) -> dict[str, Any]:
    """Return what the text of a scenario resolves to now, as plain values."""
    draft = _still_there(stored)
    if draft is not None:
        again = draft.scenario(stored.overrides)
    else:
        with tempfile.TemporaryDirectory(prefix="ctc-verify-") as folder:
            again = _from_text(stored, Path(folder))
    found: dict[str, Any] = json.loads(again.resolved())
    return found


def _still_there(stored: Scenario) -> Draft | None:
    """Return the file of a scenario where it, and what it extends, still are what was run."""
    if not is_file(stored.path):
        return None
    try:
        draft = read_draft(stored.path)
    except InputError:
        return None
    is_same = (draft.text, draft.base_text) == (stored.text, stored.base_text)
    return draft if is_same else None


def _from_text(stored: Scenario, folder: Path) -> Scenario:
    """Load a scenario whose file is gone or has changed; paths in it must be whole then."""
    base = _base_of(stored.text)
    file = folder / f"child-{base or 'scenario.toml'}"
    if base:
        if Path(base).name != base or base in (".", ".."):
            message = "scenario that this one extends must lie beside it for its text to be read."
            raise InputError(message, key="scenario.extends")
        (folder / base).write_text(stored.base_text, encoding="utf-8")
    file.write_text(stored.text, encoding="utf-8")
    return load_scenario(file, overrides=stored.overrides)


def _base_of(text: str) -> str:
    """Return what the text of a scenario extends; empty where it does not, or is none."""
    table = parse_toml(text, what="scenario").get("scenario", {})
    base = table.get("extends", "") if isinstance(table, dict) else ""
    return base if isinstance(base, str) else ""


def _files_beside(stored: Scenario) -> list[str]:
    """Return the files that a scenario names and a run file does not hold."""
    base = _base_of(stored.text)
    named = [base] if Path(base).name != base else []
    tables = [parse_toml(text, what="scenario") for text in (stored.text, stored.base_text)]
    while tables:
        for key, value in tables.pop().items():
            if isinstance(value, dict):
                tables.append(value)
            elif isinstance(value, str) and key != "extends" and _is_file_name(value):
                named.append(value)
    settings = stored.settings
    sets = [getattr(settings.sets, topic) for topic in TOPICS]
    sets += [settings.cancer.set] if settings.cancer is not None else []
    named += [each for each in sets if each and _is_file_name(each)]
    return sorted({*named})


def _is_file_name(value: str) -> bool:
    return value.endswith((".toml", ".h5", ".vtkhdf", ".stl", ".obj")) or Path(value).is_absolute()


def check_vessels(run: Run) -> Check:
    """Say whether the stored vessels are those of the stored hash."""
    found, named = vessels_hash(run.network(), run.flow()), run.provenance.network_hash
    wrong = [] if found == named else [f"they have {found[:12]}, the run names {named[:12]}"]
    return judged(VESSELS, wrong, told=f"SHA-256 {named[:12]} of vessels and flow")


def check_grown(run: Run) -> Check:
    """Say whether the scenario gives these vessels again."""
    stored = restore_scenario(run.header.scenario_json, run.header.scenario_text)
    named = run.provenance.network_hash
    try:
        network, flow, _ = vessels_of(stored)
    except InputError as error:
        return unknown(GROWN, f"they cannot be made here: {error.message}")
    found = vessels_hash(network, flow)
    if found == named:
        return right(GROWN, f"{network.n_segments:,} segments, the same to the last bit")
    if is_other_program(run):
        return unknown(GROWN, f"{found[:12]} here, by another ctc")
    return judged(GROWN, [f"the scenario gives {found[:12]}, the run names {named[:12]}"], told="")
