"""How the blood of each region is divided between its beds and its trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.body.plan import BodyPlan, Route
from ctc.checks import FloatArray
from ctc.errors import InputError


@dataclass(frozen=True)
class BloodBudget:
    """Blood of every region by what holds it; arrays over ``plan.regions``.

    Attributes
    ----------
    beds, arterial, portal, venous : (n_regions,) float64 [m^3]
        In all capillary beds, and in the arterial, portal and venous tree; the portal part is 0
        where there is no portal tree, the others are > 0.
    organ : (n_regions,) int64
        Index of the region's organ.
    has_portal : (n_regions,) bool
        True where a portal vein brings blood.
    is_pulmonary : (n_regions,) bool
        True where the pulmonary artery does.
    """

    beds: FloatArray
    arterial: FloatArray
    portal: FloatArray
    venous: FloatArray
    organ: npt.NDArray[np.int64]
    has_portal: npt.NDArray[np.bool_]
    is_pulmonary: npt.NDArray[np.bool_]


def blood_budget(plan: BodyPlan) -> BloodBudget:
    """Divide the plan's blood over regions, beds and trees.

    A region has its organ's blood in proportion to its flow Q; its beds hold Q times the
    capillary transit time; the trees share the rest as the plan says.

    Parameters
    ----------
    plan : BodyPlan
        Any body.

    Returns
    -------
    BloodBudget
        Adds up to the organs' blood.

    Raises
    ------
    InputError
        If an organ's beds would hold as much as the organ or more, its shares leave nothing for
        the veins, or it has a portal inflow but no portal share (or the reverse).
    """
    rows = []
    for index, organ in enumerate(plan.organs):
        has_portal = organ.inflow(Route.PORTAL_VEIN) > 0.0
        if has_portal != (organ.portal_share > 0.0) or (has_portal and len(organ.regions) > 1):
            message = (
                f"portal_share must be > 0 where a portal vein enters (one region only) and absent "
                f"elsewhere, got {organ.portal_share:g} at '{organ.name}'."
            )
            raise InputError(message, file=plan.name)
        venous_share = 1.0 - organ.arterial_share - organ.portal_share
        if not (organ.arterial_share > 0.0 and venous_share > 0.0):
            message = (
                f"arterial_share and portal_share must be > 0 and leave some to the veins, got "
                f"{organ.arterial_share:g} and {organ.portal_share:g} at '{organ.name}'."
            )
            raise InputError(message, file=plan.name)
        for region in organ.regions:
            part = region.flow_fraction / organ.flow_fraction
            volume = organ.blood_volume_fraction * plan.blood_volume * part
            beds = plan.flow_rate(region) * organ.capillaries.transit_time
            trees = volume - beds
            if not trees > 0.0:
                message = (
                    f"capillary transit_time must be < V/Q = {volume / plan.flow_rate(region):g} s,"
                    f" got {organ.capillaries.transit_time:g} s at '{organ.name}' (the beds would "
                    "hold more blood than the organ). Shorten it."
                )
                raise InputError(message, file=plan.name)
            rows.append(
                (
                    beds,
                    trees * organ.arterial_share,
                    trees * organ.portal_share,
                    trees * venous_share,
                    index,
                    has_portal,
                    Route.PULMONARY_ARTERY in region.inflow,
                )
            )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return BloodBudget(*columns)
