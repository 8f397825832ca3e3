"""What the orders of a calendar do: blows that fall at a moment, and effects that are under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.antiplatelet import antiplatelet_effect
from ctc.clinic.bone_modifying import bone_modifying_effect
from ctc.clinic.chemotherapy import between_cycles, cycle_survival, kill_of
from ctc.clinic.disease import Disease, Draws
from ctc.clinic.immunotherapy import immunotherapy_effect
from ctc.clinic.radiation import fraction_survival
from ctc.clinic.surgery import resection
from ctc.clinic.systemic import NEUTRAL, SystemicEffect, combined
from ctc.clinic.targeted import targeted_effect
from ctc.clinic.treatment_laws import TreatmentLaws
from ctc.scenario.biology import organ_key
from ctc.scenario.clinic_tables import (
    Antiplatelet,
    BoneModifying,
    Chemotherapy,
    Immunotherapy,
    PatientSettings,
    Radiation,
    Surgery,
    Targeted,
)
from ctc.scenario.lymph_route import LYMPH_NODES

Order = Surgery | Radiation | Chemotherapy | Targeted | Immunotherapy | BoneModifying | Antiplatelet
# Numbers of the deviates that a blow takes from its occasion; `eradicated` takes the second.
MARGIN_DRAW, SURVIVAL_DRAW = 0, 1


@dataclass(frozen=True)
class Blow:
    """What one occasion does at its moment, by row of a `Disease`, n in all.

    Attributes
    ----------
    is_touched : (n,) bool
        Rows that it does anything to.
    is_removed : (n,) bool
        Rows that are taken out as a whole.
    survival, resistant_survival : (n,) float64
        Share of sensitive and of resistant cells left: 1 where untouched, 0 where removed.
    clonogen_share : float
        For `eradicated`: below 1 at the last fraction of a course of radiation.
    """

    is_touched: npt.NDArray[np.bool_]
    is_removed: npt.NDArray[np.bool_]
    survival: FloatArray
    resistant_survival: FloatArray
    clonogen_share: float = 1.0


def aimed_at(
    order: Surgery | Radiation, disease: Disease, is_found: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return which rows a local treatment is aimed at.

    Parameters
    ----------
    order : Surgery or Radiation
        Target, organs, and the most lesions for which it is done at all.
    disease : Disease
        What there is.
    is_found : (n,) bool
        Rows that examinations have shown.

    Returns
    -------
    (n,) bool
        Primary tumours, found or not; or those found among metastases (lesions outside lymph
        nodes); or all lesions in nodes, if any of them was found: their region is cleared as a
        whole. In the order's organs, which match with or without their side.
        None where more lesions have been found than `most_lesions`: of nodes, if it is aimed at
        nodes, else of metastases.
    """
    names = [_plain(name) for name in disease.organ_names]
    keys = [organ_key(name) for name in disease.organ_names]
    is_node = _in_organs(disease, [key == LYMPH_NODES for key in keys])
    nodes = is_found & ~disease.is_primary & is_node
    metastases = is_found & ~disease.is_primary & ~is_node
    counted = nodes if order.target == "nodes" else metastases
    # A region is cleared, or irradiated, as a whole once one of its nodes was found to be involved.
    region = ~disease.is_primary & is_node & bool(nodes.any())
    if order.most_lesions is not None and int(counted.sum()) > order.most_lesions:
        return np.zeros(disease.number.size, dtype=np.bool_)
    aimed = {"primary": disease.is_primary, "nodes": region, "metastases": metastases}[order.target]
    if order.organs:
        wanted = {_plain(organ) for organ in order.organs}
        pairs = zip(names, keys, strict=True)
        aimed = aimed & _in_organs(disease, [bool({name, key} & wanted) for name, key in pairs])
    return aimed


def blow_of(
    order: Order,
    occasion: int,
    disease: Disease,
    *,
    laws: TreatmentLaws,
    patient: PatientSettings,
    draws: Draws,
    is_found: npt.NDArray[np.bool_],
) -> Blow | None:
    """Return what one occasion of an order does at its moment.

    Parameters
    ----------
    order : Order
        Of the calendar.
    occasion : int
        Number of its cycle or fraction, from 0; repeated courses go on counting.
    disease : Disease
        What there is of the patient at that moment.
    laws : TreatmentLaws
        Of the scenario.
    patient : PatientSettings
        Chemosensitivity, radiosensitivity.
    draws : Draws
        Deviates of this occasion; `MARGIN_DRAW` is taken here, `SURVIVAL_DRAW` is for `eradicated`.
    is_found : (n,) bool
        Rows that examinations have shown.

    Returns
    -------
    Blow or None
        None for treatments that only go on, `ongoing`, and where nothing is touched.
    """
    if isinstance(order, Chemotherapy):
        return _cycle(order, disease, laws, patient)
    if isinstance(order, Surgery):
        return _operation(order, disease, laws, draws=draws, is_found=is_found)
    if isinstance(order, Radiation):
        return _fraction(order, occasion, disease, laws=laws, patient=patient, is_found=is_found)
    return None


