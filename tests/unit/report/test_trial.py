"""The page of a trial: what it says, that it runs nothing, and what it does with little data."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from ctc.analysis import hazard_ratio
from ctc.analysis.endpoints import Endpoint, Origin
from ctc.errors import InputError
from ctc.report.sampled import number_text, short_name, unit_of
from ctc.report.trial import trial_page, write_trial_report
from ctc.report.trial_material import TrialMaterial, time_text
from tests.unit.report.virtual_trial import YEAR, VirtualTrial, virtual_trial


@pytest.fixture(scope="module")
def trial() -> VirtualTrial:
    return virtual_trial(200)


@pytest.fixture(scope="module")
def page(trial: VirtualTrial) -> str:
    return trial_page(trial)


def changed(trial: VirtualTrial, **columns: np.ndarray) -> VirtualTrial:
    return dataclasses.replace(
        trial,
        columns=tuple(
            dataclasses.replace(c, values=columns[c.name]) if c.name in columns else c
            for c in trial.columns
        ),
    )


class Balance(HTMLParser):
    """Checks that elements close, and gathers names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in {"meta", "path"}:
            self.open.append(tag)
        elif tag == "path":
            self.open.append("path")
        assert not any(
            name.startswith("on")
            or (name in {"href", "src"} and value and not value.startswith("#"))
            for name, value in attrs
        )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_runs_nothing(page: str) -> None:
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert "script" not in balance.names
    assert "default-src 'none'" in page
    assert re.search(r"\b(nan|inf|None)\b", page) is None


def test_same_table_same_bytes(trial: VirtualTrial, page: str, tmp_path: Path) -> None:
    write_trial_report(trial, tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == page


def test_an_older_page_stays_unless_it_may_go(trial: VirtualTrial, tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    target.write_text("mine")
    with pytest.raises(InputError):
        write_trial_report(trial, target)
    assert target.read_text() == "mine"
    write_trial_report(trial, target, overwrite=True)
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_other_suffixes_are_refused(trial: VirtualTrial, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must be a \.html file"):
        write_trial_report(trial, tmp_path / "a.pdf")


def test_table_without_courses_is_refused(trial: VirtualTrial, tmp_path: Path) -> None:
    columns = tuple(c for c in trial.columns if c.name != "death_time")
    with pytest.raises(InputError, match="column death_time"):
        write_trial_report(dataclasses.replace(trial, columns=columns), tmp_path / "a.html")
    assert not (tmp_path / "a.html").exists()


def test_numbers_of_the_page_are_those_of_the_table(trial: VirtualTrial, page: str) -> None:
    material = TrialMaterial(trial)
    for arm in (0, 1):
        cause = material.column("death_cause", arm)
        assert "died of the cancer</text>" in page
        assert f">{int((cause == 1).sum()):,}</text>" in page
    overall = material.times(Endpoint.OVERALL)
    assert f"{overall[0].n_events:,} of {overall[0].n:,}" in page
    assert trial.digest in page


def test_texts_are_escaped() -> None:
    found = trial_page(
        virtual_trial(60, arms=("<b>none</b>", "a & b"), title="<script>alert(1)</script>")
    )
    assert "<script>" not in found
    assert "<b>" not in found
    assert "a &amp; b" in found


def test_all_sections_are_there(page: str) -> None:
    for name in ("patients", "survival", "subgroups", "stages", "cells", "found", "courses"):
        assert f'<section id="{name}">' in page
        assert f'href="#{name}"' in page
    assert '<section id="sensitivity">' not in page


def test_one_arm_is_compared_with_nothing() -> None:
    found = trial_page(virtual_trial(100, arms=("everyone",), is_sobol=True))
    assert "hazard ratio, overall" not in found
    assert '<section id="subgroups">' not in found
    assert '<section id="sensitivity">' in found
    assert "of arm" not in found


def test_many_arms_have_no_diagram_but_a_table() -> None:
    found = trial_page(virtual_trial(40, arms=tuple(f"arm {i}" for i in range(6))))
    assert 'id="figure-patients"' not in found
    assert "arm 5" in found


def test_without_lifelines_the_page_says_what_is_missing(
    trial: VirtualTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hazard_ratio.importlib.util, "find_spec", lambda _: None)
    found = trial_page(trial)
    assert "pip install &#x27;ctc[sweep]&#x27;" in found
    assert 'id="figure-overall"' in found


def test_earlier_diagnosis_in_one_arm_counts_from_the_start(trial: VirtualTrial) -> None:
    assert TrialMaterial(trial).origin is Origin.DIAGNOSIS
    times = trial.column("diagnosis_time") - 0.3 * YEAR * trial.column("arm")
    screened = changed(trial, diagnosis_time=times.clip(0.0))
    material = TrialMaterial(screened)
    assert material.origin is Origin.START
    found = trial_page(screened)
    assert "lead time" in found
    assert "Patients are not split by stage here" in found


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_patients_make_a_page(n: int) -> None:
    assert "Kaplan-Meier" in trial_page(virtual_trial(n))


def test_too_few_events_give_no_forest_but_say_so() -> None:
    found = trial_page(virtual_trial(12))
    assert "Too few events for a ratio" in found
    assert 'id="figure-subgroups_1"' not in found


def test_nobody_dies_and_nobody_is_diagnosed() -> None:
    trial = virtual_trial(30)
    none = np.full(trial.n_rows, np.nan)
    quiet = changed(
        trial,
        death_time=none,
        metastasis_time=none,
        progression_time=none,
        relapse_time=none,
        death_cause=np.zeros(trial.n_rows, dtype=np.uint8),
    )
    assert "0 deaths" in trial_page(quiet)
    unseen = changed(quiet, diagnosis_time=none, ctc_baseline=none, ctc_follow_up=none)
    found = trial_page(unseen)
    assert '<section id="stages">' not in found
    assert "0 deaths" in found


def test_pairs_are_the_same_patients() -> None:
    trial = virtual_trial(50)
    # Patient 3 is diagnosed with metastases in one arm only: in no pair of that endpoint.
    metastasis = trial.column("metastasis_time").copy()
    metastasis[2 * 3 + 1] = trial.column("diagnosis_time")[2 * 3 + 1]
    material = TrialMaterial(changed(trial, metastasis_time=metastasis))
    patient = trial.column("patient")
    arm, first = material.pair(Endpoint.METASTASIS_FREE, 1)
    assert np.array_equal(patient[arm.row], patient[first.row])
    assert 3 not in patient[arm.row]


def test_words_and_numbers() -> None:
    assert time_text(2.5 * YEAR) == "30.0 months"
    assert time_text(7.0 * YEAR) == "7.0 years"
    assert time_text(np.inf) == "not reached"
    assert unit_of(np.array([60.0 * YEAR]), "s")[0] == "years"
    assert unit_of(np.array([5e-3]), "m")[0] == "mm"
    assert short_name("source.0.shedding_rate") == "source shedding rate"
    assert [number_text(x) for x in (0.0, 12.345, 4321.0, 2.3e6)] == [
        "0",
        "12.3",
        "4,321",
        "2.3 \u00d7 10\u2076",
    ]
