"""SWEEP.toml -> SweepFile: the only reader of sweep files."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ctc.errors import InputError, near_file
from ctc.input_files import is_file, is_folder, read_toml
from ctc.resources import resource_folder
from ctc.scenario.load import Draft, read_draft
from ctc.scenario.problems import explain
from ctc.scenario.sweep_tables import SweepFile
from ctc.units import dimension_of, to_si

_NUMBER = re.compile(r"\s*[+-]?[\d_.]+(?:[eE][+-]?\d+)?\s*(.*)")


@dataclass(frozen=True)
class SweepText:
    """A sweep file that has been read.

    Attributes
    ----------
    path : Path
        The file.
    text : str
        To the letter.
    content : SweepFile
        Checked by itself.
    """

    path: Path
    text: str
    content: SweepFile

    def draft(self, name: str, *, key: str) -> Draft:
        """Return the scenario that the sweep names: a file beside it, or a shipped one."""
        try:
            return read_draft(self.scenario_path(name))
        except InputError as error:
            raise InputError(str(error), file=str(self.path), key=key) from None

    def scenario_path(self, name: str) -> Path:
        """Return where a scenario is looked for: beside the sweep first."""
        beside = self.path.parent / name
        return beside if is_file(beside) or name.endswith(".toml") else Path(name)


def load_sweep_file(path: Path) -> SweepText:
    """Read a sweep file and check all that does not need its scenario.

    Parameters
    ----------
    path : Path
        A TOML file, or the name of a shipped sweep.

    Raises
    ------
    InputError
        At the first fault; names file, key, value, rule and remedy.
    """
    path = Path(path)
    if not is_file(path):
        path = _shipped(path)
    text, tree = read_toml(path)
    try:
        return SweepText(path, text, SweepFile.model_validate(tree))
    except ValidationError as error:
        raise explain(error, sweep_schema()).at(file=str(path)) from None


def _shipped(path: Path) -> Path:
    """Return the shipped sweep of a name; InputError where there is none."""
    root = resource_folder("scenarios") / "sweeps"
    shipped = {file.stem: file for file in sorted(root.glob("*.toml"))}
    if path.as_posix() in shipped:
        return shipped[path.as_posix()]
    if os.path.lexists(path) and not is_folder(path):
        return path  # whatever it is, reading says what is wrong with it
    what = "a folder" if is_folder(path) else "one that does not exist"
    beside = sorted(path.parent.glob("*.toml")) if is_folder(path.parent) else []
    message = f"sweep must be a TOML file or a shipped sweep, got {what}. "
    hint = near_file(path, [*map(str, beside), *shipped])
    raise InputError(message + hint, file=str(path))


@functools.cache
def sweep_schema() -> dict[str, Any]:
    """Return the JSON schema of a sweep file."""
    return SweepFile.model_json_schema()


def unit_of(value: object) -> str:
    """Return the unit as a text has it; empty for plain numbers."""
    found = _NUMBER.fullmatch(str(value))
    return found[1].strip() if found else ""


def amount(value: str | float) -> tuple[float, str]:
    """Return a number in SI, and the dimension of its unit; text without one is a number.

    Raises
    ------
    InputError
        If it is no number with a known unit.
    """
    text = str(value)
    unit = _NUMBER.fullmatch(text)
    if unit is None:
        message = f"value must be a number with a unit, got '{text}'. Write it like '5 years'."
        raise InputError(message)
    try:
        dimension = "number" if unit[1] in ("", "%") else dimension_of(unit[1].strip())
    except Exception as error:
        message = f"value must have a known unit, got '{text}' ({error})."
        raise InputError(message + " Write it like '5 years'.") from None
    if dimension is None:
        message = f"value must have a unit that a scenario takes, got '{text}'."
        raise InputError(message + " See the keys in scenarios/README.md.")
    return to_si(text, dimension), dimension
