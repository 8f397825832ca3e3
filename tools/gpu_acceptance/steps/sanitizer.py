"""A small run under compute-sanitizer: memory, races, initialisation, barriers."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.gpu_acceptance.environment import ROOT, last_line
from tools.gpu_acceptance.scene import Scene

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
_ERROR_CODE = 7
_OPTIONS = (
    *("--kernel-name", "kns=ctc_", "--error-exitcode", str(_ERROR_CODE)),
    # CuPy asks for things that may fail, and copes; only kernels are judged here.
    *("--report-api-errors", "no", "--print-limit", "20", "--launch-timeout", "120"),
)
_WORKLOAD = ("-m", "tools.gpu_acceptance.workload", "--cells", "200", "--epochs", "2")
_SUMMARY = re.compile(r"^=+ (?:ERROR|RACECHECK) SUMMARY: (\d+) (?:error|hazard)", re.MULTILINE)
_RACES = re.compile(r"\((\d+) errors?, (\d+) warnings?\)")
_FIRST_ERROR = re.compile(
    r"^=+ (?:Error: )?((?:Invalid|Uninitialized|Potential|Race|Barrier|Misaligned|Divergent).*)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Verdict:
    """What one tool said.

    Attributes
    ----------
    n_errors : int or None
        None where the tool came to no end.
    note : str
        The first error, or why there was no end.
    """

    n_errors: int | None
    note: str


def run(scene: Scene) -> str:
    """Watch the same small run with each tool."""
    expected = _digest_of(_plain(["--device", "cpu"], scene.left))
    for number, tool in enumerate(TOOLS):
        share = scene.left / (len(TOOLS) - number)
        if share < 5.0:
            return f"no time for {', '.join(TOOLS[number:])}"
        log = scene.work / f"sanitizer-{tool}.txt"
        command = ["compute-sanitizer", "--tool", tool, *_OPTIONS, "--log-file", str(log)]
        # Little room, so that cells stop for want of it and are launched again.
        program = [sys.executable, *_WORKLOAD, "--exact-allocations", "--room", "64"]
        try:
            done = subprocess.run(
                [*command, *program],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=share,
                check=False,
            )
        except subprocess.TimeoutExpired:
            scene.add(tool, "no end", note=f"not within {share:.0f} s")
            continue
        verdict = read_log(_text(log) or done.stdout, done.returncode)
        if verdict.n_errors is None:
            scene.add(tool, "no verdict", note=f"{verdict.note}; {last_line(done.stderr)}")
            continue
        is_same = _digest_of(done.stdout) == expected
        note = verdict.note if is_same else f"{verdict.note} another digest than on the CPU"
        is_clean = verdict.n_errors == 0
        scene.add(tool, verdict.n_errors, "errors", ok=is_clean and is_same, note=note.strip())
    return ""


def read_log(text: str, code: int) -> Verdict:
    """Read what a tool wrote.

    Parameters
    ----------
    text : str
        Its log.
    code : int
        Its exit code: 7 where it found errors, as it was told.
    """
    found = _SUMMARY.search(text)
    if found is None:
        return Verdict(None, last_line(text.replace("=", " ")) or f"exit code {code}")
    n_errors = int(found.group(1))
    races = _RACES.search(text[found.start() :])
    if races:
        n_errors = int(races.group(1)) + int(races.group(2))
    if n_errors == 0 and code == _ERROR_CODE:
        n_errors = 1
    if n_errors == 0 and code != 0:
        return Verdict(None, f"the watched run ended with {code}")
    first = _FIRST_ERROR.search(text)
    return Verdict(n_errors, first.group(1).strip() if first and n_errors else "")


def _plain(options: list[str], seconds: float) -> str:
    command = [sys.executable, *_WORKLOAD, *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=True
    )
    return done.stdout


def _digest_of(text: str) -> str:
    found = re.search(r"^digest (\w+)", text, re.MULTILINE)
    return found.group(1) if found else ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
