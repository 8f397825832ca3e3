"""Where results go: a folder that can be written, a name that no earlier result has.

Standard library only.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from pathlib import Path

from ctc.errors import InputError

_DIRTY = "-dirty"


def require_writable(folder: Path) -> None:
    """Make the folder of the results and try it.

    Raises
    ------
    InputError
        If no file can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror or error
        message = (
            f"--output must be a folder that can be written, got '{folder}' ({why}). Give another."
        )
        raise InputError(message) from None


def free_path(folder: Path, stem: str) -> Path:
    """Return the first of ``stem.json``, ``stem-2.json``, ... that no earlier result has."""
    for number in itertools.count(1):
        path = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        if not path.exists() and not path.with_suffix(".md").exists():
            return path
    raise AssertionError


def file_stem(date: str, device: str, commit: str) -> str:
    """Return ``<date>_<device>_<commit>`` of letters, digits, dots, hyphens and underscores."""
    is_dirty = commit.endswith(_DIRTY)
    short = _plain(commit.removesuffix(_DIRTY))[:10] or "nocommit"
    return f"{date}_{_plain(device).lower()[:40] or 'unknown'}_{short}{_DIRTY if is_dirty else ''}"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")
