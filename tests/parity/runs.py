"""A short run of a whole body through the public interface, with real files."""

from __future__ import annotations

from pathlib import Path

import ctc
from ctc.errors import StoppedEarly
from ctc.scenario.scenario import Scenario
from ctc.summary import RunSummary

SCENARIO = """
[scenario]
title = "Five hours of a small tumour"

[run]
seed = 5
duration = "5 h"
epoch = "1 h"

[body]
plan = "human_female"
terminals = 1500

[cancer]
set = "cancers/breast"

[[source]]
kind = "tumour"
organ = "breast"
mass = "0.5 g"
stop = "3 h"

[[source]]
kind = "bolus"
organ = "large intestine"
cells = 500
at = "90 min"

[record]
tracked = 50

[[record.window]]
start = "30 min"
duration = "3 h"
interval = "30 min"

[override]
"tumour_cell.adhesive_fraction" = 0.5
"tissue.organ.default.decision_time" = "2 h"
"tissue.organ.default.extravasation_half_time" = "8 h"
"""


def scenario_file(folder: Path) -> Path:
    """Write the scenario to a folder and return its path."""
    path = folder / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def load(folder: Path, *overrides: str) -> Scenario:
    """Load the scenario with ``key=value`` overrides."""
    return ctc.load_scenario(scenario_file(folder), overrides=list(overrides))


def stop_after(scenario: Scenario, path: Path, n_epochs: int) -> None:
    """Run some epochs and stop with a checkpoint."""
    try:
        ctc.run(scenario, path, device="cpu", max_epochs=n_epochs)
    except StoppedEarly:
        return
    raise AssertionError("the run was not stopped")


def digests(summary: RunSummary) -> tuple[str | None, str | None]:
    return summary.digest, summary.record_digest
