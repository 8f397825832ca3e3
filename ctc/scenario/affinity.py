"""Affinity: how readily cells grow in each organ, and where a run has that number from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ctc.scenario.biology import DEFAULT_ORGAN, organ_key
from ctc.scenario.rules import ORGAN_PREFIX

_KEY = "colony_factor"


@dataclass(frozen=True)
class Affinity:
    """The colony factors of a body's organs, by where they come from.

    Attributes
    ----------
    cancer : str
        Set of the cancer; empty if the run names none.
    own : dict of str to float
        Organs for which the cancer's set has a factor.
    common : dict of str to float
        Organs with the factor that all cancers share.
    overridden : dict of str to float
        Organs whose factor the scenario sets itself.
    default : float
        Factor of all other organs.
    by_default : tuple of str
        Those organs.
    """

    cancer: str
    own: dict[str, float]
    common: dict[str, float]
    overridden: dict[str, float]
    default: float
    by_default: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Return in words which factor applies in which organ."""
        who = self.cancer or "these cells"
        own = _listed(self.own) if self.own else "none of its own"
        what = "colonies for a cell that left the vessel, 1 in the liver of all cancers"
        found = [f"Affinity of {who} ({what}): {own}."]
        if self.common:
            found.append(f"Affinity common to all cancers: {_listed(self.common)}.")
        if self.overridden:
            found.append(f"Affinity set by the scenario: {_listed(self.overridden)}.")
        if self.by_default:
            names = ", ".join(self.by_default)
            found.append(f"Affinity by default, {self.default:.3g}: {names}.")
        return found


def affinity_of(
    parameters: Mapping[str, tuple[float, str]], organs: Sequence[str], *, cancer: str
) -> Affinity | None:
    """Return the affinities that a run uses; None where its cells found no colonies.

    Parameters
    ----------
    parameters : mapping of str to (float, str)
        Value and origin of each parameter by full name.
    organs : sequence of str
        Of the body.
    cancer : str
        Set of the cancer, such as ``cancers/breast``; may be empty.
    """
    default_name = f"{ORGAN_PREFIX}{DEFAULT_ORGAN}.{_KEY}"
    if default_name not in parameters:
        return None
    given = {
        organ_key(name[len(ORGAN_PREFIX) : -len(_KEY) - 1]): entry
        for name, entry in parameters.items()
        if name.startswith(ORGAN_PREFIX) and name.endswith(f".{_KEY}")
    }
    default, _ = given.pop(DEFAULT_ORGAN)
    kinds: dict[str, dict[str, float]] = {"own": {}, "common": {}, "overridden": {}}
    by_default = []
    for organ in organs:
        entry = given.get(organ_key(organ))
        if entry is None:
            by_default.append(organ)
            continue
        value, origin = entry
        kind = "own" if cancer and origin == cancer else "common"
        kinds["overridden" if origin == "override" else kind][organ] = value
    return Affinity(cancer, **kinds, default=default, by_default=tuple(by_default))


def _listed(factors: Mapping[str, float]) -> str:
    return ", ".join(f"{organ} {value:.3g}" for organ, value in factors.items())
