"""Denosumab and bisphosphonates: bone as a poorer soil."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.biology import organ_key
from ctc.scenario.clinic_tables import BoneModifying

# The skeleton in the body plans, and by the names of networks that are read.
_BONE = (
    *("red marrow", "yellow marrow", "spongy bone", "compact bone", "other skeleton"),
    *("skeleton", "bone", "bone marrow"),
)
BONE_ORGANS = tuple(organ_key(organ) for organ in _BONE)


@dataclass(frozen=True)
class BoneModifyingLaw:
    """What agents against osteoclasts do.

    Attributes
    ----------
    colony_factor : float
        On growth of cells in bone to colonies, at once and from sleep.
    growth_factor : float
        On growth of lesions in bone, of all their cells.
    """

    colony_factor: float
    growth_factor: float


def bone_modifying_effect(
    order: BoneModifying, since_start: float, *, law: BoneModifyingLaw
) -> SystemicEffect:
    """Return what a bone-modifying agent does while it is given: both factors, in bone alone.

    While colonies are rare, the rate of recurrence in bone goes with the colony factor.

    Parameters
    ----------
    order : BoneModifying
        How long.
    since_start : float [s]
        Time since the first dose.
    law : BoneModifyingLaw
        Factors.

    Returns
    -------
    SystemicEffect
        Neutral before the treatment and after it; bisphosphonates stay in bone longer, which is
        left out.

    References
    ----------
    .. [1] EBCTCG 2015 Lancet 386:1353 doi:10.1016/S0140-6736(15)60908-4.
    """
    if since_start < 0.0 or (order.duration is not None and since_start >= order.duration):
        return NEUTRAL
    return SystemicEffect(
        colony_factor_of=dict.fromkeys(BONE_ORGANS, law.colony_factor),
        growth_factor_of=dict.fromkeys(BONE_ORGANS, law.growth_factor),
    )
