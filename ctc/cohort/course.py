"""Course: what one virtual patient came to, as one row of the table of a sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.clinic.disease import Disease
from ctc.scenario.biology import organ_key
from ctc.scenario.lymph_route import LYMPH_NODES
from ctc.simulation.care import Care
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.look import Look
from ctc.simulation.patient import Patient
from ctc.states import ExaminationKind, Milestone, Response

_TIMES = (
    *("diagnosis_time", "metastasis_time", "relapse_time", "progression_time", "death_time"),
    *("end_time", "ctc_baseline_time", "ctc_follow_up_time"),
)
COURSE = np.dtype(
    [
        ("patient", "<u4"),
        ("arm", "<u2"),
        *((name, "<f8") for name in _TIMES[:6]),
        ("death_cause", "u1"),
        ("diagnosis_diameter", "<f8"),
        ("primary_cells_at_diagnosis", "<f8"),
        *((f"{axis}_{side}", "u1") for side in ("found", "true") for axis in ("t", "n", "m")),
        ("n_lesions_found", "<u4"),
        ("n_lesions_true", "<u4"),
        ("largest_found", "<f8"),
        ("largest_true", "<f8"),
        ("nodes_found", "<u4"),
        ("nodes_true", "<u4"),
        ("ctc_baseline", "<f8"),
        ("ctc_baseline_time", "<f8"),
        ("ctc_follow_up", "<f8"),
        ("ctc_follow_up_time", "<f8"),
        ("best_response", "u1"),
        ("burden", "<f8"),
        ("epochs_bounded", "<u4"),
        ("shed", "<u8"),
        ("in_flight", "<u8"),
        ("died", "<u8"),
        ("died_by_treatment", "<u8"),
        ("colonies", "<u8"),
        ("exited", "<u8"),
    ]
)
_UNKNOWN_STAGE = 255
_MILESTONES = {
    Milestone.DIAGNOSIS: "diagnosis_time",
    Milestone.METASTASIS_FOUND: "metastasis_time",
    Milestone.RELAPSE: "relapse_time",
    Milestone.PROGRESSION: "progression_time",
}
_CAUSES = {Milestone.DEATH_BY_CANCER: 1, Milestone.DEATH_BY_OTHER: 2}


class CourseLog:
    """Follows one patient through the epochs of a cohort and fills in one row.

    Parameters
    ----------
    patient : Patient
        Who is followed.
    arm : int
        Of the sweep.
    """

    def __init__(self, patient: Patient, *, arm: int) -> None:
        self._patient = patient
        self.row: npt.NDArray[Any] = np.zeros((), dtype=COURSE)
        self.row["patient"], self.row["arm"] = patient.setting.patient, arm
        for name in (*_TIMES, "diagnosis_diameter", "ctc_baseline", "ctc_follow_up"):
            self.row[name] = np.nan
        for side in ("found", "true"):
            for axis in ("t", "n", "m"):
                self.row[f"{axis}_{side}"] = _UNKNOWN_STAGE

    @property
    def _care(self) -> Care | None:
        return self._patient.care

    def note(self, end: int) -> None:
        """Take in what happened to the patient in an epoch up to its end [ns].

        Call after each epoch at whose beginning the patient lived.
        """
        care = self._care
        self.row["end_time"] = end / NANOSECONDS
        if care is None:
            return
        for time, kind, *_ in care.rows.milestones:
            milestone = Milestone(kind)
            if milestone in _CAUSES:
                self.row["death_time"] = self.row["end_time"] = time / NANOSECONDS
                self.row["death_cause"] = _CAUSES[milestone]
            else:
                self.row[_MILESTONES[milestone]] = time / NANOSECONDS
        for (time, _, _, kind, _, value, *_), look in zip(
            care.rows.examinations, care.looks, strict=True
        ):
            if kind == ExaminationKind.BLOOD_DRAW:
                self._note_draw(value, time, is_treated=look.is_treated)
            if look.is_diagnosis:
                self._note_primary(look.disease)
            if not look.is_treated:
                self._note_stage(look, isolated=care.plan.stage.isolated_diameter)

    def close(self, end: int, *, counts: dict[str, int]) -> npt.NDArray[Any]:
        """Return the row, with the cells of the patient counted.

        Call right after the last epoch of the patient [ns]: what is left of one who has died goes
        on as long as others of the block live.
        """
        for name, count in counts.items():
            self.row[name] = count
        self.row["epochs_bounded"] = self._patient.n_bounded
        care = self._care
        if care is not None:
            self.row["best_response"] = int(care.knowledge.best_response or Response.NOT_EVALUABLE)
            # A patient dies between two edges, and tumours grow by closed forms.
            own_end = min(end, round(float(self.row["end_time"]) * NANOSECONDS))
            self.row["burden"] = _sum(care.disease(self._patient, own_end).cells)
        return self.row

    def _note_draw(self, value: float, time: int, *, is_treated: bool) -> None:
        """Note the last draw before any treatment and the first after it began."""
        name = "ctc_follow_up" if is_treated else "ctc_baseline"
        if np.isnan(self.row[name]) or not is_treated:
            self.row[name], self.row[f"{name}_time"] = value, time / NANOSECONDS

    def _note_primary(self, disease: Disease) -> None:
        primary = disease.is_primary
        if primary.any():
            self.row["diagnosis_diameter"] = disease.diameter[primary].max()
            self.row["primary_cells_at_diagnosis"] = _sum(disease.cells[primary])

    def _note_stage(self, look: Look, *, isolated: float) -> None:
        """Note the stage as it is while no treatment has begun: the last one stays.

        Deposits up to a diameter `isolated` [m] count for nothing.
        """
        disease = look.disease
        for side, stage in (("found", look.found), ("true", look.there)):
            for axis in ("t", "n", "m"):
                self.row[f"{axis}_{side}"] = getattr(stage, axis)
        nodes = np.array([*(organ_key(n) == LYMPH_NODES for n in disease.organ_names), False])
        there = ~disease.is_primary & (disease.diameter > isolated)
        known = look.known[look.known["target"] >= 0]
        for side, organ, diameter in (
            ("found", known["organ"], known["diameter"]),
            ("true", disease.organ[there], disease.diameter[there]),
        ):
            in_nodes = nodes[organ]
            self.row[f"n_lesions_{side}"] = np.count_nonzero(~in_nodes)
            self.row[f"nodes_{side}"] = np.count_nonzero(in_nodes)
            self.row[f"largest_{side}"] = diameter[~in_nodes].max(initial=0.0)


def _sum(values: npt.NDArray[np.float64]) -> float:
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    return float(sum(values.tolist()))
