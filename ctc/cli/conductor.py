"""The pipeline, imported when a command needs it, so that ``ctc --help`` answers at once."""

from __future__ import annotations

import importlib
from types import ModuleType


def pipeline() -> ModuleType:
    """Return the module `ctc.pipeline`, which imports every room."""
    return importlib.import_module("ctc.pipeline")
