"""Care: the order of a day, what surgery takes and leaves, relapse, response and what follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ctc.clinic.imaging import FALSE_FINDING
from ctc.simulation.clinic_rows import WHOLE_BODY
from ctc.simulation.knowledge import Found
from ctc.simulation.patient import Patient
from ctc.states import ExaminationKind, LesionState, Milestone, Response, TreatmentKind
from tests.unit.simulation.cared import (
    BREAST,
    CLEAN,
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

LOOK = '[[examination]]\nkind = "mri"\nname = "look"\nat = "0 days"\nevery = "1 week"\n'
SURGERY = '[[treatment]]\nkind = "surgery"\nname = "operation"\n'


def followed(folder: Path, calendar: str, *overrides: str, weeks: int, **options) -> tuple:
    """Return a patient, and all rows of some weeks by name."""
    patient = patient_of(plan_of(folder, calendar, *CLEAN, *overrides), **options)
    return patient, joined(live(patient, weeks))


def joined(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def weeks_of(rows: np.ndarray, kind: int) -> list[int]:
    return (rows["time"][rows["kind"] == kind] // WEEK).tolist()


def test_examinations_come_before_treatments(tmp_path: Path) -> None:
    """In the file the operation stands first; the picture of that day still shows the tumour."""
    calendar = SURGERY + 'at = "0 days"\n' + LOOK
    patient, rows = followed(tmp_path, calendar, weeks=2)
    assert rows["findings"]["target"].tolist() == [-1]
    assert rows["findings"]["organ"].tolist() == [BREAST]
    assert rows["examinations"]["is_positive"].tolist() == [1, 0]
    assert rows["examinations"]["true_t"].tolist() == [2, 0]
    treated = rows["treatments"]
    assert treated["target"].tolist() == [-1]
    assert treated["cells_before"][0] == pytest.approx(2e10, rel=1e-6)
    assert treated["cells_after"].tolist() == [0.0]
    (look, *_) = care_of(patient).looks
    assert (look.is_treated, look.is_diagnosis) == (True, False)


def test_a_look_is_at_the_patient_before_that_days_treatment(tmp_path: Path) -> None:
    calendar = LOOK + SURGERY + 'after = "diagnosis"\n'
    patient = patient_of(plan_of(tmp_path, calendar, *CLEAN))
    live(patient, 1)
    (look,) = care_of(patient).looks
    assert (look.is_treated, look.is_diagnosis) == (False, True)
    assert look.disease.number.tolist() == [-1]
    assert look.known["target"].tolist() == [-1]
    assert look.found.t == look.there.t == 2
    assert not patient.sources[0].primary.is_there(0)


def test_what_comes_after_a_diagnosis_waits_for_it(tmp_path: Path) -> None:
    """A tumour of 0.01 mg is not seen; it doubles in 20 days until it is."""
    calendar = LOOK + SURGERY + 'after = "diagnosis"\ndelay = "2 weeks"\n'
    patient, rows = followed(tmp_path, calendar, weeks=80, masses=(1e-8,))
    (diagnosed,) = weeks_of(rows["milestones"], Milestone.DIAGNOSIS)
    assert diagnosed > 5
    assert weeks_of(rows["treatments"], TreatmentKind.SURGERY) == [diagnosed + 2]
    assert not patient.sources[0].primary.is_there(80 * WEEK)
    assert patient.sources[0].stop == (diagnosed + 2) * WEEK


def test_a_residue_that_comes_back_is_a_relapse(tmp_path: Path) -> None:
    """The margin is not clean: nobody knows until it shows; what waits for a relapse comes then."""
    calendar = (
        LOOK
        + SURGERY
        + 'at = "1 week"\n'
        + '[[treatment]]\nkind = "targeted"\nafter = "relapse"\nduration = "1 week"\n'
    )
    patient, rows = followed(
        tmp_path, calendar, "override.treatment.surgery.residual_probability=1.0", weeks=80
    )
    after = rows["treatments"]["cells_after"][0]
    assert after == pytest.approx(1e6, abs=5e3)  # each cell by chance
    (relapse,) = weeks_of(rows["milestones"], Milestone.RELAPSE)
    assert relapse > 5
    assert weeks_of(rows["milestones"], Milestone.DIAGNOSIS) == [0]
    assert weeks_of(rows["treatments"], TreatmentKind.TARGETED) == [relapse]
    assert rows["milestones"]["organ"][rows["milestones"]["kind"] == Milestone.RELAPSE] == [BREAST]
    assert not weeks_of(rows["milestones"], Milestone.METASTASIS_FOUND)
    assert patient.care.knowledge.present["first_found"].tolist() == [relapse * WEEK]


def test_a_residue_beside_a_metastasis_still_counts_in_the_response(tmp_path: Path) -> None:
    """A bug: what was once taken out was left out of every later sum, though it was back."""
    calendar = LOOK + SURGERY + 'at = "1 week"\n'
    patient = patient_of(
        plan_of(tmp_path, calendar, *CLEAN, "override.treatment.surgery.residual_probability=1.0")
    )
    add_lesions(patient, [3e9], [LUNG])
    patient.lesions.doubling_time = (1e12,) * len(patient.lesions.doubling_time)
    rows = joined(live(patient, 60))
    care = care_of(patient)
    assert set(care.knowledge.present["target"].tolist()) >= {-1, 0}
    assert not weeks_of(rows["milestones"], Milestone.RELAPSE)
    assert weeks_of(rows["milestones"], Milestone.PROGRESSION)


def test_a_new_finding_is_progression_and_nodes_are_no_metastasis(tmp_path: Path) -> None:
    calendar = LOOK + '[[treatment]]\nkind = "targeted"\nat = "1 week"\nduration = "1 week"\n'
    patient = patient_of(plan_of(tmp_path, calendar, *CLEAN))
    live(patient, 2)
    add_lesions(patient, [2e10], [NODES], time=2 * WEEK)
    rows = joined(live(patient, 1, first=2))
    assert weeks_of(rows["milestones"], Milestone.PROGRESSION) == [2]
    assert not weeks_of(rows["milestones"], Milestone.METASTASIS_FOUND)
    add_lesions(patient, [2e10], [LIVER], time=3 * WEEK)
    rows = joined(live(patient, 1, first=3))
    assert rows["milestones"]["kind"].tolist() == [Milestone.METASTASIS_FOUND]
    assert rows["milestones"]["organ"].tolist() == [LIVER]
    assert rows["examinations"]["stage_m"].tolist() == [1]


def test_responses_are_measured_anew_once_a_patient_is_free(tmp_path: Path) -> None:
    """Baselines go with the last of what was known."""
    calendar = LOOK + SURGERY + 'at = "2 weeks"\n'
    patient = patient_of(plan_of(tmp_path, calendar, *CLEAN))
    live(patient, 2)
    care = care_of(patient)
    assert list(care.knowledge.baselines) == [ExaminationKind.MRI]
    assert care.knowledge.baselines[ExaminationKind.MRI].targets.tolist() == [-1]
    live(patient, 1, first=2)
    assert not care.knowledge.baselines
    assert care.knowledge.is_free
    assert care.knowledge.best_response == Response.NOT_EVALUABLE


@pytest.mark.parametrize(("most", "n_removed"), [(1, 0), (2, 2)])
def test_surgery_of_few_metastases_only(most: int, n_removed: int, tmp_path: Path) -> None:
    calendar = (
        '[[examination]]\nkind = "ct"\nat = "0 days"\n'
        + SURGERY
        + f'target = "metastases"\nat = "1 week"\nmost_lesions = {most}\n'
        + '[[treatment]]\nkind = "targeted"\nafter = "operation"\nduration = "1 week"\n'
    )
    patient = patient_of(plan_of(tmp_path, calendar, *CLEAN))
    add_lesions(patient, [3e10, 3e10, 10.0], [LUNG, LIVER, LUNG])
    care_of(patient).knowledge.learn([Found(0, LUNG, 3e-2), Found(1, LIVER, 3e-2)], 0)
    rows = joined(live(patient, 3))
    states = patient.lesions.states(3 * WEEK)
    assert (states == LesionState.RESECTED).sum() == n_removed
    assert states[2] == LesionState.GROWING
    assert patient.sources[0].primary.is_there(3 * WEEK)
    # What waits for an operation that was not done does not come.
    kinds = rows["treatments"]["kind"]
    assert (kinds == TreatmentKind.SURGERY).sum() == n_removed
    assert (kinds == TreatmentKind.TARGETED).sum() == (n_removed > 0)


def test_chemotherapy_is_of_the_whole_body(tmp_path: Path) -> None:
    """Everything is hit, found or not; with nothing there it is still given."""
    calendar = '[[treatment]]\nkind = "chemotherapy"\nat = "0 days"\ncycles = 2\n'
    patient = patient_of(plan_of(tmp_path, calendar, *CLEAN))
    add_lesions(patient, [1e8, 3.0], [LUNG, LIVER])
    rows = joined(live(patient, 4))["treatments"]
    first = rows[rows["occasion"] == 0]
    assert first["target"].tolist() == [-1, 0, 1]
    assert (first["cells_after"] < first["cells_before"]).all()
    assert rows["occasion"].max() == 1
    _, none = followed(tmp_path, calendar, weeks=4, masses=())
    assert none["treatments"]["target"].tolist() == [WHOLE_BODY] * 2
    assert not none["treatments"]["cells_before"].any()


def test_a_biopsy_needs_something_to_be_taken_from(tmp_path: Path) -> None:
    """Skipped while nothing is known; then each week, from what that day's picture showed."""
    calendar = LOOK + '[[examination]]\nkind = "biopsy"\nat = "0 days"\nevery = "1 week"\n'
    _, rows = followed(tmp_path, calendar, weeks=60, masses=(1e-8,))
    (diagnosed,) = weeks_of(rows["milestones"], Milestone.DIAGNOSIS)
    assert diagnosed > 5
    assert weeks_of(rows["examinations"], ExaminationKind.MRI) == list(range(60))
    assert weeks_of(rows["examinations"], ExaminationKind.BIOPSY) == list(range(diagnosed, 60))
    values = rows["examinations"]["value"][rows["examinations"]["kind"] == ExaminationKind.BIOPSY]
    assert 0.5 < values.mean() <= 1.0


