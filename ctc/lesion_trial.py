"""What becomes of cells of every origin: a trial of the forecast of lesions; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.records import N_CLOCK_STATES, NODE
from ctc.checks import FloatArray
from ctc.simulation.entry_sites import EntrySites, thresholds
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.seeding import LesionVessels
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import SheddingSource
from ctc.states import EventKind

# Cells followed from each origin; half of them are drawn evenly from the kinds of cells.
_PER_ORIGIN = 5000
# Places that the lesions of an organ are drawn from, and how long a cell is followed [s].
_MOST_PLACES = 64
_LONGEST = 30 * 86400.0


@dataclass(frozen=True)
class Arrests:
    """How often a cell of each origin is arrested, where and how long after its birth.

    Attributes
    ----------
    origin, place, kind, lag : (n,) int64
        Of each entry: number of the origin, column of the table of clocks (an organ row, or the
        nodes of the lymph), kind of cell, time since birth in steps.
    weight : (n,) float64
        Mean number for a cell that is born there.
    """

    origin: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    lag: npt.NDArray[np.int64]
    weight: FloatArray

    def behind(self, others: Arrests, *, n_origins: int) -> Arrests:
        """Return the entries of both, the other ones' origins counted on from a number."""
        return Arrests(
            origin=np.concatenate([self.origin, others.origin + n_origins]),
            place=np.concatenate([self.place, others.place]),
            kind=np.concatenate([self.kind, others.kind]),
            lag=np.concatenate([self.lag, others.lag]),
            weight=np.concatenate([self.weight, others.weight]),
        )


@dataclass(frozen=True)
class Followed:
    """What became of cells that were born at once.

    Attributes
    ----------
    epoch : EpochResult
        All events; the clone of a cell is its origin.
    true_weight : (n_size_classes,) float64
        By size class: how often it is born over how often it was here.
    """

    epoch: EpochResult
    true_weight: FloatArray


def follow(setting: Setting, backend: Backend, origins: Sequence[EntrySites]) -> Followed:
    """Follow cells that are born at once at each origin.

    Clusters are rare and found half of the colonies: here they are as many as single cells, and
    count for less.
    """
    sources = tuple(
        SheddingSource(sites, 0.0, 0, 0, _PER_ORIGIN, number, "")
        for number, sites in enumerate(origins)
    )
    span = min(setting.epochs[-1], round(_LONGEST * NANOSECONDS))
    share = np.diff(setting.tables.size_threshold.astype(np.float64) / 2.0**64, prepend=0.0)
    kind = kind_of_class(setting)
    of_kind = np.bincount(kind, weights=share)
    even = share / of_kind[kind] / np.count_nonzero(of_kind)
    drawn = 0.5 * share + 0.5 * even
    tables = replace(setting.tables, size_threshold=thresholds(drawn))
    trial = replace(setting, tables=tables, sources=sources, epochs=(span,), frames=())
    true_weight = np.where(drawn > 0.0, share / np.where(drawn > 0.0, drawn, 1.0), 0.0)
    return Followed(Simulation(trial, backend).step(), true_weight)


def places_of_lesions(setting: Setting, trial: Followed) -> dict[int, EntrySites]:
    """Return where lesions of each organ will shed: behind beds that held cells, by organ row."""
    vessels = LesionVessels(setting.hops, setting.routes)
    events, organ = trial.epoch.events, trial.epoch.organ
    held = events["kind"] == EventKind.ARRESTED
    segment = setting.hops.segment[events["segment"]]
    found = {}
    for row in np.unique(organ[held]).tolist():
        own = segment[held & (organ == row) & (segment >= 0)]
        if own.size:
            chosen = own[np.linspace(0, own.size - 1, _MOST_PLACES).astype(np.int64)]
            found[row] = vessels.of_segments(chosen)
    return found


def arrests_of(setting: Setting, trial: Followed, *, step: float) -> Arrests:
    """Return the arrests of a trial by steps of a length [s]."""
    is_arrest = trial.epoch.events["kind"] == EventKind.ARRESTED
    rows, organ = trial.epoch.events[is_arrest], trial.epoch.organ[is_arrest]
    number = setting.hops.class_number[rows["segment"]]
    in_node = setting.tables.classes["behaviour"][number] == NODE
    lag = rows["time"] / (NANOSECONDS * step)
    whole = np.floor(lag).astype(np.int64)
    # Births are even over a step: what comes some part of a step later comes partly in the next.
    part = lag - whole
    weight = trial.true_weight[rows["size_class"]] / _PER_ORIGIN
    keys = np.stack(
        [
            rows["clone"].astype(np.int64),
            np.where(in_node, len(setting.doubling_times), organ).astype(np.int64),
            kind_of_class(setting)[rows["size_class"]],
        ]
    )
    keys = np.concatenate([np.tile(keys, 2), [np.concatenate([whole, whole + 1])]])
    weight = np.concatenate([(1.0 - part) * weight, part * weight])
    unique, inverse = np.unique(keys, axis=1, return_inverse=True)
    total = np.bincount(inverse.reshape(-1), weights=weight, minlength=unique.shape[1])
    origin, place, kind, lags = unique
    return Arrests(origin, place, kind, lags, total.astype(np.float64))


def organ_of_nodes(setting: Setting, *trials: Followed) -> int:
    """Return the organ row of the nodes of the lymph, as far as cells came to rest in them."""
    for trial in trials:
        events = trial.epoch.events
        number = setting.hops.class_number[events["segment"]]
        in_node = setting.tables.classes["behaviour"][number] == NODE
        if in_node.any():
            return int(trial.epoch.organ[in_node][0])
    return len(setting.doubling_times) - 1


def kind_of_class(setting: Setting) -> npt.NDArray[np.int64]:
    """Return the kind of cell of each size class, (n_size_classes,) int64."""
    rows_of_a_kind = N_CLOCK_STATES * (len(setting.doubling_times) + 1)
    kind: npt.NDArray[np.int64] = setting.tables.sizes["clocks"].astype(np.int64) // rows_of_a_kind
    return kind
