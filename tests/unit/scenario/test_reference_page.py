"""scenarios/README.md names every key of the schema and every parameter."""

import re
from typing import Any

from ctc.resources import resource_folder
from ctc.scenario.diagnosis_rules import SEEN
from ctc.scenario.problems import settings_schema
from ctc.scenario.rules import ORGAN_PARAMETERS, PARAMETERS

PAGE = (resource_folder("scenarios") / "README.md").read_text(encoding="utf-8")


def keys(node: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for option in [node, node.get("items", {}), *node.get("anyOf", [])]:
        refs = [option["$ref"]] if "$ref" in option else []
        refs += option.get("discriminator", {}).get("mapping", {}).values()
        for ref in refs:
            found |= keys(schema["$defs"][ref.rsplit("/", 1)[-1]], schema, prefix)
        for name, entry in option.get("properties", {}).items():
            below = keys(entry, schema, f"{prefix}{name}.")
            found |= below or {f"{prefix}{name}"}
    return found


def test_page_names_every_key():
    schema = settings_schema()
    wanted = keys(schema, schema)
    assert {"run.seed", "source.mass", "source.cells", "record.window.interval"} <= wanted
    assert {"patient.age", "examination.volume", "treatment.dose", "cells.weight"} <= wanted
    missing = {key for key in wanted if f"`{key}`" not in PAGE}
    assert not missing


def spellings(name: str) -> set[str]:
    """Return a parameter, and how the page may name it together with those of other pictures."""
    topic, _, rest = name.partition(".")
    words = rest.split(".")
    found = {name}
    if topic == "diagnosis" and words[0] in SEEN:
        for picture in (words[0], "<picture>"):
            groups = [words[1], "<group>"] if len(words) == 3 else words[1:-1]
            found |= {".".join([topic, picture, group, words[-1]]) for group in groups}
            found |= {".".join([topic, picture, words[-1]])} if len(words) == 2 else set()
    return found


def test_page_names_every_parameter():
    missing = {
        name
        for name in [*PARAMETERS, *ORGAN_PARAMETERS]
        if not any(f"`{each}`" in PAGE for each in spellings(name))
    }
    assert not missing


def test_page_names_no_parameter_that_is_not_read():
    """What looks like a diagnosis parameter on the page is one, or a pattern of some."""
    read = {each for name in PARAMETERS for each in spellings(name)}
    named = set(re.findall(r"`(diagnosis\.[a-z0-9_.<>]+)`", PAGE))
    assert len(named) > 40
    assert named <= read


def test_every_key_has_a_description():
    schema = settings_schema()
    tables = [schema, *schema["$defs"].values()]
    bare = {
        name
        for table in tables
        for name, entry in table.get("properties", {}).items()
        if not entry.get("description") and "$ref" not in entry
    }
    assert not bare
