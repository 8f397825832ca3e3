"""RemoteShard: a shard that lives in a Dask worker, as an actor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import choose_backend
from ctc.backends.cuda import count_devices
from ctc.backends.source import kernel_hash
from ctc.backends.timed import TimedBackend
from ctc.errors import InputError, MissingDeviceError
from ctc.resources import program_version
from ctc.simulation.event_runs import EventRuns, OrderedEvents
from ctc.simulation.setting import Setting
from ctc.simulation.shard import Harvest, Shard

# Events that travel with the harvest; more are fetched block by block.
_EVENTS_AT_ONCE = 1 << 18


class RemoteShard:
    """What a worker does; all but the making happens in the one thread of its actors.

    Parameters
    ----------
    setting : Setting
        Of the run, without what only the host needs.
    device : str
        As `choose_backend`.
    number : int
        Which of several workers on one machine it is, for ``auto`` and ``cuda``; -1 for a worker
        that sees only what is its own.
    threads : int or None
        Of the cpu backend.
    chunk : int, optional
        Cells a launch.
    """

    def __init__(
        self, setting: Setting, *, device: str, number: int, threads: int | None, chunk: int | None
    ) -> None:
        self._setting = setting
        self._device = device
        self._number = number
        self._threads = threads
        self._chunk = chunk
        self._shard: Shard | None = None
        self._events_at_once = _EVENTS_AT_ONCE
        self._events = OrderedEvents([])
        self._reading: Iterator[npt.NDArray[Any]] = iter(())

    def start(self, kernels: str) -> str:
        """Make the backend and return its description.

        Parameters
        ----------
        kernels : str
            The `kernel_hash` that the run began with.

        Raises
        ------
        InputError
            If the worker has another ctc.
        MissingDeviceError
            If it lacks the device.
        """
        if kernel_hash() != kernels:
            message = (
                f"workers must have the kernels of the run ({kernels[:12]}), got "
                f"{kernel_hash()[:12]} of ctc {program_version()} on a worker. Install the same "
                "ctc everywhere."
            )
            raise InputError(message)
        device = self._device
        if self._number >= 0 and device in ("auto", "cuda"):
            device = _own_gpu(self._number, device)
        threads = None if device.startswith("cuda") else self._threads
        backend = TimedBackend(choose_backend(device, threads=threads))
        self._shard = Shard(self._setting, backend, chunk=self._chunk)
        return backend.description

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the shard; many events stay here and are fetched by `next_events`."""
        result = getattr(self._shard, method)(*arguments)
        return self._without_events(result) if isinstance(result, Harvest) else result

    def n_events(self) -> int:
        """Begin to read the events of the last epoch anew; returns how many there are."""
        self._reading = self._events.blocks()
        return self._events.size

    def next_events(self) -> npt.NDArray[Any] | None:
        """Return the next block of events in order, None behind the last."""
        return next(self._reading, None)

    def keep_events_above(self, count: int) -> None:
        """Keep the events of an epoch here if there are more."""
        self._events_at_once = count

    def process(self) -> int:
        """Return the number of the process, for tests."""
        return os.getpid()

    def _without_events(self, harvest: Harvest) -> Harvest:
        self._events = OrderedEvents(harvest.events)
        kept = EventRuns()
        if self._events.size <= self._events_at_once:
            for piece in self._events.pieces():
                kept.add(*piece.in_any_order())
            self._events = OrderedEvents([])
        return replace(harvest, events=[kept])


def _own_gpu(number: int, device: str) -> str:
    """Return the GPU of one of several workers on a machine, or the processor for ``auto``."""
    try:
        return f"cuda:{number % count_devices()}"
    except MissingDeviceError:
        if device == "cuda":
            raise
        return "cpu"


def without_host_part(setting: Setting) -> Setting:
    """Return what a shard reads of a setting."""
    hops = replace(setting.hops, passages=None)
    return replace(setting, hops=hops, sources=(), care=None, routes=np.zeros(0, dtype=np.uint8))
