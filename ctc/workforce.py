"""Workforce: where the cells of a run are followed, as its options say; no formulas."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from ctc.backends.base import Backend, choose_backend, devices_of
from ctc.backends.timed import TimedBackend
from ctc.errors import InputError
from ctc.simulation.setting import Setting
from ctc.simulation.shards import LocalShards, Shards, shared

# Fewer cells a launch would not repay the start of its threads.
_FEWEST_CELLS = 1 << 16


class Workforce(Protocol):
    """Devices that are there, before the vessels are.

    Attributes
    ----------
    description : str
        In words.
    """

    description: str

    def shards(self, setting: Setting, *, chunk: int | None, folder: Path) -> Shards:
        """Return the shards of a run; a folder for what is too much for memory."""
        ...


@contextlib.contextmanager
def open_workforce(
    device: str,
    *,
    threads: int | None = None,
    n_shards: int | None = None,
    scheduler: str | None = None,
    n_workers: int | None = None,
) -> Iterator[Workforce]:
    """Find or start what is to follow the cells of a run; end it after.

    Parameters
    ----------
    device, threads : str, int
        As `choose_backend`; ``cuda:all`` and ``cuda:0,2`` are several GPUs of this machine.
    n_shards : int, optional
        Parts on this machine; one for each device when left out. Shards on the processor share
        its threads: no more of them work at once than there are.
    scheduler, n_workers : str, int, optional
        As `ctc.distributed.cluster.open_workers`.

    Raises
    ------
    InputError
        If the options contradict one another.
    MissingDeviceError
        If a device or a package is missing.
    """
    if threads is not None and device.startswith("cuda"):
        message = f"value must be left out with '{device}', got {threads}: threads are for the "
        raise InputError(message + "processor. Use --device cpu or auto.", key="--threads")
    if scheduler is None and n_workers is None:
        yield _OwnDevices(device, threads, n_shards)
        return
    if n_shards is not None:
        message = "value must be left out with --workers and --scheduler: each has one shard."
        raise InputError(message, key="--shards")
    if len(devices_of(device)) > 1:
        message = f"value must be one device for each worker, got '{device}'. Use cuda."
        raise InputError(message, key="--device")
    if n_workers is not None and n_workers < 1:
        message = f"value must be >= 1, got {n_workers}"
        raise InputError(message, key="--workers")
    # Only here: most runs need no Dask.
    from ctc.distributed.cluster import open_workers  # noqa: PLC0415

    with open_workers(scheduler, n_workers, device=device, threads=threads) as workers:
        yield workers


class _OwnDevices:
    """Devices of this machine."""

    def __init__(self, device: str, threads: int | None, n_shards: int | None) -> None:
        if n_shards is not None and n_shards < 1:
            message = f"value must be >= 1, got {n_shards}"
            raise InputError(message, key="--shards")
        names = devices_of(device)
        self._first = TimedBackend(choose_backend(names[0], threads=threads))
        if names == ("auto",):
            names = (self._first.name,)
        self._names = [names[number % len(names)] for number in range(n_shards or len(names))]
        self._threads = threads or len(os.sched_getaffinity(0))
        self._n_at_once = len(self._names)
        if self._names[0] == "cpu":
            self._n_at_once = min(self._n_at_once, self._threads)
        self.description = self._first.description
        if len(self._names) > 1:
            self.description = f"{len(self._names)} shards on {', '.join(names)}"

    def shards(self, setting: Setting, *, chunk: int | None, folder: Path) -> LocalShards:
        """Return the shards of a run."""
        if len(self._names) == 1:
            return LocalShards.on(setting, self._first, chunk=chunk, folder=folder)
        if chunk is None and self._names[0] == "cpu":
            # One memory for all; on GPUs each has its own.
            chunk = shared(self._first.cells_a_launch, len(self._names), least=_FEWEST_CELLS)
        shares = _shares(self._threads, self._n_at_once)
        makers = [
            partial(_backend, name, shares[number % self._n_at_once])
            for number, name in enumerate(self._names)
        ]
        return LocalShards(setting, makers, n_at_once=self._n_at_once, chunk=chunk, folder=folder)


def _backend(name: str, threads: int) -> Backend:
    return TimedBackend(choose_backend(name, threads=threads if name == "cpu" else None))


def _shares(threads: int, n_at_once: int) -> list[int]:
    """Return the threads of each of the shards that work at once."""
    return [
        (number + 1) * threads // n_at_once - number * threads // n_at_once
        for number in range(n_at_once)
    ]
