"""Row 17: the liver before the lung where the blood of a tumour goes through the portal vein.

Standard errors are a jackknife over the cancers that the fits rest on: with r_g the logarithm of a
figure from the fit without cancer g, of m such fits, the variance is (m - 1) / m times the sum of
the squares of r_g less their mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from tools.calibrate.models import Model
from tools.calibrate.portal import (
    CAVAL,
    PORTAL,
    TOLERANCE,
    PortalRow,
    group_of_row,
    order_is_kept,
    portal_row,
)
from tools.validate.autopsy_fits import SOURCE, findings, fit_without
from tools.validate.rows import Curve, Figure, Outcome, Panel, Sheet, within_factor

_PRIMARIES = (*PORTAL, *CAVAL)
_PANEL = Panel("Liver : lung, portal primaries left of caval", "", "ratio", y_scale="log")
_WHY_RATIO = {
    "thyroid": "Few patients (43 with thyroid cancer, 22 of them with lung metastases), and the "
    "network has no reason to tell the thyroid from other organs that drain into a vena cava."
}

# Between what ratios each reason was found to hold.
_KNOWN = {"thyroid": (0.8, 0.9)}


@dataclass(frozen=True)
class PortalRoute:
    """Liver : lung ratios of ten primaries, each predicted without its own cancer."""

    number: int = 17
    name: str = "portal_route"
    body: str = "human_male and human_female; one liver : lung factor common to all primaries"
    source: str = SOURCE
    law: str = "portal vein: without it that blood goes to the inferior vena cava"

    def measure(self, *, ablated: bool) -> Outcome:
        """Predict the ratios by the fits that do not know them."""
        column = "rerouted" if ablated else "predicted"
        rows = [_row(name, left_out=group_of_row(findings(), name)) for name in _PRIMARIES]
        groups = sorted(set(findings().groups))
        others = np.log(
            [[getattr(_row(name, left_out=g), column) for name in _PRIMARIES] for g in groups]
        )
        ratios = np.array([getattr(row, column) for row in rows])
        n_fitted = int(findings().n_patients.sum())
        is_kept = order_is_kept(rows, column)
        order = Figure(
            name="liver : lung, lowest portal primary over highest caval one",
            target=1.0,
            tolerance="above: order preserved",
            got=float(np.exp(_log_gap(np.log(ratios)))),
            standard_error=float(
                np.exp(_log_gap(np.log(ratios)))
                * _jackknife(np.array([_log_gap(each) for each in others]))
            ),
            n=n_fitted,
            basis="predicted",
            is_met=is_kept,
        )
        figures = [order]
        for i, row in enumerate(rows):
            own = group_of_row(findings(), row.primary)
            is_other = np.array([group != own for group in groups])
            figures.append(
                Figure(
                    name=f"liver : lung, {_plain(row.primary)}",
                    target=row.found,
                    tolerance=f"factor {TOLERANCE}",
                    got=float(ratios[i]),
                    standard_error=float(ratios[i] * _jackknife(others[is_other, i])),
                    n=n_fitted - int(findings().only(own).n_patients.sum()),
                    basis="predicted",
                    is_met=within_factor(float(ratios[i]), row.found, TOLERANCE),
                    reason=_WHY_RATIO.get(row.primary, ""),
                    known=_KNOWN.get(row.primary),
                )
            )
        factors = [row.factor for row in rows]
        note = (
            f"Liver : lung success for a cell that left the vessel, common to all primaries: "
            f"{min(factors):.2f}-{max(factors):.2f} over the fits."
        )
        errors = np.array([figure.standard_error for figure in figures[1:]])
        return Outcome(
            tuple(figures),
            _curves(rows, ratios, errors=errors, is_ablated=ablated),
            notes=(note,),
            sheets=(_sheet(rows),),
        )


def _row(name: str, *, left_out: str) -> PortalRow:
    return portal_row(findings(), name, predictor=fit_without(Model.OURS, left_out))


def _log_gap(log_ratios: FloatArray) -> float:
    """Return the logarithm of the lowest portal over the highest caval ratio."""
    return float(log_ratios[: len(PORTAL)].min() - log_ratios[len(PORTAL) :].max())


def _jackknife(values: FloatArray) -> float:
    """Return the standard error from values that each leave one cancer out."""
    spread = ((values - values.mean()) ** 2).sum()
    return float(np.sqrt((values.size - 1) / values.size * spread))


def _plain(primary: str) -> str:
    return primary.removesuffix("_body")


def _sheet(rows: list[PortalRow]) -> Sheet:
    return Sheet(
        "Liver : lung ratio of frequencies",
        ("primary", "autopsies", "error", "predicted", "factor at 1", "portal to cava", "factor"),
        tuple(
            (
                _plain(row.primary),
                row.found,
                row.error,
                row.predicted,
                row.without_factor,
                row.rerouted,
                row.factor,
            )
            for row in rows
        ),
    )


def _curves(
    rows: list[PortalRow], ratios: FloatArray, *, errors: FloatArray, is_ablated: bool
) -> dict[str, Curve]:
    names = tuple(_plain(row.primary) for row in rows)

    def column(field: str) -> FloatArray:
        return np.array([float(getattr(row, field)) for row in rows])

    curves = {
        "autopsies": Curve(
            _PANEL, names, column("found"), column("error"), "points", is_published=True
        ),
        "predicted, no portal vein" if is_ablated else "predicted": Curve(
            _PANEL, names, ratios, errors, "points"
        ),
        "common factor at 1": Curve(_PANEL, names, column("without_factor"), style="points"),
    }
    if not is_ablated:
        curves["portal vein to vena cava"] = Curve(
            _PANEL, names, column("rerouted"), style="points"
        )
    return curves
