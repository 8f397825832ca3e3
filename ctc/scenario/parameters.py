"""A value with unit, source and basis, and the sets that such values are kept in."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctc.errors import InputError, near_name
from ctc.input_files import is_file, read_toml, shown
from ctc.resources import resource_folder
from ctc.units import to_base

BASES = ("measured", "fitted", "derived", "assumed")
# Origin of what a scenario sets itself.
OVERRIDE = "override"
_KEYS = {"value", "unit", "basis", "source"}
_HOW = "value, unit, basis and source"


@dataclass(frozen=True)
class Parameter:
    """One number with where it came from.

    Attributes
    ----------
    name : str
        Dotted name inside its set.
    value : float
        In SI.
    unit : str
        The unit that the file wrote it in.
    basis : str
        ``measured``, ``fitted``, ``derived`` or ``assumed``.
    source : str
        Citation, or the reasoning of an assumption.
    origin : str
        The set that a run has it from, such as ``cancers/breast``, or ``override``.
    """

    name: str
    value: float
    unit: str
    basis: str
    source: str
    origin: str = ""


class ParameterSet(Mapping[str, Parameter]):
    """The parameters of one TOML file below ``scenarios/parameters``, by dotted name."""

    def __init__(self, name: str, parameters: dict[str, Parameter]) -> None:
        self.name = name
        self._parameters = parameters
        self._groups: dict[str, dict[str, Parameter]] | None = None

    def __getitem__(self, key: str) -> Parameter:
        try:
            return self._parameters[key]
        except KeyError:
            hint = near_name(key, self._parameters)
            message = f"parameter must be one of set '{self.name}', got '{key}'. {hint}"
            raise InputError(message) from None

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def value(self, key: str) -> float:
        """Return the SI value of one parameter."""
        return self[key].value

    def culprit(self, *names: str) -> str:
        """Return which of some parameters that do not fit together a user is to look at.

        The first that the scenario overrides, else the first of a file of the user's, else the
        first that there is.
        """
        present = [name for name in names if name in self]
        overridden = [name for name in present if self[name].origin == OVERRIDE]
        of_a_file = [name for name in present if self[name].origin.endswith(".toml")]
        return [*overridden, *of_a_file, *present, *names][0]

    def located(self, error: InputError) -> InputError:
        """Return an error about a parameter with the key, or the set, that its value came from."""
        if error.key is None or error.key not in self or error.file is not None:
            return error
        origin = self[error.key].origin
        if origin == OVERRIDE:
            return type(error)(error.message, key=f"{OVERRIDE}.{error.key}")
        return error.at(file=origin or None)

    def group(self, prefix: str) -> dict[str, Parameter]:
        """Return the parameters below a dotted prefix, by the rest of their name."""
        if self._groups is None:
            self._groups = _by_prefix(self._parameters)
        return dict(self._groups.get(prefix, {}))


def _by_prefix(parameters: Mapping[str, Parameter]) -> dict[str, dict[str, Parameter]]:
    """Return what lies below every dotted prefix, by the rest of its name, in the order given."""
    groups: dict[str, dict[str, Parameter]] = {}
    for key, parameter in parameters.items():
        end = key.find(".")
        while end >= 0:
            groups.setdefault(key[:end], {})[key[end + 1 :]] = parameter
            end = key.find(".", end + 1)
    return groups


def parameter_names() -> list[str]:
    """Return the names of all shipped parameter sets, such as ``cancers/breast``."""
    root = resource_folder("scenarios") / "parameters"
    return sorted(str(p.relative_to(root).with_suffix("")) for p in root.rglob("*.toml"))


def load_parameters(name: str) -> ParameterSet:
    """Read one shipped parameter set.

    Parameters
    ----------
    name : str
        Path below ``scenarios/parameters`` without ``.toml``, such as ``bodies/human_male``.

    Returns
    -------
    ParameterSet
        Values in SI.

    Raises
    ------
    InputError
        If there is no such set, or an entry lacks one of value, unit, basis, source.
    """
    path = resource_folder("scenarios") / "parameters" / f"{name}.toml"
    if not is_file(path):
        hint = near_name(name, parameter_names())
        message = f"parameter set must be a shipped one, got '{name}'. {hint}"
        raise InputError(message)
    return _shipped(path, name)


@functools.cache
def _shipped(path: Path, name: str) -> ParameterSet:
    # One run asks a hundred times; what comes with the program does not change while it runs.
    return read_parameters(path, name=name)


def read_parameters(path: Path, *, name: str) -> ParameterSet:
    """Read a parameter set from any TOML file; see `load_parameters`."""
    _, tree = read_toml(path)
    found: dict[str, Parameter] = {}
    _collect(tree, "", found, str(path))
    return ParameterSet(name, found)


def _collect(table: dict[str, Any], prefix: str, found: dict[str, Parameter], file: str) -> None:
    if "value" in table:
        found[prefix] = _parameter(table, prefix, file)
        return
    for key, entry in table.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if not isinstance(entry, dict):
            message = f"entry must be a table, got {shown(entry)}. Give it {_HOW}."
            raise InputError(message, file=file, key=dotted)
        _collect(entry, dotted, found, file)


def _parameter(table: dict[str, Any], name: str, file: str) -> Parameter:
    if set(table) != _KEYS:
        missing, unknown = sorted(_KEYS - set(table)), sorted(set(table) - _KEYS)
        got = [f"no {name}" for name in missing] + [f"'{name}'" for name in unknown]
        message = f"entry must have {_HOW}, and nothing else, got {', '.join(got)}. Mend it."
        raise InputError(message, file=file, key=name)
    if table["basis"] not in BASES:
        message = f"basis must be one of {', '.join(BASES)}, got '{table['basis']}'. Choose one."
        raise InputError(message, file=file, key=name)
    if not str(table["source"]).strip():
        message = "source must say where the value comes from, got nothing. Cite it, or say why."
        raise InputError(message, file=file, key=name)
    value, unit = table["value"], table["unit"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"value must be a number, got {shown(value)}. The unit stands under unit."
        raise InputError(message, file=file, key=name)
    si = float(value) if unit in ("", "1") else _to_base(float(value), unit, file, name)
    return Parameter(name, si, unit, table["basis"], table["source"])


def _to_base(value: float, unit: str, file: str, name: str) -> float:
    try:
        return to_base(value, unit)
    except Exception as error:
        message = f"unit must be one that pint knows, got '{unit}' ({error})."
        raise InputError(message, file=file, key=name) from None
