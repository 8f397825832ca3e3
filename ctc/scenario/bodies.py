"""The organs that a scenario may name: those of its body's parameter set."""

from __future__ import annotations

from ctc.errors import InputError, near_name
from ctc.scenario.biology import DEFAULT_ORGAN, organ_key
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
    """Raise InputError if a source, a niche or an override names an organ that the body lacks.

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


def check_named_organs(settings: Settings, known: tuple[str, ...]) -> None:
    """Raise InputError if a niche or an override names none of these organs, or one niche twice."""
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
