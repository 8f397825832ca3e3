"""The source tree as the architecture tests see it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ctc"
KERNELS = ROOT / "kernels"
PARAMETERS = ROOT / "scenarios" / "parameters"

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def modules() -> list[Path]:
    """Return every module of the package, sorted."""
    return sorted(PACKAGE.rglob("*.py"))


def device_headers() -> list[Path]:
    """Return the headers that NVRTC may see, sorted; pack.h is for the host compiler only."""
    folders = ("core", "physics", "entry")
    found = [p for folder in folders for p in (KERNELS / folder).glob("*.h")]
    return sorted(p for p in found if p.name != "pack.h")


def kernel_sources() -> list[Path]:
    """Return every C++ file below kernels/, sorted."""
    return sorted(p for p in KERNELS.rglob("*") if p.suffix in {".h", ".cpp"})


def without_comments(text: str) -> str:
    """Return C++ text with each comment replaced by a blank."""
    return _COMMENT.sub(" ", text)


def name_of(path: Path) -> str:
    """Return a path relative to the checkout, for messages and test names."""
    return str(path.relative_to(ROOT))
