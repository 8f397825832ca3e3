"""The host library by every compiler at hand, with warnings as errors."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tools.native_checks.builds import build, version_of
from tools.native_checks.findings import CheckSkipped, Finding

COMPILERS = ("g++", "clang++")


def check_warnings(folder: Path) -> Finding:
    """Build by each compiler; a warning is an error.

    Raises
    ------
    CheckSkipped
        If one of them is missing; those that are there have found nothing then.
    BuildError
        If one refuses or warns.
    """
    began = time.monotonic()
    present = [name for name in COMPILERS if shutil.which(name)]
    for compiler in present:
        build(folder / f"plain_{compiler}", compiler)
    said = "; ".join(version_of(compiler) for compiler in present)
    missing = [name for name in COMPILERS if name not in present]
    if missing:
        clean = f"; nothing was found by {said}" if said else ""
        raise CheckSkipped(check="warnings", reason=f"{', '.join(missing)} is not installed{clean}")
    counts = {"compilers": len(present)}
    return Finding("warnings", "", said, time.monotonic() - began, counts=counts)
