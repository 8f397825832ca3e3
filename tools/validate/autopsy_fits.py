"""Fits to autopsies that leave a cancer out, made once for all rows that rest on them."""

from __future__ import annotations

from functools import cache

from tools.calibrate.exposures import read_exposures
from tools.calibrate.models import Model, Predictor, train
from tools.calibrate.table import Findings, gather_findings

SOURCE = "diSibio and French 2008 Arch Pathol Lab Med 132:931, untreated patients"


@cache
def findings() -> Findings:
    """Return the autopsy table joined with the stored exposures of the network."""
    return gather_findings(read_exposures())


@cache
def fit_without(model: Model, group: str) -> Predictor:
    """Return a model fitted to all primaries but those of a group."""
    return train(model, findings().without([group]))
