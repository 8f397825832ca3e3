"""Checkpoint inhibitors: classes of response, how long they last, killing of single cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.errors import InputError
from ctc.scenario.clinic_tables import Immunotherapy, PatientSettings
from ctc.states import Response

REGIMENS = ("combination", "anti_pd1", "anti_ctla4")


@dataclass(frozen=True)
class ResponseShares:
    """Shares of patients by their best response; the rest progress at once.

    Attributes
    ----------
    complete, partial, stable : float
        Of all patients; at most 1 together.
    """

    complete: float
    partial: float
    stable: float

    def __post_init__(self) -> None:
        total = self.complete + self.partial + self.stable
        if total > 1.0 + 1e-9:
            message = f"shares of responses must sum to <= 1, got {total:g}. Lower one of them."
            raise InputError(message)


@dataclass(frozen=True)
class ImmunotherapyLaw:
    """What checkpoint inhibitors do.

    Attributes
    ----------
    shares : mapping of str to ResponseShares
        By regimen, one of `REGIMENS`.
    complete_growth, partial_growth, stable_growth : float
        Factor on growth of all cells in each class.
    partial_time : float [s]
        For which a partial response deepens; then the lesions stay as they are.
    durable_share : float
        Share of those who respond whose response lasts, those of the best rank.
    response_time : float [s]
        From the first dose to the end of a response that does not last.
    stable_time : float [s]
        The same of a stable disease.
    immune_factor : float
        On killing of single cells by immune cells, while a response lasts.
    """

    shares: Mapping[str, ResponseShares]
    complete_growth: float
    partial_growth: float
    stable_growth: float
    partial_time: float
    durable_share: float
    response_time: float
    stable_time: float
    immune_factor: float


def best_response(regimen: str, rank: float, *, law: ImmunotherapyLaw) -> Response:
    """Return the best response of a patient of a rank, 0 the best of all.

    Complete below c, partial below c + p, stable below c + p + s, progressive above.

    References
    ----------
    .. [1] CheckMate 067: Larkin 2019 N Engl J Med 381:1535 (classes from memory).
    """
    shares = law.shares[regimen]
    if rank < shares.complete:
        return Response.COMPLETE
    if rank < shares.complete + shares.partial:
        return Response.PARTIAL
    if rank < shares.complete + shares.partial + shares.stable:
        return Response.STABLE
    return Response.PROGRESSIVE


def immunotherapy_effect(
    order: Immunotherapy, since_start: float, *, law: ImmunotherapyLaw, patient: PatientSettings
) -> SystemicEffect:
    """Return what checkpoint inhibitors do from the first dose on.

    All cells, those too that no drug reaches, grow at the factor of the patient's class: lesions
    shrink in a complete response; in a partial one they shrink for `partial_time` and then stay as
    they are; in stable disease they stay. The best `durable_share` of those who respond keep the
    response for good, after the last dose too; the others, and those stable, lose it after their
    time or with the last dose. Killing of single cells goes with a response.

    Parameters
    ----------
    order : Immunotherapy
        Regimen, and how long.
    since_start : float [s]
        Time since the first dose.
    law : ImmunotherapyLaw
        Classes and times.
    patient : PatientSettings
        Its rank, `immune_response`.

    Returns
    -------
    SystemicEffect
        Neutral before the treatment, without a response and after it.

    Notes
    -----
    All lesions of a patient respond alike. Measured in melanoma; other cancers respond less often:
    their sets give shares of their own.
    """
    if since_start < 0.0:
        return NEUTRAL
    rank = patient.immune_response
    response = best_response(order.regimen, rank, law=law)
    is_given = order.duration is None or since_start < order.duration
    if response is Response.STABLE:
        if is_given and since_start < law.stable_time:
            return SystemicEffect(host_growth_factor=law.stable_growth)
        return NEUTRAL
    if response not in (Response.COMPLETE, Response.PARTIAL):
        return NEUTRAL
    shares = law.shares[order.regimen]
    is_durable = rank < law.durable_share * (shares.complete + shares.partial)
    if not is_durable and not (is_given and since_start < law.response_time):
        return NEUTRAL
    growth = law.complete_growth
    if response is Response.PARTIAL:
        growth = law.partial_growth if since_start < law.partial_time else 0.0
    return SystemicEffect(host_growth_factor=growth, immune_factor=law.immune_factor)
