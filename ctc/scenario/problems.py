"""What is wrong with a scenario file, as one message: pydantic's errors -> InputError."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ctc.errors import InputError, near_name
from ctc.input_files import shown
from ctc.scenario.schema import Settings

_SHAPES = {
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    # All other lists say themselves what they are.
    "tuple_type": "a list of tables, each under its own double brackets",
}


def explain(error: ValidationError, schema: dict[str, Any] | None = None) -> InputError:
    """Turn a failed validation into one InputError that names the first fault.

    An unknown key comes first: it often is the misspelt name of one that is then missing.

    Parameters
    ----------
    error : ValidationError
        Of pydantic.
    schema : dict, optional
        JSON schema of the file; that of a scenario by default.
    """
    schema = settings_schema() if schema is None else schema
    faults: Sequence[Mapping[str, Any]] = error.errors()
    faults = sorted(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    key, message = _describe(faults[0], schema)
    if len(faults) > 1:
        message = f"{message} (and {len(faults) - 1} more)"
    return InputError(message, key=key)


def _describe(fault: Mapping[str, Any], schema: dict[str, Any]) -> tuple[str, str]:
    """Return the key and the message of one fault."""
    place: tuple[str | int, ...] = fault["loc"]
    kind, given, last = fault["type"], fault["input"], str(place[-1])
    table, parts = _table_at(place, schema)
    key = ".".join(parts)
    context: Mapping[str, Any] = fault.get("ctx") or {}
    entries = table.get("properties", {})
    if kind == "value_error" and isinstance(context.get("error"), InputError):
        message = context["error"].message
    elif kind == "extra_forbidden":
        message = f"key must be one of this table's, got {shown(last)}. {near_name(last, entries)}"
    elif kind == "missing":
        what = entries.get(last, {}).get("description", "")
        message = f"key must be given, got none. It says: {what}"
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        key += f".{table['discriminator']['propertyName']}"
        message = _choice(list(table["discriminator"]["mapping"]), context.get("tag"))
    elif kind == "literal_error":
        message = _choice(_names_of(entries[last]), given)
    elif kind in ("too_short", "too_long"):
        rule = f"at least {context.get('min_length')}"
        if kind == "too_long":
            rule = f"at most {context.get('max_length')}"
        message = f"list must have {rule} entries, got {shown(given)}."
    elif kind in _SHAPES:
        message = f"value must be {_SHAPES[kind]}, got {shown(given)}."
    else:
        message = f"value must be right, got {shown(given)} ({fault['msg']})."
    return key, message


def _names_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the words that a key may be, whether or not it may be left out."""
    choices = entry.get("anyOf", [entry])
    return [
        name for choice in choices for name in choice.get("enum", [choice.get("const")]) if name
    ]


def _choice(names: list[str], given: object) -> str:
    hint = near_name(str(given), names)
    hint = f" {hint}" if hint.startswith("Did") else " Choose one of them."
    return f"value must be one of {', '.join(names)}, got {shown(given)}.{hint}"


def _table_at(
    place: Sequence[str | int], schema: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return the schema of the table that holds the last key, and the path without union tags."""
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
