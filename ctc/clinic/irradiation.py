"""What a beam does to cells that are no part of the tumour: around it, and in blood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ctc.backends.host_tables import exponential, logarithm
from ctc.clinic.radiation import RadiationLaw, lethal_hits
from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.scenario.biology import organ_key
from ctc.scenario.clinic_tables import PatientSettings, Radiation

# pi / 6 as a literal: no number of a run may come from libm.
_BALL = 0.5235987755982988


def field_shares(
    targets: Iterable[tuple[str, float]],
    volumes: Mapping[str, float],
    *,
    law: RadiationLaw,
) -> dict[str, float]:
    """Return the share of each organ that lies in the fields around targets.

    ``min(1, sum of pi/6 (D + 2 m)^3 / V)``, D the diameter of a target, m the margin.

    Parameters
    ----------
    targets : iterable of (str, float [m])
        Organ and diameter of each.
    volumes : mapping of str to float [m^3]
        V, of organs; one that is not there has the law's `organ_share` in the field.
    law : RadiationLaw
        Margin m.

    Returns
    -------
    dict of str to float
        By `organ_key`; 0 to 1. Fields of several targets are taken not to overlap.
    """
    field: dict[str, float] = {}
    for organ, diameter in targets:
        width = diameter + 2.0 * law.margin
        name = organ_key(organ)
        field[name] = field.get(name, 0.0) + _BALL * width * width * width
    known = {organ_key(organ): volume for organ, volume in volumes.items()}
    return {
        name: min(volume / known[name], 1.0) if name in known else law.organ_share
        for name, volume in sorted(field.items())
    }


def mean_blood_dose(dose: float, blood_share: float) -> float:
    """Return the mean dose [Gy] of blood from a fraction to a field that holds a share of it.

    ``d v``, d the dose of the field, v the share of all blood that is in it: at any moment of the
    beam the share v takes up dose at the field's rate, however fast blood goes through. Exact for
    any length of the beam.

    References
    ----------
    .. [1] Beekman 2023 doi:10.1088/1361-6560/ad02d6 (HEDOS, whose mean this is).
    """
    return dose * blood_share


def irradiation(
    order: Radiation,
    n_fractions: int,
    *,
    epoch: float,
    shares: Mapping[str, float],
    blood_share: float,
    law: RadiationLaw,
    patient: PatientSettings,
) -> SystemicEffect:
    """Return the hazards of an epoch in which fractions are given.

    Cells at rest: a share f of their organ lies in the field, so ``1 - f + f S^n`` of them
    survive n fractions of ``S = exp(-s (alpha d + beta d^2))``, as under the hazard
    ``-ln(1 - f + f S^n) / T`` over the epoch T: exact for cells that stay all of it.

    Circulating cells: a beam that is long against the circulation finds each of them in the field
    for the share v of its time, so each takes the mean dose d v of a fraction, and the hazard is
    ``n s (alpha d v + beta (d v)^2) / T``. A beam that is short would find the share v at once,
    each with all of d, and leave ``1 - v + v S``: for d alpha << 1 the same.

    Parameters
    ----------
    order : Radiation
        Dose d of one fraction.
    n_fractions : int
        n, given in this epoch.
    epoch : float [s]
        T, > 0.
    shares : mapping of str to float
        f, of organs by name.
    blood_share : float
        v, of all blood.
    law : RadiationLaw
        alpha and alpha/beta.
    patient : PatientSettings
        Radiosensitivity s.

    Returns
    -------
    SystemicEffect
        Neutral without fractions.

    Notes
    -----
    The beam is spread over the epoch. Cells of the tumour itself, and of lesions, are the matter
    of `ctc.clinic.treating.blow_of`. Dose outside the field is left out.
    """
    if n_fractions == 0:
        return NEUTRAL
    sensitivity = patient.radiosensitivity
    hits = n_fractions * lethal_hits(order.dose, law=law, sensitivity=sensitivity)
    survival = float(exponential(-hits))
    # A field that holds the whole organ: -ln S itself, however small S is.
    rates = {
        organ_key(organ): (
            hits if share >= 1.0 else -float(logarithm(1.0 - share + share * survival))
        )
        / epoch
        for organ, share in sorted(shares.items())
    }
    in_blood = lethal_hits(
        mean_blood_dose(order.dose, blood_share), law=law, sensitivity=sensitivity
    )
    return SystemicEffect(
        blood_hazard=n_fractions * in_blood / epoch,
        organ_death_rate_of={organ: rate for organ, rate in rates.items() if rate > 0.0},
    )
