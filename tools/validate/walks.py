"""Point tracers that walk from some segments of a prepared body until they would enter others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.checks import FloatArray
from ctc.errors import CtcError
from ctc.preparation import Prepared
from ctc.simulation.emission import emission_of
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.launches import Launches
from ctc.simulation.shedding import Litter, entry_sites
from ctc.states import EventKind

_STEP = 600.0
_LONGEST = 1e6


@dataclass(frozen=True)
class Walk:
    """Tracers that have all arrived.

    Attributes
    ----------
    time : (n,) float64 [s]
        From entering the first segment to the door of the last, in ascending order.
    before : (n,) int64
        The segment that each would have entered.
    hops : int
        Segments entered on the way, by all.
    """

    time: FloatArray
    before: npt.NDArray[np.int64]
    hops: int


def walk(
    prepared: Prepared,
    start: npt.NDArray[np.integer],
    ends: npt.NDArray[np.integer],
    *,
    count: int,
    backend: Backend,
) -> Walk:
    """Follow point tracers from the start of segments to the start of others.

    Parameters
    ----------
    prepared : Prepared
        A scenario of inert cells with a bolus as its first source.
    start : (n_start,) int
        Segments that they begin in, shared out by flow.
    ends : (n_ends,) int
        Segments that they leave the network before; may be those that they begin in.
    count : int
        Tracers.
    backend : Backend
        That walks them.

    Raises
    ------
    CtcError
        If some have not arrived after 1e6 s.
    """
    setting = prepared.setting
    newborn = Launches(backend, setting.hops, setting.tables, seed=setting.seed)
    sites = entry_sites(
        setting.hops, start, weight=prepared.flow.flow_rate[start], place="start of the walk"
    )
    source = replace(setting.sources[0], sites=sites, cells=count)
    newborn.emit(emission_of([Litter(source, 0, count, 0, 0)]))
    # They set out in the whole network and then walk in one that they leave before the ends.
    cut = setting.hops.with_exit_before(ends)
    launches = Launches(backend, cut, setting.tables, seed=setting.seed)
    launches.population.restore(newborn.population.on_host_as_they_lie())
    time, record = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    until = 0.0
    while launches.population.count:
        until += _STEP
        if until > _LONGEST:
            message = f"{launches.population.count} tracers had not arrived after {_LONGEST:g} s."
            raise CtcError(message)
        events = launches.advance(round(until * NANOSECONDS))
        left = events[events["kind"] == EventKind.EXITED]
        time.append(left["time"] / NANOSECONDS)
        record.append(left["segment"].astype(np.int64))
        launches.population.remove_finished()
    arrival = np.concatenate(time)
    before = setting.hops.segment[np.concatenate(record)].astype(np.int64)
    # Threads hand over events in any order; sums and batches of them are to repeat.
    order = np.lexsort((before, arrival))
    return Walk(arrival[order], before[order], launches.sums.hops)


def named(prepared: Prepared, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return where each of these vessels begins; unknown names are an InputError."""
    network = prepared.network
    begins = []
    for name in names:
        whole = np.flatnonzero(network.name == network.vessel_index(name))
        inner = np.isin(network.start_node[whole], network.end_node[whole])
        begins.append(whole[~inner])
    return np.concatenate(begins)


def indicator_moments(time: FloatArray, *, n_bins: int = 400) -> tuple[float, float]:
    """Mean and standard deviation as an indicator-dilution curve gives them [s].

    The curve is followed down to 20 % of its peak; what comes later is an exponential that goes on
    from the slope between 50 and 20 % (Stewart and Hamilton), as measured curves are, because the
    recirculating indicator hides their tails. Point tracers need it too: without molecular
    diffusion the time of passage of a tube has no finite variance.

    Parameters
    ----------
    time : (n,) float64 [s]
        Of passage; many thousand of them.
    n_bins : int
        From 0 to four mean times; a bin should hold a hundred at the peak.

    Raises
    ------
    ValueError
        If the curve does not fall from 50 to 20 % of its peak within four mean times.
    """
    edge = np.linspace(0.0, 4.0 * float(time.mean()), n_bins + 1)
    width = edge[1]
    curve = np.histogram(time, edge)[0] / (time.size * width)
    middle = edge[:-1] + 0.5 * width
    peak = int(np.argmax(np.convolve(curve, np.ones(9) / 9.0, mode="same")))
    highest = curve[max(peak - 4, 0) : peak + 5].mean()
    below = [np.flatnonzero(curve[peak:] < part * highest) for part in (0.5, 0.2)]
    if not (below[0].size and below[1].size):
        message = "curve must fall from 50 to 20 % of its peak within four mean times"
        raise ValueError(message)
    first, last = peak + int(below[0][0]), peak + int(below[1][0])
    first = min(first, last - 2)
    slope, level = np.polyfit(middle[first : last + 1], np.log(curve[first : last + 1]), 1)
    start = edge[last + 1]
    # Moments about 0 of exp(level + slope t) from `start` on, in u = t - start.
    decay = -1.0 / slope
    tail = np.exp(level + slope * start) * decay
    kept = slice(0, last + 1)
    area = curve[kept].sum() * width + tail
    first_moment = (curve * middle)[kept].sum() * width + tail * (start + decay)
    second_moment = (curve * middle**2)[kept].sum() * width
    second_moment += tail * (start**2 + 2.0 * start * decay + 2.0 * decay**2)
    mean = first_moment / area
    return float(mean), float(np.sqrt(max(second_moment / area - mean**2, 0.0)))