def test_false_findings_are_in_no_stage(tmp_path: Path) -> None:
    """n = 300 patients with a tumour in the breast alone, by CT: many false findings, never M1."""
    calendar = '[[examination]]\nkind = "ct"\nat = "0 days"\n'
    plan = plan_of(tmp_path, calendar, *CLEAN)
    n_false = 0
    for number in range(300):
        rows = joined(live(patient_of(plan, number=number), 1))
        (examined,) = rows["examinations"]
        found = rows["findings"]
        n_false += int(examined["n_false"])
        assert (found["target"] == FALSE_FINDING).sum() == examined["n_false"]
        assert not found["true_diameter"][found["target"] == FALSE_FINDING].any()
        assert (examined["stage_n"], examined["stage_m"]) == (0, 0)
        assert Milestone.METASTASIS_FOUND not in rows["milestones"]["kind"]
    assert n_false > 20


def test_the_dead_are_not_treated(tmp_path: Path) -> None:
    calendar = LOOK + '[[treatment]]\nkind = "chemotherapy"\nat = "0 days"\ncycles = 30\n'
    patient, rows = followed(
        tmp_path, calendar, "override.prognosis.female.accident_rate=10 1/year", weeks=90
    )
    (death,) = weeks_of(rows["milestones"], Milestone.DEATH_BY_OTHER)
    assert not patient.is_alive
    assert rows["examinations"]["time"].max() == death * WEEK
    assert rows["treatments"]["time"].max() <= death * WEEK


