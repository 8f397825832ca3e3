"""Chemotherapy: the share of cells that survive one cycle, and what it does between cycles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.host_tables import exponential
from ctc.checks import FloatArray
from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.clinic_tables import Chemotherapy, PatientSettings

# ln 10 as a literal: no number of a run may come from libm.
_LN10 = 2.302585092994046


@dataclass(frozen=True)
class ChemotherapyLaw:
    """What one drug, or one combination of drugs, does.

    Attributes
    ----------
    log_kill : float
        Decimal logarithms that a cycle takes from sensitive cells of a lesion at its reference
        pace, in a patient of chemosensitivity 1.
    highest_pace : float
        Most that the growth rate over that at the reference size counts for.
    circulating_share, arrested_share, tissue_share, dormant_share : float
        Logarithms killed of single cells, by their state, over those of a lesion at its
        reference pace; spread evenly over the cycle.
    """

    log_kill: float
    highest_pace: float
    circulating_share: float
    arrested_share: float
    tissue_share: float
    dormant_share: float


def cycle_survival(
    growth_rate: FloatArray,
    reference_rate: FloatArray,
    *,
    log_kill: float,
    sensitivity: float,
    highest_pace: float,
) -> FloatArray:
    """Return the share of a lesion's sensitive cells that survives one cycle.

    Log-kill in proportion to the pace of growth: ``S = 10^-(L s min(g / g_ref, p))``, g the
    specific growth rate ``d ln N / dt`` of the untreated lesion at its size, g_ref the same at the
    size for which its doubling time is given, L the log-kill there, s the patient's sensitivity.

    Parameters
    ----------
    growth_rate : (n,) float64 [1/s]
        g; where it is 0 or less, all cells survive.
    reference_rate : (n,) float64 [1/s]
        g_ref, >= 0; where it is 0, all cells survive.
    log_kill : float
        L, >= 0.
    sensitivity : float
        s, >= 0.
    highest_pace : float
        p, >= 0: laws whose growth rate has no bound for small lesions end here.

    Returns
    -------
    (n,) float64
        0 to 1.

    Notes
    -----
    Norton and Simon let a dose kill in proportion to the rate at which the unperturbed tumour of
    that size would grow; with exponential growth this is the constant fraction of Skipper. A
    lesion whose growth another drug slows is killed as if it were not slowed.

    References
    ----------
    .. [1] Skipper, Schabel and Wilcox 1964 Cancer Chemother Rep 35:1 (from memory).
    .. [2] Norton and Simon 1977 Cancer Treat Rep 61:1307 (from memory).
    .. [3] Norton and Simon 1986 Cancer Treat Rep 70:163 (from memory).
    """
    is_growing = (growth_rate > 0.0) & (reference_rate > 0.0)
    # Bounded before it is divided, so that no rate near 0 overflows.
    fastest = np.minimum(growth_rate, highest_pace * reference_rate)
    pace = np.zeros(np.shape(growth_rate))
    np.divide(fastest, reference_rate, out=pace, where=is_growing)
    return exponential(-_LN10 * log_kill * sensitivity * pace)


def kill_of(order: Chemotherapy, law: ChemotherapyLaw) -> float:
    """Return the logarithms that a cycle takes at the reference pace, of the order or the law."""
    return law.log_kill if order.log_kill is None else order.log_kill


def between_cycles(
    order: Chemotherapy, since_start: float, *, law: ChemotherapyLaw, patient: PatientSettings
) -> SystemicEffect:
    """Return what a course does to single cells, up to an interval after its last cycle.

    Hazard ``h = x L s ln 10 / interval``, x the share of the log-kill that cells in that state
    take: over a cycle, 10^-(x L s) of them survive.

    Parameters
    ----------
    order : Chemotherapy
        Of the calendar.
    since_start : float [s]
        Time since the first cycle.
    law : ChemotherapyLaw
        Shares x.
    patient : PatientSettings
        Chemosensitivity s.

    Returns
    -------
    SystemicEffect
        Neutral before the course and after it.

    Notes
    -----
    Resistant single cells are not told from sensitive ones, and drug levels not followed: the
    kill of a day of infusion is spread over the weeks of the cycle.
    """
    if not 0.0 <= since_start < order.cycles * order.interval:
        return NEUTRAL
    hazard = kill_of(order, law) * patient.chemosensitivity * _LN10 / order.interval
    return SystemicEffect(
        blood_hazard=law.circulating_share * hazard,
        arrested_death_rate=law.arrested_share * hazard,
        tissue_death_rate=law.tissue_share * hazard,
        dormant_death_rate=law.dormant_share * hazard,
    )
