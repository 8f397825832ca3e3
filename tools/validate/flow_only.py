"""Row 15: where cells attach if flow alone decides, on the network of the published model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ctc.analysis.organ_matrix import OrganMatrix
from ctc.checks import FloatArray
from ctc.flow.imported_flow import ImportedFlow
from ctc.simulation.setting import Setting
from tools.validate.autopsies import explained_variance
from tools.validate.organ_experiment import (
    FITTED_ATTACH_RADIUS,
    STATED_ATTACH_RADIUS,
    Experiment,
    fit_attach_radius,
)
from tools.validate.rows import Basis, Curve, Figure, Outcome, Panel, RowSkipped, Sheet
from tools.validate.tracers import with_even_daughters

_RANK, _DIFFERENCE = 0.8, 0.15
_CELLS = 10_000  # of each source: what the shipped scenario has; nothing is drawn here
_RANK_PANEL = Panel("Rank correlation with the published matrix", "", "Spearman")
_AUTOPSY_PANEL = Panel("R^2 of log autopsy counts on log shares", "", "R^2")
_WHY_STATED = (
    "The paper does not give its attach law in full: as stated, each segment holds a cell with the "
    "same chance, and 13-16 % of a row lie beside the heart against 1-4 % published, for every "
    "cell passes the great vessels on every turn."
)


class _EvenExperiment(Experiment):
    """The same body, in which both daughters of a vessel are as likely."""

    def setting(
        self, attach_radius: float | None, *, flow: ImportedFlow = ImportedFlow.PRESSURES
    ) -> Setting:
        setting = super().setting(attach_radius, flow=flow)
        return replace(setting, hops=with_even_daughters(setting.hops))


@dataclass(frozen=True)
class FlowOnly:
    """Organ-to-organ matrices, solved exactly as chains on the records of the kernels.

    Attributes
    ----------
    tables : Path or None
        Folder with the tables of the network, which are not shipped.
    """

    tables: Path | None = None
    number: int = 15
    name: str = "flow_only"
    body: str = "the imported network of Font-Clos 2020, inert points that attach by chance"
    source: str = "Font-Clos, Zapperi and La Porta 2020, doi:10.1016/j.isci.2020.101073"
    law: str = "daughters are chosen by their share of the flow"

    def measure(self, *, ablated: bool) -> Outcome:
        """Solve both laws of attachment and compare them with the authors' matrix."""
        if self.tables is None:
            message = "the tables of that network are not shipped: give their folder by --tables"
            raise RowSkipped(message)
        experiment = (_EvenExperiment if ablated else Experiment)(self.tables, cells=_CELLS)
        fitted = experiment.expected(FITTED_ATTACH_RADIUS)[1]
        stated = experiment.expected(STATED_ATTACH_RADIUS)[1]
        held_out = fit_attach_radius(experiment).held_out
        ranks = {
            "fitted": experiment.score(fitted).rank,
            "each row held out": held_out,
            "stated": experiment.score(stated).rank,
            "no flow": experiment.score(experiment.baseline()).rank,
        }
        explained = {
            "published": explained_variance(experiment.published),
            "fitted": explained_variance(fitted),
            "stated": explained_variance(stated),
        }
        figures = (
            _rank_figure("fitted to it", ranks["fitted"], basis="fitted"),
            _rank_figure("fitted to its other rows", held_out, basis="predicted"),
            _rank_figure(
                "as stated",
                ranks["stated"],
                basis="predicted",
                reason=_WHY_STATED,
                known=(0.45, 0.52),
            ),
            _variance_figure("fitted to the matrix", explained, "fitted"),
            _variance_figure(
                "as stated", explained, "stated", reason=_WHY_STATED, known=(0.24, 0.3)
            ),
        )
        note = (
            "The benchmark is weak: the number of nodes beside each organ, without any flow, does "
            "as well in rank. It shows no portal effect."
        )
        return Outcome(
            figures,
            _curves(experiment.published, ranks, explained),
            notes=(note,),
            sheets=(_sheet(experiment.published, ranks),),
        )


def _rank_figure(
    law: str,
    rank: FloatArray,
    *,
    basis: Basis,
    reason: str = "",
    known: tuple[float, float] | None = None,
) -> Figure:
    lowest = float(rank.min())
    return Figure(
        name=f"rank correlation with the published matrix, lowest row; attach law {law}",
        target=_RANK,
        tolerance="at least",
        got=lowest,
        standard_error=None,
        n=0,
        basis=basis,
        is_met=lowest >= _RANK,
        reason=reason,
        known=known,
    )


def _variance_figure(
    law: str,
    explained: dict[str, dict[str, float]],
    name: str,
    *,
    reason: str = "",
    known: tuple[float, float] | None = None,
) -> Figure:
    theirs = explained["published"]
    worst = max(abs(explained[name][origin] - theirs[origin]) for origin in theirs)
    return Figure(
        name=f"R^2 with autopsies, farthest from the published matrix; attach law {law}",
        target=_DIFFERENCE,
        tolerance="at most",
        got=worst,
        standard_error=None,
        n=0,
        basis="predicted",
        is_met=worst <= _DIFFERENCE,
        reason=reason,
        known=known,
    )


def _sheet(published: OrganMatrix, ranks: dict[str, FloatArray]) -> Sheet:
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (origin, *(float(rank[i]) for rank in ranks.values()))
        for i, origin in enumerate(published.origins)
    )
    return Sheet("Rank correlation, row by row", ("origin", *ranks), rows)


def _curves(
    published: OrganMatrix,
    ranks: dict[str, FloatArray],
    explained: dict[str, dict[str, float]],
) -> dict[str, Curve]:
    curves = {
        f"rank: {law}": Curve(_RANK_PANEL, published.origins, rank, style="points")
        for law, rank in ranks.items()
    }
    for law, by_origin in explained.items():
        curves[f"R^2: {law}"] = Curve(
            _AUTOPSY_PANEL,
            tuple(by_origin),
            np.array(list(by_origin.values())),
            style="points",
            is_published=law == "published",
        )
    return curves
