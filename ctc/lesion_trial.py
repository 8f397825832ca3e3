"""What becomes of cells of every origin: a trial of the forecast of lesions; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.records import N_CLOCK_STATES
from ctc.checks import FloatArray
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.seeding import LesionVessels
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import SheddingSource
from ctc.states import EventKind

# Cells followed from each origin: a tenth leave the vessels, which tells yields to 5 %.
_PER_ORIGIN = 4000
# Places that the lesions of an organ are drawn from, and how long a cell is followed [s].
_MOST_PLACES = 64
_LONGEST = 30 * 86400.0


@dataclass(frozen=True)
class Yields:
    """Cells that leave the vessels, or found a colony there, of one born in each origin.

    ``origin``, ``target`` (organ row * kinds + kind) and ``lag`` [steps] of each entry, and its
    mean number ``weight``.
    """

    origin: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    lag: npt.NDArray[np.int64]
    weight: FloatArray

    def inflow(self, shed: FloatArray, step: int, *, size: int) -> FloatArray:
        """Return what arrives at each target in a step, (size,), of cells shed until then."""
        born = np.where(self.lag <= step, step - self.lag, 0)
        number = np.where(self.lag <= step, shed[self.origin, born], 0.0) * self.weight
        return np.bincount(self.target, weights=number, minlength=size).astype(np.float64)


def followed(setting: Setting, backend: Backend, origins: Sequence[EntrySites]) -> EpochResult:
    """Follow cells that are born at once at each origin; their clone is its number."""
    sources = tuple(
        SheddingSource(sites, 0.0, 0, 0, _PER_ORIGIN, number, "")
        for number, sites in enumerate(origins)
    )
    span = min(setting.epochs[-1], round(_LONGEST * NANOSECONDS))
    trial = replace(setting, sources=sources, epochs=(span,), frames=())
    return Simulation(trial, backend).step()


def places_of_lesions(setting: Setting, epoch: EpochResult) -> dict[int, EntrySites]:
    """Return where lesions of each organ will shed: behind beds that held cells, by organ row."""
    vessels = LesionVessels(setting.hops, setting.routes)
    held = np.isin(epoch.events["kind"], (EventKind.ARRESTED, EventKind.EXTRAVASATED))
    segment, organ = setting.hops.segment[epoch.events["segment"]], epoch.organ
    found = {}
    for row in np.unique(organ[held]).tolist():
        own = segment[held & (organ == row) & (segment >= 0)]
        if own.size:
            chosen = own[np.linspace(0, own.size - 1, _MOST_PLACES).astype(np.int64)]
            found[row] = vessels.of_segments(chosen)
    return found


def yields_of(
    setting: Setting, epoch: EpochResult, *, step: float, n_kinds: int, within: bool
) -> Yields:
    """Return what becomes of a cell of each origin: leaving the vessels, or colonies inside."""
    events = epoch.events
    kind = events["kind"]
    left = kind == EventKind.EXTRAVASATED
    chosen = left
    if within:
        outside = events["cell"][left]
        chosen = (kind == EventKind.COLONY) & ~np.isin(events["cell"], outside)
    rows = events[chosen]
    place = setting.tables.sizes["clocks"][rows["size_class"]] // rows_of_a_kind(setting)
    target = epoch.organ[chosen].astype(np.int64) * n_kinds + place.astype(np.int64)
    lag = rows["time"] / (NANOSECONDS * step)
    whole = np.floor(lag).astype(np.int64)
    # Births are even over a step: what comes some part of a step later comes partly in the next.
    part = lag - whole
    origin = rows["clone"].astype(np.int64)
    return _merged(
        np.concatenate([origin, origin]),
        np.concatenate([target, target]),
        np.concatenate([whole, whole + 1]),
        weight=np.concatenate([1.0 - part, part]) / _PER_ORIGIN,
    )


def joined(first: Yields, second: Yields, *, n_first: int) -> Yields:
    """Return yields of the sources and, behind them, of the lesions of each organ."""
    return Yields(
        origin=np.concatenate([first.origin, second.origin + n_first]),
        target=np.concatenate([first.target, second.target]),
        lag=np.concatenate([first.lag, second.lag]),
        weight=np.concatenate([first.weight, second.weight]),
    )


def _merged(
    origin: npt.NDArray[np.int64],
    target: npt.NDArray[np.int64],
    lag: npt.NDArray[np.int64],
    *,
    weight: FloatArray,
) -> Yields:
    """Return yields with equal entries made one."""
    keys = np.stack([origin, target, lag])
    unique, inverse = np.unique(keys, axis=1, return_inverse=True)
    total = np.bincount(inverse.reshape(-1), weights=weight, minlength=unique.shape[1])
    return Yields(unique[0], unique[1], unique[2], total.astype(np.float64))


def rows_of_a_kind(setting: Setting) -> int:
    """Return how many rows of the table of clocks cells of one kind have."""
    return N_CLOCK_STATES * (len(setting.doubling_times) + 1)
