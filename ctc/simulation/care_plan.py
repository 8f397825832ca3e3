"""CarePlan: how one patient is to be examined and treated, and by which laws."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from ctc.body.plan import BodyPlan
from ctc.clinic.calendar import Calendar, resolve_calendar
from ctc.clinic.ctdna import PlasmaTest, resolve_plasma_test
from ctc.clinic.detection import DetectionLaws, resolve_detection
from ctc.clinic.liquid_biopsy import BloodTest, resolve_blood_test
from ctc.clinic.mortality import MortalityLaws, resolve_mortality
from ctc.clinic.recist import ResponseLaws, resolve_recist
from ctc.clinic.staging import StageLaws, resolve_staging
from ctc.clinic.tissue_biopsy import NeedleLaws, SentinelLaws, resolve_needle, resolve_sentinel
from ctc.clinic.treatment_laws import TreatmentLaws, resolve_treatment
from ctc.errors import InputError, near_name
from ctc.flow.field import FlowField
from ctc.scenario.biology import Biology
from ctc.scenario.clinic_course import course_of
from ctc.scenario.clinic_tables import BloodDraw, PatientSettings
from ctc.scenario.scenario import Scenario
from ctc.vessels.network import VesselNetwork

# [kg/m^3] Of soft tissue: ICRU Report 44 (1989) table 4.1.
_DENSITY = 1060.0


@dataclass(frozen=True)
class CarePlan:
    """What is planned for one patient, and the laws of what comes of it.

    Attributes
    ----------
    calendar : Calendar
        Examinations and treatments.
    patient : PatientSettings
        Who it is.
    detection, response, stage, blood_test, plasma_test, needle, sentinel
        Laws of diagnosis.
    treatment : TreatmentLaws
        Laws of treatment.
    mortality : MortalityLaws
        Laws of death.
    biology : Biology
        Of the cells, untreated.
    platelet_protection, platelets : float
        Of the host, for what acts on platelets.
    organ_names : tuple of str
        Of the body.
    organ_volumes, blood_shares : mapping of str to float
        Volume [m^3] of each organ, and the share of all blood in its vessels.
    segment_of_draw : mapping of int to int
        Segment of the vessel of each draw of blood, by its entry.
    flow_of_draws : mapping of int to float [m^3/s]
        Flow in each of those segments.
    identity : str
        SHA-256 of the plan and its laws.
    """

    calendar: Calendar
    patient: PatientSettings
    detection: DetectionLaws
    response: ResponseLaws
    stage: StageLaws
    blood_test: BloodTest
    plasma_test: PlasmaTest
    needle: NeedleLaws
    sentinel: SentinelLaws
    treatment: TreatmentLaws
    mortality: MortalityLaws
    biology: Biology
    platelet_protection: float
    platelets: float
    organ_names: tuple[str, ...]
    organ_volumes: Mapping[str, float]
    blood_shares: Mapping[str, float]
    segment_of_draw: Mapping[int, int]
    flow_of_draws: dict[int, float]
    identity: str


def resolve_care(
    scenario: Scenario,
    network: VesselNetwork,
    flow: FlowField,
    *,
    plan: BodyPlan,
    biology: Biology,
) -> CarePlan | None:
    """Return how the patient of a scenario is cared for; None where no calendar says anything.

    Raises
    ------
    InputError
        If an entry names an organ or a vessel that the body lacks.
    """
    settings = scenario.settings
    if not settings.examination and not settings.treatment:
        return None
    parameters = scenario.parameters
    calendar = resolve_calendar(settings, network.organ_names)
    laws = {
        "detection": resolve_detection(parameters),
        "response": resolve_recist(parameters),
        "stage": resolve_staging(parameters),
        "blood_test": resolve_blood_test(parameters),
        "plasma_test": resolve_plasma_test(parameters),
        "needle": resolve_needle(parameters),
        "sentinel": resolve_sentinel(parameters),
        "treatment": resolve_treatment(parameters),
        "mortality": resolve_mortality(parameters, plan=settings.body.plan),
    }
    segments = _segments_of_draws(scenario, network, flow)
    text = repr((calendar, settings.patient, laws, sorted(segments.items())))
    return CarePlan(
        calendar=calendar,
        patient=settings.patient,
        **laws,  # type: ignore[arg-type]
        biology=biology,
        platelet_protection=parameters.value("blood_hazards.platelet_protection"),
        platelets=settings.host.platelets,
        organ_names=network.organ_names,
        organ_volumes={organ.name: organ.tissue_mass / _DENSITY for organ in plan.organs},
        blood_shares=_blood_shares(network),
        segment_of_draw=segments,
        flow_of_draws={
            segment: float(flow.flow_rate[segment]) for segment in sorted(set(segments.values()))
        },
        identity=hashlib.sha256(text.encode()).hexdigest(),
    )


def _segments_of_draws(
    scenario: Scenario, network: VesselNetwork, flow: FlowField
) -> dict[int, int]:
    """Return the segment of the vessel of each draw of blood, by its entry."""
    fullest = network.fullest_segments(flow.flow_rate)
    found = {}
    for entry, table in enumerate(scenario.settings.examination):
        if not isinstance(table, BloodDraw):
            continue
        names = network.vessel_names
        at = fullest[names.index(table.vessel)] if table.vessel in names else -1
        if at < 0:
            known = [name for name, place in zip(names, fullest, strict=True) if place >= 0]
            message = f"vessel must be a named one of this body, got '{table.vessel}'. "
            key = f"{course_of(scenario.settings)[entry].place}.vessel"
            raise InputError(message + near_name(table.vessel, known), key=key)
        found[entry] = int(at)
    return found


def _blood_shares(network: VesselNetwork) -> dict[str, float]:
    """Return the share of all blood that lies in the vessels of each organ."""
    # Rounded once: NumPy adds in blocks of a width that depends on the processor.
    total = math.fsum(network.volume.tolist())
    return {
        name: math.fsum(network.volume[network.organ == index].tolist()) / total
        for index, name in enumerate(network.organ_names)
    }
