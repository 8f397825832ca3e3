"""The table of limits says what the code holds."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.architecture.sources import PACKAGE
from tests.architecture.test_tree import section

PAGE = section((PACKAGE / "README.md").read_text(encoding="utf-8"), "## Hostile input and limits")
ROWS = [
    (cells[2], name)
    for line in PAGE.splitlines()
    if line.startswith("| ") and len(cells := line.split("|")) == 5
    for name in re.findall(r"`(ctc\.[\w.]+)`", cells[3])
]


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 15


@pytest.mark.parametrize(("shown", "name"), ROWS)
def test_each_limit_is_the_constant_of_the_code(shown: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    value = getattr(importlib.import_module(module), constant)
    ways = {f"{value:,}", f"{value:g}"}
    if not value % 2**20:
        ways.add(f"{value // 2**20:,} MiB")
    power = (int(value) + 1).bit_length() - 1
    if value + 1 == 2**power:
        ways.add(f"2^{power} - 1")
    assert any(re.search(rf"(?<![\d,]){re.escape(way)}(?!\d|,\d)", shown) for way in ways), ways
