"""What the clinic sees of tumours and lesions: cells, sizes, rates, resistant shares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.simulation.diseased import diameter_of, disease_of, living_cells
from ctc.simulation.growth import grown_cells, growth_rate
from ctc.simulation.lesions import UNTREATED
from tests.unit.simulation.cared import (
    BREAST,
    DAY,
    DOUBLING,
    LUNG,
    NAMES,
    NODES,
    NS,
    add_lesions,
    patient_of,
)

LN2 = math.log(2.0)
LAWS = [GrowthLaw(kind, 3.1e12, reference_cells=1e9, exponent=0.5) for kind in GrowthKind]


def seen(patient, days: float, resistant=None, mutation_rate: float = 1e-8):
    share = np.full(len(patient.sources), UNTREATED) if resistant is None else np.array(resistant)
    return disease_of(
        patient.sources,
        patient.lesions,
        time=round(days * DAY * NS),
        organ_names=NAMES,
        resistant=share,
        mutation_rate=mutation_rate,
    )


def test_tumours_come_first_then_lesions_with_what_they_are() -> None:
    patient = patient_of(None, masses=(1e-3, 4e-3))
    add_lesions(patient, [1e6, 1e3, 1e9], [LUNG, NODES, len(NAMES)])
    patient.lesions.remove(np.array([False, True, False]), is_resected=True)
    found = seen(patient, 20.0)
    assert found.number.tolist() == [-1, -2, 0, 2]
    assert found.organ.tolist() == [BREAST, BREAST, LUNG, -1]
    assert found.is_primary.tolist() == [True, True, False, False]
    np.testing.assert_allclose(found.cells, [2e9, 8e9, 2e6, 2e9], rtol=1e-9)
    volume = math.pi / 6.0 * found.diameter**3
    density = [1e12 * 1060.0] * 2 + [patient.lesions.biology.cells_per_volume] * 2
    np.testing.assert_allclose(volume * density, found.cells, rtol=1e-9)
    np.testing.assert_allclose(found.growth_rate, LN2 / DOUBLING, rtol=1e-12)
    np.testing.assert_allclose(found.reference_rate, LN2 / DOUBLING, rtol=1e-12)
    assert np.unique(found.key).size == 4
    alive = living_cells(patient.sources, patient.lesions, time=20 * DAY * NS, organ_names=NAMES)
    for name in ("number", "organ", "cells"):
        np.testing.assert_array_equal(getattr(alive, name), getattr(found, name))


def test_nothing_there_is_nothing_seen() -> None:
    patient = patient_of(None, masses=(1e-3,))
    patient.take_out(0, time=5 * DAY * NS)
    assert seen(patient, 4.99).number.tolist() == [-1]
    for found in (seen(patient, 5.0), seen(patient_of(None, masses=()), 0.0)):
        for name in ("number", "organ", "cells", "diameter", "growth_rate", "resistant_share"):
            assert getattr(found, name).size == 0


def test_a_lesion_at_rest_does_not_grow() -> None:
    patient = patient_of(None, masses=(), balance_share=1.0, balance_cells=1e4)
    add_lesions(patient, [1e3], [LUNG])
    assert seen(patient, 1.0).growth_rate[0] > 0.0
    assert seen(patient, 200.0).growth_rate[0] == 0.0
    assert seen(patient, 200.0).cells[0] == 1e4


def test_keys_are_of_the_patient() -> None:
    first, other = (seen(patient_of(None, number=number), 0.0) for number in (0, 1))
    assert first.key[0] != other.key[0]


def test_an_untreated_share_begins_with_the_first_mutant() -> None:
    """n = 1000 tumours of 1e9 cells, mu = 1e-9: resistant ones in 1 - e^(-mu N), binomial SE."""
    n, rate = 1000, 1e-9
    shares = np.array(
        [
            seen(
                patient_of(None, number=k, masses=(1e-3,)), 0.0, mutation_rate=rate
            ).resistant_share[0]
            for k in range(n)
        ]
    )
    chance = 1.0 - math.exp(-rate * 1e9)
    error = math.sqrt(chance * (1.0 - chance) / n)
    assert (shares > 0.0).mean() == pytest.approx(chance, abs=5 * error)
    assert shares.max() <= 1.0


def test_a_treated_share_grows_by_mutation() -> None:
    """r + mu ln(N / N0) since the blow, of tumours and lesions alike."""
    patient = patient_of(None, masses=(1e-3,))
    add_lesions(patient, [1e6], [LUNG])
    patient.lesions.rows["resistant"] = 0.25
    patient.shrink(0, 0.5, time=0)
    found = seen(patient, 40.0, resistant=[0.125], mutation_rate=1e-4)
    gain = 1e-4 * 2.0 * LN2
    np.testing.assert_allclose(found.resistant_share, [0.125 + gain, 0.25 + gain], rtol=1e-6)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
@pytest.mark.parametrize("cells", [1.0, 1e3, 1e9, 1e12])
def test_the_growth_rate_is_the_slope_of_the_closed_form(law: GrowthLaw, cells: float) -> None:
    """Central difference over 2e-4 of the time in which it doubles: second order, 1e-7."""
    doubling = 50.0 * DAY
    rate = float(growth_rate(law, cells, doubling_time=doubling))
    step = 1e-4 / max(rate, 1e-12)
    ends = grown_cells(
        law, np.array([0.0, step, 2.0 * step]), initial=cells, doubling_time=doubling
    )
    middle = float(growth_rate(law, ends[1], doubling_time=doubling))
    assert math.log(ends[2] / ends[0]) / (2.0 * step) == pytest.approx(middle, rel=1e-6)
    at_reference = float(growth_rate(law, law.reference_cells, doubling_time=doubling))
    assert at_reference == pytest.approx(LN2 / doubling, rel=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
def test_nothing_grows_at_its_capacity_or_for_ever(law: GrowthLaw) -> None:
    sizes = np.array([law.capacity, 10.0 * law.capacity])
    assert not growth_rate(law, sizes, doubling_time=DAY).any()
    assert not growth_rate(law, np.array([1e6]), doubling_time=np.inf).any()


def test_diameters_of_balls() -> None:
    cells = np.array([0.0, 1.0, 1e9])
    found = diameter_of(cells, 1e15)
    np.testing.assert_allclose(math.pi / 6.0 * found**3 * 1e15, cells, rtol=1e-9, atol=1e-9)
