"""Row 9: tumour cells in blood that is drawn from one vein, over those from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.analysis.blood_samples import BloodSamples, blood_samples
from ctc.record.layout import NANOSECONDS
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, relative_error, within_factor
from tools.validate.trials import Trial, run_trial

_FACTOR = 2.0
_HOUR = 3600.0
_FROM = 8.0 * _HOUR
_SIDES = ("left", "right")
_ARM = tuple(f"{side} {vein} vein" for vein in ("median cubital", "basilic") for side in _SIDES)
_MESENTERIC = ("superior mesenteric vein", "inferior mesenteric vein")
_CENTRAL = ("superior vena cava",)
_NO_ARREST = (
    "override.tumour_cell.adhesive_fraction=0",
    "override.tumour_cell.weak_adhesion_probability=0",
    "override.tumour_cell.arrest_midpoint=100",
    "source.shedding_rate='4e4 1/g/day'",
)
_PANEL = Panel("Drawn while the tumour sheds", "", "over the arm vein")


@dataclass(frozen=True)
class Draw:
    """Cells in a volume of blood, and how many were counted for it."""

    cells: float
    counted: float


@dataclass(frozen=True)
class SamplingSites:
    """Draws from a person with a tumour of the colon, and from one with a tumour of the breast.

    Attributes
    ----------
    n_shed : int
        Expected of each tumour, in 12 h.
    n_terminals : int
        Capillary beds of the body.
    """

    n_shed: int = 500_000
    n_terminals: int = 3000
    number: int = 9
    name: str = "sampling_sites"
    body: str = "human_female, cancers/colorectal and cancers/breast"
    source: str = "Deneve 2013 Clin Chem 59:1384; Peeters 2011 Br J Cancer 104:1472"
    law: str = "arrest by size and by adhesion"

    def measure(self, *, ablated: bool) -> Outcome:
        """Draw from both patients for four hours, after eight in which the counts settle."""
        published = published_figures("blood_kinetics")
        colon = self._patient("large intestine", "cancers/colorectal", ablated=ablated)
        breast = self._patient("breast", "cancers/breast", ablated=ablated)
        drawn = {
            "colorectal: mesenteric veins": (_drawn(colon, _MESENTERIC), _drawn(colon, _ARM)),
            "breast: superior vena cava": (_drawn(breast, _CENTRAL), _drawn(breast, _ARM)),
        }
        targets = ("mesenteric_over_arm", "central_over_arm")
        figures: list[Figure] = []
        for name, target, trial in zip(drawn, targets, (colon, breast), strict=True):
            n_shed = int(trial.simulation.ledger.n_shed)
            figures += _judged(name, *drawn[name], target=published[target].target, n=n_shed)
        names = tuple(drawn)
        ratios = np.array([site.cells / arm.cells for site, arm in drawn.values()])
        errors = np.array([relative_error(a.counted, b.counted) for a, b in drawn.values()])
        curves = {
            "in the run": Curve(_PANEL, names, ratios, error=ratios * errors, style="bars"),
            "patients": Curve(
                _PANEL,
                names,
                np.array([published[target].target for target in targets]),
                style="points",
                is_published=True,
            ),
        }
        atrium = _drawn(breast, ("pulmonary trunk",)).cells / _drawn(breast, _ARM).cells
        notes = (
            (
                "Arm: median cubital and basilic veins of both arms. Central: the superior vena "
                "cava, in which a catheter lies; the breast drains into it, and mixed venous "
                f"blood (the pulmonary trunk) is at {atrium:.2f} of the arm."
            ),
            (
                "The share of strongly adhering cells comes from a compartment model that was "
                "chosen with these quotients in view; nothing was changed since."
            ),
        )
        return Outcome(tuple(figures), curves, notes)

    def _patient(self, organ: str, cancer: str, *, ablated: bool) -> Trial:
        return run_trial(
            "quick",
            f"cancer.set='{cancer}'",
            f"source.organ='{organ}'",
            "source.mass='1 g'",
            f"source.shedding_rate='{2 * self.n_shed} 1/g/day'",
            "source.stop='12 h'",
            "run.duration='12 h'",
            "run.epoch='1 h'",
            f"body.terminals={self.n_terminals}",
            *(_NO_ARREST if ablated else ()),
        )


def _drawn(trial: Trial, vessels: tuple[str, ...]) -> Draw:
    """Return what draws from these vessels hold on average, each vessel by its flow."""
    flows = [trial.flow(vessel) for vessel in vessels]
    samples = [_samples(trial, vessel) for vessel in vessels]
    late = samples[0].time > _FROM * (1.0 + 1e-12)
    means = [float(sample.cells[late].mean()) for sample in samples]
    return Draw(
        cells=float(np.average(means, weights=flows)),
        counted=trial.passed(*vessels, since=_FROM),
    )


def _samples(trial: Trial, vessel: str) -> BloodSamples:
    names = trial.prepared.network.vessel_names
    series = {
        "time": np.round(trial.end * NANOSECONDS),
        "vessel_passages": trial.passages,
    }
    return blood_samples(series, names.index(vessel), flow_rate=trial.flow(vessel))


def _judged(name: str, site: Draw, arm: Draw, *, target: float, n: int) -> list[Figure]:
    """Judge the sign and the size of a quotient; its error is that of the cells counted."""
    ratio = site.cells / arm.cells
    error = ratio * relative_error(site.counted, arm.counted)
    is_above = ratio - 2.0 * error > 1.0
    return [
        Figure(
            name=f"{name} over arm: {what}",
            target=target,
            tolerance=tolerance,
            got=ratio,
            standard_error=error,
            n=n,
            basis="fitted",
            is_met=is_met,
        )
        for what, tolerance, is_met in (
            ("more", "sign", is_above),
            ("how many more", f"factor {_FACTOR:g}", within_factor(ratio, target, _FACTOR)),
        )
    ]
