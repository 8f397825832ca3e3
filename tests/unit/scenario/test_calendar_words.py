"""What `ctc check` tells of a calendar: entries in order of their times, in words, and remarks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ctc.scenario.clinic_notes import calendar_notes, calendar_rows
from ctc.scenario.clinic_words import time_text
from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import Scenario, restore_scenario

SECOND = 10**9
DAY = 86_400 * SECOND

TEXT = """
[scenario]
title = "test"
[run]
duration = "5 years"
epoch = "1 day"
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "10 mg"
[patient]
number = 7
age = "55.5 years"
chemosensitivity = 0.8
is_mortal = false
[[examination]]
kind = "mammography"
name = "screening"
at = "6 weeks"
every = "1 year"
[[examination]]
kind = "blood_draw"
after = "diagnosis"
[[examination]]
kind = "ct"
name = "staging"
after = "diagnosis"
delay = "3 days"
organs = ["lung", "liver"]
[[treatment]]
kind = "immunotherapy"
after = "relapse"
[[treatment]]
kind = "targeted"
after = "start of AC"
duration = "1 year"
[[treatment]]
kind = "chemotherapy"
name = "AC"
after = "surgery 1"
delay = "4 weeks"
cycles = 90
[[treatment]]
kind = "radiation"
name = "SBRT"
after = "metastasis"
target = "metastases"
organs = ["liver"]
most_lesions = 3
dose = "10 Gy"
fractions = 5
interval = "6 h"
[[treatment]]
kind = "surgery"
after = "diagnosis"
delay = "2 weeks"
[[treatment]]
kind = "antiplatelet"
at = "0 days"
"""

Load = Callable[..., Scenario]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str = TEXT, **more: list[str]) -> Scenario:
        path = tmp_path / "case.toml"
        path.write_text(text, encoding="utf-8")
        return load_scenario(path, **more)

    return load_text


def test_entries_stand_in_the_order_of_their_times(load: Load) -> None:
    assert calendar_rows(load().settings) == (
        ("antiplatelet 1", "antiplatelet", "at the start, to the end"),
        ("screening", "mammography", "6 weeks, then every 1 year"),
        (
            "blood_draw 1",
            "blood draw, 7.5 mL of the left median cubital vein",
            "after diagnosis",
        ),
        ("staging", "ct of lung, liver", "3 days after diagnosis"),
        ("surgery 1", "surgery of primary", "2 weeks after diagnosis"),
        ("targeted 1", "targeted against growth", "after the start of AC, for 1 year"),
        (
            "AC",
            "chemotherapy, 90 cycles",
            "4 weeks after surgery 1, then every 3 weeks, 90 times in all",
        ),
        (
            "SBRT",
            "radiation of metastases in liver, 5 x 10 Gy, unless more than 3 have been found",
            "after metastasis, then every 6 h, 5 times in all",
        ),
        ("immunotherapy 1", "immunotherapy, anti-pd1", "after relapse, to the end"),
    )


def test_what_may_not_be_as_meant_is_told(load: Load) -> None:
    assert calendar_notes(load().settings) == (
        (
            "Patient 7, 55.5 years old: rank 0.5 by immunotherapy, rank 0.5 by targeted drugs, "
            "chemosensitivity 0.8; no death ends the run."
        ),
        "The estimate leaves out what treatment and death do.",
        # 5 years less 6 weeks, 2 weeks and 4 weeks are 1742 days: 82 intervals of 21 days.
        "The run has room for at most 83 of the 90 occasions of 'AC'.",
        (
            "'SBRT' comes every 6 h, but an epoch lasts 1 day: up to 4 occasions are given at "
            "once. Shorten run.epoch to tell them apart."
        ),
    )


def test_a_scenario_without_a_calendar_has_nothing_to_tell() -> None:
    settings = load_scenario("quick").settings
    assert calendar_rows(settings) == ()
    assert calendar_notes(settings) == ()


def test_a_patient_without_a_calendar_is_told(load: Load) -> None:
    settings = load(TEXT[: TEXT.index("[[examination]]")]).settings
    (note,) = calendar_notes(settings)
    assert note.startswith("[patient] changes nothing: without an [[examination]]")


def test_cycles_at_fixed_times_are_counted_for_sure(load: Load) -> None:
    head = TEXT[: TEXT.index("[patient]")]
    text = head + '[[treatment]]\nkind = "chemotherapy"\nat = "1820 days"\ncycles = 2\n'
    assert "The run has room for 1 of the 2 occasions of 'chemotherapy 1'." in calendar_notes(
        load(text).settings
    )


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "0 s"),
        (1, "1e-09 s"),
        (SECOND, "1 s"),
        (90 * SECOND, "90 s"),
        (120 * SECOND, "2 min"),
        (36 * 3600 * SECOND, "36 h"),
        (DAY, "1 day"),
        (3 * DAY, "3 days"),
        (14 * DAY, "2 weeks"),
        (DAY + SECOND // 2, "1.00001 days"),
        (31_557_600 * SECOND, "1 year"),
        (31_557_600 * SECOND // 2, "6 months"),
        (200 * 31_557_600 * SECOND, "200 years"),
    ],
)
def test_times_are_told_in_the_largest_whole_unit(time: int, text: str) -> None:
    assert time_text(time) == text


def test_a_calendar_comes_back_from_a_run_file_as_it_was(load: Load) -> None:
    scenario = load(overrides=["cells.weight=1e6"])
    again = restore_scenario(scenario.resolved(), scenario.text)
    assert again.settings == scenario.settings
    assert again.settings.cells.weight == 1e6
    assert calendar_rows(again.settings) == calendar_rows(scenario.settings)


@pytest.mark.parametrize("weight", ["0.5", "0", "-1", "1e13", "nan", "1 g"])
def test_a_followed_cell_stands_for_at_least_itself(load: Load, weight: str) -> None:
    with pytest.raises(ValueError, match=r"--set: cells\.weight: value must be"):
        load(overrides=[f"cells.weight={weight}"])
