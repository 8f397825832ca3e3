"""Changes that no test need notice (tools/mutation/judged.toml) are of lines that stand once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = tomllib.loads((ROOT / "tools/mutation/judged.toml").read_text(encoding="utf-8"))
OF_ONE_MODULE = [entry for entry in ENTRIES["equivalent"] if entry["module"] != "*"]


@pytest.mark.parametrize("entry", OF_ONE_MODULE, ids=lambda entry: entry["before"][:40])
def test_a_judged_line_stands_once(entry: dict[str, Any]) -> None:
    """A line that stands twice would spare the other place too; one that is gone spares nothing."""
    lines = [
        line.strip() for line in (ROOT / entry["module"]).read_text(encoding="utf-8").splitlines()
    ]
    before = entry["before"].split("\n")
    found = [i for i in range(len(lines)) if lines[i : i + len(before)] == before]
    assert len(found) == 1, entry["before"]
