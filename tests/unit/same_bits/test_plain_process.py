"""The process without vector code that dies is told, and the next question starts another."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ctc.errors import CtcError
from tools.same_bits import plain_process
from tools.same_bits.plain_process import PlainProcess
from tools.same_bits.ways import Way


@pytest.mark.parametrize(
    ("body", "phrase"),
    [
        ("import sys; sys.stdin.readline(); sys.exit(7)", "ended with 7 on quick"),
        ("raise SystemExit(7)", "ended with 7 on quick"),
        ("import time; time.sleep(60)", "said nothing for 0.5 s on quick"),
    ],
)
def test_a_dead_or_silent_process_is_told_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, phrase: str
) -> None:
    """Once the second question met a closed pipe, and silence had no end."""
    silent = "time" in body
    monkeypatch.setattr(plain_process, "PATIENCE", 0.5 if silent else 60.0)
    monkeypatch.setattr(plain_process, "_MOMENT", 0.1 if silent else 60.0)
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{body}"\n')
    stand_in.chmod(0o755)
    monkeypatch.setattr(plain_process.sys, "executable", str(stand_in))
    with PlainProcess(tmp_path / "cache") as ask:
        for _ in range(2):
            with pytest.raises(CtcError, match=phrase):
                ask("quick", Way(numpy="plain"))
