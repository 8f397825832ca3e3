"""What a command answered, what it must have left alone, and a scenario to ask with."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A whole body in a second, with some hundred cells.
TINY = ("--set", "body.terminals=2000", "--set", "source.mass=0.02 g")

SCENARIO = """
[scenario]
title = "A small test"
[run]
duration = "1 h"
[body]
terminals = 2000
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "0.02 g"
"""


@dataclass(frozen=True)
class Answer:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    def assert_refused(self, *phrases: str) -> None:
        """Assert exit code 2 and nothing but one message, which holds the phrases."""
        steps = ("Preparing ", "Resuming ")
        messages = [line for line in self.err.splitlines() if not line.startswith(steps)]
        assert self.code == 2, self.err
        assert self.out == ""
        assert len(messages) == 1, self.err
        assert messages[0].startswith("ctc: error: ")
        for phrase in phrases:
            assert phrase in messages[0]


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and time of change of every file below a folder, by name."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def start(*arguments: str | Path, checkpoint_seconds: str = "0") -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    environment = os.environ | {"CTC_CHECKPOINT_SECONDS": checkpoint_seconds}
    environment["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part
    )
    return subprocess.Popen(
        [sys.executable, "-m", "ctc.cli.main", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
