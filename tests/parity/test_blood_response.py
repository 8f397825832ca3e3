"""Blood of patients: the response to shed cells against the passages of a steady run."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import ctc
from ctc.backends.base import choose_backend
from ctc.cohort.blood_response import BloodOfCohort, blood_of_weighted
from ctc.preparation import Prepared, prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.hop_table import NANOSECONDS

SCENARIO = """
[scenario]
title = "A tumour that keeps its mass"

[run]
seed = 3
duration = "12 days"
epoch = "1 day"

[body]
plan = "human_female"
terminals = 1500

[cancer]
set = "cancers/breast"

[cells]
weight = 100

[[source]]
kind = "tumour"
organ = "breast"
mass = "20 g"

[[examination]]
kind = "blood_draw"
at = "11 days"

[record]
tracked = 0

[override]
"tumour.overt_share" = 1e-9
"lymph.overt_share" = 1e-4
"""
DAY = 86400 * NANOSECONDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blood")


def prepared(folder: Path, *overrides: str) -> Prepared:
    path = folder / "steady.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return prepare(ctc.load_scenario(path, overrides=list(overrides)))


def test_the_response_is_the_mean_of_a_steady_run(folder: Path) -> None:
    """Some 300 passages in 10 days, and R from 100: five standard errors of both, 12 % in all."""
    made = prepared(folder)
    setting, flow_rate = made.setting, made.flow.flow_rate
    assert setting.care is not None
    (segment,) = setting.care.segment_of_draw.values()
    simulation = Simulation(setting, choose_backend("cpu"))
    passed, found = 0.0, []
    for epoch in simulation.epochs():
        if epoch.end > 2 * DAY:
            found.append(
                simulation.blood.concentration(_patient(simulation), segment=segment, time=0)
            )
    rates = np.array([each[0] for each in found]) * flow_rate[segment] / setting.overt.weight
    passed = rates.sum() * 86400.0
    response = BloodOfCohort(setting, flow_rate, choose_backend("cpu"))
    wanted = response.concentration(_patient(simulation), segment=segment, time=5 * DAY)
    rate = wanted[0] * flow_rate[segment] / setting.overt.weight
    n_response = 50_000 * rate / setting.sources[0].rate
    assert passed > 100
    assert n_response > 30
    error = math.sqrt(1.0 / passed + 1.0 / n_response)
    assert rates.mean() == pytest.approx(rate, rel=5 * error)
    assert wanted[1] == found[0][1]


def _patient(simulation: Simulation):
    return simulation.ward.patients[0]


def test_weights_change_no_concentration(folder: Path) -> None:
    """A bug: cells for the nodes, of which more are followed, all counted for as many in blood."""
    found = []
    for overrides in (
        (),
        ("override.lymph.overt_share=1.0",),
        ("cells.most_followed=50",),
        ("cells.weight=1000",),
    ):
        made = prepared(folder, *overrides)
        setting, flow_rate = made.setting, made.flow.flow_rate
        blood = blood_of_weighted(setting, flow_rate, threads=1)
        is_plain = not overrides or overrides[0].startswith("cells.weight")
        assert (blood is None) is is_plain
        blood = blood or BloodOfCohort(setting, flow_rate, choose_backend("cpu"))
        patient = _patient(Simulation(setting, choose_backend("cpu")))
        (segment,) = setting.care.segment_of_draw.values()
        found.append(blood.concentration(patient, segment=segment, time=5 * DAY)[0])
    assert found[0] > 0.0
    np.testing.assert_allclose(found, found[0], rtol=1e-9)


def test_nothing_is_followed_where_nothing_is_drawn(folder: Path) -> None:
    made = prepared(folder, "examination.0.kind=ctdna", "cells.most_followed=50")
    assert blood_of_weighted(made.setting, made.flow.flow_rate, threads=1) is None
