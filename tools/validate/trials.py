"""Short runs of a scenario in memory: what circulates, what rests where, what passed a vessel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ctc import pipeline
from ctc.backends.base import choose_backend
from ctc.checks import FloatArray, IntArray
from ctc.preparation import Prepared, prepare
from ctc.simulation.epochs import Simulation
from ctc.states import CellState

_STATE = 0x0F
_QUIET = ("record.tracked=0", "record.window=[]")


@dataclass(frozen=True)
class Trial:
    """A finished run.

    Attributes
    ----------
    prepared : Prepared
        Vessels and what the kernels read.
    simulation : Simulation
        After its last epoch.
    end : (n_epochs,) float64 [s]
        Of each epoch.
    counts : (n_epochs, n_states, n_organs) int64
        Cells at the end of each epoch by state and organ; the last organ is none.
    passages : (n_epochs, n_vessels) float64
        Cells that entered each named vessel so far, where most blood flows in it.
    arrests : (n_organs,) int64
        Cells that stopped in each organ, every arrest counted.
    lesions : (n_epochs,) int64
        Lesions that live at the end of each epoch.
    """

    prepared: Prepared
    simulation: Simulation
    end: FloatArray
    counts: IntArray
    passages: FloatArray
    arrests: IntArray
    lesions: IntArray

    def in_state(self, *states: CellState, organ: str = "") -> IntArray:
        """Return the cells of these states at the end of each epoch, in all organs or in one."""
        chosen = self.counts[:, list(states)].sum(axis=1)
        if organ:
            return np.asarray(chosen[:, self.organ(organ)])
        return np.asarray(chosen.sum(axis=1))

    def organ(self, name: str) -> int:
        """Return the index of an organ."""
        return self.prepared.network.organ_names.index(name)

    def passed(self, *vessels: str, since: float = 0.0) -> float:
        """Return how many cells entered these vessels after a time [s], all together."""
        columns = [self._vessel(name) for name in vessels]
        before = int(np.searchsorted(self.end, since * (1.0 + 1e-12), side="right"))
        total = self.passages[-1, columns]
        return float((total - (self.passages[before - 1, columns] if before else 0.0)).sum())

    def flow(self, *vessels: str) -> float:
        """Return the blood that flows in these vessels, all together [m^3/s]."""
        network, rate = self.prepared.network, self.prepared.flow.flow_rate
        fullest = network.fullest_segments(rate)
        return float(rate[fullest[[self._vessel(name) for name in vessels]]].sum())

    def concentration(self, *vessels: str, since: float) -> float:
        """Return cells per volume [1/m^3] of the blood in these vessels after a time [s]."""
        blood = self.flow(*vessels) * (self.end[-1] - since)
        return float(self.passed(*vessels, since=since) / blood)

    def circulating_classes(self) -> IntArray:
        """Return the size class of each cell that circulates at the end."""
        cells = self.simulation.shards.cells()
        circulates = (cells["state"] & _STATE) == CellState.CIRCULATING
        return np.asarray(cells["size_class"][circulates], dtype=np.int64)

    def _vessel(self, name: str) -> int:
        return self.prepared.network.vessel_names.index(name)


def run_trial(scenario: str, *overrides: str) -> Trial:
    """Run a scenario with some keys changed, in memory; no frame is kept.

    Parameters
    ----------
    scenario : str
        Name of a shipped scenario or path of a file.
    overrides : str
        As after ``--set``.
    """
    prepared = prepare(pipeline.load_scenario(scenario, overrides=[*_QUIET, *overrides]))
    simulation = Simulation(prepared.setting, choose_backend("auto", threads=None))
    network = prepared.network
    fullest = network.fullest_segments(prepared.flow.flow_rate)
    has_blood = fullest >= 0
    end, counts, passages, lesions = [], [], [], []
    for epoch in simulation.epochs():
        end.append(epoch.end * 1e-9)
        counts.append(epoch.counts)
        passages.append(np.where(has_blood, epoch.passages[fullest], 0))
        lesions.append(int(np.count_nonzero(simulation.lesions.cells(epoch.end))))
    sums = np.asarray(simulation.organ_sums, dtype=np.int64)
    return Trial(
        prepared=prepared,
        simulation=simulation,
        end=np.array(end),
        counts=np.array(counts),
        passages=np.array(passages, dtype=np.float64),
        arrests=sums[:, 1] + sums[:, 3],
        lesions=np.array(lesions),
    )


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard error of equally good, independent values."""
    found = np.asarray(values, dtype=np.float64)
    return float(found.mean()), float(found.std(ddof=1) / np.sqrt(found.size))
