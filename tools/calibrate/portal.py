"""Row 17: how much oftener the liver than the lung, for portal and for caval primaries."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ctc.checks import FloatArray
from tools.calibrate.models import Model, Predictor, train
from tools.calibrate.table import Findings

PORTAL = ("colon", "rectum", "stomach", "pancreas", "gallbladder")
CAVAL = ("breast", "kidney", "prostate", "thyroid", "skin_body")
TOLERANCE = 1.6


@dataclass(frozen=True)
class PortalRow:
    """Liver : lung ratio of the frequencies of one primary.

    Attributes
    ----------
    primary : str
        Row of the autopsy table.
    is_portal : bool
        Whether its blood goes through the liver first; of the rectum three quarters.
    found, error : float
        At autopsy, and its standard error (binomial, by the delta method).
    predicted : float
        From a fit without that primary: no factor per cancer.
    without_factor : float
        The same with the common liver : lung factor at 1.
    rerouted : float
        The same as predicted, with the portal vein led into the inferior vena cava.
    factor : float
        The common liver : lung factor of that fit.
    """

    primary: str
    is_portal: bool
    found: float
    error: float
    predicted: float
    without_factor: float
    rerouted: float
    factor: float

    @property
    def off_by(self) -> float:
        """Predicted over found, or its inverse: at least 1."""
        ratio = self.predicted / self.found
        return max(ratio, 1.0 / ratio)


def portal_table(findings: Findings) -> list[PortalRow]:
    """Predict each primary from a fit that leaves its whole cancer out."""
    return [
        portal_row(
            findings,
            name,
            predictor=train(Model.OURS, findings.without([group_of_row(findings, name)])),
        )
        for name in (*PORTAL, *CAVAL)
    ]


def group_of_row(findings: Findings, name: str) -> str:
    """Return what is held out with a primary: its cancer, else itself."""
    return findings.groups[_index(findings, name)]


def portal_row(findings: Findings, name: str, *, predictor: Predictor) -> PortalRow:
    """Predict one primary by a model, which is not to be fitted to it."""
    own = findings.rows([_index(findings, name)])
    liver, lung = (findings.sites.index(site) for site in ("liver", "lung"))
    factor = predictor.fit.factor
    equal = factor.copy()
    equal[[liver, lung]] = 0.5 * (factor[liver] + factor[lung])
    n_liver, n_lung = own.n_found[0, liver], own.n_found[0, lung]
    found = n_liver / n_lung
    return PortalRow(
        primary=name,
        is_portal=name in PORTAL,
        found=float(found),
        error=float(found * np.sqrt(1 / n_liver + 1 / n_lung - 2 / own.n_patients[0])),
        predicted=_ratio(predictor, own, liver, lung),
        without_factor=_ratio(_with_factor(predictor, equal), own, liver, lung),
        rerouted=_ratio(predictor, replace(own, exposure=own.exposure_rerouted), liver, lung),
        factor=float(np.exp(factor[liver] - factor[lung])),
    )


def order_is_kept(rows: list[PortalRow], column: str = "predicted") -> bool:
    """Whether every portal primary lies above every caval one."""
    portal = [float(getattr(row, column)) for row in rows if row.is_portal]
    caval = [float(getattr(row, column)) for row in rows if not row.is_portal]
    return min(portal) > max(caval)


def _index(findings: Findings, name: str) -> int:
    return next(i for i, primary in enumerate(findings.primaries) if primary.row == name)


def _with_factor(predictor: Predictor, factor: FloatArray) -> Predictor:
    return replace(predictor, fit=replace(predictor.fit, factor=factor))


def _ratio(predictor: Predictor, own: Findings, liver: int, lung: int) -> float:
    """Return the ratio of the predicted frequencies at the mean level of the training rows."""
    chance = predictor.chances(own, predictor.fit.level_mean)[0]
    return float(chance[liver] / chance[lung])
