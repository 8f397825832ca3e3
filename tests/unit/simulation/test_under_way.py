"""What treatments do while they go on: growth held back, tables that come back, fields of beams."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ctc.clinic.resistance import slowed_growth
from ctc.simulation.knowledge import Found
from ctc.states import LesionState
from tests.unit.simulation.cared import (
    BREAST,
    DAY,
    DOUBLING,
    LIVER,
    LUNG,
    NODES,
    WEEK,
    add_lesions,
    care_of,
    live,
    patient_of,
    plan_of,
)

TARGETED = '[[treatment]]\nkind = "targeted"\nat = "2 weeks"\nduration = "3 weeks"\n'
RESPONDS = ("patient.targeted_response=0.0", "patient.immune_response=0.0")
IMMORTAL = "patient.is_mortal=false"
GAIN = math.log(2.0) * 7.0 * DAY / DOUBLING  # of a week, untreated


def test_growth_is_held_back_as_the_closed_form_says(tmp_path: Path) -> None:
    """Three weeks of an inhibitor: r e^x + (1 - r) e^(g x) each week, then growth by the law."""
    plan = plan_of(tmp_path, TARGETED, *RESPONDS, IMMORTAL)
    patient = patient_of(plan)
    add_lesions(patient, [1e6, 1e8], [LUNG, LIVER])
    share = np.array([1e-3, 0.2, 0.5])
    patient.lesions.rows["resistant"] = share[:2]
    care_of(patient).resistant[:] = share[2]
    live(patient, 2)
    expected = np.array(
        [*patient.lesions.sizes(2 * WEEK), patient.sources[0].primary.mass(2 * WEEK)]
    )
    factor = plan.treatment.targeted.growth_factor
    before = expected.copy()
    live(patient, 3, first=2)
    gain = np.full(3, GAIN)
    mutation = plan.treatment.resistance.mutation_rate
    for _ in range(3):
        ratio, share = slowed_growth(share, gain, factor)
        expected = expected * ratio
    found = np.array([*patient.lesions.sizes(5 * WEEK), patient.sources[0].primary.mass(5 * WEEK)])
    # Mutants that arise meanwhile are left out of the closed form: mu ln N a week, 1e-7 or so.
    np.testing.assert_allclose(found, expected, rtol=100 * mutation + 1e-9)
    assert (found < 0.999 * before * math.exp(3 * GAIN)).all()
    live(patient, 2, first=5)
    later = np.array([*patient.lesions.sizes(7 * WEEK), patient.sources[0].primary.mass(7 * WEEK)])
    np.testing.assert_allclose(later, found * math.exp(2 * GAIN), rtol=1e-9)


def test_immunotherapy_holds_back_resistant_cells_too(tmp_path: Path) -> None:
    """Its factor is that of the host: nothing hangs on who is resistant to drugs."""
    text = '[[treatment]]\nkind = "immunotherapy"\nat = "0 days"\nduration = "30 weeks"\n'
    patient = patient_of(plan_of(tmp_path, text, *RESPONDS, IMMORTAL))
    add_lesions(patient, [1e8, 1e8], [LUNG, LUNG])
    patient.lesions.rows["resistant"] = [0.0, 1.0]
    live(patient, 20)
    sizes = patient.lesions.sizes(20 * WEEK)
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-9)
    assert sizes[0] < 1e8 * math.exp(20 * GAIN) / 2.0


def test_what_shrinks_below_a_cell_is_gone_and_forgotten(tmp_path: Path) -> None:
    """Lesions and tumours alike; nothing grows again when the drug is stopped."""
    text = '[[treatment]]\nkind = "targeted"\nat = "0 days"\nduration = "200 weeks"\n'
    patient = patient_of(plan_of(tmp_path, text, *RESPONDS, IMMORTAL), masses=(2e-14,))
    add_lesions(patient, [20.0], [LUNG])
    care = care_of(patient)
    patient.lesions.rows["resistant"], care.resistant[:] = 0.0, 0.0
    care.knowledge.learn([Found(0, LUNG, 1e-3), Found(-1, BREAST, 1e-3)], 0)
    assert care.plan.treatment.targeted.growth_factor < 0.0
    live(patient, 200)
    assert patient.lesions.states(200 * WEEK).tolist() == [LesionState.ERADICATED]
    assert care.knowledge.is_free
    assert not care.disease(patient, 201 * WEEK).number.size
    live(patient, 100, first=200)
    assert not care.disease(patient, 301 * WEEK).number.size


def test_tables_come_back_to_the_very_same_ones(tmp_path: Path) -> None:
    text = '[[treatment]]\nkind = "chemotherapy"\nat = "1 week"\ncycles = 2\ninterval = "3 weeks"\n'
    patient = patient_of(plan_of(tmp_path, text, IMMORTAL))
    untreated, met = patient.tables, []
    for week in range(12):
        live(patient, 1, first=week)
        met.append(patient.tables)
    assert met[0] is untreated
    assert met[-1] is untreated
    treated = [tables for tables in met if tables is not untreated]
    assert treated
    assert len({id(tables) for tables in treated}) == 1
    assert not np.array_equal(treated[0].clocks, untreated.clocks)
    np.testing.assert_array_equal(treated[0].sizes, untreated.sizes)


def test_a_beam_acts_in_its_field_and_epoch_alone(tmp_path: Path) -> None:
    text = (
        '[[treatment]]\nkind = "radiation"\nat = "1 week"\ndose = "2 Gy"\nfractions = 3\n'
        'interval = "1 day"\n'
    )
    patient = patient_of(plan_of(tmp_path, text, IMMORTAL))
    untreated, names = patient.tables, []
    effects = []
    for week in range(4):
        live(patient, 1, first=week)
        effects.append(care_of(patient).under_way.effect)
        names.append(patient.tables is untreated)
    # Fractions of days 7, 8 and 9 are given at the edges of weeks 1 and 2.
    assert names == [True, False, False, True]
    assert set(effects[1].organ_death_rate_of) == {"breast"}
    # Two fractions to a target that the first has shrunk.
    once, twice = effects[1].blood_hazard, effects[2].blood_hazard
    assert 0.0 < once < twice < 2.0 * once


def test_handling_is_of_the_tumour_that_is_handled(tmp_path: Path) -> None:
    """The primary sheds five times as much in its last week; clearing nodes changes nothing."""
    text = (
        '[[examination]]\nkind = "sentinel_node"\nat = "0 days"\n'
        '[[treatment]]\nkind = "surgery"\nat = "2 weeks"\nhandling = 5\n'
        '[[treatment]]\nkind = "surgery"\ntarget = "nodes"\nat = "1 week"\nhandling = 7\n'
    )
    overrides = (
        "override.treatment.surgery.residual_probability=0.0",
        "override.treatment.surgery.residual_probability_of_metastasis=0.0",
        IMMORTAL,
    )
    patient = patient_of(plan_of(tmp_path, text, *overrides))
    add_lesions(patient, [1e9], [NODES])
    care_of(patient).knowledge.learn([Found(0, NODES, 1e-2)], 0)
    vigours = []
    for week in range(3):
        live(patient, 1, first=week)
        primary = patient.sources[0].primary
        vigours.append(primary.vigour)
        assert primary.is_there(week * WEEK)
    assert vigours == [1.0, 1.0, 5.0]
    primary = patient.sources[0].primary
    assert primary.is_there(3 * WEEK - 1)
    assert not primary.is_there(3 * WEEK)
    assert patient.sources[0].stop == 3 * WEEK
    assert patient.lesions.states(3 * WEEK).tolist() == [LesionState.RESECTED]
