"""The parameters of treatments as frozen laws of plain SI numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.clinic.antiplatelet import AntiplateletLaw
from ctc.clinic.bone_modifying import BoneModifyingLaw
from ctc.clinic.chemotherapy import ChemotherapyLaw
from ctc.clinic.immunotherapy import REGIMENS, ImmunotherapyLaw, ResponseShares
from ctc.clinic.radiation import RadiationLaw
from ctc.clinic.resistance import ResistanceLaw
from ctc.clinic.surgery import SurgeryLaw
from ctc.clinic.targeted import TargetedLaw
from ctc.errors import InputError
from ctc.scenario.parameters import ParameterSet


@dataclass(frozen=True)
class TreatmentLaws:
    """What every kind of treatment does; made by `resolve_treatment`.

    Attributes
    ----------
    surgery, chemotherapy, resistance, radiation, targeted, immunotherapy, bone_modifying, \
antiplatelet
        The law of each kind, and how resistance arises.
    """

    surgery: SurgeryLaw
    chemotherapy: ChemotherapyLaw
    resistance: ResistanceLaw
    radiation: RadiationLaw
    targeted: TargetedLaw
    immunotherapy: ImmunotherapyLaw
    bone_modifying: BoneModifyingLaw
    antiplatelet: AntiplateletLaw


def resolve_treatment(parameters: ParameterSet) -> TreatmentLaws:
    """Return the laws of treatment of a scenario.

    Parameters
    ----------
    parameters : ParameterSet
        Of the scenario; each law has the fields that stand below ``treatment.<its name>``.

    Returns
    -------
    TreatmentLaws
        In SI.

    Raises
    ------
    InputError
        If the classes of a regimen of immunotherapy sum to more than 1.
    """
    return TreatmentLaws(
        surgery=SurgeryLaw(**_group(parameters, "surgery")),
        chemotherapy=ChemotherapyLaw(**_group(parameters, "chemotherapy")),
        resistance=ResistanceLaw(**_group(parameters, "resistance")),
        radiation=RadiationLaw(**_group(parameters, "radiation")),
        targeted=TargetedLaw(**_group(parameters, "targeted")),
        immunotherapy=_immunotherapy(parameters),
        bone_modifying=BoneModifyingLaw(**_group(parameters, "bone_modifying")),
        antiplatelet=AntiplateletLaw(**_group(parameters, "antiplatelet")),
    )


def _group(parameters: ParameterSet, name: str) -> dict[str, float]:
    """Return the values right below ``treatment.<name>``."""
    found = parameters.group(f"treatment.{name}")
    return {key: parameter.value for key, parameter in found.items() if "." not in key}


def _immunotherapy(parameters: ParameterSet) -> ImmunotherapyLaw:
    shares = {}
    for regimen in REGIMENS:
        below = _group(parameters, f"immunotherapy.{regimen}")
        try:
            shares[regimen] = ResponseShares(**below)
        except InputError as error:
            names = (f"treatment.immunotherapy.{regimen}.{key}" for key in below)
            raise error.at(key=parameters.culprit(*names)) from None
    return ImmunotherapyLaw(shares=shares, **_group(parameters, "immunotherapy"))
