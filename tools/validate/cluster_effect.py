"""Row 13: clusters against single cells: how soon they are gone, how many colonies they found.

Half of the events are single cells and half are clusters, shed at once; each is one event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ctc import pipeline
from ctc.backends.base import choose_backend
from ctc.checks import FloatArray
from ctc.simulation.epochs import Simulation
from ctc.simulation.tables import Tables
from ctc.states import CellState, EventKind
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, inside, relative_error

_STATE = 0x0F
_WORD = 2.0**64
_LARGEST = 2.0**64 - 2.0**11  # that float64 holds below it
# How many still circulate when a kind of event counts as gone.
_LEFT = 0.1
_BONUS = ("colony_factor", "immune_factor")
_BLOOD = Panel("In the blood after one shot", "time [min]", "share that circulates", y_scale="log")
_COLONIES = Panel("Founded in 30 days", "", "colonies for 100,000 events", y_scale="log")


@dataclass(frozen=True)
class ClusterEffect:
    """Clusters against single cells, from the same vein of the same body.

    Attributes
    ----------
    n_events : int
        Half of them single cells.
    n_terminals : int
        Capillary beds of the body.
    """

    n_events: int = 400_000
    n_terminals: int = 2000
    number: int = 13
    name: str = "cluster_effect"
    body: str = "human_female, cancers/breast (the measurements are of mice)"
    source: str = "Aceto 2014 Cell 158:1110, doi:10.1016/j.cell.2014.07.013"
    law: str = "clusters: each cell may adhere; they are killed less and found more colonies"

    def measure(self, *, ablated: bool) -> Outcome:
        """Follow both kinds for 25 minutes in the blood, and for 30 days to their colonies."""
        published = published_figures("clusters")
        time, circulating = self._in_blood(ablated=ablated)
        gone = [float(np.interp(-_LEFT, -share, time)) for share in circulating]
        n_kind = self.n_events // 2
        ratio = gone[0] / gone[1]
        errors = [
            _error_of_time(time, share, when=when, n=n_kind) / when
            for share, when in zip(circulating, gone, strict=True)
        ]
        half_lives = published["half_life_single_over_cluster"]
        founded = self._colonies(ablated=ablated)
        colonies = published["colonies_of_clusters_over_single"]
        advantage = float(founded[1] / founded[0])
        figures = (
            Figure(
                name="colonies of a cluster over those of a single cell",
                target=colonies.band,
                tolerance="inside the band",
                got=advantage,
                standard_error=advantage * relative_error(*founded.tolist()),
                n=self.n_events,
                basis="fitted",
                is_met=inside(advantage, *colonies.band),
            ),
            Figure(
                name="a tenth still circulates: time of single cells over that of clusters",
                target=half_lives.band,
                tolerance="inside the band",
                got=ratio,
                standard_error=ratio * float(np.hypot(errors[0], errors[1])),
                n=self.n_events,
                basis="predicted",
                is_met=inside(ratio, *half_lives.band),
            ),
        )
        kinds = ("single cells", "clusters")
        curves = {
            f"{kind}: a tenth after {when / 60.0:.1f} min": Curve(_BLOOD, time / 60.0, share)
            for kind, when, share in zip(kinds, gone, circulating, strict=True)
        }
        per_event = 1e5 * founded / n_kind
        curves["counted"] = Curve(
            _COLONIES, kinds, per_event, error=per_event / np.sqrt(founded), style="bars"
        )
        low, high = colonies.band
        middle = per_event[0] * np.sqrt(low * high)
        curves[f"{low:g}-{high:g} times the single cells"] = Curve(
            _COLONIES,
            kinds[1:],
            np.array([middle]),
            error=np.array([0.5 * per_event[0] * (high - low)]),
            style="points",
            is_published=True,
        )
        return Outcome(figures, curves)

    def _simulation(self, *overrides: str, ablated: bool) -> Simulation:
        source = f'source=[{{kind="bolus", organ="breast", cells={self.n_events}}}]'
        scenario = pipeline.load_scenario(
            "quick",
            overrides=[
                source,
                f"body.terminals={self.n_terminals}",
                "record.tracked=0",
                "record.window=[]",
                "override.clusters.homotypic_fraction=0.5",
                "override.clusters.neutrophil_fraction=0",
                *overrides,
                *(f"override.clusters.{name}=1" for name in _BONUS if ablated),
            ],
        )
        setting = pipeline.prepare(scenario).setting
        if ablated:
            setting = replace(setting, tables=_held_as_one(setting.tables))
        return Simulation(setting, choose_backend("auto", threads=None))

    def _in_blood(self, *, ablated: bool) -> tuple[FloatArray, FloatArray]:
        """Return times [s] and the shares of single cells and clusters that circulate."""
        run = self._simulation("run.duration='25 min'", "run.epoch='10 s'", ablated=ablated)
        n_cells = run.setting.tables.sizes["n_cells"]
        time, counts = [], []
        for epoch in run.epochs():
            cells = run.launches.population.on_host()
            circulates = (cells["state"] & _STATE) == CellState.CIRCULATING
            is_cluster = n_cells[cells["size_class"]] > 1
            time.append(epoch.end * 1e-9)
            counts.append(
                [np.count_nonzero(circulates & kind) for kind in (~is_cluster, is_cluster)]
            )
        return np.array(time), np.array(counts, dtype=np.float64).T / (self.n_events // 2)

    def _colonies(self, *, ablated: bool) -> FloatArray:
        """Return the colonies that single cells and clusters found."""
        run = self._simulation("run.duration='30 days'", "run.epoch='12 h'", ablated=ablated)
        n_cells = run.setting.tables.sizes["n_cells"]
        founded = np.zeros(2)
        for epoch in run.epochs():
            colonies = epoch.events[epoch.events["kind"] == EventKind.COLONY]
            is_cluster = (n_cells[colonies["size_class"]] > 1).astype(int)
            founded += np.bincount(is_cluster, minlength=2)
        return founded


def _held_as_one(tables: Tables) -> Tables:
    """Return tables in which a bed holds a cluster with the chance of one of its cells."""
    beds = tables.beds.copy()
    by_size = beds.reshape(-1, tables.n_size_classes)
    passing = 1.0 - by_size["arrest"].astype(np.float64) / _WORD
    held = 1.0 - passing ** (1.0 / tables.sizes["n_cells"])
    by_size["arrest"] = np.minimum(held * _WORD, _LARGEST).astype(np.uint64)
    return replace(tables, beds=beds)


def _error_of_time(time: FloatArray, share: FloatArray, *, when: float, n: int) -> float:
    """Return the standard error of the time at which a share of n events is left [s]."""
    near = np.abs(time - when) <= 0.2 * when
    slope = np.polyfit(time[near], share[near], 1)[0]
    return float(np.sqrt(_LEFT * (1.0 - _LEFT) / n) / abs(slope))
