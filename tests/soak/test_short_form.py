"""`python -m tools.soak` for a few minutes, as it is and with planted faults: real processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.soak.__main__ import main

pytestmark = pytest.mark.validation


def soaked(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Soak, and return the exit code with what was found by name."""
    text, picture = folder / "soak.json", folder / "soak.png"
    code = main([*arguments, "--json", str(text), "--picture", str(picture)])
    assert picture.read_bytes().startswith(b"\x89PNG")
    found = json.loads(text.read_text(encoding="utf-8"))
    return code, {finding["name"]: finding for finding in found["findings"]}


def test_two_minutes_are_flat_and_whole(tmp_path: Path) -> None:
    code, found = soaked(tmp_path, "--minutes", "2")
    assert [name for name, finding in found.items() if not finding["is_good"]] == []
    assert code == 0
    assert found["file"]["figures"]["frames"] > 500
    assert found["beginning"]["figures"]["epochs"] > 0
    assert found["end"]["figures"]["epochs"] > 0


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("memory", "memory of the writer"),
        ("handles", "handles of the writer"),
        ("rate", "rate"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, fault: str, name: str) -> None:
    code, found = soaked(tmp_path, "--minutes", "1", "--plant", fault)
    assert code == 1
    assert not found[name]["is_good"]
    # What is planted in the process does no harm to the file.
    assert all(found[each]["is_good"] for each in ("file", "cells", "beginning", "end"))
