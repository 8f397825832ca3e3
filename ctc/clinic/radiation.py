"""Radiation of tumours: linear-quadratic survival, repopulation, tumour control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.host_tables import exponential
from ctc.checks import FloatArray

_DAY = 86400.0


@dataclass(frozen=True)
class RadiationLaw:
    """What radiation does to tumour cells.

    Attributes
    ----------
    alpha : float [1/Gy]
        Lethal hits in proportion to dose, in a patient of radiosensitivity 1.
    alpha_beta : float [Gy]
        Dose at which both terms kill alike.
    alpha_spread : float
        Standard deviation of ln alpha between patients.
    clonogen_share : float
        Share of tumour cells that can found the tumour anew.
    repopulation_dose : float [Gy]
        Dose in fractions of 2 Gy that a day of accelerated repopulation makes up for.
    kick_off : float [s]
        From the first fraction to the beginning of accelerated repopulation.
    margin : float [m]
        Of the field around a tumour.
    organ_share : float
        Share of an organ in the field, where its volume is not known.
    """

    alpha: float
    alpha_beta: float
    alpha_spread: float
    clonogen_share: float
    repopulation_dose: float
    kick_off: float
    margin: float
    organ_share: float


def biologically_effective_dose(dose: float, *, fractions: int, alpha_beta: float) -> float:
    """Return ``BED = n d (1 + d / (alpha/beta))`` [Gy] of n fractions of dose d [Gy].

    References
    ----------
    .. [1] Fowler 1989 Br J Radiol 62:679 (from memory).
    """
    return fractions * dose * (1.0 + dose / alpha_beta)


def equivalent_dose(dose: float, *, fractions: int, alpha_beta: float) -> float:
    """Return ``EQD2 = BED / (1 + 2 Gy / (alpha/beta))`` [Gy]: the same effect in 2 Gy fractions."""
    effective = biologically_effective_dose(dose, fractions=fractions, alpha_beta=alpha_beta)
    return effective / (1.0 + 2.0 / alpha_beta)


def lethal_hits(dose: float, *, law: RadiationLaw, sensitivity: float = 1.0) -> float:
    """Return ``-ln S`` of one fraction: ``s (alpha d + beta d^2)``.

    Parameters
    ----------
    dose : float [Gy]
        d, >= 0.
    law : RadiationLaw
        alpha and alpha/beta, whose ratio gives beta.
    sensitivity : float
        s, of the patient; 1 by default.

    Returns
    -------
    float
        Mean number of lethal hits of a cell; a cell without one survives.

    Notes
    -----
    Each fraction is given at once and fully repaired before the next: incomplete repair between
    fractions hours apart, and repair during a long one, are left out. Above some 10 Gy a fraction
    the quadratic term may overstate the kill.

    References
    ----------
    .. [1] Fowler 1989 Br J Radiol 62:679 (from memory).
    .. [2] alpha/beta by site: van Leeuwen 2018 Radiat Oncol 13:96.
    """
    return sensitivity * law.alpha * dose * (1.0 + dose / law.alpha_beta)


def repopulation_rate(law: RadiationLaw) -> float:
    """Return the growth rate [1/s] of clonogens after the kick-off.

    ``alpha (1 + 2 Gy / (alpha/beta)) R``, R the dose in 2 Gy fractions that a day makes up for.

    Notes
    -----
    Of the cells, not of the beam: it does not go with the patient's radiosensitivity. 0.6 Gy a day
    goes with a clonogen doubling in some 4 days.

    References
    ----------
    .. [1] Withers, Taylor and Maciejewski 1988 Acta Oncol 27:131 doi:10.3109/02841868809090333.
    """
    return law.alpha * (1.0 + 2.0 / law.alpha_beta) * law.repopulation_dose / _DAY


def fraction_survival(
    growth_rate: FloatArray,
    fraction: int,
    *,
    dose: float,
    interval: float,
    law: RadiationLaw,
    sensitivity: float,
) -> FloatArray:
    """Return the share of cells that a fraction leaves, with what grew faster since the last one.

    ``S = min(1, exp(-s (alpha d + beta d^2) + max(k - g, 0) t))``, t the time since the fraction
    before that lies after the kick-off, k the rate of accelerated repopulation, g the growth rate
    of the lesion, which it grows by anyway.

    Parameters
    ----------
    growth_rate : (n,) float64 [1/s]
        g.
    fraction : int
        Number of the fraction in its course, from 0.
    dose : float [Gy]
        d, of one fraction.
    interval : float [s]
        Between two fractions.
    law : RadiationLaw
        alpha, alpha/beta, kick-off, k.
    sensitivity : float
        s, of the patient.

    Returns
    -------
    (n,) float64
        0 to 1. Drug resistance does not matter.

    Notes
    -----
    A lesion does not grow over its size before the fraction: what repopulation makes up beyond
    the kill of a fraction is left out.
    """
    now, before = fraction * interval, (fraction - 1) * interval
    late = max(now - max(before, law.kick_off), 0.0) if fraction > 0 else 0.0
    faster = np.maximum(repopulation_rate(law) - growth_rate, 0.0) * late
    hits = lethal_hits(dose, law=law, sensitivity=sensitivity)
    return exponential(np.minimum(faster - hits, 0.0))


def control_probability(
    cells: float, lethal: float | FloatArray, *, clonogen_share: float
) -> FloatArray:
    """Return the chance that no clonogen survives, ``TCP = exp(-N c exp(-hits))``.

    Parameters
    ----------
    cells : float
        N, at the beginning of the course.
    lethal : (n,) float64
        -ln S of the whole course.
    clonogen_share : float
        c.

    References
    ----------
    .. [1] Munro and Gilbert 1961 Br J Radiol 34:246 (from memory).
    """
    return exponential(-cells * clonogen_share * exponential(-np.asarray(lethal)))


def control_among_patients(
    cells: float, dose: float, *, fractions: int, law: RadiationLaw
) -> float:
    """Return the share of patients whose tumour is controlled, alpha log-normal between them.

    ``integral of TCP(alpha e^(sigma z)) phi(z) dz`` over the normal z, without repopulation, by
    the trapezium rule from -8 to 8: exact to 1e-9.

    Parameters
    ----------
    cells : float
        Of the tumour.
    dose : float [Gy]
        Of one fraction.
    fractions : int
        How many.
    law : RadiationLaw
        alpha is the median, alpha_spread is sigma.

    References
    ----------
    .. [1] Webb and Nahum 1993 Phys Med Biol 38:653 (spread of alpha between patients, from memory).
    """
    step = 1.0 / 128.0
    z = np.arange(-8.0, 8.0 + step, step)
    weight = exponential(-0.5 * z * z)
    hits = fractions * lethal_hits(dose, law=law) * exponential(law.alpha_spread * z)
    control = control_probability(cells, hits, clonogen_share=law.clonogen_share)
    return float((weight * control).sum() / weight.sum())
