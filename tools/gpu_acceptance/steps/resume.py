"""Runs that are begun on one device and ended on the other, through files and checkpoints."""

from __future__ import annotations

from pathlib import Path

import ctc
from ctc.errors import StoppedEarly
from ctc.scenario.scenario import Scenario
from ctc.summary import RunSummary
from tools.gpu_acceptance.scene import Scene
from tools.short_forms import short_form

SCENARIOS = ("quick", "breast_untreated", "rat_mammary")


def run(scene: Scene) -> str:
    """Compare both digests of a run in two parts with those of one that is whole."""
    names = SCENARIOS[:1] if scene.is_short else SCENARIOS
    for number, name in enumerate(names):
        if scene.left < 5.0:
            return f"no time for {', '.join(names[number:])}"
        scenario = short_form(name)
        folder = scene.work / f"resume-{number}"
        folder.mkdir()
        whole = ctc.run(scenario, folder / "whole.vtkhdf", device="cpu")
        for first, second in (("cuda", "cpu"), ("cpu", "cuda"), ("cuda", "cuda")):
            found = in_two_parts(scenario, folder / f"{first}-{second}.vtkhdf", first, second)
            is_same = (found.digest, found.record_digest) == (whole.digest, whole.record_digest)
            scene.add(
                f"{name}, {first} then {second}", "equal" if is_same else "DIFFERENT", ok=is_same
            )
    return ""


def in_two_parts(scenario: Scenario, path: Path, first: str, second: str) -> RunSummary:
    """Run half of the epochs on one device and the rest on another, and return the summary."""
    settings = scenario.settings.run
    n_epochs = round(settings.duration / settings.epoch)
    try:
        ctc.run(scenario, path, device=first, max_epochs=n_epochs // 2)
    except StoppedEarly:
        found: RunSummary = ctc.resume(path, device=second)
        return found
    message = f"a run of {n_epochs} epochs was not stopped after {n_epochs // 2}"
    raise AssertionError(message)
