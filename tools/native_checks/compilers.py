"""The host library by every compiler at hand, with warnings as errors."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tools.native_checks.builds import build, version_of
from tools.native_checks.findings import CheckSkipped, Finding

COMPILERS = ("g++", "clang++")


def check_warnings(folder: Path) -> Finding:
    """Build by each compiler; a warning is an error, and a compiler that is missing is named.

    Raises
    ------
    CheckSkipped
        If there is none.
    BuildError
        If one refuses or warns.
    """
    began = time.monotonic()
    present = [name for name in COMPILERS if shutil.which(name)]
    if not present:
        raise CheckSkipped(check="warnings", reason=f"none of {', '.join(COMPILERS)} is installed")
    for compiler in present:
        build(folder / f"plain_{compiler}", compiler)
    said = "; ".join(version_of(compiler) for compiler in present)
    faults = tuple(f"{name} is not installed" for name in COMPILERS if name not in present)
    counts = {"compilers": len(present)}
    return Finding("warnings", "", said, time.monotonic() - began, faults, counts)
