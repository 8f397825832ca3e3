"""Targets: files in TOML, and the texts after ``--set``."""

from __future__ import annotations

from pathlib import Path
from random import Random

from ctc.resources import resource_folder
from tools.fuzz.changes import BYTES, changing
from tools.fuzz.sample import Sample
from tools.fuzz.target import Target
from tools.fuzz.text_changes import TEXT

_SCENARIO = "scenario.toml"


def _shipped(folder: str, name: str) -> list[Sample]:
    root = resource_folder("scenarios") / folder
    return [{name: path.read_bytes()} for path in sorted(root.glob("*.toml"))]


def _feed_scenario(folder: Path) -> object:
    from ctc.scenario.load import load_scenario

    return load_scenario(folder / _SCENARIO)


TARGETS = (
    Target(
        "scenario",
        "a scenario, resolved to the last parameter",
        lambda: [*_shipped(".", _SCENARIO), *_shipped("clinic", _SCENARIO)],
        changing(*TEXT, *TEXT, *BYTES),
        _feed_scenario,
    ),
)
