"""scenarios/README.md names every key of the schema and every parameter."""

from typing import Any

from ctc.resources import resource_folder
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
    missing = {key for key in wanted if f"`{key}`" not in PAGE}
    assert not missing


def test_page_names_every_parameter():
    missing = {name for name in [*PARAMETERS, *ORGAN_PARAMETERS] if f"`{name}`" not in PAGE}
    assert not missing


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
