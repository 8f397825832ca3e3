"""What can be scanned, at which moment, and where slabs are laid."""

import types
from pathlib import Path

import numpy as np
import pytest

from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.errors import InputError
from ctc.scan import examination
from ctc.scenario.parameters import load_parameters
from tests.unit.record.samples import network
from tests.unit.scan.test_tumours import of_sizes

HOUR = 3600 * 10**9


def run(*hours):
    times = np.array(hours, dtype=np.int64) * HOUR
    return types.SimpleNamespace(
        n_epochs=times.size, series=lambda: {"time": times}, path=Path("case.vtkhdf")
    )


def test_vessels_of_no_body_plan_cannot_be_scanned():
    with pytest.raises(InputError, match="run must be of a grown body"):
        examination._shapes(run(1), {"body": {"source": "file"}}, network=network())


def test_the_end_of_the_nearest_epoch_is_scanned():
    assert examination._moment(run(1, 2, 3), None) == 3 * HOUR
    assert examination._moment(run(1, 2, 3), 1.6 * 3600.0) == 2 * HOUR
    assert examination._moment(run(1, 2, 3), 0.0) == HOUR
    for wrong in (-1.0, 3.1 * 3600.0):
        with pytest.raises(InputError, match=r"time must lie in 0 s \.\. 3 h"):
            examination._moment(run(1, 2, 3), wrong)
    with pytest.raises(InputError, match="an epoch behind it"):
        examination._moment(run(), None)


def patient(tumours):
    lung = Territory("lung", Ellipsoid((0.0, -0.05, 0.1), (0.05,) * 3), np.zeros(3))
    return examination._Patient(
        network=network(),
        territories={"lung": (lung,)},
        tumours=tumours,
        size=1.0,
        seed=1,
        values=load_parameters("scan"),
    )


def test_a_slab_cuts_most_of_the_tumour():
    """Two of 10 mm side by side outweigh one of 12 mm elsewhere."""
    tumours = of_sizes(0.010, 0.010, 0.012)
    tumours.centre[:, 1] = 0.030, 0.031, -0.080
    assert examination._slab_depth(patient(tumours), 1) in (0.030, 0.031)
    assert examination._slab_depth(patient(of_sizes()), 1) == pytest.approx(-0.05)


def test_tumours_that_bulge_out_are_in_the_picture():
    tumours = of_sizes(0.08)
    tumours.centre[0] = 0.0, -0.12, 0.1
    low, high = patient(tumours).box()
    assert low[1] == pytest.approx(-0.16)
    assert high[1] == pytest.approx(0.0)
