"""The calls to the system that write: counted, and cut off at any of them, by a small library."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SOURCE = Path(__file__).with_name("calls.cpp")
_PRELOAD = "LD_PRELOAD"
_SECOND = "CTC_CRASH_SECOND"
_MARK = "libctc_crash_calls.so"
# As in calls.cpp.
_HOW = {"before": 0, "inside": 1, "after": 2, "full": 3, "index": 4}
_NEVER = 1 << 40


def run_with_calls(words: Sequence[str]) -> int:
    """Run Python anew with the library before all others; without where no compiler is."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    # One thread, so that copies of the process are whole; vessels are grown once.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "CTC_VESSEL_CACHE": "on", _SECOND: "1"}
    with tempfile.TemporaryDirectory(prefix="ctc-crash-") as folder:
        if compiler is not None:
            library = Path(folder, _MARK)
            options = ["-std=c++17", "-O2", "-shared", "-fPIC", "-o", str(library), "-ldl"]
            subprocess.run([compiler, str(_SOURCE), *options], check=True)
            environment[_PRELOAD] = str(library)
        with subprocess.Popen([sys.executable, *words], env=environment) as process:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the other process heard it too, and tells what it has
                return process.wait()


def is_second_process() -> bool:
    """Return whether this is the process that `run_with_calls` started."""
    return _SECOND in os.environ


def are_counted() -> bool:
    """Return whether the library is there."""
    return _MARK in os.environ.get(_PRELOAD, "")


def arm(number: int | None, how: str = "before") -> None:
    """Count calls from now on, and end at one of them; None only counts."""
    if are_counted():
        _library().ctc_crash_arm(ctypes.c_long(number or _NEVER), _HOW[how])


def count() -> int:
    """Return the calls since `arm`; 0 where they are not counted."""
    return int(_library().ctc_crash_calls()) if are_counted() else 0


def count_blocks() -> int:
    """Return the writes of blocks of indices since `arm` that a kill divides; 0 as `count`."""
    return int(_library().ctc_crash_blocks()) if are_counted() else 0


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(os.environ[_PRELOAD])
    library.ctc_crash_calls.restype = library.ctc_crash_blocks.restype = ctypes.c_long
    return library
