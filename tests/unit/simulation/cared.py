"""A patient by hand, with a calendar: two tumours, lesions in three organs, no cells needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import ctc
from ctc.backends.records import EVENT
from ctc.clinic.calendar import resolve_calendar
from ctc.clinic.ctdna import resolve_plasma_test
from ctc.clinic.detection import resolve_detection
from ctc.clinic.liquid_biopsy import resolve_blood_test
from ctc.clinic.mortality import resolve_mortality
from ctc.clinic.recist import resolve_recist
from ctc.clinic.staging import resolve_staging
from ctc.clinic.tissue_biopsy import resolve_needle, resolve_sentinel
from ctc.clinic.treatment_laws import resolve_treatment
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.care import Care
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.genealogy import LITTER
from ctc.simulation.patient import Patient
from ctc.simulation.primaries import Primary
from ctc.vessels.network import SegmentKind
from tests.physics.mixed import mixed_biology
from tests.physics.worlds import Vessel, made_setting, made_world, shedding
from tests.unit.simulation.test_primaries import tumour

DAY, NS = 86_400, 10**9
WEEK = 7 * DAY * NS
BED = SegmentKind.CAPILLARY_BED
VESSELS = (
    Vessel("heart", "root", transit=1.5, kind=SegmentKind.HEART_CHAMBER),
    Vessel("root", "a", flow=0.25),
    Vessel("root", "b", flow=0.25),
    Vessel("root", "c", flow=0.25),
    Vessel("root", "d", flow=0.25),
    Vessel("a", "back", flow=0.25, kind=BED, organ="breast"),
    Vessel("b", "back", flow=0.25, kind=BED, organ="lung"),
    Vessel("c", "back", flow=0.25, kind=BED, organ="liver"),
    Vessel("d", "back", flow=0.25, kind=BED, organ="lymph nodes"),
    Vessel("back", "heart", transit=3.0, kind=SegmentKind.VEIN),
)
BIOLOGY = mixed_biology()
WORLD = made_world(VESSELS, BIOLOGY)
NAMES = WORLD.network.organ_names
BREAST, LUNG, LIVER, NODES = (NAMES.index(n) for n in ("breast", "lung", "liver", "lymph nodes"))
LAW = GrowthLaw(GrowthKind.EXPONENTIAL, 1e13)
DOUBLING = 20.0 * DAY
SCENARIO = """
[scenario]
title = "A patient by hand"
[run]
seed = 1
duration = "1000 weeks"
epoch = "1 week"
[body]
plan = "human_female"
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "20 g"
"""
# Surgery leaves nothing.
CLEAN = (
    "override.treatment.surgery.residual_probability=0.0",
    "override.treatment.surgery.residual_probability_of_metastasis=0.0",
)


def plan_of(folder: Path, calendar: str, *overrides: str) -> CarePlan:
    """Return the plan of a calendar in TOML for the body of this module."""
    path = folder / "patient.toml"
    path.write_text(SCENARIO + calendar, encoding="utf-8")
    scenario = ctc.load_scenario(path, overrides=list(overrides))
    parameters = scenario.parameters
    return CarePlan(
        calendar=resolve_calendar(scenario.settings, NAMES),
        patient=scenario.settings.patient,
        detection=resolve_detection(parameters),
        response=resolve_recist(parameters),
        stage=resolve_staging(parameters),
        blood_test=resolve_blood_test(parameters),
        plasma_test=resolve_plasma_test(parameters),
        needle=resolve_needle(parameters),
        sentinel=resolve_sentinel(parameters),
        treatment=resolve_treatment(parameters),
        mortality=resolve_mortality(parameters, plan="human_female"),
        biology=BIOLOGY,
        platelet_protection=parameters.value("blood_hazards.platelet_protection"),
        platelets=1.0,
        organ_names=NAMES,
        organ_volumes=dict.fromkeys(NAMES, 1e-3),
        blood_shares=dict.fromkeys(NAMES, 0.1),
        segment_of_draw={},
        flow_of_draws={},
        identity="by hand",
    )


def patient_of(
    plan: CarePlan | None,
    *,
    masses: tuple[float, ...] = (20e-3,),
    number: int = 0,
    seed: int = 1,
    **biology: Any,
) -> Patient:
    """Return a patient with tumours of some masses [kg] in the breast, and no lesion yet."""
    sources = [
        replace(
            shedding(WORLD, 9, rate=1.0, stop=7000.0 * DAY),
            primary=Primary(tumour(mass=mass, law=LAW, doubling_time=DOUBLING), organ=BREAST),
        )
        for mass in masses
    ]
    setting = made_setting(
        WORLD,
        sources,
        epochs=[7.0 * DAY * week for week in range(1, 1001)],
        seed=seed,
        doubling_time=DOUBLING,
        lesions=LesionBiology(LAW, **biology),
    )
    return Patient(replace(setting, patient=number, care=plan))


def add_lesions(patient: Patient, cells: list[float], organs: list[int], time: int = 0) -> None:
    """Let a patient have lesions of some cells in some organs at a time [ns]."""
    events = np.zeros(len(cells), dtype=EVENT)
    events["time"] = time
    first = patient.lesions.rows.size
    patient.lesions.found(
        events,
        organ=np.array(organs),
        segment=np.arange(first, first + len(cells)),
        litters=np.zeros(len(cells), dtype=LITTER),
    )
    chosen = np.arange(patient.lesions.rows.size) >= first
    patient.lesions.resize(chosen, np.array(cells), time=time)


class NoBlood:
    """Blood that holds as many cells as it is told."""

    def __init__(self, concentration: float = 0.0) -> None:
        self.found = concentration

    def concentration(self, patient: Patient, *, segment: int, time: int) -> tuple[float, float]:
        del patient, segment, time
        return self.found, 0.0


def live(patient: Patient, weeks: int, *, first: int = 0) -> list[dict[str, np.ndarray]]:
    """Let weeks go by; returns the rows of each."""
    rows = []
    for week in range(first, first + weeks):
        patient.attend(week * WEEK, epoch=week, blood=NoBlood())
        patient.settle(week, start=week * WEEK, end=(week + 1) * WEEK)
        rows.append(patient.clinic_rows())
        if not patient.is_alive:
            break
    return rows


def care_of(patient: Patient) -> Care:
    assert patient.care is not None
    return patient.care
