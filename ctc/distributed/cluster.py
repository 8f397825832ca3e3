"""A Dask cluster: one on this machine, or that of a scheduler somewhere."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ctc.backends.base import choose_backend
from ctc.distributed.dask_shards import DaskShards
from ctc.distributed.losses import starting
from ctc.distributed.tasks import each_item
from ctc.errors import InputError, MissingDeviceError
from ctc.simulation.setting import Setting

INSTALL = "pip install 'ctc[distributed]'"
_PACKAGE = "distributed"

Common = TypeVar("Common")
Item = TypeVar("Item")
Result = TypeVar("Result")

_GUARD = (
    'In a script of your own, ctc.run belongs below if __name__ == "__main__":, as workers import '
    "the script; if it does, or there is none, see what they printed and try fewer."
)
_SAME_EVERYWHERE = (
    "See what it printed, and that every machine has the same ctc; then give the command again."
)

# How long a scheduler may take to answer, and workers to appear [s].
_ANSWER = 10.0
_APPEAR = 60.0


def require_dask() -> None:
    """Raise MissingDeviceError unless Dask is installed."""
    if importlib.util.find_spec(_PACKAGE) is None:
        message = f"workers need Dask, which is not installed. Install it: {INSTALL}"
        raise MissingDeviceError(message)


class Workers:
    """Workers of a cluster, one shard for each; use `open_workers`.

    Attributes
    ----------
    description : str
        In words, as long as their devices are not known.
    n_workers : int
        How many.
    """

    def __init__(
        self,
        client: Any,
        addresses: list[str],
        *,
        device: str,
        threads: int | None,
        are_neighbours: bool,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._device = device
        self._threads = threads
        self._are_neighbours = are_neighbours
        self.n_workers = len(addresses)
        plural = "s" if len(addresses) > 1 else ""
        self.description = f"{len(addresses)} Dask worker{plural}"

    def shards(self, setting: Setting, *, chunk: int | None, folder: Path) -> DaskShards:
        """Return the shards of a run, one in each worker; a folder of this machine is of no use."""
        del folder
        with starting("of the cluster", remedy=_SAME_EVERYWHERE):
            return DaskShards(
                self._client,
                self._addresses,
                setting,
                device=self._device,
                threads=self._threads,
                are_neighbours=self._are_neighbours,
                chunk=chunk,
            )

    def each(
        self, function: Callable[[Common, Item], Result], common: Common, *, items: Sequence[Item]
    ) -> Generator[tuple[Item, Result], None, None]:
        """Call a function for each item in some worker, and give results as they come.

        An item whose worker is lost goes to another one.

        Parameters
        ----------
        function : callable
            Of a module that every worker has.
        common : any
            Its first argument, sent once to each worker.
        items : sequence
            Its second argument, in turn.

        Raises
        ------
        WorkerLostError
            If no worker is left, or one item has ended several of them.
        """
        yield from each_item(self._client, self._addresses, function, common=common, items=items)


@contextlib.contextmanager
def open_workers(
    scheduler: str | None, n_workers: int | None, *, device: str, threads: int | None
) -> Iterator[Workers]:
    """Connect to workers, or start some on this machine and end them after.

    Parameters
    ----------
    scheduler : str, optional
        Address of a scheduler; without it a cluster of processes on this machine.
    n_workers : int, optional
        How many; all that a scheduler has, or one, when left out.
    device, threads : str, int
        As `choose_backend`, of each worker. On this machine workers take one GPU after another,
        or share the cores.

    Raises
    ------
    MissingDeviceError
        If Dask is not installed, or this machine lacks the device.
    InputError
        If the scheduler does not answer, or has too few workers.
    WorkerLostError
        If workers do not start.
    """
    require_dask()
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            yield _here(stack, n_workers or 1, device=device, threads=threads)
        else:
            yield _there(stack, scheduler, n_workers, device=device, threads=threads)


def _here(
    stack: contextlib.ExitStack, n_workers: int, *, device: str, threads: int | None
) -> Workers:
    from distributed import Client, LocalCluster  # noqa: PLC0415 - slow to import, optional

    chosen = choose_backend(device, threads=threads)
    if threads is None:
        threads = max(len(os.sched_getaffinity(0)) // n_workers, 1)
    with starting("on this machine", remedy=_GUARD):
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        )
        client = stack.enter_context(Client(cluster))
        # Ctrl-C reaches all processes of a terminal; it is for the one that writes the checkpoint.
        client.run(_ignore_interrupts)
        addresses = _addresses(client)
    device = "cpu" if chosen.name == "cpu" else device
    return Workers(client, addresses, device=device, threads=threads, are_neighbours=True)


def _there(
    stack: contextlib.ExitStack,
    scheduler: str,
    n_workers: int | None,
    *,
    device: str,
    threads: int | None,
) -> Workers:
    from distributed import Client  # noqa: PLC0415 - slow to import, optional

    try:
        client = stack.enter_context(Client(scheduler, timeout=_ANSWER))
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        message = (
            f"value must be the address of a Dask scheduler, got '{scheduler}', which does not "
            f"answer ({type(error).__name__}). Start one with dask scheduler."
        )
        raise InputError(message, key="--scheduler") from None
    with starting("of the cluster", remedy=_SAME_EVERYWHERE):
        try:
            client.wait_for_workers(n_workers or 1, timeout=_APPEAR)
        except TimeoutError:
            message = (
                f"value must be at most the workers of the scheduler, got {n_workers or 1} with "
                f"{len(_addresses(client))} there after {_APPEAR:g} s. Start more: dask worker "
                f"{scheduler} --nthreads 1"
            )
            raise InputError(message, key="--workers") from None
    addresses = _addresses(client)[:n_workers]
    return Workers(client, addresses, device=device, threads=threads, are_neighbours=False)


def _addresses(client: Any) -> list[str]:
    return sorted(client.nthreads())


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
