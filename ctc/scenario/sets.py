"""The parameters of a run: shipped or own sets, the cancer's over them, single values on top."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctc.errors import InputError
from ctc.input_files import is_file, shown
from ctc.scenario.overrides import flatten
from ctc.scenario.parameters import (
    OVERRIDE,
    Parameter,
    ParameterSet,
    load_parameters,
    read_parameters,
)
from ctc.scenario.rules import (
    ORGAN_PARAMETERS,
    ORGAN_PREFIX,
    PARAMETERS,
    SOURCE_PARAMETERS,
    TOPICS,
    rule_of,
)
from ctc.scenario.schema import Settings
from ctc.units import DIMENSIONS, EXAMPLES, dimension_of, to_si


def gather_parameters(settings: Settings, folder: Path) -> ParameterSet:
    """Read the sets that a scenario names and lay its overrides over them.

    Parameters
    ----------
    settings : Settings
        The scenario.
    folder : Path
        That a set given as a file, such as ``"my_cells.toml"``, is looked for in.

    Returns
    -------
    ParameterSet
        By full dotted name (``tumour_cell.diameter``), in SI, in order of name.

    Raises
    ------
    InputError
        If a set is missing or holds a parameter that no run reads, or a value is of the wrong
        dimension or out of range, or one that every run reads is missing.
    """
    found: dict[str, Parameter] = {}
    for topic in TOPICS:
        name = getattr(settings.sets, topic)
        found |= _named(_read(name, folder, f"sets.{topic}"), prefix=f"{topic}.")
    if settings.cancer is not None:
        found |= _named(_read(settings.cancer.set, folder, "cancer.set"), prefix="")
    for key, value in flatten(settings.override).items():
        found[key] = _overridden(key, value, found.get(key))
    if settings.cancer is not None and not settings.cells.inert:
        _require_all(found, settings.cancer.set)
    return ParameterSet("scenario", {key: found[key] for key in sorted(found)})


def _require_all(found: Mapping[str, Parameter], cancer: str) -> None:
    """Raise InputError where a parameter that every run reads is in no set."""
    needed = [name for name in PARAMETERS if name not in SOURCE_PARAMETERS]
    needed += [f"{ORGAN_PREFIX}default.{key}" for key in ORGAN_PARAMETERS]
    missing = [name for name in needed if name not in found]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = (
            f"parameter must be in a set that the scenario names, got none{more}. Add "
            f"[{missing[0]}] to the set of the cancer, or write it under [override]."
        )
        raise InputError(message, file=cancer, key=missing[0])


def _read(name: str, folder: Path, key: str) -> ParameterSet:
    try:
        if not name.endswith(".toml"):
            return load_parameters(name)
        path = folder / name
        if not is_file(path):
            message = (
                f"parameter set must be a file, got '{path}', which is none. Its path is taken "
                "from the scenario's folder; shipped sets have no .toml behind their name."
            )
            raise InputError(message)
        return read_parameters(path, name=name)
    except InputError as error:
        raise error.at(key=None if error.file else key) from None


# What shipped sets come to, which a cohort asks for once a patient; they stay as they are.
_shipped: dict[tuple[int, str], tuple[ParameterSet, dict[str, Parameter]]] = {}


def _named(parameters: ParameterSet, *, prefix: str) -> dict[str, Parameter]:
    """Return the parameters of a set by full name, each checked by its rule."""
    known = _shipped.get((id(parameters), prefix))
    if known is not None:
        return known[1]
    found: dict[str, Parameter] = {}
    for key, parameter in parameters.items():
        _add(found, f"{prefix}{key}", parameter, parameters.name)
    if not parameters.name.endswith(".toml"):
        _shipped[id(parameters), prefix] = parameters, found
    return found


def _add(found: dict[str, Parameter], name: str, parameter: Parameter, set_name: str) -> None:
    try:
        rule = rule_of(name)
        dimension = dimension_of(parameter.unit)
        if dimension != rule.dimension:
            kind = rule.dimension.replace("_", " ")
            message = f"unit must be one of a {kind}, got '{parameter.unit}'. "
            if DIMENSIONS[rule.dimension]:
                message += f"Take that of '{EXAMPLES[rule.dimension]}'."
            else:
                message += "Write unit = ''."
            raise InputError(message)
        rule.check(parameter.value)
    except InputError as error:
        raise error.at(file=set_name, key=name) from None
    found[name] = dataclasses.replace(parameter, name=name, origin=set_name)


def _overridden(name: str, value: Any, before: Parameter | None) -> Parameter:
    try:
        rule = rule_of(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            message = f"value must be a number with its unit as text, got {shown(value)}."
            raise InputError(message)
        si = to_si(str(value), rule.dimension)
        rule.check(si, given=str(value))
    except InputError as error:
        raise error.at(key=f"override.{name}") from None
    instead = "" if before is None else f" instead of {before.value:g} in SI ({before.source})"
    unit = DIMENSIONS[rule.dimension]
    source = f"'{value}' set by the scenario{instead}"
    return Parameter(name, si, unit, "assumed", source, origin=OVERRIDE)