def ongoing(
    orders: Sequence[tuple[Order, float]], laws: TreatmentLaws, patient: PatientSettings
) -> SystemicEffect:
    """Return what is under way of all that was begun.

    Parameters
    ----------
    orders : sequence of (Order, float [s])
        Each order of the calendar that was begun, finished ones too, with the time since its first
        occasion, in the order of the calendar.
    laws : TreatmentLaws
        Of the scenario.
    patient : PatientSettings
        Who is treated.

    Returns
    -------
    SystemicEffect
        ``SystemicEffect()`` if nothing is. Surgery has none, and that of radiation goes by the
        fractions of an epoch: `ctc.clinic.irradiation.irradiation`, for `combined`.
    """
    effects = (_effect_of(order, since, laws, patient) for order, since in orders)
    return combined(effect for effect in effects if effect is not NEUTRAL)


def _effect_of(
    order: Order, since_start: float, laws: TreatmentLaws, patient: PatientSettings
) -> SystemicEffect:
    if isinstance(order, Chemotherapy):
        return between_cycles(order, since_start, law=laws.chemotherapy, patient=patient)
    if isinstance(order, Targeted):
        return targeted_effect(order, since_start, law=laws.targeted, patient=patient)
    if isinstance(order, Immunotherapy):
        return immunotherapy_effect(order, since_start, law=laws.immunotherapy, patient=patient)
    if isinstance(order, BoneModifying):
        return bone_modifying_effect(order, since_start, law=laws.bone_modifying)
    if isinstance(order, Antiplatelet):
        return antiplatelet_effect(order, since_start, law=laws.antiplatelet)
    return NEUTRAL


def _cycle(
    order: Chemotherapy, disease: Disease, laws: TreatmentLaws, patient: PatientSettings
) -> Blow | None:
    survival = cycle_survival(
        disease.growth_rate,
        disease.reference_rate,
        log_kill=kill_of(order, laws.chemotherapy),
        sensitivity=patient.chemosensitivity,
        highest_pace=laws.chemotherapy.highest_pace,
    )
    nothing = np.zeros(survival.size, dtype=np.bool_)
    return _blow(survival < 1.0, nothing, survival, np.ones(survival.size))


def _operation(
    order: Surgery,
    disease: Disease,
    laws: TreatmentLaws,
    *,
    draws: Draws,
    is_found: npt.NDArray[np.bool_],
) -> Blow | None:
    aimed = aimed_at(order, disease, is_found)
    deviates = draws.uniform(disease.key, MARGIN_DRAW)
    is_removed, left = resection(disease.cells, disease.is_primary, deviates, law=laws.surgery)
    survival = np.where(aimed, left, 1.0)
    return _blow(aimed, aimed & is_removed, survival, survival)


def _fraction(
    order: Radiation,
    occasion: int,
    disease: Disease,
    *,
    laws: TreatmentLaws,
    patient: PatientSettings,
    is_found: npt.NDArray[np.bool_],
) -> Blow | None:
    aimed = aimed_at(order, disease, is_found)
    fraction = occasion % order.fractions
    survival = fraction_survival(
        disease.growth_rate,
        fraction,
        dose=order.dose,
        interval=order.interval,
        law=laws.radiation,
        sensitivity=patient.radiosensitivity,
    )
    survival = np.where(aimed, survival, 1.0)
    is_last = fraction == order.fractions - 1
    nothing = np.zeros(survival.size, dtype=np.bool_)
    share = laws.radiation.clonogen_share if is_last else 1.0
    return _blow(aimed, nothing, survival, survival, clonogen_share=share)


def _blow(
    is_touched: npt.NDArray[np.bool_],
    is_removed: npt.NDArray[np.bool_],
    survival: FloatArray,
    resistant_survival: FloatArray,
    *,
    clonogen_share: float = 1.0,
) -> Blow | None:
    if not is_touched.any():
        return None
    return Blow(is_touched, is_removed, survival, resistant_survival, clonogen_share)


def _in_organs(disease: Disease, is_wanted: list[bool]) -> npt.NDArray[np.bool_]:
    """Return which rows lie in organs that are wanted; none between organs."""
    table = np.array([*is_wanted, False], dtype=np.bool_)
    found: npt.NDArray[np.bool_] = table[disease.organ]
    return found


def _plain(organ: str) -> str:
    return organ.replace("_", " ").strip().lower()
