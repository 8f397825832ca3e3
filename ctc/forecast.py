"""Forecast: what a run will take, lesions included, from small trials of it; writes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ctc.backends.base import Backend
from ctc.backends.records import EVENT
from ctc.lesion_forecast import LesionForecast, forecast_lesions
from ctc.simulation.emission import emission_of
from ctc.simulation.epochs import Simulation
from ctc.simulation.event_runs import EVENTS_IN_MEMORY
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.launches import Launches
from ctc.simulation.lesions import LESION
from ctc.simulation.population import BYTES_PER_CELL
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter

# Cells of the trial that goes through the whole run, and the wall time that it may take [s].
_FEW = 20_000
_LIMIT = 3.0
# Cells and simulated time [s] of the trial that finds the speed.
_MANY = 20_000
_STRETCH = 600.0
# The interpreter with its libraries [bytes]; a segment in all tables that stand side by side.
_BASE_BYTES = 110e6
_BYTES_PER_SEGMENT = 500
# State arrays have room to grow, and a checkpoint puts one after the other in order; events are
# sorted, and wait to be written.
_COPIES_OF_CELLS = 1.7
_COPIES_OF_EVENTS = 3
# The table of lesions grows by copies too.
_COPIES_OF_ROWS = 2
# Litters that are born to find how long one takes.
_LITTERS = 500


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    Attributes
    ----------
    seconds : float [s]
        Wall time of the simulation.
    memory_bytes : int
        Peak memory.
    is_cut : bool
        Whether the trial was stopped before the end of the simulated time.
    lesions : LesionForecast
        What lesions are to found and shed; in both figures above.
    """

    seconds: float
    memory_bytes: int
    is_cut: bool
    lesions: LesionForecast


def forecast(setting: Setting, backend: Backend, *, expected_cells: float) -> Forecast:
    """Run a scenario with few cells and extrapolate to all of them.

    A run takes as long as one with few cells does, which is spent on its epochs, and the time of
    its hops: hops a cell from that trial, hops a second from a short one with many cells. In the
    trials lesions shed nothing; what they are to shed, and in how many litters, is added. All is
    for one device: of several processes each holds the network and its own events.

    Parameters
    ----------
    setting : Setting
        Of the whole run.
    backend : Backend
        Where it is to run.
    expected_cells : float
        Mean number of cells that the sources of the whole run give.
    """
    lesions = forecast_lesions(setting, backend)
    share = min(_FEW / max(expected_cells, 1.0), 1.0)
    few = _thinned(setting, share)
    simulation = Simulation(few, backend)
    began = time.perf_counter()
    seconds, most_cells, most_born, most_events, n_events = 0.0, 0, 0, 0, 0
    while not simulation.is_finished and seconds < _LIMIT:
        shed, asleep = simulation.ledger.n_shed, simulation.dormant.n_cells
        epoch = simulation.step()
        fallen_asleep = max(simulation.dormant.n_cells - asleep, 0)
        most_cells = max(most_cells, simulation.n_held + fallen_asleep)
        most_born = max(most_born, simulation.ledger.n_shed - shed)
        most_events = max(most_events, epoch.ordered.size)
        n_events += epoch.ordered.size
        seconds = time.perf_counter() - began
    share_done = simulation.time / setting.epochs[-1]
    n_cells = max(simulation.ledger.n_shed, 1)
    hops_per_cell = simulation.hops / n_cells
    seconds /= share_done
    cells_left = max(expected_cells - n_cells, 0.0) + lesions.cells
    if cells_left > 0.0:
        seconds += hops_per_cell * cells_left / _hops_per_second(setting, backend)
    if lesions.litters > 0.0:
        seconds += lesions.litters * _seconds_per_litter(setting, backend)
    at_once = backend.cells_a_launch * backend.n_under_way
    # Cells are born chunk by chunk, and what is too many of the events waits on the disk.
    held = most_cells / share + lesions.cells * simulation.n_held / n_cells
    held += min(most_born / share + lesions.most_in_an_epoch, at_once)
    events = most_events / share + lesions.most_in_an_epoch * n_events / n_cells
    # Cells are held for days, so a trial that was cut knows how many are there at once.
    memory = (
        _BASE_BYTES
        + _BYTES_PER_SEGMENT * setting.hops.records.size
        + _COPIES_OF_CELLS * BYTES_PER_CELL * held
        + _COPIES_OF_EVENTS * EVENT.itemsize * min(events, EVENTS_IN_MEMORY)
        + _COPIES_OF_ROWS * LESION.itemsize * lesions.founded * setting.overt.by_blood
    )
    return Forecast(seconds, int(memory), is_cut=not simulation.is_finished, lesions=lesions)


def _thinned(setting: Setting, share: float) -> Setting:
    """Return a setting whose sources give that share of their cells, and its lesions none."""
    sources = tuple(
        replace(
            source,
            rate=source.rate * share,
            cells=max(round(source.cells * share), 1) if source.cells else 0,
        )
        for source in setting.sources
    )
    return replace(setting, sources=sources, lesions=replace(setting.lesions, shedding_rate=0.0))


def _hops_per_second(setting: Setting, backend: Backend) -> float:
    """Measure the speed of many cells that all enter at once."""
    first = replace(setting.sources[0], rate=0.0, start=0, stop=0, cells=_MANY)
    end = min(setting.epochs[0], round(_STRETCH * NANOSECONDS))
    simulation = Simulation(replace(setting, sources=(first,), epochs=(end,), frames=()), backend)
    began = time.perf_counter()
    simulation.step()
    return max(simulation.hops, 1) / (time.perf_counter() - began)


def _seconds_per_litter(setting: Setting, backend: Backend) -> float:
    """Measure how long a small litter takes to be born among many; the first ones warm up."""
    launches = Launches(backend, setting.hops, setting.tables, seed=setting.seed)
    seconds = 0.0
    for _ in range(2):
        began = time.perf_counter()
        launches.emit(
            emission_of(
                [
                    Litter(replace(setting.sources[0]), number, 1, 0, round(NANOSECONDS))
                    for number in range(_LITTERS)
                ]
            )
        )
        seconds = time.perf_counter() - began
    return seconds / _LITTERS
