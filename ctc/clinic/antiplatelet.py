"""Aspirin and P2Y12 blockers: fewer platelets that can cover cells."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.clinic_tables import Antiplatelet


@dataclass(frozen=True)
class AntiplateletLaw:
    """What inhibitors of platelets do.

    Attributes
    ----------
    platelets : float
        Platelets that can cover cells over those without the drug.
    """

    platelets: float


def antiplatelet_effect(
    order: Antiplatelet, since_start: float, *, law: AntiplateletLaw
) -> SystemicEffect:
    """Return what an inhibitor of platelets does while it is given.

    Immune cells kill cells as under a count of platelets that is lower by its factor; see
    `ctc.clinic.treated_biology.treated_biology`.

    Parameters
    ----------
    order : Antiplatelet
        How long.
    since_start : float [s]
        Time since the first dose.
    law : AntiplateletLaw
        The factor.

    Returns
    -------
    SystemicEffect
        Neutral before the treatment and after it; the days that platelets take to be renewed are
        left out.

    References
    ----------
    .. [1] Rothwell 2012 Lancet 379:1591 doi:10.1016/S0140-6736(12)60209-8.
    """
    if since_start < 0.0 or (order.duration is not None and since_start >= order.duration):
        return NEUTRAL
    return SystemicEffect(platelets=law.platelets)
