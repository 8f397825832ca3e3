"""Kills at every fault point and some others lose nothing; `python -m tools.crash` does more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ctc.fault_points import POINTS
from tests.commands.asking import ROOT

# Only a sweep that takes the place of another passes it, and none is made in short.
_NOT_IN_SHORT = {"sweep.cleared"}


def test_kills_at_every_fault_point_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.crash", "--short", "--json", "--folder", str(tmp_path)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads(answer.stdout)
    assert found["lost"] == []
    met = {name.split()[-1] for name, counts in found["by_attack"].items() if counts["killed"]}
    assert set(POINTS) - met <= _NOT_IN_SHORT
    assert found["kills"] >= len(POINTS) - len(_NOT_IN_SHORT)
    assert found["same_digests"] >= 2
    assert list(tmp_path.iterdir()) == []
