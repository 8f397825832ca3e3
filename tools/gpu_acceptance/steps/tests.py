"""The tests of equal bits, with the GPU required: what skips elsewhere must run here."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tools.gpu_acceptance.environment import ROOT
from tools.gpu_acceptance.scene import Scene

_FOLDERS = ("tests/parity", "tests/regression", "tests/unit/backends")
_WHICH = "cuda or nvrtc or code_paths or variants"
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|deselected|xfailed)")
_WRONG = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.MULTILINE)


def run(scene: Scene) -> str:
    """Run them in as many processes as there are cores, eight at most."""
    n_processes = min(len(os.sched_getaffinity(0)), 8)
    command = [sys.executable, "-m", "pytest", *_FOLDERS, "-q", "-k", _WHICH]
    # Other programs' plugins may be here and warn; that is no matter of ours.
    command += ["-p", "no:cacheprovider", "-W", "default", "-n", str(n_processes)]
    try:
        done = subprocess.run(
            command,
            env=os.environ | {"CTC_REQUIRE_GPU": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=scene.left,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {scene.seconds:.0f} s"
    print(done.stdout, done.stderr)
    counts, wrong = read_summary(done.stdout)
    for word, count in counts.items():
        scene.add(word, count)
    for name in wrong:
        scene.add(name, "failed", ok=False)
    is_fine = done.returncode == 0 and counts.get("passed", 0) > 0
    scene.add("exit code of pytest", done.returncode, ok=is_fine)
    return ""


def read_summary(text: str) -> tuple[dict[str, int], list[str]]:
    """Return the counts of pytest's last line, and the tests that it lists as wrong."""
    lines = [line for line in text.splitlines() if _COUNT.search(line) and " in " in line]
    counts = {word: int(number) for number, word in _COUNT.findall(lines[-1])} if lines else {}
    return counts, [found.partition(" - ")[0] for found in _WRONG.findall(text)]
