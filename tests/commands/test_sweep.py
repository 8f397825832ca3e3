"""``ctc sweep`` as a user calls it: the engine, two arms, workers, Ctrl-C, what it prints."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from ctc.cohort.table import open_table
from tests.commands.asking import start
from tests.commands.conftest import Ask
from tests.unit.cohort.sweeps import AGE, HEAD, MASS, write_sweep

# Minutes; tests/parity asks the same of smaller sweeps, and CI of a shipped one.
pytestmark = pytest.mark.validation

BASE = """
[scenario]
title = "A patient"
[run]
duration = "1 year"
epoch = "30 days"
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
shedding_rate = "1e5 1/g/day"
growth = "gompertz"
[[examination]]
kind = "mammography"
at = "0 days"
every = "100 days"
[[treatment]]
kind = "surgery"
after = "diagnosis"
delay = "30 days"
[[treatment]]
kind = "chemotherapy"
after = "diagnosis"
delay = "60 days"
[override]
"tumour.overt_share" = 1e-8
"""
ARMS = '[[arm]]\nname = "surgery"\nremove = ["treatment.1"]\n[[arm]]\nname = "and drug"\n'
TEXT = HEAD.replace("patients = 60", "patients = 6") + MASS + AGE + ARMS


def digest_of(folder: Path) -> str:
    return open_table(folder).digest


@pytest.fixture
def trial(in_folder: Path) -> Path:
    return write_sweep(in_folder, TEXT.replace("block = 16", "block = 2"), base=BASE)


def test_a_trial_of_two_arms(ask: Ask, trial: Path, in_folder: Path) -> None:
    answer = ask("sweep", trial, "--workers", "1", "--device", "cpu")
    assert answer.code == 0, answer.err
    folder = in_folder / "trial.sweep"
    table = open_table(folder)
    assert table.digest in answer.out
    for word in ("surgery", "and drug", "median", "survival", "12 of 12 patients done"):
        assert word in answer.out
    assert (table.n_rows, table.arms) == (12, ("surgery", "and drug"))
    for name in ("shed", "diagnosis_time", "diagnosis_diameter"):
        # Up to the first treatment the arms are the same; shedding ends with surgery in both.
        surgery, drug = (table.column(name, arm=arm) for arm in table.arms)
        assert np.array_equal(surgery, drug, equal_nan=True)
    assert table.column("shed").sum() > 0
    held = sum(table.column(name) for name in ("in_flight", "died", "colonies", "exited"))
    assert np.array_equal(held, table.column("shed"))
    assert "<h1>A trial</h1>" in (folder / "report.html").read_text(encoding="utf-8")
    assert ask("report", folder, "-o", "again.html").code == 0
    assert (in_folder / "again.html").read_bytes() == (folder / "report.html").read_bytes()
    ask("report", folder).assert_refused("must not exist yet")
    ask("report", folder, "--format", "png").assert_refused("--format", "html for a sweep")
    again = ask("inspect", folder, "--json")
    found = json.loads(again.out)
    assert (found["digest"], found["status"]) == (table.digest, "finished")
    assert found["arms"]["surgery"]["patients"] == 6
    # Another number of workers and another size of blocks: the same table.
    write_sweep(in_folder, TEXT, base=BASE)
    other = ask("sweep", trial, "-o", "two", "--workers", "2", "--json")
    assert json.loads(other.out)["digest"] == table.digest


def test_a_patient_of_a_trial_is_a_run(ask: Ask, trial: Path, in_folder: Path) -> None:
    """The shed cells of a patient are those of a run with the values that the table has."""
    assert ask("sweep", trial, "--workers", "1", "--device", "cpu", "--patients", "2").code == 0
    table = open_table(in_folder / "trial.sweep")
    row = 2 * 1 + table.arms.index("and drug")
    mass, age = (table.column(name)[row] for name in ("source.0.mass", "patient.age"))
    sets = [f"source.mass={mass!s} kg", f"patient.age={age!s} s", "patient.number=1"]
    options = [word for text in sets for word in ("--set", text)]
    run = ask("run", "base.toml", *options, "--seed", "7", "--device", "cpu")
    assert run.code == 0, run.err
    figures = json.loads(ask("inspect", "base.vtkhdf", "--json").out)
    assert figures["n_shed"] == table.column("shed")[row]
    assert figures["fates"]["colony"] == table.column("colonies")[row]


def test_ctrl_c_and_the_same_command(ask: Ask, trial: Path, in_folder: Path) -> None:
    process = start("sweep", trial, "-o", "cut", "--workers", "2", "--device", "cpu")
    blocks = in_folder / "cut" / "blocks"
    deadline = time.monotonic() + 300.0
    while not list(blocks.glob("arm*.h5")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    n_blocks = len(list(blocks.glob("arm*.h5")))
    if n_blocks < 6:  # it was faster than we were where all six are there
        assert process.returncode == 3, said
        assert "The same command goes on" in said
    assert ask("sweep", trial, "-o", "cut", "--workers", "1", "--device", "cpu").code == 0
    assert ask("sweep", trial, "-o", "whole", "--workers", "1", "--device", "cpu").code == 0
    assert digest_of(in_folder / "cut") == digest_of(in_folder / "whole")


def test_dask_workers_give_the_same_table(ask: Ask, trial: Path, in_folder: Path) -> None:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as cluster:
        address = cluster.scheduler_address
        answer = ask("sweep", trial, "-o", "dask", "--scheduler", address, "--device", "cpu")
    assert answer.code == 0, answer.err
    assert ask("sweep", trial, "-o", "here", "--workers", "1", "--device", "cpu").code == 0
    assert digest_of(in_folder / "dask") == digest_of(in_folder / "here")


def test_the_plan_is_told(ask: Ask, trial: Path, in_folder: Path) -> None:
    answer = ask("sweep", trial, "--dry-run")
    assert (answer.code, answer.err) == (0, "")
    for word in ("source.0.mass", "lognormal, median 1 g", "without treatment.1", "12 to follow"):
        assert word in answer.out
    plan = json.loads(ask("sweep", trial, "--dry-run", "--json").out)
    assert (plan["n_members"], plan["n_done"], plan["n_blocks"]) == (12, 0, 6)
    assert plan["varied"][1]["unit"] == "years"
    assert sorted(path.name for path in in_folder.iterdir()) == ["base.toml", "trial.toml"]


def test_the_schema_of_sweeps(ask: Ask) -> None:
    schema = json.loads(ask("schema", "--sweep").out)
    assert set(schema["properties"]) == {"sweep", "vary", "correlation", "arm"}
    assert set(schema["required"]) == {"sweep"}
