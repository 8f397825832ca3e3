"""A made-up patient: a calendar, what it brought, and a run file that holds both.

Breast cancer, found by the second mammography, taken out, treated by drugs and radiation; two
metastases show two years later. Numbers are chosen to be told apart, not to be likely.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ctc.record.layout import (
    EXAMINATION_DTYPE,
    FALSE_POSITIVE,
    FINDING_DTYPE,
    LESION_DTYPE,
    MILESTONE_DTYPE,
    NO_FOUNDER,
    PRIMARY_IDENTITY,
    TREATMENT_DTYPE,
    WHOLE_BODY,
)
from ctc.states import ExaminationKind as Examine
from ctc.states import LesionState, Milestone, Response
from ctc.states import TreatmentKind as Treat

DAY = 86400 * 10**9  # [ns]
N_EPOCHS, EPOCH = 50, 30 * DAY
ORGANS = ("lung", "liver", "größte")  # those of the samples of the record's tests
LUNG, LIVER, BREAST = range(3)
PRIMARY = -1
EXAMINATIONS = [
    {"kind": "mammography", "name": "screening", "every": 31536000.0},
    {"kind": "ct", "name": "", "after": "diagnosis"},
    {"kind": "blood_draw", "name": "", "after": "diagnosis", "every": 15552000.0},
    {"kind": "sentinel_node", "name": "", "after": "diagnosis"},
    {"kind": "ct", "name": "follow-up", "after": "diagnosis", "every": 15552000.0},
]
TREATMENTS = [
    {"kind": "surgery", "name": "", "after": "diagnosis"},
    {"kind": "chemotherapy", "name": "", "cycles": 6, "interval": 1814400.0},
    {"kind": "radiation", "name": "", "dose": 2.0, "fractions": 25, "interval": 86400.0},
    {"kind": "targeted", "name": "inhibitor", "after": "relapse", "duration": 15552000.0},
    {"kind": "radiation", "name": "SBRT", "dose": 18.0, "fractions": 3, "interval": 172800.0},
]
_X = 255  # a stage that is not known
# day, entry, occasion, kind, is_positive, value, n_found, n_false, response, stages found and there
_EXAMINED = [
    (0, 0, 0, Examine.MAMMOGRAPHY, 0, 0.0, 0, 0, 0, (_X, _X, _X), (1, 0, 0)),
    (365, 0, 1, Examine.MAMMOGRAPHY, 1, 18e-3, 1, 0, 0, (1, _X, _X), (1, 1, 1)),
    (372, 1, 0, Examine.CT, 1, 5e-3, 0, 1, 0, (1, 0, 0), (1, 1, 1)),
    (372, 2, 0, Examine.BLOOD_DRAW, 0, 1.0, 0, 0, 0, (1, 0, 0), (1, 1, 1)),
    (372, 3, 0, Examine.SENTINEL_NODE, 1, 2.0, 0, 0, 0, (1, 1, 0), (1, 1, 1)),
    (552, 2, 1, Examine.BLOOD_DRAW, 0, 0.0, 0, 0, 0, (1, 1, 0), (0, 1, 1)),
    (732, 2, 2, Examine.BLOOD_DRAW, 0, 3.0, 0, 0, 0, (1, 1, 0), (0, 1, 1)),
    (780, 4, 0, Examine.CT, 0, 0.0, 0, 0, 0, (1, 1, 0), (0, 1, 1)),
    (912, 2, 3, Examine.BLOOD_DRAW, 1, 14.0, 0, 0, 0, (1, 1, 0), (0, 1, 1)),
    (960, 4, 1, Examine.CT, 1, 37e-3, 2, 0, 0, (1, 1, 1), (0, 1, 1)),
    (1092, 2, 4, Examine.BLOOD_DRAW, 1, 6.0, 0, 0, 0, (1, 1, 1), (0, 1, 1)),
    (1140, 4, 2, Examine.CT, 1, 22e-3, 2, 0, Response.PARTIAL, (1, 1, 1), (0, 1, 1)),
    (1272, 2, 5, Examine.BLOOD_DRAW, 1, 80.0, 0, 0, 0, (1, 1, 1), (0, 1, 1)),
    (1320, 4, 3, Examine.CT, 1, 61e-3, 2, 0, Response.PROGRESSIVE, (1, 1, 1), (0, 1, 1)),
]
# day, entry, occasion, target, organ, diameter, true diameter
_FOUND = [
    (365, 0, 1, PRIMARY, BREAST, 18e-3, 17e-3),
    (372, 1, 0, FALSE_POSITIVE, LUNG, 5e-3, 0.0),
    (960, 4, 1, 2, LIVER, 23e-3, 22e-3),
    (960, 4, 1, 0, LUNG, 14e-3, 15e-3),
    (1140, 4, 2, 2, LIVER, 12e-3, 12e-3),
    (1140, 4, 2, 0, LUNG, 10e-3, 11e-3),
    (1320, 4, 3, 2, LIVER, 40e-3, 38e-3),
    (1320, 4, 3, 0, LUNG, 21e-3, 20e-3),
]
_TREATED = [
    (386, 0, 0, Treat.SURGERY, PRIMARY, BREAST, 2.8e9, 0.0),
    *(
        (414 + 21 * k, 1, k, Treat.CHEMOTHERAPY, WHOLE_BODY, -1, 4e6 / 3**k, 4e6 / 3 ** (k + 1))
        for k in range(6)
    ),
    *((560 + k, 2, k, Treat.RADIATION, PRIMARY, BREAST, 0.0, 0.0) for k in range(25)),
    (970, 3, 0, Treat.TARGETED, WHOLE_BODY, -1, 7e9, 7e9),
    *((975 + 2 * k, 4, k, Treat.RADIATION, 2, LIVER, 5e9, 5e9 / 40 ** (k + 1)) for k in range(3)),
    *((975 + 2 * k, 4, k, Treat.RADIATION, 0, LUNG, 2e9, 2e9 / 40 ** (k + 1)) for k in range(3)),
]
# day, milestone, entry, organ
_REACHED = [
    (365, Milestone.DIAGNOSIS, 0, BREAST),
    (960, Milestone.METASTASIS_FOUND, 4, LIVER),
    (960, Milestone.RELAPSE, 4, LIVER),
    (1320, Milestone.PROGRESSION, 4, LIVER),
    (1497, Milestone.DEATH_BY_CANCER, -1, LIVER),
]


def scenario() -> dict[str, Any]:
    """Return the part of a resolved scenario that tells of the patient."""
    cut_off = {"value": 5.0, "unit": "1", "basis": "assumed", "source": "for a test"}
    tissue = {"cells_per_mass": 1e12, "density": 1060.0}
    return {
        "scenario": {"title": "A patient who was made up"},
        "body": {"plan": "human_female", "source": "grown"},
        "cells": {"inert": True},
        "source": [{"kind": "tumour", "organ": "größte", "mass": 1e-3, "start": 0.0, "stop": None}],
        "examination": EXAMINATIONS,
        "treatment": TREATMENTS,
        "parameters": {
            "diagnosis.blood.cut_off": cut_off,
            **{f"tumour.{name}": {**cut_off, "value": value} for name, value in tissue.items()},
        },
    }


def examinations() -> np.ndarray:
    """Return the rows of ``/examinations``."""
    rows = np.zeros(len(_EXAMINED), dtype=EXAMINATION_DTYPE)
    for row, (day, *plain, found, there) in zip(rows, _EXAMINED, strict=True):
        row["time"] = day * DAY
        names = ("entry", "occasion", "kind", "is_positive", "value", "n_found", "n_false")
        for name, value in zip((*names, "response"), plain, strict=True):
            row[name] = value
        for letter, a, b in zip("tnm", found, there, strict=True):
            row[f"stage_{letter}"], row[f"true_{letter}"] = a, b
    return rows


def findings() -> np.ndarray:
    """Return the rows of ``/findings``."""
    return _rows(_FOUND, FINDING_DTYPE)


def treatments() -> np.ndarray:
    """Return the rows of ``/treatments``."""
    return _rows(sorted(_TREATED), TREATMENT_DTYPE)


def milestones() -> np.ndarray:
    """Return the rows of ``/milestones``."""
    return _rows(_REACHED, MILESTONE_DTYPE)


def logs() -> dict[str, np.ndarray]:
    """Return all four by name."""
    return {
        "examinations": examinations(),
        "findings": findings(),
        "treatments": treatments(),
        "milestones": milestones(),
    }


def lesions() -> np.ndarray:
    """Return the newest row of each lesion: one is small, two were found, one was killed."""
    rows = np.zeros(5, dtype=LESION_DTYPE)
    rows["lesion"] = (0, 1, 2, 3, PRIMARY_IDENTITY)
    rows["organ"] = (LUNG, LUNG, LIVER, LIVER, BREAST)
    rows["segment"] = (5, 9, 13, 17, 3)
    rows["cell"] = (10, 11, 12, 13, NO_FOUNDER)
    rows["founded"] = np.array([200, 500, 120, 300, 0]) * DAY
    rows["cells"] = (3_000_000_000, 50_000, 15_000_000_000, 0, 0)
    rows["parent"] = (-1, 2, -1, -1, -1)
    rows["state"] = (
        *(LesionState.GROWING, LesionState.IN_BALANCE, LesionState.GROWING),
        *(LesionState.ERADICATED, LesionState.RESECTED),
    )
    rows["time"] = N_EPOCHS * EPOCH
    return rows


def series(epoch: int, samples: ModuleType) -> dict[str, Any]:
    """Return the series of an epoch: a primary that grows until it is out, metastases later."""
    day = (epoch + 1) * EPOCH / DAY
    row: dict[str, Any] = {
        name: np.zeros_like(value) for name, value in samples.series(epoch).items()
    }
    row["time"] = (epoch + 1) * EPOCH
    row["wall_time"] = 0.5 * (epoch + 1)
    row["arrested"] = np.array([7, 5, 0])
    primary = 2e8 * 2 ** (day / 100) if day < 386 else 0
    liver = 2 ** ((day - 120) / 26) if 120 < day < 975 else 2e5 * 2 ** ((day - 980) / 30)
    lung = 2 ** ((day - 200) / 26) if 200 < day < 975 else 1e5 * 2 ** ((day - 980) / 32)
    metastases = np.array([lung if day > 200 else 0, liver if day > 120 else 0, 0])
    row["tumour_cells"] = np.array([0, 0, primary]).astype(np.uint64)
    row["cells"] = metastases.astype(np.uint64) + row["arrested"].astype(np.uint64)
    return row


def write_patient(path: Path, *, n_epochs: int = N_EPOCHS) -> Path:
    """Write the patient's run through the writer and return its path."""
    samples = _samples()
    header = replace(samples.header(), scenario_json=json.dumps(scenario()))
    header = replace(header, duration=N_EPOCHS * EPOCH)
    clinic = logs()
    with samples.create(path, header=header, tallies=()) as writer:
        for epoch in range(n_epochs):
            for log, rows in clinic.items():
                is_now = rows["time"] // EPOCH == epoch
                writer.append_rows(log, rows[is_now])
            if epoch == n_epochs - 1:
                writer.append_rows("lesions", lesions())
            writer.append_epoch(series(epoch, samples))
        writer.close(digest="d" * 64)
    return path


def _rows(values: list[tuple[Any, ...]], dtype: np.dtype[Any]) -> np.ndarray:
    rows = np.zeros(len(values), dtype=dtype)
    for row, (day, *others) in zip(rows, values, strict=True):
        row["time"] = day * DAY
        for name, value in zip((dtype.names or ())[1:], others, strict=True):
            row[name] = value
    return rows


def _samples() -> ModuleType:
    path = Path(__file__).resolve().parent / "unit" / "record" / "samples.py"
    spec = importlib.util.spec_from_file_location("record_samples_for_patient", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
