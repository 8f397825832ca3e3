"""HEDOS' problem: blood that hops between the compartments of ICRP Publication 89.

A particle stays in a compartment for a Weibull time of shape 2 whose mean is volume over outflow,
and goes on with the chance of each flow. 33 compartments of a woman, a tumour in parallel to a
twentieth of the lung; 120 s; 1e5 particles, each 0.039 mL of blood.

References
----------
.. [1] Beekman and others 2023, Phys Med Biol 68:225007, doi:10.1088/1361-6560/ad02d6.
.. [2] mghro/hedos 139e1a2, examples/BloodDose.py: compartment table, times and numbers.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ctc.checks import FloatArray

DURATION, TIME_STEP = 120.0, 0.05
N_STEPS = 2400
SHAPE = 2.0
# Scale over mean of that law: 1 / Gamma(1 + 1/2).
SCALE = 2.0 / math.sqrt(math.pi)
_DATA = Path(__file__).resolve().parent / "data"
_BLOOD, _OUTPUT = 3.9e-3, 5.9e-3 / 60.0  # [m^3], [m^3/s]
_SITE, _TUMOUR, _TUMOUR_SHARE = "lung", "tumor", 0.05


@dataclass(frozen=True)
class CompartmentGraph:
    """Compartments and the flows between them.

    Attributes
    ----------
    names : tuple of str
        In the order of HEDOS' table.
    volume : (n,) float64 [m^3]
        Blood in each.
    flow : (n, n) float64 [m^3/s]
        From row to column.
    """

    names: tuple[str, ...]
    volume: FloatArray
    flow: FloatArray

    @property
    def mean_dwell(self) -> FloatArray:
        """Volume over outflow, (n,) float64 [s]."""
        mean: FloatArray = self.volume / self.flow.sum(axis=1)
        return mean

    @property
    def chance(self) -> FloatArray:
        """Chance to go from row to column, (n, n) float64."""
        chance: FloatArray = self.flow / self.flow.sum(axis=1, keepdims=True)
        return chance

    @property
    def share(self) -> FloatArray:
        """Share of the blood, (n,) float64; where particles start."""
        share: FloatArray = self.volume / self.volume.sum()
        return share

    def equilibrium(self) -> FloatArray:
        """Return the share of the time in each compartment in the long run, (n,) float64.

        Exact for any dwell law with these means: visits of the embedded chain times mean dwell.
        It is `share` where flows balance at every compartment.
        """
        n = len(self.names)
        system = np.vstack([self.chance.T - np.eye(n), np.ones(n)])
        visits = np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)[0]
        time = visits * self.mean_dwell
        share: FloatArray = time / time.sum()
        return share


def read_graph() -> CompartmentGraph:
    """Read the tables and put the tumour in, right behind its site as HEDOS does."""
    volumes = {row["compartment"]: float(row["volume_percent"]) for row in _rows("volumes")}
    flows = {(row["from"], row["to"]): float(row["flow_percent"]) for row in _rows("flows")}
    names = list(volumes)
    names.insert(names.index(_SITE) + 1, _TUMOUR)
    volumes[_TUMOUR] = _TUMOUR_SHARE * volumes[_SITE]
    volumes[_SITE] -= volumes[_TUMOUR]
    for (start, end), percent in list(flows.items()):
        if _SITE in {start, end}:
            tumour = (_TUMOUR, end) if start == _SITE else (start, _TUMOUR)
            flows[tumour] = _TUMOUR_SHARE * percent
            flows[start, end] = percent - flows[tumour]
    flow = np.zeros((len(names), len(names)))
    for (start, end), percent in flows.items():
        flow[names.index(start), names.index(end)] = 0.01 * percent * _OUTPUT
    volume = 0.01 * _BLOOD * np.array([volumes[name] for name in names])
    return CompartmentGraph(tuple(names), volume, flow)


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"icrp89_female_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))
