"""Chemotherapy against the closed forms of Norton and Simon, and adjuvant arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.chemotherapy import between_cycles, cycle_survival
from ctc.clinic.treatment_laws import TreatmentLaws, resolve_treatment
from ctc.scenario.clinic_tables import Chemotherapy, PatientSettings
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.load import load_scenario
from ctc.simulation.growth import grown_cells
from tests.unit.clinic.treated_patients import DAY

CAPACITY, REFERENCE, DOUBLING = 3.1e12, 1e9, 72.5 * DAY
GOMPERTZ = GrowthLaw(GrowthKind.GOMPERTZ, capacity=CAPACITY, reference_cells=REFERENCE)
CYCLE = 21.0 * DAY


@pytest.fixture(scope="module")
def laws() -> TreatmentLaws:
    return resolve_treatment(load_scenario("quick").parameters)


def gompertz_rate(cells: np.ndarray) -> np.ndarray:
    """Specific growth rate: ln 2 / doubling time at the reference size."""
    scale = np.log(CAPACITY / cells) / math.log(CAPACITY / REFERENCE)
    return np.asarray(math.log(2.0) / DOUBLING * scale)


def survival_of(cells: np.ndarray, log_kill: float, sensitivity: float = 1.0) -> np.ndarray:
    return cycle_survival(
        gompertz_rate(cells),
        np.full(cells.shape, math.log(2.0) / DOUBLING),
        log_kill=log_kill,
        sensitivity=sensitivity,
        highest_pace=5.0,
    )


def test_a_cycle_takes_its_logs_at_the_reference_size() -> None:
    found = survival_of(np.array([REFERENCE]), 1.5)
    assert found[0] == pytest.approx(10.0**-1.5, rel=1e-12)


def test_small_lesions_lose_more_and_sensitive_patients_too() -> None:
    cells = 10.0 ** np.arange(13)
    assert np.all(np.diff(survival_of(cells, 0.5)) > 0.0)
    assert np.all(survival_of(cells, 0.5, 2.0) < survival_of(cells, 0.5, 1.0))
    np.testing.assert_allclose(survival_of(cells, 0.5, 2.0), survival_of(cells, 1.0))


def test_lesions_at_rest_and_without_a_pace_are_spared() -> None:
    rates = np.array([0.0, -1e-7, 1e-7])
    reference = np.array([1e-7, 1e-7, 0.0])
    found = cycle_survival(rates, reference, log_kill=3.0, sensitivity=1.0, highest_pace=5.0)
    np.testing.assert_array_equal(found, 1.0)


@given(st.floats(0, 1e3), st.floats(0, 1e3), st.floats(0, 10), st.floats(0, 100))
def test_survival_is_a_share(rate: float, reference: float, kill: float, patient: float) -> None:
    found = cycle_survival(
        np.array([rate]), np.array([reference]), log_kill=kill, sensitivity=patient, highest_pace=5
    )
    assert 0.0 <= found[0] <= 1.0


def test_cycles_of_a_gompertz_tumour_follow_their_closed_form() -> None:
    """Kill multiplies y = ln(K / N) by 1 + c, growth by exp(-b t), exactly.

    ``c = L ln 10 / ln(K / M)``, ``b = ln 2 / T / ln(K / M)``: after n cycles, each with its
    interval behind it, ``y = y0 ((1 + c) exp(-b t))^n``. Rounding errors are some 1e-14 in ln N.
    """
    kill, n_cycles = 0.3, 8
    span = math.log(CAPACITY / REFERENCE)
    cells = np.array([1e4, 1e8, 1e11])
    step = (1.0 + kill * math.log(10.0) / span) * math.exp(-math.log(2) / DOUBLING / span * CYCLE)
    expected = CAPACITY * np.exp(-np.log(CAPACITY / cells) * step**n_cycles)
    for _ in range(n_cycles):
        left = cells * survival_of(cells, kill)
        cells = grown_cells(GOMPERTZ, CYCLE, initial=left, doubling_time=DOUBLING)
    np.testing.assert_allclose(cells, expected, rtol=1e-10)


def test_dense_cycles_leave_fewer_cells() -> None:
    """Norton and Simon's argument for dose density: the same cycles in less time."""

    def after(interval: float) -> float:
        cells = np.array([1e8])
        for _ in range(6):
            left = cells * survival_of(cells, 0.5)
            cells = grown_cells(GOMPERTZ, interval, initial=left, doubling_time=DOUBLING)
        return float(cells[0])

    assert after(14.0 * DAY) < 0.5 * after(21.0 * DAY)


def test_adjuvant_cycles_cure_a_third(laws: TreatmentLaws) -> None:
    """What `log_kill` was fitted to: burdens equally likely by logarithm from 1 to 1e9 cells.

    Cured with chance exp(-n) for n expected survivors; a lesion below one cell regrows at the
    pace of one. About a third of deaths: EBCTCG 2012.
    """
    cells = 10.0 ** np.linspace(0.0, 9.0, 2001)
    for _ in range(6):
        size = np.maximum(cells, 1.0)
        cells = cells * survival_of(size, laws.chemotherapy.log_kill)
        size = np.maximum(cells, 1.0)
        grown = grown_cells(GOMPERTZ, CYCLE, initial=size, doubling_time=DOUBLING)
        before, cells = cells, cells * grown / size
    assert float(np.exp(-before).mean()) == pytest.approx(1.0 / 3.0, abs=0.02)


def test_hazards_between_cycles_kill_their_share_of_a_cycle(laws: TreatmentLaws) -> None:
    order = Chemotherapy(kind="chemotherapy", cycles=4, interval="3 weeks", log_kill=2.0)  # type: ignore[arg-type]
    patient = PatientSettings(chemosensitivity=0.5)
    law = laws.chemotherapy
    effect = between_cycles(order, 0.0, law=law, patient=patient)
    for rate, share in (
        (effect.blood_hazard, law.circulating_share),
        (effect.arrested_death_rate, law.arrested_share),
        (effect.tissue_death_rate, law.tissue_share),
        (effect.dormant_death_rate, law.dormant_share),
    ):
        assert math.exp(-rate * CYCLE) == pytest.approx(10.0 ** (-2.0 * 0.5 * share))
    assert effect == between_cycles(order, 4 * CYCLE - 1.0, law=law, patient=patient)
    for outside in (-1.0, 4 * CYCLE):
        gone = between_cycles(order, outside, law=law, patient=patient)
        assert gone.blood_hazard == gone.tissue_death_rate == 0.0
