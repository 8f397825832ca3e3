"""Care: examines and treats one patient by the calendar, epoch by epoch, until death."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from ctc.clinic.aftermath import Aftermath, after_blow
from ctc.clinic.calendar import Appointment, CalendarEntry, Diary
from ctc.clinic.disease import Disease
from ctc.clinic.imaging import FALSE_FINDING
from ctc.clinic.staging import Stage, stage_of, true_stage
from ctc.clinic.treating import Order, aimed_at, blow_of
from ctc.scenario.biology import organ_key
from ctc.scenario.clinic_tables import Radiation, Surgery
from ctc.scenario.lymph_route import LYMPH_NODES
from ctc.simulation.blood import Blood
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.clinic_rows import WHOLE_BODY, ClinicRows
from ctc.simulation.diseased import disease_of, living_cells
from ctc.simulation.dying import Dying
from ctc.simulation.examining import Outcome, examine_patient
from ctc.simulation.host_draws import KeyedDraws, Purpose
from ctc.simulation.knowledge import Knowledge
from ctc.simulation.lesions import UNTREATED
from ctc.simulation.look import Look
from ctc.simulation.setting import Setting
from ctc.simulation.under_way import UnderWay
from ctc.states import ExaminationKind, Milestone, Response, TreatmentKind

if TYPE_CHECKING:
    from ctc.simulation.patient import Patient

_ANCHORS = {
    Milestone.DIAGNOSIS: "diagnosis",
    Milestone.METASTASIS_FOUND: "metastasis",
    Milestone.RELAPSE: "relapse",
    Milestone.PROGRESSION: "progression",
}
# Occasion of the deviates that stay with a patient for good.
_FOR_GOOD = 2**32 - 1


class Care:
    """The course of one patient through a calendar.

    Attributes
    ----------
    plan : CarePlan
        What is planned.
    diary : Diary
        How far the patient has come with it.
    knowledge : Knowledge
        What has been found.
    rows : ClinicRows
        What happened in the present epoch.
    looks : list of Look
        The patient at each examination of the present epoch, as `rows.examinations`.
    resistant : (n_sources,) float64
        Resistant share of each tumour that was treated, `UNTREATED` for the others.

    Parameters
    ----------
    plan : CarePlan
        Of the patient.
    setting : Setting
        Of the patient.
    """

    def __init__(self, plan: CarePlan, setting: Setting) -> None:
        self.plan = plan
        self.diary = Diary(plan.calendar)
        self.knowledge = Knowledge()
        self.rows = ClinicRows()
        self.looks: list[Look] = []
        self.resistant = np.full(len(setting.sources), UNTREATED)
        self.under_way = UnderWay(plan, setting)
        self.dying = Dying(plan, seed=setting.seed, patient=setting.patient)
        self._setting = setting
        self._nodes = np.array(
            [*(organ_key(name) == LYMPH_NODES for name in plan.organ_names), False]
        )
        # Tumours that are out at the end of the epoch in which they are handled.
        self._handled: list[tuple[Disease, Aftermath]] = []

    def attend(self, patient: Patient, time: int, *, end: int, blood: Blood) -> None:
        """Do what is due at the beginning of an epoch [ns], which ends at `end`.

        Parameters
        ----------
        patient : Patient
            Whose tumours, lesions and tables change.
        time, end : int [ns]
            Of the epoch.
        blood : Blood
            What blood is drawn from.
        """
        self.rows, self.looks = ClinicRows(), []
        self.under_way.begin_epoch()
        present: Disease | None = None
        for appointment in self.diary.due(time):
            # To look at it changes nothing: what an examination saw the next one sees too.
            disease = present or self.disease(patient, time)
            present = None if appointment.is_treatment else disease
            if appointment.is_treatment:
                is_done = self._treat(appointment, patient, disease, time=time)
            else:
                is_done = self._examine(appointment, patient, disease, time=time, blood=blood)
            if not is_done:
                self.diary.skip(appointment)
        self.under_way.apply(patient, time=time, end=end)
        self.rows.effects += self.under_way.rows(time)

    def close(self, patient: Patient, *, start: int, end: int) -> None:
        """Let what is under way act on growth over an epoch [ns], and death take its toll."""
        for disease, aftermath in self._handled:
            self._leave(patient, disease, aftermath, time=end)
        self._handled = []
        for number in self.under_way.hold_back_growth(
            patient, self.resistant, start=start, end=end
        ):
            self.knowledge.forget(number)
        there = living_cells(
            patient.sources, patient.lesions, time=end, organ_names=self.plan.organ_names
        )
        death = self.dying.spend(there, start=start, end=end)
        if death is not None:
            milestone, moment = death
            self.knowledge.reach(milestone, moment)
            self.rows.milestones.append((moment, int(milestone), -1, -1))
            if self.plan.patient.is_mortal:
                patient.is_alive = False

    def disease(self, patient: Patient, time: int) -> Disease:
        """Return what there is of the patient's tumours and lesions at a time [ns]."""
        return disease_of(
            patient.sources,
            patient.lesions,
            time=time,
            organ_names=self.plan.organ_names,
            resistant=self.resistant,
            mutation_rate=self.plan.treatment.resistance.mutation_rate,
        )

    def stages(self, disease: Disease) -> tuple[Stage, Stage]:
        """Return the stage by what has been found and is not gone, and by what is there.

        Findings that are no tumour count for nothing here: another picture or a needle refutes
        them before a stage is given.
        """
        known, looked = self.knowledge.present, self.knowledge.looked_at
        known = known[known["target"] > FALSE_FINDING]
        found = stage_of(
            known["target"],
            known["organ"],
            diameter=known["diameter"],
            organ_names=self.plan.organ_names,
            laws=self.plan.stage,
            is_t_known=looked["t"],
            is_n_known=looked["n"],
            is_m_known=looked["m"],
        )
        return found, true_stage(disease, laws=self.plan.stage)

    def _draws(self, purpose: Purpose, entry: int, occasion: int) -> KeyedDraws:
        setting = self._setting
        return KeyedDraws(setting.seed, int(purpose) + entry, setting.patient, occasion)

    def _examine(
        self,
        appointment: Appointment,
        patient: Patient,
        disease: Disease,
        *,
        time: int,
        blood: Blood,
    ) -> bool:
        entry = self.plan.calendar.examinations[appointment.entry]
        concentration = 0.0, 0.0
        segment = self.plan.segment_of_draw.get(appointment.entry)
        if segment is not None:
            concentration = blood.concentration(patient, segment=segment, time=time)
        outcome = examine_patient(
            entry,
            disease,
            plan=self.plan,
            knowledge=self.knowledge,
            draws=self._draws(Purpose.EXAMINATION, appointment.entry, appointment.occasion),
            lasting=self._draws(Purpose.EXAMINATION, 0, _FOR_GOOD),
            is_treated=self.under_way.has_begun,
            blood=concentration,
        )
        if outcome is None:
            return False
        was_known = Milestone.DIAGNOSIS in self.knowledge.reached
        self._learn(outcome, entry, appointment, time=time)
        found, there = self.stages(disease)
        self.looks.append(
            Look(
                is_diagnosis=Milestone.DIAGNOSIS in self.knowledge.reached and not was_known,
                is_treated=self.under_way.has_begun,
                disease=disease,
                known=self.knowledge.present,
                found=found,
                there=there,
            )
        )
        self.rows.examinations.append(
            (
                *(time, appointment.entry, appointment.occasion, int(entry.course.kind)),
                *(outcome.is_positive, outcome.value, outcome.n_true, outcome.n_false),
                *(int(outcome.response), found.t, found.n, found.m, there.t, there.n, there.m),
            )
        )
        return True

    def _learn(
        self, outcome: Outcome, entry: CalendarEntry, appointment: Appointment, *, time: int
    ) -> None:
        """Take in what an examination said, and reach the milestones that follow from it."""
        was_free = self.knowledge.is_free
        for each, true in zip(outcome.found, outcome.true_diameter, strict=True):
            target = max(each.target, FALSE_FINDING)
            self.rows.findings.append(
                (
                    *(time, appointment.entry, appointment.occasion),
                    *(target, each.organ, each.diameter, true),
                )
            )
        new = [each for each in self.knowledge.learn(outcome.found, time) if _is_true(each.target)]
        is_tissue = entry.course.kind in (ExaminationKind.BIOPSY, ExaminationKind.SENTINEL_NODE)
        if outcome.n_true or (is_tissue and outcome.is_positive):
            self._reach(Milestone.DIAGNOSIS, time, appointment.entry, -1)
        distant = [each for each in new if each.target >= 0 and not self._nodes[each.organ]]
        if distant:
            self._reach(Milestone.METASTASIS_FOUND, time, appointment.entry, distant[0].organ)
        if was_free and new:
            self._reach(Milestone.RELAPSE, time, appointment.entry, new[0].organ)
        if outcome.response == Response.PROGRESSIVE:
            self._reach(Milestone.PROGRESSION, time, appointment.entry, -1)
        self.knowledge.take_response(outcome.response)

    def _reach(self, milestone: Milestone, time: int, entry: int, organ: int) -> None:
        if self.knowledge.reach(milestone, time):
            self.rows.milestones.append((time, int(milestone), entry, organ))
            self.diary.note(_ANCHORS[milestone], time)

    def _treat(
        self, appointment: Appointment, patient: Patient, disease: Disease, *, time: int
    ) -> bool:
        """Give one occasion of a treatment; returns whether there was anything to give it for."""
        entry = self.plan.calendar.treatments[appointment.entry]
        order = cast(Order, entry.course.settings)
        is_found = self.knowledge.are_known(disease.number)
        if isinstance(order, Surgery | Radiation):
            aimed = aimed_at(order, disease, is_found)
            if not aimed.any():
                return False
            if isinstance(order, Radiation):
                self.under_way.irradiate(order, disease, aimed)
        self.under_way.note(appointment.entry, time)
        draws = self._draws(Purpose.TREATMENT, appointment.entry, appointment.occasion)
        blow = blow_of(
            order,
            appointment.occasion,
            disease,
            laws=self.plan.treatment,
            patient=self.plan.patient,
            draws=draws,
            is_found=is_found,
        )
        kind = TreatmentKind(entry.course.kind)
        marks = (time, appointment.entry, appointment.occasion, int(kind))
        if blow is None:
            total = _total(disease)
            self.rows.treatments.append((*marks, WHOLE_BODY, -1, total, total))
            return True
        aftermath = after_blow(blow, disease, draws)
        if isinstance(order, Surgery):
            # What is left at a margin nobody knows of: it counts as found when it is found again.
            for number in disease.number[blow.is_touched].tolist():
                self.knowledge.forget(number)
            if self.knowledge.is_free:
                # Nothing is left to respond: pictures from now on are measured by the next ones.
                self.knowledge.baselines.clear()
        for row in np.flatnonzero(blow.is_touched).tolist():
            target, organ = int(disease.number[row]), int(disease.organ[row])
            cells = float(disease.cells[row]), float(aftermath.cells[row])
            self.rows.treatments.append((*marks, target, organ, *cells))
        if isinstance(order, Surgery) and order.handling != 1.0:
            self.under_way.handle(order, disease, blow.is_touched)
            self._handled.append((disease, aftermath))
        else:
            self._leave(patient, disease, aftermath, time=time)
        return True

    def _leave(
        self, patient: Patient, disease: Disease, aftermath: Aftermath, *, time: int
    ) -> None:
        """Let what a blow leaves of tumours and lesions go on from there."""
        is_gone = aftermath.is_removed | aftermath.is_eradicated
        is_changed = is_gone | (aftermath.cells != disease.cells)
        rows = patient.lesions.rows
        for row in np.flatnonzero(is_changed).tolist():
            number, cells = int(disease.number[row]), float(aftermath.cells[row])
            if is_gone[row]:
                self.knowledge.forget(number)
            if number < 0:
                source = -1 - number
                self.resistant[source] = aftermath.resistant_share[row]
                if is_gone[row]:
                    patient.take_out(source, time=time)
                else:
                    patient.shrink(source, cells / float(disease.cells[row]), time=time)
                continue
            at = rows["lesion"] == number
            rows["resistant"][at] = aftermath.resistant_share[row]
            if is_gone[row]:
                is_resected = bool(aftermath.is_removed[row])
                patient.lesions.remove(at, is_resected=is_resected)
            else:
                patient.lesions.resize(at, np.array([cells]), time=time)

    def decisive(self) -> list[tuple[str, npt.NDArray[Any]]]:
        """Return all of it that a digest covers."""
        return sorted(self._arrays().items())

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that `restore` needs, as arrays by name."""
        return {f"care_{name}": array for name, array in self._arrays().items()}

    def restore(self, patient: Patient, state: dict[str, Any]) -> None:
        """Take up the state of an earlier simulation of the same setting."""
        own = {k.removeprefix("care_"): v for k, v in state.items() if k.startswith("care_")}
        groups: dict[str, dict[str, Any]] = {}
        for name, array in own.items():
            group, _, rest = name.partition(".")
            groups.setdefault(group, {})[rest] = array
        self.diary.restore(groups["diary"])
        self.knowledge.restore(groups["knowledge"])
        self.under_way.restore(groups["under_way"])
        self.dying.restore(groups["dying"])
        self.resistant = np.array(own["resistant"])
        if self.plan.patient.is_mortal and self.dying.is_over:
            patient.is_alive = False

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        parts = {
            "diary": self.diary.state(),
            "knowledge": self.knowledge.state(),
            "under_way": self.under_way.state(),
            "dying": self.dying.state(),
        }
        flat = {
            f"{part}.{name}": array
            for part, arrays in parts.items()
            for name, array in arrays.items()
        }
        return flat | {"resistant": self.resistant.copy()}


def _is_true(target: int) -> bool:
    return target > FALSE_FINDING


def _total(disease: Disease) -> float:
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    return float(sum(disease.cells.tolist()))
