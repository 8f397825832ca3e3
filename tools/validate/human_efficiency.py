"""Row 14: how small a breast tumour must be removed for a risk of 1 %."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ctc import pipeline
from ctc.checks import FloatArray
from ctc.preparation import prepare
from ctc.scenario.biology import OrganClocks
from ctc.scenario.host import biology_in_host
from tools.calibrate.delivery import expected_delivery
from tools.validate.patients import SheddingTumour, risk, tumour_of
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, within_factor

_FACTOR = 3.0
_RISK = 0.01
_MILLIMETRE = 1e-3
# The chain of a cell is solved for single cells.
_SINGLE = (
    "override.clusters.homotypic_fraction=0",
    "override.clusters.neutrophil_fraction=0",
    "record.window=[]",
)
_PANEL = Panel(
    "Breast tumour removed", "diameter [mm]", "share with metastases", x_scale="log", y_scale="log"
)


@dataclass(frozen=True)
class HumanEfficiency:
    """Cells of a breast tumour, solved to their end; one factor calibrated to patients.

    Attributes
    ----------
    n_terminals : int
        Capillary beds of the body.
    """

    n_terminals: int = 2000
    number: int = 14
    name: str = "human_efficiency"
    body: str = "human_female, cancers/breast"
    source: str = "Coumans 2013 BMC Cancer 13:283"
    law: str = "few cells succeed: tissue.colony_factor stays 1, as in mouse liver"

    def measure(self, *, ablated: bool) -> Outcome:
        """Calibrate the factor and look for the diameter; nothing is drawn."""
        published = published_figures("human_efficiency")
        target = published["metastases_per_disseminated_cell"].target
        scenario = pipeline.load_scenario(
            "quick", overrides=[f"body.terminals={self.n_terminals}", *_SINGLE]
        )
        prepared = prepare(scenario)
        left = expected_delivery(prepared.setting).left[0]
        biology = biology_in_host(scenario)
        clocks = [biology.clocks(name) for name in prepared.network.organ_names]
        factor = 1.0
        if not ablated:
            factor = float(
                brentq(
                    lambda log: np.log(_colonies(left, clocks, np.exp(log)) / target), -30.0, 0.0
                )
            )
            factor = float(np.exp(factor))
        efficiency = _colonies(left, clocks, factor)
        tumour = tumour_of(scenario)
        diameter = _diameter(tumour, efficiency)
        low, high = published["diameter_of_one_percent"].band
        wanted = published["diameter_of_one_percent"].target
        figures = (
            Figure(
                name="metastases for one disseminated cell",
                target=target,
                tolerance=f"factor {_FACTOR:g}",
                got=efficiency,
                standard_error=None,
                n=0,
                basis="fitted",
                is_met=within_factor(efficiency, target, _FACTOR),
            ),
            Figure(
                name="diameter with a risk of 1 % in 5 years",
                target=wanted,
                tolerance=f"factor {_FACTOR:g}",
                got=diameter / _MILLIMETRE,
                standard_error=None,
                n=0,
                basis="predicted",
                is_met=within_factor(diameter / _MILLIMETRE, wanted, _FACTOR),
                unit="mm",
            ),
        )
        sizes = np.geomspace(1.05, 50.0, 60)
        expected = efficiency * tumour.cells_shed(sizes * _MILLIMETRE)
        curves = {
            "all patients": Curve(_PANEL, sizes, risk(expected)),
            "the median patient": Curve(_PANEL, sizes, -np.expm1(-expected)),
            "Coumans 2013": Curve(
                _PANEL,
                np.array([low, wanted, high]),
                np.full(3, _RISK),
                style="points",
                is_published=True,
            ),
        }
        alone = _diameter(tumour, efficiency, spread=0.0) / _MILLIMETRE
        notes = (
            (
                f"tissue.colony_factor = {factor:.2g}: of 1 cell that leaves a vessel {factor:.2g} "
                "times as many grow as in mouse liver."
            ),
            (
                "Risk: one metastasis or more from the cells shed until the tumour is removed, "
                "averaged over patients whose shedding scatters as their counts do (log-normal, "
                f"2.2). If all were like the median one, the diameter would be {alone:.1f} mm. The "
                "shed cells of the median patient (cancers/breast) were chosen for counts in "
                "blood and for this efficiency, not for the diameter. That a metastasis is seen "
                "within 5 years is taken from the source. The diameter could not come out too "
                "small: a tumour below 1 mm has no vessels, and that is within a factor of 3."
            ),
        )
        return Outcome(figures, curves, notes)


def _colonies(left: FloatArray, clocks: list[OrganClocks], factor: float) -> float:
    """Return the colonies of one shed cell, at once and from sleep, with rates times a factor."""
    total = 0.0
    for cells, organ in zip(left, clocks, strict=True):
        grows, wakes = factor * organ.colony_rate, factor * organ.escape_rate
        settled = grows + organ.tissue_death_rate + organ.dormancy_rate
        from_sleep = organ.dormancy_rate * wakes / (wakes + organ.dormant_death_rate)
        total += cells * (grows + from_sleep) / settled
    return float(total)


def _diameter(tumour: SheddingTumour, efficiency: float, *, spread: float | None = None) -> float:
    """Return the diameter [m] at which the risk is 1 %."""

    def excess(diameter: float) -> float:
        cells = tumour.cells_shed(np.array([diameter]))
        return float(risk(efficiency * cells, spread=spread)[0]) - _RISK

    return float(brentq(excess, tumour.least_diameter, 1.0))
