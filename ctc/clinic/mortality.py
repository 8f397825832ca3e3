"""What a patient dies of: the burden of the cancer by organ, and everything else by age."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import exponential, power
from ctc.checks import FloatArray
from ctc.clinic.disease import Disease
from ctc.scenario.biology import DEFAULT_ORGAN, organ_key
from ctc.scenario.parameters import ParameterSet, load_parameters
from ctc.scenario.prognosis_rules import SEXES, lethal_organ_of

# ln 2 as a literal: no number of a run may come from libm.
_LN2 = 0.6931471805599453
# Beyond these shares of what kills the hazard is 0 and the fastest one in float64, at any
# steepness; their powers are still numbers.
_LEAST_SHARE, _MOST_SHARE = 1e-30, 1e30
_LEAST_FRAILTY = 1e-9


@dataclass(frozen=True)
class OtherDeaths:
    """Deaths of other causes: ``accident_rate + ageing_rate 2^((age - reference) / doubling)``.

    Attributes
    ----------
    accident_rate : float [1/s]
        That age does not change (Makeham).
    ageing_rate : float [1/s]
        At the reference age (Gompertz).
    doubling_time : float [s]
        Of age, in which that rate doubles.
    reference_age : float [s]
        At which `ageing_rate` holds.
    oldest_age : float [s]
        From which on the rate no longer rises.
    """

    accident_rate: float
    ageing_rate: float
    doubling_time: float
    reference_age: float
    oldest_age: float


@dataclass(frozen=True)
class MortalityLaws:
    """What a patient of one body dies of.

    Attributes
    ----------
    lethal_cells : tuple of (str, float)
        By organ key, with one for `DEFAULT_ORGAN`: cells at which half of the fastest hazard is
        reached if the tumour lies in that organ alone; of this body's mass.
    steepness : float
        k of the law, > 0.
    dying_time : float [s]
        One over the hazard of death that no burden exceeds.
    frailty_spread : float
        Standard deviation between patients of the logarithm of the factor on what kills.
    other : OtherDeaths or None
        None in animals: no life table of theirs is at hand.
    """

    lethal_cells: tuple[tuple[str, float], ...]
    steepness: float
    dying_time: float
    frailty_spread: float
    other: OtherDeaths | None


def sex_of(plan: str) -> str | None:
    """Return ``male`` or ``female`` for a person's body plan, None for an animal's."""
    return next((sex for sex in SEXES if plan == f"human_{sex}"), None)


def resolve_mortality(parameters: ParameterSet, *, plan: str) -> MortalityLaws:
    """Return the laws of a scenario's parameters for a body.

    Parameters
    ----------
    parameters : ParameterSet
        Of the scenario, with every ``prognosis.*``.
    plan : str
        Shipped body plan, such as ``human_female``; its sex picks the life table, and lethal
        numbers of cells go with its mass (an assumption: what a kilogram of tumour is to a woman
        of 60 kg is 0.4 g to a mouse of 25 g).

    Returns
    -------
    MortalityLaws
        Plain SI numbers.

    Raises
    ------
    InputError
        If there is no such body plan.
    """
    value = parameters.value
    mass = load_parameters(f"bodies/{plan}").value("stature.mass")
    scale = mass / value("prognosis.reference_mass")
    lethal = {}
    for name in parameters:
        organ = lethal_organ_of(name)
        if organ:
            lethal[organ_key(organ)] = scale * value(name)
    sex = sex_of(plan)
    other = None
    if sex is not None:
        other = OtherDeaths(
            accident_rate=value(f"prognosis.{sex}.accident_rate"),
            ageing_rate=value(f"prognosis.{sex}.ageing_rate"),
            doubling_time=value(f"prognosis.{sex}.ageing_doubling_time"),
            reference_age=value("prognosis.reference_age"),
            oldest_age=value("prognosis.oldest_age"),
        )
    return MortalityLaws(
        lethal_cells=tuple(sorted(lethal.items())),
        steepness=value("prognosis.steepness"),
        dying_time=value("prognosis.dying_time"),
        frailty_spread=value("prognosis.frailty_spread"),
        other=other,
    )


def death_hazards(
    disease: Disease, laws: MortalityLaws, *, frailty: float, age: float
) -> tuple[float, float]:
    """Return the hazards of death by cancer and by other causes.

    With N_i the cells of tumour i, L_o what kills in its organ, f the patient's frailty and T the
    dying time, ``x = sum_i N_i / (f L_o(i))`` and

    ``h = x^k / (1 + x^k) / T``.

    Parameters
    ----------
    disease : Disease
        All tumours and lesions that live; may be empty.
    laws : MortalityLaws
        From `resolve_mortality`.
    frailty : float
        Factor on the burden that kills, >= 0; below 1 the patient dies of less.
    age : float [s]
        Of the patient now, >= 0.

    Returns
    -------
    (float, float) [1/s]
        By cancer, at most one over the dying time; by other causes.

    Notes
    -----
    Constant within an epoch, as all hazards of a run. The sum over tumours is rounded once, so it
    does not depend on their order. Not for deaths by bleeding, clots or treatment.

    References
    ----------
    .. [1] Lethal number of 1e12 cells: Norton 1988 Cancer Res 48:7067 (from memory).
    .. [2] Survival by organ: Wang 2019 BMC Cancer 19:1091; Malone 2021 J Cancer Metastasis Treat
       7:40.
    """
    share = lethal_share(disease, laws, frailty=frailty)
    return float(hazard_of_share(share, laws)), other_hazard(laws, age)


def lethal_share(disease: Disease, laws: MortalityLaws, *, frailty: float) -> float:
    """Return the burden over what kills: ``sum_i N_i / (f L_o(i))``, >= 0."""
    lethal = _lethal_of_organs(laws, disease.organ_names)
    shares = disease.cells / lethal[disease.organ]
    return math.fsum(shares.tolist()) / max(frailty, _LEAST_FRAILTY)


def hazard_of_share(share: npt.ArrayLike, laws: MortalityLaws) -> FloatArray:
    """Return the hazard of death by cancer at burdens over what kills, (n,) float64 [1/s]."""
    value = np.asarray(share, dtype=np.float64)
    burden = power(np.clip(value, _LEAST_SHARE, _MOST_SHARE), laws.steepness)
    hazard: FloatArray = np.where(
        value > _LEAST_SHARE, burden / (1.0 + burden) / laws.dying_time, 0.0
    )
    return hazard


def other_hazard(laws: MortalityLaws, age: float) -> float:
    """Return the hazard of death by other causes at an age [s], in 1/s."""
    other = laws.other
    if other is None:
        return 0.0
    years = min(age, other.oldest_age) - other.reference_age
    rise = float(exponential(min(_LN2 * years / other.doubling_time, 700.0)))
    return other.accident_rate + other.ageing_rate * rise


@functools.lru_cache(maxsize=64)
def _lethal_of_organs(laws: MortalityLaws, organ_names: Sequence[str]) -> FloatArray:
    """Return what kills in each organ, and last what kills between organs (index -1)."""
    known = dict(laws.lethal_cells)
    default = known[DEFAULT_ORGAN]
    found = [known.get(organ_key(name), default) for name in organ_names]
    return np.array([*found, default])
