"""The small run and the small sweep that are killed, and the commands that make them."""

from __future__ import annotations

from pathlib import Path

RUN = "case.vtkhdf"
SWEEP = "trial"
TABLES = "net"
_SCENARIO = """
[scenario]
title = "A run to be killed"
[run]
duration = "8 min"
epoch = "1 min"
[body]
terminals = 2000
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "0.2 g"
[[record.window]]
start = "2 min"
duration = "5 min"
interval = "30 s"
"""
_PATIENT = """
[scenario]
title = "A patient"
[run]
duration = "1 day"
epoch = "6 h"
[body]
terminals = 2000
[cancer]
set = "cancers/breast"
[tumours]
lesions_shed = false
[cells]
weight = 1e8
[[source]]
kind = "tumour"
organ = "breast"
mass = "1 g"
shedding_rate = "1e3 1/g/day"
growth = "gompertz"
[[examination]]
kind = "mammography"
at = "0 h"
every = "12 h"
[[treatment]]
kind = "surgery"
after = "diagnosis"
delay = "6 h"
[override]
"tumour.overt_share" = 1e-8
"""
_TRIAL = """
[sweep]
title = "A trial to be killed"
scenario = "patient.toml"
patients = 3
seed = 7
block = 1
[[vary]]
key = "source.0.mass"
distribution = "lognormal"
median = "1 g"
sigma = 0.5
at_most = "20 g"
basis = "assumed"
source = "made up"
[[arm]]
name = "surgery"
[[arm]]
name = "none"
remove = ["treatment.0"]
"""
_TEXTS = {"case.toml": _SCENARIO, "patient.toml": _PATIENT, "trial.toml": _TRIAL}
# A thousand frames, each a chunk of every column: from 500 chunks on HDF5 says where they lie in
# blocks that a kill can divide. It is killed first when it has 533 of them.
MANY_FRAMES = tuple(
    f"--set={setting}"
    for setting in ('run.epoch="10 s"', 'run.duration="7 min"', 'record.window.0.interval="0.3 s"')
)
MANY_EPOCHS = 28
_HERE = ("--device", "cpu", "--threads", "1")


def write_texts(folder: Path) -> None:
    """Write the scenarios and the sweep."""
    for name, text in _TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")


def run_command(*more: str) -> tuple[str, ...]:
    """Return the words of ``ctc run``; another seed makes another run."""
    return ("run", "case.toml", *_HERE, *more)


def resume_command() -> tuple[str, ...]:
    """Return the words of ``ctc resume``."""
    return ("resume", RUN, *_HERE)


def sweep_command(n_workers: int, *more: str) -> tuple[str, ...]:
    """Return the words of ``ctc sweep``."""
    return ("sweep", "trial.toml", "-o", SWEEP, "--workers", str(n_workers), *_HERE, *more)


def export_command(unit: str) -> tuple[str, ...]:
    """Return the words of ``ctc vessels export`` to a folder of tables, over an older one."""
    return ("vessels", "export", RUN, "-o", TABLES, "--unit", unit, "--overwrite")
