"""Hops a second of one device on one network, with the whole physics."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctc.backends.base import Backend
from ctc.simulation.hop_table import NANOSECONDS, HopTable
from ctc.simulation.launches import Launches
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter, SheddingSource
from tools.gpu_acceptance.bodies import copies, sites_in_copies

_STRETCHES = (60.0, 120.0, 180.0)


class WatchedBackend:
    """A backend that adds up the time of the launches that move cells.

    Parameters
    ----------
    backend : Backend
        Which does the work.
    """

    def __init__(self, backend: Backend) -> None:
        self.seconds = 0.0
        self.inner: Any = backend

    def __getattr__(self, name: str) -> Any:
        """Return what the backend itself offers."""
        return getattr(self.inner, name)

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Launch and wait for the end."""
        wait(self.inner)
        began = time.perf_counter()
        mark = self.inner.launch(kernel, arguments)
        wait(self.inner)
        if kernel == "ctc_advance":
            self.seconds += time.perf_counter() - began
        return mark


def wait(backend: Backend) -> None:
    """Wait until a GPU has done all that it was asked for."""
    cuda = getattr(backend.xp, "cuda", None)
    if cuda is not None:
        cuda.get_current_stream().synchronize()


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
        watched = WatchedBackend(backend)
        launches = Launches(watched, self.hops, self._setting.tables, seed=1, chunk=1 << 22)
        first = round(_STRETCHES[0] * NANOSECONDS)
        launches.emit(Litter(self._source, 0, n_cells, 0, first))
        best_kernel = best_whole = 0.0
        for until in _STRETCHES:
            hops, kernel = launches.sums.hops, watched.seconds
            wait(backend)
            began = time.perf_counter()
            launches.advance(round(until * NANOSECONDS))
            wait(backend)
            taken = time.perf_counter() - began
            made = launches.sums.hops - hops
            if until != _STRETCHES[0]:
                best_kernel = max(best_kernel, made / (watched.seconds - kernel))
                best_whole = max(best_whole, made / taken)
        n_records = self.hops.records.size
        return HopSpeed(n_records, n_cells, launches.sums.hops, best_kernel, best_whole)
