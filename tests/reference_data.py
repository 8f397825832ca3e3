"""Where the outside reference data lie, if they are there; tests that need them skip otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"


def reference_folder() -> Path | None:
    """Return the folder of reference data: ``CTC_REFERENCE``, or ``shared`` beside the checkout."""
    folder = Path(os.environ.get("CTC_REFERENCE") or _BESIDE)
    return folder if folder.is_dir() else None


def require_reference(*parts: str) -> Path:
    """Return a file or folder of the reference data; skip the test where it is absent."""
    folder = reference_folder()
    path = folder.joinpath(*parts) if folder else None
    if path is None or not path.exists():
        pytest.skip(f"reference data {'/'.join(parts)} not found; set CTC_REFERENCE to its folder")
    return path