def halves(plan, stop: int) -> tuple[Patient, Patient, dict, dict]:
    """Return one patient of 40 weeks, and one that was taken up anew after some."""
    whole, first = (patient_of(plan, masses=(2e-3, 1e-3)) for _ in range(2))
    for patient in (whole, first):
        add_lesions(patient, [1e6, 1e9, 1e4], [LUNG, NODES, LIVER])
    rows = live(whole, 40)
    live(first, stop)
    second = patient_of(plan, masses=(2e-3, 1e-3))
    second.restore({name: value() for name, value in first.state_parts().items()})
    return whole, second, joined(rows[stop:]), joined(live(second, 40 - stop, first=stop))


@pytest.mark.parametrize("stop", [1, 4, 5, 7, 12, 20, 33])
def test_care_goes_on_where_it_stopped(stop: int, tmp_path: Path) -> None:
    """Before, between and in treatments of every kind: the same rows and the same state."""
    calendar = (
        LOOK
        + '[[examination]]\nkind = "ctdna"\nat = "0 days"\nevery = "2 weeks"\n'
        + '[[examination]]\nkind = "sentinel_node"\nafter = "diagnosis"\n'
        + SURGERY
        + 'after = "diagnosis"\ndelay = "4 weeks"\nhandling = 2\n'
        + '[[treatment]]\nkind = "surgery"\ntarget = "nodes"\nafter = "operation"\n'
        + '[[treatment]]\nkind = "chemotherapy"\nat = "6 weeks"\ncycles = 3\n'
        + '[[treatment]]\nkind = "immunotherapy"\nat = "18 weeks"\nduration = "4 weeks"\n'
        + '[[treatment]]\nkind = "radiation"\nat = "30 weeks"\ndose = "2 Gy"\nfractions = 25\n'
    )
    plan = plan_of(
        tmp_path,
        calendar,
        "override.treatment.surgery.residual_probability=1.0",
        "patient.is_mortal=false",
    )
    whole, second, wanted, found = halves(plan, stop)
    for name, rows in wanted.items():
        np.testing.assert_array_equal(found[name], rows, err_msg=name)
    np.testing.assert_array_equal(second.lesions.rows, whole.lesions.rows)
    for (name, one), (_, other) in zip(
        whole.decisive(40 * WEEK), second.decisive(40 * WEEK), strict=True
    ):
        np.testing.assert_array_equal(one, other, err_msg=name)
