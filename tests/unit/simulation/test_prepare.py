"""From a scenario to a setting: times, epochs, frames, sources."""

import math
from pathlib import Path

import pytest

import ctc
from ctc.errors import InputError
from ctc.pipeline import prepare
from ctc.simulation.prepare import nanoseconds
from ctc.simulation.setting import Setting

SCENARIO = """
[scenario]
title = "Times"

[run]
seed = 3
duration = "5 h"
epoch = "2 h"

[body]
plan = "human_male"
terminals = 1500

[cancer]
set = "cancers/prostate"

[[source]]
kind = "bolus"
vessel = "aortic root"
cells = 1001
at = "1 h"

[[source]]
kind = "tumour"
organ = "prostate"
mass = "1 g"
shedding_rate = "24000 1/g/day"
start = "30 min"
stop = "90 min"

[record]
tracked = 100

[[record.window]]
start = "4 h"
duration = "1 h"
interval = "30 min"

[[record.window]]
start = "2 h"
duration = "0 s"
interval = "1 s"
"""


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    path = tmp_path_factory.mktemp("prepare") / "times.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return prepare(ctc.load_scenario(path)).setting


def hours(*numbers: float) -> tuple[int, ...]:
    return tuple(round(number * 3600e9) for number in numbers)


def test_nanoseconds_are_rounded() -> None:
    assert nanoseconds(0.1 + 0.2) == 300_000_000
    assert nanoseconds(1e-10) == 0


def test_the_last_epoch_ends_with_the_run(setting: Setting) -> None:
    assert setting.epochs == hours(2, 4, 5)


def test_frames_are_in_order_and_include_the_end_of_a_window(setting: Setting) -> None:
    assert setting.frames == hours(2, 4, 4.5, 5)


def test_sources_carry_what_the_file_says(setting: Setting) -> None:
    bolus, tumour = setting.sources
    assert (bolus.start, bolus.stop, bolus.cells) == (*hours(1, 1), 1001)
    assert (tumour.start, tumour.stop) == hours(0.5, 1.5)
    assert tumour.rate == pytest.approx(24000 / 86400, rel=1e-12)
    assert (bolus.clone, tumour.clone) == (0, 1)


def test_tracked_cells_are_spread_over_all_that_are_shed(setting: Setting) -> None:
    """1001 of the bolus and 1000 expected of the tumour: every 20th for 100."""
    assert setting.n_tracked == 100
    assert setting.track_every == 20


def test_organs_have_doubling_times_and_none_has_the_last_row(setting: Setting) -> None:
    assert len(setting.doubling_times) == setting.hops.n_organs
    assert all(0 < time < math.inf for time in setting.doubling_times)


def test_a_seed_may_be_given_instead(tmp_path: Path) -> None:
    path = tmp_path / "times.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    assert prepare(ctc.load_scenario(path), seed=2**64 - 1).setting.seed == 2**64 - 1


def test_an_unknown_vessel_is_refused_with_the_file_and_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "times.toml"
    path.write_text(SCENARIO.replace("aortic root", "aortic rot"), encoding="utf-8")
    with pytest.raises(InputError, match=r"times.toml: source.0.*'aortic rot'.*'aortic root'"):
        prepare(ctc.load_scenario(path))
