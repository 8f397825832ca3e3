"""The chance that a picture shows a lesion, by its size, its organ and the kind of picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray, require_non_negative
from ctc.clinic.recovery import recovery_coefficient
from ctc.scenario.diagnosis_rules import SEEN, can_see, organ_group
from ctc.scenario.parameters import ParameterSet
from ctc.states import ExaminationKind

# Sizes are looked at within these bounds, so that no power leaves the range of a float64.
_SMALLEST, _LARGEST = 1e-7, 1e2  # [m]
_FARTHEST = 690.0  # of a logarithm


@dataclass(frozen=True)
class SizeCurve:
    """Chance of a lesion to be seen, logistic in the logarithm of its diameter.

    Attributes
    ----------
    half_diameter : float [m]
        At which half of the ceiling is reached.
    width : float
        Of the logistic law, in log diameter.
    ceiling : float
        Chance of a large lesion.
    """

    half_diameter: float
    width: float
    ceiling: float


@dataclass(frozen=True)
class UptakeLaw:
    """Chance of a lesion to be seen by its uptake of glucose.

    Attributes
    ----------
    uptake : float
        Median SUV of lesions of a patient of avidity 1.
    spread : float
        Of log uptake among lesions, logistic.
    resolution, breathing_blur : float [m]
        Full widths at half maximum: of the picture, and of the lung's motion beside it.
    noise : float
        Uptake over background that is seen, in units of the root of the background.
    ceiling : float
        Chance of a large, hot lesion.
    background : mapping of str to float
        SUV by group of organs.
    """

    uptake: float
    spread: float
    resolution: float
    breathing_blur: float
    noise: float
    ceiling: float
    background: Mapping[str, float]

    def blur(self, group: str) -> float:
        """Return the full width at half maximum [m] in a group of organs."""
        motion = self.breathing_blur if group == "lung" else 0.0
        return float(np.sqrt(self.resolution * self.resolution + motion * motion))


@dataclass(frozen=True)
class Reading:
    """How the pictures of one kind are read.

    Attributes
    ----------
    least_diameter : float [m]
        Nothing smaller is seen.
    reader_spread : float
        Of log measured over log true diameter, logistic.
    false_diameter : float [m]
        Median of what is called although it is no tumour.
    false_spread : float
        Of its logarithm, logistic.
    specificity : mapping of str to float
        By group of organs: chance that nothing is called there that is no tumour.
    """

    least_diameter: float
    reader_spread: float
    false_diameter: float
    false_spread: float
    specificity: Mapping[str, float]


@dataclass(frozen=True)
class DetectionLaws:
    """What pictures show, by kind.

    Attributes
    ----------
    curves : mapping of (kind, str) to SizeCurve
        By kind of picture and group of organs; PET has none.
    uptake : UptakeLaw
        Of PET.
    readings : mapping of kind to Reading
        Of every kind of picture.
    """

    curves: Mapping[tuple[ExaminationKind, str], SizeCurve]
    uptake: UptakeLaw
    readings: Mapping[ExaminationKind, Reading]


def is_picture(kind: ExaminationKind) -> bool:
    """Return whether an examination of a kind gives pictures."""
    return kind.name.lower() in SEEN


def resolve_detection(parameters: ParameterSet) -> DetectionLaws:
    """Return what pictures show, from the parameters ``diagnosis.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.{name}")

    curves, readings = {}, {}
    for name, groups in SEEN.items():
        kind = ExaminationKind[name.upper()]
        readings[kind] = Reading(
            least_diameter=value(f"{name}.least_diameter"),
            reader_spread=value(f"{name}.reader_spread"),
            false_diameter=value(f"{name}.false_diameter"),
            false_spread=value(f"{name}.false_spread"),
            specificity={group: value(f"{name}.{group}.specificity") for group in groups},
        )
        for group in groups if kind != ExaminationKind.PET else ():
            curves[kind, group] = SizeCurve(
                half_diameter=value(f"{name}.{group}.half_diameter"),
                width=value(f"{name}.{group}.width"),
                ceiling=value(f"{name}.{group}.ceiling"),
            )
    uptake = UptakeLaw(
        uptake=value("pet.uptake"),
        spread=value("pet.spread"),
        resolution=value("pet.resolution"),
        breathing_blur=value("pet.breathing_blur"),
        noise=value("pet.noise"),
        ceiling=value("pet.ceiling"),
        background={group: value(f"pet.{group}.background") for group in SEEN["pet"]},
    )
    return DetectionLaws(curves=curves, uptake=uptake, readings=readings)


