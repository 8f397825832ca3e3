"""Tumours of a run at a moment: places, sizes, and what is told of them."""

import types

import numpy as np
import pytest

from ctc.clinic.disease import Disease
from ctc.record.layout import LESION_DTYPE, NO_FOUNDER
from ctc.scan.findings import chances, parameters_of, told, uptakes
from ctc.scan.tumours import Tumours, read_tumours
from ctc.states import ExaminationKind, LesionState
from tests.unit.record.samples import network

DAY = 86400 * 10**9
BODY = network()
SCENARIO = {
    "source": [{"kind": "tumour", "organ": "liver", "mass": 0.05, "start": 0.0, "stop": None}],
    "parameters": {
        "tumour.cells_per_mass": {"value": 1e12},
        "tumour.density": {"value": 1000.0},
        "tissue.organ.default.doubling_time": {"value": 10 * 86400.0},
    },
}


def lesion(number, *, time, founded, cells, organ=0, state=LesionState.GROWING, founder=9):
    row = np.zeros(1, dtype=LESION_DTYPE)
    row["lesion"], row["time"], row["founded"] = number, time * DAY, founded * DAY
    row["cells"], row["organ"], row["segment"] = cells, organ, 10 + number
    row["state"], row["cell"] = state, founder
    return row


def run(rows, *, organ_cells=None, days=100, scenario=None):
    """Return what is asked of a run; by day, single cells 5 in each organ."""
    n_organs = len(BODY.organ_names)
    cells = np.full((days, n_organs), 5, dtype=np.uint64)
    for organ, count in (organ_cells or {}).items():
        cells[:, organ] += np.uint64(count)
    single = np.full((days, n_organs), 5, dtype=np.uint64)
    nothing = np.zeros_like(single)
    series = {"time": (1 + np.arange(days)) * DAY, "cells": cells, "dormant": single}
    series |= {"arrested": nothing, "extravasated": nothing}
    history = np.concatenate([np.zeros(0, dtype=LESION_DTYPE), *rows])
    return types.SimpleNamespace(
        scenario=lambda: SCENARIO if scenario is None else scenario,
        lesion_history=lambda: history,
        series=lambda: series,
        organ_names=BODY.organ_names,
    )


def read(rows, *, day, **more):
    return read_tumours(run(rows, **more), BODY, time=day * DAY)


def test_sizes_that_were_stored_are_taken():
    rows = [lesion(0, time=5, founded=4, cells=1), lesion(0, time=100, founded=4, cells=10**9)]
    found = read(rows, day=100)
    assert not found.are_sizes_shared
    assert found.disease.number.tolist() == [-1, 0]
    ball = (6.0 / np.pi * 1e-6) ** (1.0 / 3.0)
    assert found.disease.diameter[1] == pytest.approx(ball)
    assert found.disease.diameter[0] == pytest.approx((6.0 / np.pi * 50e-6) ** (1.0 / 3.0))
    assert found.centre[1, 2] == pytest.approx(10.5e-3, rel=1e-5)


def test_others_share_the_cells_of_their_organ_by_age():
    """Two of one organ, one doubling time apart in age: one cell in three, two in three."""
    rows = [
        lesion(0, time=10, founded=10, cells=1),
        lesion(1, time=20, founded=20, cells=1),
        lesion(2, time=20, founded=20, cells=1, organ=1),
    ]
    found = read(rows, day=60, organ_cells={0: 3 * 10**8, 1: 10**6})
    assert found.are_sizes_shared
    assert found.disease.cells[1:] == pytest.approx([2e8, 1e8, 1e6], rel=1e-6)


def test_those_that_rest_keep_their_size():
    rows = [
        lesion(0, time=30, founded=1, cells=5000, state=LesionState.IN_BALANCE),
        lesion(1, time=20, founded=20, cells=1),
    ]
    found = read(rows, day=60, organ_cells={0: 10**6 + 5000})
    assert found.disease.cells[1:] == pytest.approx([5000, 1e6], rel=1e-6)


