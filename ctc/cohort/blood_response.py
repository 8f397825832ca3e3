"""Blood of a cohort: what a draw would hold, from what one shed cell leaves in a vessel.

Cells do not meet, so what passes a vessel is linear in what is shed. Shedding changes over weeks
and what is shed passes within days, so at any moment ``c = sum over sources of rate x R / Q``: R
how often a cell shed there passes the vessel on average, Q the flow in it. R is found once for each
place of entry and each set of tables, by following cells of its own, and holds for every patient.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend, choose_backend
from ctc.checks import FloatArray
from ctc.digest import digest_of
from ctc.simulation.blood import shed_cluster_share
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.epochs import Simulation
from ctc.simulation.overt import OvertShares
from ctc.simulation.patient import Patient
from ctc.simulation.regimes import Regimes
from ctc.simulation.seeding import LesionVessels
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import SheddingSource
from ctc.simulation.tables import Tables

_CELLS = 50_000
# Of passages of a shed cell all but one in a thousand come within three days.
_EPOCHS = tuple(hours * 3600 * 10**9 for hours in (6, 24, 72))
# A patient of its own, beyond those that a cohort numbers.
_NOBODY = 2**23 - 1
_SECOND = 10**9


def blood_of_weighted(
    setting: Setting, flow_rate: FloatArray, *, threads: int | None
) -> BloodOfCohort | None:
    """Return what draws hold in a run whose followed cells do not all stand for as many.

    Cells that pass a vessel tell how many shed ones do only where each stands for the same number
    of them: not where more are followed of those that enter the lymph, or fewer once a tumour sheds
    many. None where passages tell it themselves, or nothing is drawn.

    Parameters
    ----------
    setting : Setting
        Of the run.
    flow_rate : (n_segments,) float64 [m^3/s]
        Of the network.
    threads : int or None
        On the processor, wherever the run is: the bits are the same.
    """
    is_even = setting.overt.weight == setting.overt.lymph_weight
    if setting.care is None or not setting.care.segment_of_draw:
        return None
    if is_even and math.isinf(setting.most_followed):
        return None
    return BloodOfCohort(setting, flow_rate, choose_backend("cpu", threads=threads))


class BloodOfCohort:
    """What draws from the blood of many patients hold.

    Parameters
    ----------
    setting : Setting
        Of any patient: vessels and seed.
    flow_rate : (n_segments,) float64 [m^3/s]
        Of the network.
    backend : Backend
        Where cells are followed.
    """

    def __init__(self, setting: Setting, flow_rate: FloatArray, backend: Backend) -> None:
        self._setting = setting
        self._flow_rate = flow_rate
        self._backend = backend
        self._vessels = LesionVessels(setting.hops, setting.routes)
        self._regimes = Regimes(setting.tables)
        self._known: dict[tuple[int, str], npt.NDArray[np.uint64]] = {}

    def concentration(self, patient: Patient, *, segment: int, time: int) -> tuple[float, float]:
        """Return events in a volume [1/m^3] and the share of clusters, as `ctc.simulation.blood`.

        Notes
        -----
        Relative standard error of R, for a vein of the arm some 10 %: 100 of 50,000 cells pass it.
        It is the same for all patients whose cells enter at the same place.
        """
        passing = 0.0
        for rate, sites in (*_tumours(patient, time), *self._lesions(patient, time)):
            if rate > 0.0:
                passing += rate * self._passages(sites, patient.tables, segment)
        found = patient.setting.overt.weight * passing / float(self._flow_rate[segment])
        return found, shed_cluster_share(patient.setting.tables)

    def _lesions(self, patient: Patient, time: int) -> list[tuple[float, EntrySites]]:
        """Return what lesions shed [1/s], organ by organ, with their entry sites."""
        lesions = patient.lesions
        laws = lesions.biology
        if laws.shedding_rate <= 0.0 or not lesions.rows.size:
            return []
        sizes = lesions.sizes(time)
        sheds = sizes >= laws.vascular_cells
        found = []
        for organ in np.unique(lesions.rows["organ"][sheds]).tolist():
            own = sheds & (lesions.rows["organ"] == organ)
            segments = np.unique(lesions.rows["segment"][own])
            cells = float(sum(sizes[own].tolist()))
            found.append((cells * laws.shedding_rate, self._vessels.of_segments(segments[:1])))
        return found

    def _passages(self, sites: EntrySites, tables: Tables, segment: int) -> float:
        """Return how often a cell that is shed there passes a segment on average."""
        place = digest_of([("record", sites.record), ("threshold", sites.threshold)])
        key = self._regimes.of(tables), place
        if key not in self._known:
            self._known[key] = self._follow(sites, tables)
        return float(self._known[key][segment]) / _CELLS

    def _follow(self, sites: EntrySites, tables: Tables) -> npt.NDArray[np.uint64]:
        source = SheddingSource(sites, 0.0, 0, 0, _CELLS, 0, "")
        changes: dict[str, Any] = {
            "sources": (source,),
            "tables": tables,
            "epochs": _EPOCHS,
            "frames": (),
            "n_tracked": 0,
            "patient": _NOBODY,
            "overt": OvertShares(by_blood=0.0, by_lymph=0.0, in_nodes=0.0),
            "care": None,
        }
        simulation = Simulation(replace(self._setting, **changes), self._backend)
        for _ in simulation.epochs():
            pass
        return simulation.passages()


def _tumours(patient: Patient, time: int) -> list[tuple[float, EntrySites]]:
    """Return what the tumours shed at a time [1/s], by blood and by lymph, with entry sites."""
    found = []
    for source in patient.sources:
        primary = source.primary
        if primary is None or not source.start <= time < source.stop:
            continue
        rate = source.rate * primary.strength(time, time + _SECOND)
        reached = primary.sites(time, time + _SECOND)
        by_blood = source.sites if reached is None else reached[0]
        share = 0.0 if primary.lymphatics is None else primary.tumour.lymph_share
        found.append((rate * (1.0 - share), by_blood))
        if primary.lymphatics is not None:
            found.append((rate * share, primary.lymphatics))
    return found
