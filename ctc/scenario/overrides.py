"""``--set key=value`` and inheritance: changes to the tree of a scenario file before it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ctc.errors import InputError
from ctc.input_files import DEEPEST_TOML, parse_toml, shown

Tree = dict[str, Any]

_PLACE = "--set"
# The name of an entry of the calendar behind its number, in messages: treatment.1 ('SBRT').dose
_NAME = re.compile(r" \('[^']*'\)")


def parse_override(text: str) -> tuple[list[str], Any]:
    """Split ``key=value`` into the path of the key and a value as TOML reads it.

    A value that is no TOML is taken as text, so that quotes may be left out:
    ``run.duration=2 days``.

    Raises
    ------
    InputError
        If there is no ``=`` or the key is no dotted name.
    """
    key, equals, value = text.partition("=")
    parts = [part.strip().strip("\"'") for part in key.split(".")]
    if not equals or not all(parts):
        message = (
            f"value must be key=value, got {shown(text)}. Write it like --set run.duration='2 d'."
        )
        raise InputError(message, file=_PLACE)
    if len(parts) > DEEPEST_TOML:
        message = f"key must have at most {DEEPEST_TOML} parts, got {len(parts)}. Correct it."
        raise InputError(message, file=_PLACE)
    try:
        tree = parse_toml(f"value = {value}")
    except InputError:
        return parts, value.strip()
    # What goes on after the value, in a line of its own, belongs to the text.
    return parts, tree["value"] if len(tree) == 1 else value.strip()


def apply_override(tree: Tree, parts: list[str], value: Any) -> None:
    """Set one value in the tree in place.

    A number addresses an entry of a list (``source.0.mass``); it may be left out where the
    list has one entry (``source.mass``).

    Raises
    ------
    InputError
        If the key goes through a value that is no table, or an entry that is not there.
    """
    here: Any = tree
    dotted = ".".join(parts)
    if parts[0] == "override":
        _forget(tree.get("override"), parts[1:])
    for depth, part in enumerate(parts[:-1]):
        here = _step(here, part, dotted, parts[depth + 1])
    if isinstance(here, list) and _is_number(parts[-1]):
        message = (
            f"entry must be changed key by key, got {shown(value)}. Write it like {dotted}.KEY=..."
        )
        raise InputError(message, file=_PLACE, key=dotted)
    if isinstance(here, list):
        here = _only_entry(here, parts[-1], dotted)
    if not isinstance(here, dict):
        message = f"key must lead through tables, got {shown(here)} on the way."
        raise InputError(message, file=_PLACE, key=dotted)
    here[parts[-1]] = value


def _forget(given: Any, parts: list[str]) -> None:
    """Drop a parameter however its name is dotted in the file, so that it is not given twice."""
    if isinstance(given, dict):
        given.pop(".".join(parts), None)
        for count in range(1, len(parts)):
            _forget(given.get(".".join(parts[:count])), parts[count:])


def remove_entries(tree: Tree, keys: Sequence[str]) -> None:
    """Take tables, keys or entries of lists out of the tree in place.

    Parameters
    ----------
    tree : dict
        Of a scenario.
    keys : sequence of str
        Dotted, such as ``treatment.1``; all numbers are those before any is taken out.

    Raises
    ------
    InputError
        If one is not there.
    """
    found: dict[int, tuple[Any, set[Any]]] = {}
    for key in keys:
        here: Any = tree
        parts = key.split(".")
        for depth, part in enumerate(parts):
            name: Any = int(part) if isinstance(here, list) and _is_number(part) else part
            is_there = (isinstance(here, dict) and name in here) or (
                isinstance(here, list) and isinstance(name, int) and name < len(here)
            )
            if not is_there:
                message = f"entry must be in the scenario file, got '{part}', which is not there."
                raise InputError(message + " Count entries of lists from 0.", key=key)
            if depth == len(parts) - 1:
                found.setdefault(id(here), (here, set()))[1].add(name)
            here = here[name]
    for container, names in found.values():
        for name in sorted(names, reverse=True):
            del container[name]


def _is_number(part: str) -> bool:
    """Return whether a part of a key counts entries; no list has a billion."""
    return part.isascii() and part.isdigit() and len(part) < 10


def _step(here: Any, part: str, dotted: str, following: str) -> Any:
    if isinstance(here, list):
        if _is_number(part):
            if int(part) >= len(here):
                message = f"entry must be one of 0 .. {len(here) - 1}, got {part}."
                raise InputError(message, file=_PLACE, key=dotted)
            return here[int(part)]
        here = _only_entry(here, part, dotted)
    if not isinstance(here, dict):
        message = f"key must lead through tables, got {shown(here)} before '{part}'."
        raise InputError(message, file=_PLACE, key=dotted)
    if part not in here and _is_number(following):
        message = f"'{part}' must be a list in the scenario file, got none. Add it to the file."
        raise InputError(message, file=_PLACE, key=dotted)
    return here.setdefault(part, {})


def _only_entry(entries: list[Any], part: str, dotted: str) -> Any:
    if len(entries) != 1:
        message = (
            f"entry of the list must be numbered before '{part}': it has {len(entries)}. "
            "Write it like source.0.mass=..."
        )
        raise InputError(message, file=_PLACE, key=dotted)
    return entries[0]


def place_of(key: str | None, overrides: Sequence[str], file: Path) -> str:
    """Return where a key was given its value, for messages: ``--set``, or the file.

    Parameters
    ----------
    key : str, optional
        Dotted; entries of lists may be numbered or not, and those of the calendar named.
    overrides : sequence of str
        The ``--set`` texts.
    file : Path
        Of the scenario.
    """
    set_keys = {_without_numbers(parse_override(text)[0]) for text in overrides}
    is_set = key is not None and _without_numbers(_NAME.sub("", key).split(".")) in set_keys
    return _PLACE if is_set else str(file)


def _without_numbers(parts: Sequence[str]) -> str:
    return ".".join(part for part in parts if not _is_number(part))


def merge(base: Tree, changes: Tree) -> Tree:
    """Return ``base`` with ``changes`` laid over it: tables key by key, lists as a whole."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = merge(below, value) if both and isinstance(below, dict) else value
    return merged


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested tables by dotted name.

    Raises
    ------
    InputError
        If a name is given twice, once dotted and once as a table.
    """
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        dotted = f"{prefix}.{key}" if prefix else key
        found = flatten(value, dotted) if isinstance(value, Mapping) else {dotted: value}
        for name, leaf in found.items():
            if name in leaves:
                both = f"{shown(leaves[name])} and {shown(leaf)}"
                message = f"key must be given once, got {both}. Drop one."
                raise InputError(message, key=f"override.{name}")
            leaves[name] = leaf
    return leaves
