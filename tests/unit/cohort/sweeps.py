"""Sweep files for tests."""

from __future__ import annotations

from pathlib import Path

WHY = 'basis = "assumed"\nsource = "a test"\n'
BASE = """
[scenario]
title = "A patient"
[run]
duration = "1 h"
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "1 g"
growth = "exponential"
[host]
immune_competence = 1
[[treatment]]
kind = "chemotherapy"
at = "0 h"
[[treatment]]
kind = "antiplatelet"
at = "0 h"
"""
HEAD = """
[sweep]
title = "A trial"
scenario = "base.toml"
patients = 60
seed = 7
block = 16
"""
MASS = f"""
[[vary]]
key = "source.0.mass"
distribution = "lognormal"
median = "1 g"
sigma = 0.5
at_most = "20 g"
{WHY}"""
AGE = f"""
[[vary]]
key = "patient.age"
distribution = "normal"
mean = "60 years"
spread = "10 years"
at_least = "30 years"
{WHY}"""
GROWTH = f"""
[[vary]]
key = "source.growth"
distribution = "choice"
values = ["gompertz", "logistic"]
weights = [3, 1]
{WHY}"""
TOGETHER = """
[[correlation]]
between = ["source.0.mass", "patient.age"]
rho = -0.4
"""
ARMS = """
[[arm]]
name = "observed"
remove = ["treatment.0", "treatment.1"]
[[arm]]
name = "treated"
set = { "host.immune_competence" = 2, "treatment.0.cycles" = 4 }
remove = ["treatment.1"]
"""
TRIAL = HEAD + MASS + AGE + GROWTH + TOGETHER + ARMS


def write_sweep(folder: Path, text: str = TRIAL, *, base: str = BASE) -> Path:
    """Write a sweep with its scenario and return its path."""
    (folder / "base.toml").write_text(base, encoding="utf-8")
    path = folder / "trial.toml"
    path.write_text(text, encoding="utf-8")
    return path


def uniform(key: str, low: str = "0", high: str = "1") -> str:
    """Return a [[vary]] entry."""
    return f'[[vary]]\nkey = "{key}"\ndistribution = "uniform"\nlow = {low}\nhigh = {high}\n{WHY}'
