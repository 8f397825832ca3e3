"""Orders of a calendar on made patients: what is aimed at, struck, left, and under way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.aftermath import Aftermath, after_blow
from ctc.clinic.disease import Disease
from ctc.clinic.surgery import SurgeryLaw, resection
from ctc.clinic.systemic import SystemicEffect
from ctc.clinic.treating import Blow, Order, aimed_at, blow_of, ongoing
from ctc.clinic.treatment_laws import TreatmentLaws, resolve_treatment
from ctc.scenario.clinic_tables import (
    Antiplatelet,
    Chemotherapy,
    PatientSettings,
    Radiation,
    Surgery,
    Targeted,
)
from ctc.scenario.load import load_scenario
from tests.unit.clinic.treated_patients import DAY, KeyedDraws, made_disease

PATIENT = PatientSettings()
# A primary in the left breast, metastases in lung, liver and between organs, a node.
PATIENT_ROWS = made_disease(
    [1e10, 1e8, 1e9, 1e6, 1e7], number=[-1, 0, 1, 2, 3], organ=[0, 1, 2, -1, 3]
)
ALL = np.ones(5, dtype=bool)


@pytest.fixture(scope="module")
def laws() -> TreatmentLaws:
    return resolve_treatment(load_scenario("quick").parameters)


def blow(
    laws: TreatmentLaws,
    order: Order,
    disease: Disease = PATIENT_ROWS,
    *,
    found: np.ndarray | None = None,
    occasion: int = 0,
    seed: int = 1,
) -> Blow | None:
    return blow_of(
        order,
        occasion,
        disease,
        laws=laws,
        patient=PATIENT,
        draws=KeyedDraws(seed),
        is_found=np.ones(disease.number.size, dtype=bool) if found is None else found,
    )


def surgery(**keys: object) -> Surgery:
    return Surgery.model_validate({"kind": "surgery", **keys}, strict=False)


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        ({}, [0]),
        ({"target": "metastases"}, [1, 2, 3]),
        ({"target": "nodes"}, [4]),
        ({"target": "metastases", "organs": ("liver",)}, [2]),
        ({"target": "metastases", "organs": ("liver", "lung")}, [1, 2]),
        ({"organs": ("breast",)}, [0]),
        ({"organs": ("left_breast",)}, [0]),
        ({"organs": ("right breast",)}, []),
        ({"target": "metastases", "most_lesions": 3}, [1, 2, 3]),
        ({"target": "metastases", "most_lesions": 2}, []),
        ({"target": "nodes", "most_lesions": 1}, [4]),
        ({"target": "primary", "most_lesions": 2}, []),
    ],
)
def test_what_is_aimed_at(keys: dict[str, object], rows: list[int]) -> None:
    assert list(np.flatnonzero(aimed_at(surgery(**keys), PATIENT_ROWS, ALL))) == rows


def test_only_what_was_found_is_treated_but_a_primary_is_known() -> None:
    found = np.array([False, True, False, False, False])
    metastases = aimed_at(surgery(target="metastases", most_lesions=1), PATIENT_ROWS, found)
    assert list(np.flatnonzero(metastases)) == [1]
    assert list(np.flatnonzero(aimed_at(surgery(), PATIENT_ROWS, found))) == [0]
    assert not aimed_at(surgery(target="nodes"), PATIENT_ROWS, found).any()


def test_resection_leaves_tumour_at_its_chance() -> None:
    """n = 20,000 of each kind; chances of 0.25 and 0.1 within five standard errors."""
    n = 20_000
    law = SurgeryLaw(0.25, 0.1, 1e6)
    deviates = KeyedDraws().uniform(np.arange(2 * n, dtype=np.uint64), 0)
    is_primary = np.arange(2 * n) < n
    is_removed, left = resection(np.full(2 * n, 1e9), is_primary, deviates, law=law)
    for rows, chance in ((is_primary, 0.25), (~is_primary, 0.1)):
        error = math.sqrt(chance * (1.0 - chance) / n)
        assert abs((~is_removed[rows]).mean() - chance) < 5.0 * error
    assert np.all(left[is_removed] == 0.0)
    np.testing.assert_allclose(left[~is_removed], 1e-3)
    small = resection(np.array([10.0]), np.array([True]), np.array([0.0]), law=law)
    assert small[1][0] == 1.0


def test_chance_of_one_tumour_does_not_hang_on_the_others(laws: TreatmentLaws) -> None:
    """The same key gives the same margin, alone, among others and in any order."""
    rng = np.random.Generator(np.random.Philox(2))
    numbers = rng.permutation(200)
    many = made_disease(np.full(200, 1e9), number=numbers)
    order = surgery(target="metastases")
    together = blow(laws, order, many)
    assert together is not None
    assert 0 < together.is_removed.sum() < 200
    for row in (0, 57, 199):
        alone = blow(laws, order, made_disease([1e9], number=[numbers[row]]))
        assert alone is not None
        assert alone.is_removed[0] == together.is_removed[row]


def test_a_cycle_strikes_all_that_grows_and_no_resistant_cell(laws: TreatmentLaws) -> None:
    disease = made_disease([1e9, 1e9, 1e9], pace=[1.0, 2.0, 0.0])
    found = blow(laws, Chemotherapy(kind="chemotherapy", log_kill=1.0), disease)
    assert found is not None
    np.testing.assert_allclose(found.survival, [0.1, 0.01, 1.0])
    np.testing.assert_array_equal(found.resistant_survival, 1.0)
    assert list(found.is_touched) == [True, True, False]
    assert not found.is_removed.any()


def test_a_fraction_strikes_resistant_cells_alike(laws: TreatmentLaws) -> None:
    order = Radiation(kind="radiation", dose="2 Gy", fractions=3)  # type: ignore[arg-type]
    shares = []
    for occasion in range(6):
        found = blow(laws, order, occasion=occasion)
        assert found is not None
        np.testing.assert_array_equal(found.survival, found.resistant_survival)
        hits = laws.radiation.alpha * 2.0 * (1.0 + 2.0 / laws.radiation.alpha_beta)
        assert found.survival[0] == pytest.approx(math.exp(-hits))
        np.testing.assert_array_equal(found.survival[1:], 1.0)
        shares.append(found.clonogen_share)
    assert shares == [1.0, 1.0, laws.radiation.clonogen_share] * 2


def test_no_blow_without_a_target_or_by_drugs_that_go_on(laws: TreatmentLaws) -> None:
    nothing = np.zeros(5, dtype=bool)
    assert blow(laws, surgery(target="metastases"), found=nothing) is None
    assert blow(laws, Targeted(kind="targeted")) is None
    assert blow(laws, Antiplatelet(kind="antiplatelet")) is None
    empty = made_disease(np.zeros(0))
    assert blow(laws, Chemotherapy(kind="chemotherapy"), empty) is None


def struck(found: Blow | None, disease: Disease, seed: int = 1) -> Aftermath:
    assert found is not None
    return after_blow(found, disease, KeyedDraws(seed))


def test_after_a_cycle_resistant_cells_are_all_there(laws: TreatmentLaws) -> None:
    """1,000 lesions of 1e6 cells with one resistant cell, and ten decimal logs of kill."""
    n = 1000
    disease = made_disease(np.full(n, 1e6), share=1e-6)
    left = struck(blow(laws, Chemotherapy(kind="chemotherapy", log_kill=10.0), disease), disease)
    assert not left.is_eradicated.any()
    np.testing.assert_array_equal(left.cells, 1.0)
    np.testing.assert_array_equal(left.resistant_share, 1.0)


def test_after_a_cycle_few_sensitive_cells_die_out_by_chance(laws: TreatmentLaws) -> None:
    """m = 1 survivor expected in each of 4,000: exp(-1) are gone, error 0.0076, limit five."""
    n = 4000
    disease = made_disease(np.full(n, 1e6))
    left = struck(blow(laws, Chemotherapy(kind="chemotherapy", log_kill=6.0), disease), disease)
    assert abs(left.is_eradicated.mean() - math.exp(-1.0)) < 5.0 * 0.0076
    assert np.all(left.cells[left.is_eradicated] == 0.0)
    assert np.all(left.cells[~left.is_eradicated] >= 1.0)
    assert not left.resistant_share.any()


def test_after_surgery_the_untouched_are_as_they_were(laws: TreatmentLaws) -> None:
    disease = made_disease(
        [1e10, 1e8, 1e9, 1e6, 1e7], number=[-1, 0, 1, 2, 3], organ=[0, 1, 2, -1, 3], share=0.25
    )
    removed = residual = 0
    for seed in range(40):
        left = struck(blow(laws, surgery(), disease, seed=seed), disease, seed)
        np.testing.assert_array_equal(left.cells[1:], disease.cells[1:])
        np.testing.assert_array_equal(left.resistant_share[1:], 0.25)
        assert not left.is_eradicated.any()
        if left.is_removed[0]:
            removed += 1
            assert left.cells[0] == 0.0
        else:
            residual += 1
            assert left.cells[0] == pytest.approx(1e6, rel=0.02)
            assert left.resistant_share[0] == pytest.approx(0.25, abs=0.01)
    assert removed > residual > 0


def test_a_course_of_fractions_controls_as_poisson_says(laws: TreatmentLaws) -> None:
    """5 x 6 Gy on 4,000 tumours of equal size, fraction by fraction: exp(-N c S^5), five errors."""
    n = 4000
    hits = 5 * laws.radiation.alpha * 6.0 * (1.0 + 6.0 / laws.radiation.alpha_beta)
    cells = math.exp(hits) / laws.radiation.clonogen_share
    order = Radiation(kind="radiation", target="metastases", dose="6 Gy", fractions=5)  # type: ignore[arg-type]
    count, cured = np.full(n, cells), np.zeros(n, dtype=bool)
    for fraction in range(5):
        disease = made_disease(np.maximum(count, 1.0), pace=0.0)
        found = blow(laws, order, disease, occasion=fraction, seed=fraction)
        left = struck(found, disease, seed=fraction)
        cured |= left.is_eradicated
        count = left.cells
    chance = math.exp(-1.0)
    assert abs(cured.mean() - chance) < 5.0 * math.sqrt(chance * (1.0 - chance) / n)


def test_what_is_under_way_is_the_sum_of_its_orders(laws: TreatmentLaws) -> None:
    cycles = Chemotherapy(kind="chemotherapy", cycles=2, interval="3 weeks")  # type: ignore[arg-type]
    aspirin = Antiplatelet(kind="antiplatelet")
    alone = ongoing([(cycles, 0.0)], laws, PATIENT)
    both = ongoing([(cycles, 0.0), (aspirin, DAY), (surgery(), DAY)], laws, PATIENT)
    assert both.tissue_death_rate == alone.tissue_death_rate > 0.0
    assert both.platelets == laws.antiplatelet.platelets
    finished = ongoing([(cycles, 50.0 * DAY), (surgery(), 0.0)], laws, PATIENT)
    assert finished == ongoing([], laws, PATIENT) == SystemicEffect()


@given(
    rows=st.lists(
        st.tuples(st.floats(1.0, 1e13), st.floats(0.0, 1.0), st.floats(0.0, 10.0)),
        min_size=1,
        max_size=20,
    ),
    log_kill=st.floats(0.0, 10.0),
    seed=st.integers(0, 100),
)
def test_no_blow_makes_cells(
    laws: TreatmentLaws, rows: list[tuple[float, float, float]], log_kill: float, seed: int
) -> None:
    """Whatever the sizes, shares and kills, and in any order of the rows."""
    cells, share, pace = (np.array(column) for column in zip(*rows, strict=True))
    disease = made_disease(cells, share=share, pace=pace)
    order = Chemotherapy(kind="chemotherapy", log_kill=log_kill)
    found = blow(laws, order, disease)
    if found is None:
        kill = log_kill * np.minimum(pace, laws.chemotherapy.highest_pace)
        assert np.all(kill < 1e-15)
        return
    left = struck(found, disease, seed)
    # Whole numbers in two parts, each rounded by at most a half.
    assert np.all(left.cells <= cells + 1.0)
    assert np.all((left.cells == 0.0) | (left.cells >= 1.0))
    np.testing.assert_array_equal(left.is_eradicated, left.cells == 0.0)
    kept = (left.resistant_share * left.cells)[found.is_touched]
    resistant = np.rint(share * cells)[found.is_touched]
    np.testing.assert_allclose(kept, resistant, rtol=1e-9, atol=1e-9)
    back = reversed_rows(disease)
    struck_back = struck(blow(laws, order, back), back, seed)
    np.testing.assert_array_equal(struck_back.cells[::-1], left.cells)


def reversed_rows(disease: Disease) -> Disease:
    names = (
        *("number", "key", "organ", "cells", "diameter"),
        *("growth_rate", "reference_rate", "resistant_share"),
    )
    return replace(disease, **{name: getattr(disease, name)[::-1] for name in names})
