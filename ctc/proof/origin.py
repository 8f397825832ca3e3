"""Whether a run is of the scenario, vessels and program that it names."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from ctc.backends.source import kernel_hash
from ctc.errors import InputError
from ctc.preparation import vessels_of
from ctc.proof.check import Check, Verdict, judged, right, unknown
from ctc.record.provenance import program_commit
from ctc.record.reader import Run
from ctc.record.vessels import vessels_hash
from ctc.resources import program_version
from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import Scenario, restore_scenario
from ctc.simulation.prepare import nanoseconds

PROGRAM, SCENARIO, VESSELS, GROWN = "program", "scenario", "vessels", "vessels grown again"


def check_program(run: Run) -> Check:
    """Say whether this program is the one that made a run."""
    own, made = kernel_hash(), run.provenance
    same_version = made.version == program_version()
    same_commit = made.commit == (program_commit() or "")
    told = f"ctc {made.version}, kernels {made.kernel_hash[:12]}"
    if made.kernel_hash == own:
        return right(PROGRAM, told if same_version else f"{told}; here it is {program_version()}")
    if same_version and same_commit:
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
    wanted = _resolved_again(stored)
    given = json.loads(header.scenario_json)
    for name in ("path", "overrides", "base_text"):
        wanted.pop(name, None), given.pop(name, None)
    differing = [key for key in sorted({*wanted, *given}) if wanted.get(key) != given.get(key)]
    is_other = run.provenance.version != program_version() or (
        run.provenance.kernel_hash != kernel_hash()
    )
    if differing and is_other and not wrong:
        told = f"{', '.join(differing)}: the text gives others here, by another ctc's parameters"
        return unknown(SCENARIO, told)
    wrong += [f"{key} is not what the text gives" for key in differing]
    return judged(SCENARIO, wrong, told="the text gives what is stored, key by key")


def _resolved_again(stored: Scenario) -> dict[str, Any]:
    """Return what the text of a scenario resolves to now, as plain values."""
    path = stored.path
    if path.is_file() and path.read_text(encoding="utf-8") == stored.text:
        again = load_scenario(path, overrides=stored.overrides)
    else:
        with tempfile.TemporaryDirectory(prefix="ctc-verify-") as folder:
            again = _from_text(stored, Path(folder))
    found: dict[str, Any] = json.loads(again.resolved())
    return found


def _from_text(stored: Scenario, folder: Path) -> Scenario:
    """Load a scenario whose file is gone or has changed; paths in it must be whole then."""
    import tomllib  # noqa: PLC0415 - with the branch that needs it

    file = folder / "scenario.toml"
    file.write_text(stored.text, encoding="utf-8")
    base = tomllib.loads(stored.text).get("scenario", {}).get("extends", "")
    if base:
        target = (folder / Path(str(base)).name).resolve()
        if target.name != str(base):
            message = "scenario that this one extends must lie beside it for its text to be read."
            raise InputError(message, key="scenario.extends")
        target.write_text(stored.base_text, encoding="utf-8")
    return load_scenario(file, overrides=stored.overrides)


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
    if run.provenance.kernel_hash != kernel_hash():
        return unknown(GROWN, f"{found[:12]} here, by another ctc")
    return judged(GROWN, [f"the scenario gives {found[:12]}, the run names {named[:12]}"], told="")
