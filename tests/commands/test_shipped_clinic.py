"""Every shipped scenario of the clinic and every sweep: loads, asks, can be planned, and runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ctc.cohort.table import open_table
from ctc.scenario.load import load_scenario
from ctc.scenario.sweep_load import load_sweep_file
from tests.commands.asking import ROOT
from tests.commands.conftest import Ask

CLINIC = sorted(path.stem for path in (ROOT / "scenarios" / "clinic").glob("*.toml"))
SWEEPS = sorted(path.stem for path in (ROOT / "scenarios" / "sweeps").glob("*.toml"))
FEW = ("--patients", "4", "--device", "cpu")


@pytest.mark.parametrize("name", CLINIC)
def test_a_scenario_has_a_question_and_a_calendar(name: str) -> None:
    settings = load_scenario(f"clinic/{name}").settings
    assert settings.scenario.question.endswith("?")
    assert settings.examination
    assert settings.treatment


def test_questions_and_titles_differ() -> None:
    told = [load_scenario(f"clinic/{name}").settings.scenario for name in CLINIC]
    sweeps = [load_sweep_file(Path(name)).content.sweep for name in SWEEPS]
    for texts in (
        [each.title for each in (*told, *sweeps)],
        [each.question for each in (*told, *sweeps)],
    ):
        assert len(set(texts)) == len(CLINIC) + len(SWEEPS)


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_says_whom_it_would_follow(ask: Ask, in_folder: Path, name: str) -> None:
    settings = load_sweep_file(Path(name)).content.sweep
    least = 200 if settings.design == "cohort" else 1
    assert settings.patients is not None
    assert least <= settings.patients <= 1000
    plan = ask("sweep", name, "--dry-run", "--json", "--patients", "16")
    assert (plan.code, plan.err) == (0, "")
    found = json.loads(plan.out)
    assert found["question"].endswith("?")
    assert len({arm["name"] for arm in found["arms"]}) == len(found["arms"])
    assert list(in_folder.iterdir()) == []


def test_the_page_names_them_all() -> None:
    page = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*CLINIC, *SWEEPS) if f"`{name}.toml`" not in page] == []


def test_a_shipped_sweep_is_the_same_for_any_workers(ask: Ask, in_folder: Path) -> None:
    for workers in ("1", "2"):
        answer = ask("sweep", "oligometastasis_sbrt", *FEW, "--workers", workers, "-o", workers)
        assert answer.code == 0, answer.err
    tables = [open_table(in_folder / workers) for workers in ("1", "2")]
    assert tables[0].digest == tables[1].digest
    shed = tables[0].column("shed")
    held = sum(tables[0].column(name) for name in ("in_flight", "died", "colonies", "exited"))
    assert shed.sum() > 0
    assert np.array_equal(held, shed)
    # Nothing sets the arms apart until a metastasis is irradiated.
    arms = [tables[0].column("metastasis_time", arm=arm) for arm in tables[0].arms]
    assert np.array_equal(*arms, equal_nan=True)
