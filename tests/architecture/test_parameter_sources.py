"""Every number has a unit, a basis and a source."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctc.scenario.parameters import BASES, read_parameters
from tests.architecture.sources import PARAMETERS, ROOT, name_of

TOML_FILES = sorted(PARAMETERS.rglob("*.toml"))
CSV_FILES = sorted(PARAMETERS.rglob("*.csv"))
# A publication is told by its year, or by an identifier; textbooks by their author.
_CITATION = re.compile(r"\b(1[89]|20)\d\d\b|doi:|PMC\d|Guyton and Hall|textbook|BodyParts3D|EOE-13")


def entries(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        assert isinstance(value, dict), f"{name} is a bare value; it needs unit, basis and source"
        if "value" in value:
            yield name, value
        else:
            yield from entries(value, f"{name}.")


@pytest.mark.parametrize("path", TOML_FILES, ids=name_of)
def test_each_value_has_its_four_keys(path: Path) -> None:
    found = dict(entries(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert found
    for name, entry in found.items():
        assert set(entry) == {"value", "unit", "basis", "source"}, name
        assert entry["basis"] in BASES, name
        assert len(entry["source"].split()) >= 3, f"{name}: the source says nothing"
        if entry["basis"] in {"measured", "fitted"}:
            assert _CITATION.search(entry["source"]), f"{name}: no publication named"


@pytest.mark.parametrize("path", TOML_FILES, ids=name_of)
def test_each_set_is_read(path: Path) -> None:
    assert len(read_parameters(path, name=path.stem)) > 0


@pytest.mark.parametrize("path", CSV_FILES, ids=name_of)
def test_each_row_has_basis_and_source(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for number, row in enumerate(rows, start=2):
        assert None not in row, f"{path.name} line {number}: more fields than columns"
        assert row["basis"] in BASES, f"{path.name} line {number}"
        assert len(row["source"].split()) >= 2, f"{path.name} line {number}"
        if row["basis"] == "measured":
            assert _CITATION.search(row["source"]), f"{path.name} line {number}"


def test_scenarios_hold_choices_and_no_parameters() -> None:
    """A number that belongs into parameters/ comes in by [override] only."""
    folder = ROOT / "scenarios"
    for path in sorted([*folder.glob("*.toml"), *(folder / "cancers").glob("*.toml")]):
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        assert {"scenario", "run"} <= set(tree) or "extends" in tree.get("scenario", {})
        assert not {"tissue", "tumour_cell", "blood_hazards"} & set(tree), path.name
