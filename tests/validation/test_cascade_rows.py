"""Rows of the validation table from a tumour to its metastases, in small.

Each row must hold with its law and must fail without it. What its figures are, which of them are
fitted, and which targets they have, stands in the row; here its sample is smaller, so each test
says why the figure is still known well enough.
"""

from __future__ import annotations

import numpy as np
import pytest

from ctc import pipeline
from ctc.backends.cpu import CpuBackend
from ctc.simulation.epochs import Simulation
from tools.validate.blood_decay import BloodDecay
from tools.validate.efferent_ratio import EfferentRatio
from tools.validate.human_efficiency import HumanEfficiency
from tools.validate.liver_cascade import LiverCascade
from tools.validate.lung_loss import LungLoss
from tools.validate.node_positivity import NodePositivity
from tools.validate.patients import SheddingTumour, risk, tumour_of
from tools.validate.sampling_sites import SamplingSites

pytestmark = pytest.mark.validation

# Why these samples do:
# blood_decay: exchange 60 s +- 1 % and 220 s +- 1 % in a band of 40-260 s, 1.9 h +- 3 % in 1-2.4 h.
# efferent_ratio: 15 +- 2 % against 6-24.
# sampling_sites: 1,500 cells counted in arm veins, 3 % of quotients that may be 2 times off.
# liver_cascade: 87 tumours of 400,000 cells, 11 % of what may be 1.5 times off and is 10 % off.
# lung_loss: 1.8 +- 6 % against 1.4 at least, four standard errors; 1.2 % +- 4 % against 0.5-2 %.
# node_positivity: 100 lesions, 10 %; the fit absorbs that error, figures depend on it by nothing.
# human_efficiency: nothing is drawn.
ROWS = (
    BloodDecay(n_given=3000, n_shed=60_000, n_repeats=3),
    EfferentRatio(n_repeats=2, n_terminals=2000),
    SamplingSites(n_shed=150_000, n_terminals=2000),
    LiverCascade(n_cells=400_000, n_terminals=2000),
    LungLoss(n_injected=50_000, n_shed=200_000),
    HumanEfficiency(),
    NodePositivity(n_cells=50_000),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row_holds_with_its_law_and_fails_without(row):
    found = row.measure(ablated=False)
    missed = [figure for figure in found.figures if not figure.is_expected]
    assert not missed
    assert row.measure(ablated=True).is_red


def test_what_is_missed_has_its_reason_and_is_little():
    missed = [
        figure.name
        for row in (HumanEfficiency(), NodePositivity(n_cells=50_000))
        for figure in row.measure(ablated=False).figures
        if not figure.is_met
    ]
    assert missed == ["positive nodes, 20-50 mm"]


def test_tumour_that_grows_in_a_run_sheds_what_the_closed_form_says():
    """From 5 mm for 30 days at the shipped rates: n = 12,400 expected, standard error 0.9 %.

    A run takes the mass in the middle of each epoch, which for a day and 52 days a doubling is
    off by 1e-5; the limit is five standard errors of the Poisson number.
    """
    settings = ["source.growth='exponential'", "run.duration='30 days'", "source.stop='30 days'"]
    scenario = pipeline.load_scenario(
        "quick",
        overrides=[
            *settings,
            "source.mass='69.4 mg'",
            "run.epoch='1 day'",
            "body.terminals=2000",
            "record.tracked=0",
            "record.window=[]",
            "tumours.lesions_shed=false",
        ],
    )
    tumour = tumour_of(scenario)
    first = (6.0 * 69.4e-6 / (np.pi * tumour.density)) ** (1.0 / 3.0)
    last = first * 2.0 ** (30.0 * 86400.0 / tumour.doubling_time / 3.0)
    before, after = tumour.cells_shed(np.array([first, last]))
    expected = after - before
    simulation = Simulation(pipeline.prepare(scenario).setting, CpuBackend())
    for _ in simulation.epochs():
        pass
    shed = simulation.ledger.n_shed
    assert abs(shed - expected) <= 5.0 * np.sqrt(expected)


def test_risk_is_that_of_a_poisson_number_without_spread():
    """And with spread it is at small numbers that of the mean patient, exp(2.2^2 / 2) = 11.2."""
    expected = np.array([1e-7, 0.1, 1.0])
    assert risk(expected, spread=0.0) == pytest.approx(-np.expm1(-expected), rel=1e-12)
    assert risk(expected[:1], spread=2.2)[0] == pytest.approx(
        expected[0] * np.exp(0.5 * 2.2**2), rel=1e-3
    )


def test_tumour_without_vessels_sheds_nothing():
    tumour = SheddingTumour(rate=1.0, density=1060.0, doubling_time=1e6, least_diameter=1e-3)
    shed = tumour.cells_shed(np.array([5e-4, 1e-3, 2e-3]))
    assert shed[:2] == pytest.approx([0.0, 0.0])
    assert shed[2] > 0.0
