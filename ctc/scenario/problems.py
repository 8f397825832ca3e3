"""What is wrong with a scenario file, as one message: pydantic's errors -> InputError."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ctc.errors import InputError, near_name
from ctc.scenario.schema import Settings

_SHAPES = {
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "tuple_type": "a list of tables, each under its own double brackets",
}


def explain(error: ValidationError) -> InputError:
    """Turn a failed validation into one InputError that names the first fault.

    An unknown key comes first: it often is the misspelt name of one that is then missing.
    """
    faults: Sequence[Mapping[str, Any]] = error.errors()
    faults = sorted(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    key, message = _describe(faults[0])
    if len(faults) > 1:
        message = f"{message} (and {len(faults) - 1} more)"
    return InputError(message, key=key)


def _describe(fault: Mapping[str, Any]) -> tuple[str, str]:
    place: tuple[str | int, ...] = fault["loc"]
    kind, given = fault["type"], fault["input"]
    table, parts = _table_at(place)
    key = ".".join(parts)
    context: Mapping[str, Any] = fault.get("ctx") or {}
    if kind == "value_error" and isinstance(context.get("error"), InputError):
        return key, context["error"].message
    if kind == "extra_forbidden":
        hint = near_name(str(place[-1]), table.get("properties", {}))
        return key, f"key must be one of this table's, got '{place[-1]}'. {hint}"
    if kind == "missing":
        what = table.get("properties", {}).get(str(place[-1]), {}).get("description", "")
        return key, f"key must be given, got none. It says: {what}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        kinds = list(table["discriminator"]["mapping"])
        tag = context.get("tag", "none")
        return f"{key}.kind", f"value must be one of {kinds}, got '{tag}'. {near_name(tag, kinds)}"
    if kind == "literal_error":
        names = table["properties"][str(place[-1])]["enum"]
        hint = near_name(str(given), names)
        return key, f"value must be one of {names}, got {_short(given)}. {hint}"
    if kind in _SHAPES:
        return key, f"value must be {_SHAPES[kind]}, got {_short(given)}."
    return key, f"value must be right, got {_short(given)} ({fault['msg']})."


def _table_at(place: Sequence[str | int]) -> tuple[dict[str, Any], list[str]]:
    """Return the schema of the table that holds the last key, and the path without union tags."""
    schema = settings_schema()
    here: dict[str, Any] = schema
    table = here
    parts: list[str] = []
    for part in place:
        if "discriminator" in here and part in here["discriminator"]["mapping"]:
            here = _resolve(schema, {"$ref": here["discriminator"]["mapping"][part]})
            table = here
            continue
        parts.append(str(part))
        table = here
        if isinstance(part, int):
            here = _resolve(schema, here.get("items", {}))
        else:
            here = _resolve(schema, here.get("properties", {}).get(part, {}))
    return (here if "discriminator" in here else table), parts


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", ()):
        if "$ref" in option:
            node = option
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node


@functools.cache
def settings_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario file."""
    return Settings.model_json_schema()


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