@lru_cache(maxsize=256)
def organs_in_view(
    kind: ExaminationKind, organ_names: tuple[str, ...], *, asked: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the organs of a body that a picture looks at.

    Parameters
    ----------
    kind : ExaminationKind
        Of the picture.
    organ_names : tuple of str
        Of the body.
    asked : tuple of str
        What is asked for; all that it can see where nothing is.

    Returns
    -------
    tuple of str
        In the order of the body.
    """
    name = kind.name.lower()
    return tuple(
        organ for organ in organ_names if can_see(name, organ) and (not asked or organ in asked)
    )


def detection_probability(
    diameter: FloatArray,
    kind: ExaminationKind,
    *,
    group: str,
    laws: DetectionLaws,
    avidity: float = 1.0,
) -> FloatArray:
    """Return the chance that a picture shows lesions of one group of organs.

    Parameters
    ----------
    diameter : (n,) float64 [m]
        Of the lesions, >= 0.
    kind : ExaminationKind
        Of the picture.
    group : str
        `organ_group` of their organ.
    laws : DetectionLaws
        What pictures show.
    avidity : float
        Factor on the uptake of the patient's lesions, for PET.

    Returns
    -------
    (n,) float64
        0 for what is below the least diameter, or in organs that such a picture cannot see. Never
        falls with size.

    Notes
    -----
    PET: a lesion is seen if its uptake S, blurred, stands out from the background B by ``noise
    sqrt(B)``, ``(S - B) R(d) >= noise sqrt(B)`` with the recovery coefficient R. S is log-logistic
    among lesions, hence ``ceiling / (1 + ((B + noise sqrt(B) / R) / median)^(1 / spread))``. What
    is colder than its organ is not seen, which is why PET finds little in the brain.
    """
    require_non_negative("diameter", diameter, unit="m", item="lesion")
    size = np.clip(np.asarray(diameter, dtype=np.float64), _SMALLEST, _LARGEST)
    chance = np.zeros(size.shape)
    if kind == ExaminationKind.PET:
        chance = _by_uptake(size, group, law=laws.uptake, avidity=avidity)
    elif (kind, group) in laws.curves:
        curve = laws.curves[kind, group]
        chance = curve.ceiling / (1.0 + _odds(curve.half_diameter / size, curve.width))
    found: FloatArray = np.where(diameter < laws.readings[kind].least_diameter, 0.0, chance)
    return found


def _by_uptake(size: FloatArray, group: str, *, law: UptakeLaw, avidity: float) -> FloatArray:
    background = law.background[group]
    # A ball so small has lost all but 1e-12 of its contrast: no uptake would make up for it.
    recovery = np.maximum(recovery_coefficient(size, resolution=law.blur(group)), 1e-12)
    needed = background + law.noise * float(np.sqrt(background)) / recovery
    median = max(avidity * law.uptake, 1e-12)
    return law.ceiling / (1.0 + _odds(needed / median, law.spread))


def _odds(ratio: FloatArray, width: float) -> FloatArray:
    """Return ``ratio^(1 / width)`` within what a float64 can hold."""
    return exponential(np.clip(logarithm(ratio) / width, -_FARTHEST, _FARTHEST))


@lru_cache(maxsize=64)
def groups_of(organ_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the group of every organ of a body, and of what lies between organs at the end."""
    return (*(organ_group(name) for name in organ_names), organ_group(""))


@lru_cache(maxsize=64)
def are_of_group(organ_names: tuple[str, ...], group: str) -> npt.NDArray[np.bool_]:
    """Return which organs of a body belong to a group, (n_organs + 1,) bool, read-only.

    The last entry is for what lies between organs, so that an index of -1 finds it.
    """
    found = np.array([each == group for each in groups_of(organ_names)])
    found.flags.writeable = False
    return found
