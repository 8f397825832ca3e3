"""Free memory as the machine and its control group say, and the refusal of more."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.memory import available_memory, require_memory


def files(folder: Path, *, free_kib: int, limit: str, used: int) -> tuple[Path, Path]:
    meminfo = folder / "meminfo"
    meminfo.write_text(f"MemTotal: 9 kB\nMemAvailable:   {free_kib} kB\n")
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    return meminfo, folder


def test_the_machine_counts_where_the_group_has_no_limit(tmp_path: Path) -> None:
    assert available_memory(*files(tmp_path, free_kib=1000, limit="max", used=5)) == 1_024_000


def test_the_tighter_limit_counts(tmp_path: Path) -> None:
    assert available_memory(*files(tmp_path, free_kib=1000, limit="3000", used=1000)) == 2000


def test_unknown_is_without_limit(tmp_path: Path) -> None:
    assert available_memory(tmp_path / "none", tmp_path) == float("inf")


def test_more_than_there_is_is_refused() -> None:
    with pytest.raises(InputError, match=r"trees must fit into memory.*Ask for fewer"):
        require_memory(1e18, what="trees", remedy="Ask for fewer.")
    require_memory(1.0, what="trees", remedy="")
