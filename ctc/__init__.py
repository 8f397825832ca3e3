"""ctc follows every circulating tumour cell through the blood vessels of a whole body.

>>> import ctc
>>> scenario = ctc.load_scenario("quick")
>>> summary = ctc.run(scenario, "quick.vtkhdf")  # doctest: +SKIP
>>> ctc.open_run("quick.vtkhdf").summary()["fates"]  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = [
    "Selection",
    "check",
    "export_run",
    "load_scenario",
    "open_run",
    "open_sweep",
    "plan_sweep",
    "prepare",
    "replay",
    "resume",
    "run",
    "run_sweep",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Load the pipeline when one of its functions is first asked for."""
    if name in __all__:
        return getattr(importlib.import_module("ctc.pipeline"), name)
    from ctc.deprecations import current_name  # noqa: PLC0415 - only for names that have gone

    now = current_name(name)
    if now is not None:
        return getattr(importlib.import_module("ctc.pipeline"), now)
    message = f"module 'ctc' has no attribute '{name}'"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
