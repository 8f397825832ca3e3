"""The clinic of a run as columns of text."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.export.csv_text import all_but, all_seconds, number_texts, organ_texts
from ctc.record.layout import CLINIC_LOGS, FALSE_POSITIVE, UNKNOWN_STAGE, WHOLE_BODY
from ctc.record.reader import Run
from ctc.states import ExaminationKind, Milestone, Response, TreatmentKind

CLINIC_TABLES = tuple(CLINIC_LOGS)
_STAGES = ("stage_t", "stage_n", "stage_m", "true_t", "true_n", "true_m")


def clinic_columns(run: Run) -> dict[str, dict[str, Iterable[Any]]]:
    """Return the columns of ``run.examinations.csv`` and so on, by `CLINIC_TABLES`.

    Kinds and organs by name; entries and occasions count from 0. The field of a target is empty
    for a false finding and for the whole body, that of a stage where it is not known.
    """
    organs = organ_texts(run.organ_names)
    examinations, findings = run.examinations(), run.findings()
    treatments, milestones = run.treatments(), run.milestones()
    return {
        "examinations": {
            **_moments(examinations),
            "kind": _words(ExaminationKind, examinations["kind"]),
            "is_positive": examinations["is_positive"].tolist(),
            "value": number_texts(examinations["value"]),
            "n_found": examinations["n_found"].tolist(),
            "n_false": examinations["n_false"].tolist(),
            "response": _words(Response, examinations["response"]),
            **{name: all_but(examinations[name], UNKNOWN_STAGE) for name in _STAGES},
        },
        "findings": {
            **_moments(findings),
            "target": all_but(findings["target"], FALSE_POSITIVE),
            "organ": organs[findings["organ"]],
            "diameter_m": number_texts(findings["diameter"]),
            "true_diameter_m": number_texts(findings["true_diameter"]),
        },
        "treatments": {
            **_moments(treatments),
            "kind": _words(TreatmentKind, treatments["kind"]),
            "target": all_but(treatments["target"], WHOLE_BODY),
            "organ": organs[treatments["organ"]],
            "cells_before": number_texts(treatments["cells_before"]),
            "cells_after": number_texts(treatments["cells_after"]),
        },
        "milestones": {
            "time_s": all_seconds(milestones["time"]),
            "milestone": _words(Milestone, milestones["kind"]),
            "entry": all_but(milestones["entry"], -1),
            "organ": organs[milestones["organ"]],
        },
    }


def _moments(rows: npt.NDArray[Any]) -> dict[str, Iterable[Any]]:
    return {
        "time_s": all_seconds(rows["time"]),
        "entry": rows["entry"].tolist(),
        "occasion": rows["occasion"].tolist(),
    }


def _words(kind: type[enum.IntEnum], codes: npt.NDArray[np.uint8]) -> list[str]:
    return [kind(code).name.lower() for code in codes.tolist()]
