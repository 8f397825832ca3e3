"""Hops a second of one device on one network, with the whole physics."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ctc.backends.base import Backend
from ctc.simulation.emission import emission_of
from ctc.simulation.hop_table import NANOSECONDS, HopTable
from ctc.simulation.launches import Launches
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter, SheddingSource
from tools.bench.kernel_clock import KernelClock, wait
from tools.gpu_acceptance.bodies import copies, sites_in_copies

_STRETCHES = (60.0, 120.0, 180.0)


@dataclass(frozen=True)
class HopSpeed:
    """What was measured.

    Attributes
    ----------
    n_records, n_cells, hops : int
        Of the network; at the start; that were made in all.
    kernel, whole : float [1/s]
        Hops a second while launches run; with all that stands around them, such as taking events
        out. The best of the stretches of time.
    """

    n_records: int
    n_cells: int
    hops: int
    kernel: float
    whole: float


class Walkers:
    """Cells under way in copies of a body.

    Parameters
    ----------
    setting : Setting
        A body with its biology.
    n_copies : int
        How many of them.
    """

    def __init__(self, setting: Setting, n_copies: int) -> None:
        self.hops: HopTable = copies(setting.hops, n_copies)
        self._setting = setting
        sites = sites_in_copies(setting.hops, setting.sources[0].sites, n_copies)
        self._source = SheddingSource(sites, 0.0, 0, 0, 0, 0, "copies")

    def measure(self, backend: Backend, n_cells: int) -> HopSpeed:
        """Follow newborn cells through three stretches of time; the first one warms up.

        Parameters
        ----------
        backend : Backend
            Where.
        n_cells : int
            Born within the first stretch.
        """
        watched = KernelClock(backend)
        launches = Launches(watched, self.hops, self._setting.tables, seed=1, chunk=1 << 22)
        first = round(_STRETCHES[0] * NANOSECONDS)
        launches.emit(emission_of([Litter(self._source, 0, n_cells, 0, first)]))
        best_kernel = best_whole = 0.0
        for until in _STRETCHES:
            hops, kernel = launches.sums.hops, watched.of("ctc_advance").wall
            wait(backend)
            began = time.perf_counter()
            launches.advance(round(until * NANOSECONDS))
            wait(backend)
            taken = time.perf_counter() - began
            made = launches.sums.hops - hops
            if until != _STRETCHES[0]:
                best_kernel = max(best_kernel, made / (watched.of("ctc_advance").wall - kernel))
                best_whole = max(best_whole, made / taken)
        n_records = self.hops.records.size
        return HopSpeed(n_records, n_cells, launches.sums.hops, best_kernel, best_whole)
