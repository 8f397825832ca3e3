"""Short courses of whole patients: a tumour that is found, treated, and of which some die."""

from __future__ import annotations

from pathlib import Path

import ctc
from ctc.cohort.member import Member
from ctc.scenario.scenario import Scenario

# Lesions double in a day: all that a calendar can bring happens within weeks. A patient lives
# some months, so that most of a block die before it ends.
SCENARIO = """
[scenario]
title = "Four months of patients who are soon found, treated and dead"

[run]
seed = 3
duration = "16 weeks"
epoch = "1 week"

[body]
plan = "human_female"
terminals = 1500

[cancer]
set = "cancers/breast"

[cells]
weight = 1e4
most_followed = 500

[[source]]
kind = "tumour"
organ = "breast"
mass = "20 g"
growth = "exponential"
doubling_time = "60 days"

[patient]
number = 0
age = "60 years"

[[examination]]
kind = "mri"
name = "look"
at = "1 week"
every = "2 weeks"

[[examination]]
kind = "blood_draw"
at = "2 weeks"
every = "2 weeks"

[[examination]]
kind = "biopsy"
after = "diagnosis"

[[examination]]
kind = "sentinel_node"
after = "diagnosis"

[[treatment]]
kind = "surgery"
name = "operation"
after = "diagnosis"
delay = "2 weeks"
handling = 3

[[treatment]]
kind = "targeted"
name = "drug"
after = "operation"
duration = "3 weeks"

[[treatment]]
kind = "chemotherapy"
after = "operation"
delay = "1 week"
cycles = 2
interval = "2 weeks"

[record]
tracked = 0

[override]
"tumour.overt_share" = 1e-4
"lymph.overt_share" = 1e-3
"treatment.surgery.residual_probability" = 0.5
"treatment.surgery.residual_cells" = 1e8
"prognosis.female.accident_rate" = "2.5 1/year"
"tissue.organ.default.doubling_time" = "1 day"
"tissue.organ.liver.doubling_time" = "1 day"
"tissue.organ.lung.doubling_time" = "1 day"
"""


def load(folder: Path, *overrides: str) -> Scenario:
    """Load the scenario with ``key=value`` overrides."""
    path = folder / "course.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return ctc.load_scenario(path, overrides=list(overrides))


def member(folder: Path, number: int, *overrides: str, arm: int = 0) -> Member:
    """Return one patient, a little different from every other."""
    own = (f"patient.number={number}", f"patient.growth={0.8 + 0.05 * (number % 10)}")
    return Member(number, arm, load(folder, *own, *overrides))
