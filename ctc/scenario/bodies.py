"""The organs that a scenario may name, and what else it may ask of its body."""

from __future__ import annotations

from ctc.errors import InputError, near_name
from ctc.scenario.biology import DEFAULT_ORGAN, organ_key
from ctc.scenario.clinic_course import CourseEntry, course_of
from ctc.scenario.clinic_tables import BloodDraw
from ctc.scenario.diagnosis_rules import SEEN
from ctc.scenario.overrides import flatten
from ctc.scenario.parameters import load_parameters
from ctc.scenario.prognosis_rules import lethal_organ_of
from ctc.scenario.rules import ligand_of, organ_of
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import Settings, TumourSource


def organ_names(plan: str) -> tuple[str, ...]:
    """Return the organs of a shipped body, such as ``human_male``, in the order of its file."""
    group = load_parameters(f"bodies/{plan}").group("organ")
    return tuple(dict.fromkeys(name.split(".", maxsplit=1)[0] for name in group))


def check_organs(scenario: Scenario) -> None:
    """Raise InputError if a scenario names an organ that the body lacks, or draws all its blood.

    Only for a grown body: the organs of another are known once it is read (`check_named_organs`).
    """
    settings = scenario.settings
    if settings.body.source != "grown":
        return
    known = organ_names(settings.body.plan)
    for index, source in enumerate(settings.source):
        if source.organ:
            _require(source.organ, known, f"source.{index}.organ")
    check_named_organs(settings, known)
    blood = load_parameters(f"bodies/{settings.body.plan}").value("circulation.blood_volume")
    for entry in course_of(settings):
        if isinstance(entry.settings, BloodDraw) and entry.settings.volume >= blood:
            message = (
                f"volume must be less than all blood of {settings.body.plan}, {1e6 * blood:.3g} "
                f"mL, got {1e6 * entry.settings.volume:.3g} mL. Draw less."
            )
            raise InputError(message, key=f"{entry.place}.volume")


def check_named_organs(settings: Settings, known: tuple[str, ...]) -> None:
    """Raise InputError if a niche, an override or the calendar names none of these organs.

    Nor may a niche be given twice, or a picture be taken of what none of these organs is.
    """
    keys = {organ_key(name) for name in known} | {DEFAULT_ORGAN}
    first: dict[str, str] = {}
    for organ in settings.host.niche:
        key = organ_key(organ)
        if key not in keys - {DEFAULT_ORGAN}:
            _require(organ, known, f"host.niche.{organ}")
        if first.setdefault(key, organ) != organ:
            both = f"'{first[key]}' and '{organ}'"
            message = f"organ must be given once, got {both}. Both are {key}: give one factor."
            raise InputError(message, key=f"host.niche.{organ}")
    for name in flatten(settings.override):
        organ = organ_of(name) or lethal_organ_of(name) or ligand_of(name)[0]
        if organ and organ_key(organ) not in keys:
            _require(organ, known, f"override.{name}")
    for entry in course_of(settings):
        _check_entry(entry, known)


def _check_entry(entry: CourseEntry, known: tuple[str, ...]) -> None:
    for organ in getattr(entry.settings, "organs", ()):
        _require(organ, known, f"{entry.place}.organs")
    if entry.is_imaging and not any(entry.can_show(organ) for organ in known):
        message = (
            f"{entry.settings.kind} must show an organ of this body, got one without any: it shows "
            f"{', '.join(SEEN[entry.settings.kind])}. Take ct, mri or pet."
        )
        raise InputError(message, key=f"{entry.place}.kind")


def weight_notes(scenario: Scenario) -> tuple[str, ...]:
    """Return a note for each tumour that weighs more than the body that it grows in."""
    settings = scenario.settings
    if settings.body.source != "grown":
        return ()
    mass = load_parameters(f"bodies/{settings.body.plan}").value("stature.mass")
    return tuple(
        f"source.{index}.mass = {1e3 * source.mass:.4g} g is more than the body's "
        f"{1e3 * mass:.4g} g: give the tumour a mass for {settings.body.plan}."
        for index, source in enumerate(settings.source)
        if isinstance(source, TumourSource) and source.mass > mass
    )


def _require(organ: str, known: tuple[str, ...], key: str) -> None:
    if organ not in known:
        hint = near_name(organ, known)
        message = f"organ must be one of this body's, got '{organ}'. {hint}"
        raise InputError(message, key=key)
