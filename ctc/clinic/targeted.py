"""Inhibitors of one pathway: growth, extravasation or survival."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.clinic_tables import PatientSettings, Targeted


@dataclass(frozen=True)
class TargetedLaw:
    """What an inhibitor does, by its pathway.

    Attributes
    ----------
    response_share : float
        Share of patients who respond, those of the best rank.
    growth_factor : float
        On growth of sensitive cells in a patient who responds to an inhibitor of growth.
    other_growth_factor : float
        The same in a patient who does not.
    extravasation_factor : float
        On extravasation in a patient who responds to an inhibitor of it.
    death_rate : float [1/s]
        Added death rate of cells that left the vessel, dividing or dormant, in a patient who
        responds to an inhibitor of survival.
    """

    response_share: float
    growth_factor: float
    other_growth_factor: float
    extravasation_factor: float
    death_rate: float


def targeted_effect(
    order: Targeted, since_start: float, *, law: TargetedLaw, patient: PatientSettings
) -> SystemicEffect:
    """Return what an inhibitor does while it is given.

    Growth: sensitive cells grow at ``g`` times their rate, so responders shrink for g < 0 until
    their resistant cells, which no drug reaches, make up the tumour. Extravasation: its rate times
    a factor. Survival: a death rate is added to cells in tissue, awake and asleep.

    Parameters
    ----------
    order : Targeted
        Pathway, and how long.
    since_start : float [s]
        Time since the first dose.
    law : TargetedLaw
        Of the drug.
    patient : PatientSettings
        Its rank among patients, `targeted_response`: below the response share it responds.

    Returns
    -------
    SystemicEffect
        Neutral before the treatment and after it.

    Notes
    -----
    Full effect from the first dose to the last; what a stop rebounds to is left out.
    """
    if since_start < 0.0 or (order.duration is not None and since_start >= order.duration):
        return NEUTRAL
    responds = patient.targeted_response < law.response_share
    if order.pathway == "growth":
        return SystemicEffect(
            growth_factor=law.growth_factor if responds else law.other_growth_factor
        )
    if not responds:
        return NEUTRAL
    if order.pathway == "extravasation":
        return SystemicEffect(extravasation_factor=law.extravasation_factor)
    return SystemicEffect(tissue_death_rate=law.death_rate, dormant_death_rate=law.death_rate)
