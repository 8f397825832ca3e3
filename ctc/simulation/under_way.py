"""UnderWay: what treatments do while they go on, to cells in blood and tissue and to growth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import logarithm
from ctc.checks import FloatArray
from ctc.clinic.disease import Disease
from ctc.clinic.irradiation import field_shares, irradiation
from ctc.clinic.resistance import slowed_growth
from ctc.clinic.systemic import NEUTRAL, SystemicEffect, combined
from ctc.clinic.treating import Order, ongoing
from ctc.scenario.biology import organ_key
from ctc.scenario.clinic_tables import Radiation, Surgery
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.diseased import disease_of
from ctc.simulation.effects import effect_rows, tables_under
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.lesions import Lesions
from ctc.simulation.setting import Setting
from ctc.simulation.tables import Tables

if TYPE_CHECKING:
    from ctc.simulation.patient import Patient

_NEVER = -1


class UnderWay:
    """Treatments of one patient that have begun.

    Attributes
    ----------
    begun : (n_treatments,) int64 [ns]
        When each first took place; -1 before.
    effect : SystemicEffect
        Of all of them in the present epoch.
    handling : dict of int to float
        Factor on what sources shed whose tumours are handled in the present epoch.

    Parameters
    ----------
    plan : CarePlan
        Of the patient.
    setting : Setting
        Of the patient, untreated.
    """

    def __init__(self, plan: CarePlan, setting: Setting) -> None:
        self._plan = plan
        self._setting = setting
        self.begun = np.full(len(plan.calendar.treatments), _NEVER, dtype=np.int64)
        self.effect = NEUTRAL
        self.handling: dict[int, float] = {}
        self._beams: list[tuple[Radiation, list[tuple[str, float]]]] = []
        self._known: dict[str, Tables] = {}

    @property
    def has_begun(self) -> bool:
        """Whether any treatment has."""
        return bool((self.begun != _NEVER).any())

    def begin_epoch(self) -> None:
        """Forget what belonged to the epoch before."""
        self.handling, self._beams = {}, []

    def note(self, entry: int, time: int) -> None:
        """Note that a treatment takes place at a time [ns]."""
        if self.begun[entry] == _NEVER:
            self.begun[entry] = time

    def handle(self, order: Surgery, disease: Disease, touched: npt.NDArray[np.bool_]) -> None:
        """Note that tumours are handled in this epoch before they are out."""
        for number in disease.number[touched & disease.is_primary].tolist():
            source = -1 - number
            self.handling[source] = self.handling.get(source, 1.0) * order.handling

    def irradiate(self, order: Radiation, disease: Disease, aimed: npt.NDArray[np.bool_]) -> None:
        """Note a fraction to some targets in this epoch."""
        names = (*disease.organ_names, "")
        targets = [
            (names[int(organ)], float(diameter))
            for organ, diameter in zip(disease.organ[aimed], disease.diameter[aimed], strict=True)
        ]
        self._beams.append((order, targets))

    def apply(self, patient: Patient, *, time: int, end: int) -> None:
        """Let it act on shedding and on the tables of the patient's cells in an epoch [ns]."""
        plan = self._plan
        orders = [
            (
                cast(Order, entry.course.settings),
                (time - int(begun)) / NANOSECONDS,
            )
            for entry, begun in zip(plan.calendar.treatments, self.begun.tolist(), strict=True)
            if begun != _NEVER
        ]
        effects = [ongoing(orders, plan.treatment, plan.patient)]
        effects += [
            self._beam(order, targets, epoch=(end - time) / NANOSECONDS)
            for order, targets in self._beams
        ]
        self.effect = combined(each for each in effects if each is not NEUTRAL)
        patient.set_vigour(self.effect.shedding_factor, self.handling)
        patient.tables = self._tables()

    def hold_back_growth(
        self, patient: Patient, resistant: FloatArray, *, start: int, end: int
    ) -> list[int]:
        """Let it act on the growth of tumours and lesions over an epoch [ns].

        Parameters
        ----------
        patient : Patient
            Whose tumours and lesions have grown, untreated, up to the end of the epoch.
        resistant : (n_sources,) float64
            Resistant share of each tumour, `UNTREATED` where none was noted; changed here.
        start, end : int [ns]
            Of the epoch.

        Returns
        -------
        list of int
            Numbers, as those of a `Disease`, of what is gone: less than a cell was left.
        """
        plan, effect = self._plan, self.effect
        if effect is NEUTRAL:
            return []
        names = (*plan.organ_names, "")
        factors = np.array([effect.growth_in(name) for name in names])
        of_resistant = np.array([effect.resistant_growth_in(name) for name in names])
        if (factors == 1.0).all() and (of_resistant == 1.0).all():
            return []
        disease = disease_of(
            patient.sources,
            patient.lesions,
            time=start,
            organ_names=plan.organ_names,
            resistant=resistant,
            mutation_rate=plan.treatment.resistance.mutation_rate,
        )
        gone: list[int] = []
        is_lesion = disease.number >= 0
        sizes = patient.lesions.sizes(start), patient.lesions.sizes(end)
        for row in range(disease.number.size):
            factor = float(factors[disease.organ[row]])
            number, share = int(disease.number[row]), disease.resistant_share[row : row + 1]
            resistant_factor = float(of_resistant[disease.organ[row]])
            if factor == resistant_factor == 1.0:
                continue
            if is_lesion[row]:
                at = patient.lesions.rows["lesion"] == number
                before, after = float(sizes[0][at][0]), float(sizes[1][at][0])
            else:
                before, after = patient.masses(-1 - number, start, end)
            if not (before > 0.0 and after > 0.0):
                continue
            gain = np.maximum(logarithm(np.array([after / before])), 0.0)
            ratio, left = slowed_growth(share, gain, factor, resistant_factor=resistant_factor)
            cells = (before if is_lesion[row] else float(disease.cells[row])) * float(ratio[0])
            if cells < 1.0:
                gone.append(number)
            if is_lesion[row]:
                patient.lesions.rows["resistant"][at] = left[0]
                _go_on(patient.lesions, at, cells, time=end)
            else:
                resistant[-1 - number] = left[0]
                _shrink(patient, -1 - number, before * float(ratio[0]), cells=cells, time=end)
        return gone

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return it as plain arrays."""
        return {"begun": self.begun.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave; `apply` finds the rest at the next epoch."""
        self.begun = np.array(state["begun"], dtype=np.int64)

    def _beam(
        self, order: Radiation, targets: list[tuple[str, float]], *, epoch: float
    ) -> SystemicEffect:
        plan = self._plan
        law = plan.treatment.radiation
        shares = field_shares(targets, plan.organ_volumes, law=law)
        in_field = sum(
            shares.get(organ_key(organ), 0.0) * share
            for organ, share in sorted(plan.blood_shares.items())
        )
        return irradiation(
            order,
            1,
            epoch=epoch,
            shares=shares,
            blood_share=min(in_field, 1.0),
            law=law,
            patient=plan.patient,
        )

    def rows(self, time: int) -> list[tuple[Any, ...]]:
        """Return what acts on cells in the epoch that begins at a time [ns], as EFFECT rows."""
        if self._tables() is self._setting.tables:
            return []
        return effect_rows(self.effect, time=time, organ_names=self._plan.organ_names)

    def _tables(self) -> Tables:
        if self.effect is NEUTRAL:
            return self._setting.tables
        key = repr(self.effect)
        if key not in self._known:
            self._known[key] = tables_under(self.effect, self._plan, self._setting)
        return self._known[key]


def _go_on(lesions: Lesions, chosen: npt.NDArray[np.bool_], cells: float, *, time: int) -> None:
    """Let a lesion go on from other cells at a time [ns]; nothing is left of less than one."""
    if cells < 1.0:
        lesions.remove(chosen, is_resected=False)
    else:
        lesions.resize(chosen, np.array([cells]), time=time)


def _shrink(patient: Patient, source: int, mass: float, *, cells: float, time: int) -> None:
    """Let a tumour go on from another mass [kg]; nothing is left of less than a living cell."""
    if cells < 1.0:
        patient.take_out(source, time=time)
    else:
        patient.resize(source, mass, time=time)
