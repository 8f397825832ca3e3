"""clang-tidy over the host library and every kernel header that it includes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.native_checks.builds import KERNELS, build
from tools.native_checks.findings import CheckSkipped, Finding

_FOUND = re.compile(r"^(\S+?):(\d+):\d+: (?:warning|error): (.*)$", re.MULTILINE)


def check_tidy(folder: Path) -> Finding:
    """Run clang-tidy on every file of the library, once for each instruction set.

    Raises
    ------
    CheckSkipped
        If clang-tidy is not installed.
    """
    began = time.monotonic()
    tidy = shutil.which("clang-tidy")
    if tidy is None:
        raise CheckSkipped(check="tidy", reason="pip install clang-tidy")
    compiler = "clang++" if shutil.which("clang++") else "g++"
    build(folder / "tidy", compiler, only_configure=True)
    commands = json.loads((folder / "tidy" / "compile_commands.json").read_text(encoding="utf-8"))
    files = sorted({command["file"] for command in commands})
    base = [tidy, "--quiet", "-p", str(folder / "tidy"), f"--config-file={KERNELS}/.clang-tidy"]
    with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        said = list(pool.map(lambda file: _said([*base, file]), files))
    listed = subprocess.run([*base, "--list-checks"], check=True, capture_output=True, text=True)
    n_checks = sum(line.startswith("    ") for line in listed.stdout.splitlines())
    faults = sorted(
        {f"{_short(file)}:{line}: {text}" for text_ in said for file, line, text in _found(text_)}
    )
    done = f"{n_checks} checks on {len(files)} files and what they include"
    counts = {"checks": n_checks, "files": len(files)}
    seconds = time.monotonic() - began
    return Finding("tidy", "", done, seconds, tuple(faults), counts)


def _said(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and not _FOUND.search(done.stdout):
        return f"{command[-1]}:0:0: error: {(done.stdout + done.stderr)[-500:]}"
    return done.stdout


def _found(said: str) -> list[tuple[str, str, str]]:
    return [match.groups() for match in _FOUND.finditer(said)]  # type: ignore[misc]


def _short(file: str) -> str:
    return re.sub(r"^.*/(?=kernels/)", "", file)