@pytest.mark.parametrize("state", [LesionState.LOST, LesionState.RESECTED, LesionState.ERADICATED])
def test_what_is_gone_is_not_shown(state):
    rows = [
        lesion(0, time=5, founded=4, cells=10),
        lesion(0, time=50, founded=4, cells=0, state=state),
    ]
    assert read(rows, day=100).disease.number.tolist() == [-1]
    assert read(rows, day=20).disease.number.tolist() == [-1, 0]


def test_primary_tumours_that_grow_are_those_of_the_rows():
    rows = [lesion(4, time=50, founded=0, cells=10**9, organ=1, founder=NO_FOUNDER)]
    found = read(rows, day=60)
    liver = BODY.organ_names.index("liver")
    assert found.disease.is_primary.all()
    assert found.disease.number.size == (1 if liver == 1 else 2)


def test_a_tumour_whose_only_row_is_its_end_is_there_before():
    number = BODY.organ_names.index("liver")
    gone = {"organ": number, "state": LesionState.RESECTED, "founder": NO_FOUNDER}
    rows = [lesion(4, time=50, founded=0, cells=0, **gone)]
    assert read(rows, day=40).disease.number.tolist() == [-1]
    assert read(rows, day=60).disease.number.tolist() == []


def test_a_run_without_tumour_has_none():
    found = read([], day=3, scenario={"source": []})
    assert found.disease.number.size == 0
    assert found.centre.shape == (0, 3)
    assert told(found, np.zeros(0)) == "0 primary tumours\n0 lesions of 1 mm and more"


def of_sizes(*diameters, organ=0, primaries=0):
    size = np.array(diameters, dtype=np.float64)
    number = np.concatenate([-1 - np.arange(primaries), np.arange(size.size - primaries)])
    none = np.zeros(size.size)
    disease = Disease(
        number=number,
        key=np.arange(size.size).astype(np.uint64),
        organ=np.full(size.size, organ, dtype=np.int16),
        cells=np.ones(size.size),
        diameter=size,
        growth_rate=none,
        reference_rate=none,
        resistant_share=none,
        organ_names=("liver", "brain"),
    )
    return Tumours(disease=disease, centre=np.zeros((size.size, 3)), are_sizes_shared=False)


def test_what_is_told_adds_up():
    tumours = of_sizes(0.02, 0.012, 0.003, 2e-5, 1e-5, primaries=1)
    text = told(tumours, np.array([0.9, 0.8, 0.3, 0.0, 0.0]))
    assert text.splitlines() == [
        "1 primary tumour",
        "   20 mm, found in 90% of scans",
        "2 lesions of 1 mm and more",
        "   1.1 found, on average",
        "   the largest 12 mm",
        "2 smaller lesions",
    ]
    assert "found" not in told(tumours, None)


def test_uptake_is_each_lesion_s_own_and_of_the_stated_spread():
    """2,000 lesions; the mean of the logarithm within five standard errors of the median."""
    parameters = parameters_of({})
    sizes = of_sizes(*([0.01] * 2000))
    suv = uptakes(sizes, parameters, avidity=1.5, seed=7)
    spread = parameters.value("diagnosis.pet.spread") * np.pi / np.sqrt(3.0)
    median = 1.5 * parameters.value("diagnosis.pet.uptake")
    assert abs(np.log(suv / median).mean()) < 5.0 * spread / np.sqrt(2000)
    assert np.log(suv).std() == pytest.approx(spread, rel=0.08)
    assert np.array_equal(
        suv[:3], uptakes(of_sizes(1.0, 2.0, 3.0), parameters, avidity=1.5, seed=7)
    )


def test_chances_are_those_of_the_organ():
    parameters = parameters_of({})
    liver, brain = (
        chances(of_sizes(0.01, organ=i), ExaminationKind.PET, parameters=parameters, avidity=1.0)
        for i in (0, 1)
    )
    assert 0.0 < brain[0] < 0.2 < liver[0] < 0.9
