"""Bodies that point tracers walk through, and the laws that can be taken from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from ctc.backends.records import CLASS_BITS
from ctc.checks import FloatArray
from ctc.preparation import Prepared, prepare
from ctc.scenario.load import load_scenario
from ctc.simulation.hop_table import NANOSECONDS, HopTable
from ctc.vessels.network import SegmentKind

_SCENARIO = "tracers"
_N_BATCHES = 20
_CLASS_MASK = (1 << CLASS_BITS) - 1


@cache
def tracer_body(plan: str, n_terminals: int) -> Prepared:
    """Return a body for inert points; the same one for all rows that ask for it."""
    overrides = [f"body.plan={plan}", f"body.terminals={n_terminals}"]
    return prepare(load_scenario(_SCENARIO, overrides=overrides))


def with_hops(prepared: Prepared, hops: HopTable) -> Prepared:
    """Return the body with other records for the kernels."""
    return replace(prepared, setting=replace(prepared.setting, hops=hops))


def with_even_daughters(hops: HopTable) -> HopTable:
    """Take away the choice of a daughter by its flow: both are as likely."""
    records = hops.records.copy()
    has_two = (records["share"] > 0.0) & (records["share"] < 1.0)
    records["share"][has_two] = 0.5
    return replace(hops, records=records)


def beds_of(prepared: Prepared, organ: str) -> npt.NDArray[np.int64]:
    """Return the capillary beds of an organ, (n_beds,) int64."""
    network = prepared.network
    is_bed = network.is_kind(SegmentKind.CAPILLARY_BED)
    return np.flatnonzero(is_bed & (network.organ == network.organ_index(organ)))


def with_even_transit(prepared: Prepared, organ: str) -> Prepared:
    """Take away the law of transit times of an organ's beds: every passage takes the mean."""
    setting = prepared.setting
    beds = setting.tables.beds.copy()
    n_laws = int(beds["law"].max()) + 1
    quantiles = setting.tables.bed_quantiles.reshape(n_laws, -1)
    even = np.ones_like(quantiles[:1])
    rows = _bed_rows(prepared, organ)
    beds["law"][rows] = n_laws
    tables = replace(
        setting.tables, beds=beds, bed_quantiles=np.concatenate([quantiles, even]).ravel()
    )
    return replace(prepared, setting=replace(setting, tables=tables))


def _bed_rows(prepared: Prepared, organ: str) -> npt.NDArray[np.int64]:
    """Return the rows of the table of beds that belong to an organ."""
    setting = prepared.setting
    packed = setting.hops.records["bore_class"][setting.hops.record[beds_of(prepared, organ)]]
    numbers = np.unique(setting.tables.classes["bed"][packed & _CLASS_MASK]).astype(np.int64)
    n_sizes = setting.tables.n_size_classes
    found: npt.NDArray[np.int64] = (n_sizes * numbers[:, np.newaxis] + np.arange(n_sizes)).ravel()
    return found


def with_one_compartment(prepared: Prepared, organ: str, *, share: float) -> Prepared:
    """Take away an organ's arteries and veins as places of blood: its beds hold a share of it all.

    The mean transit of the organ stays as it is.
    """
    network, flow, hops = prepared.network, prepared.flow, prepared.setting.hops
    own = np.flatnonzero((network.organ == network.organ_index(organ)) & (flow.flow_rate > 0))
    beds = beds_of(prepared, organ)
    mean = network.volume[own].sum() / flow.flow_rate[beds].sum()
    records = hops.records.copy()
    records["transit_time"][hops.record[own]] *= 1.0 - share
    records["transit_time"][hops.record[beds]] = share * mean * NANOSECONDS
    return with_hops(prepared, replace(hops, records=records))


def batch_error(
    values: FloatArray, statistic: Callable[[FloatArray], float], *, seed: int = 1
) -> float:
    """Return the standard error of a statistic from 20 random batches of the values.

    Parameters
    ----------
    values : (n,) float64
        Independent draws, in an order that repeats.
    statistic : callable
        Of an array of values.
    seed : int
        Of the division into batches.
    """
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(values.size)
    found = [statistic(values[part]) for part in np.array_split(order, _N_BATCHES)]
    return float(np.std(found, ddof=1) / np.sqrt(_N_BATCHES))


def density(
    time: FloatArray, *, longest: float, n_bins: int = 120
) -> tuple[FloatArray, FloatArray]:
    """Return the density of times of passage: middles of bins [s] and share per second [1/s]."""
    edge = np.linspace(0.0, longest, n_bins + 1)
    counts = np.histogram(time, edge)[0]
    return 0.5 * (edge[1:] + edge[:-1]), counts / (time.size * edge[1])
