"""Who follows the patients of a sweep, as its options say: this machine or a cluster."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from ctc.backends.base import choose_backend, devices_of
from ctc.cohort.crew import Job, Result, follow_here, follow_in_processes
from ctc.cohort.folder import Block
from ctc.cohort.member import Follow
from ctc.cohort.plan import Plan
from ctc.errors import InputError


class Crew:
    """Who is to follow the patients: found before any file is touched.

    Parameters
    ----------
    stack : ExitStack
        Ends what is started.
    device, threads : str, int
        As `choose_backend`, of each worker.
    workers : int, optional
        Processes of this machine, one a core or GPU when left out; of a scheduler all it has.
    scheduler : str, optional
        Address of a Dask scheduler.

    Attributes
    ----------
    n_workers : int
        How many there are at most.

    Raises
    ------
    InputError, MissingDeviceError
        If the options contradict one another, or something is not there.
    """

    def __init__(
        self,
        stack: ExitStack,
        *,
        device: str,
        threads: int | None,
        workers: int | None,
        scheduler: str | None,
    ) -> None:
        self._stack, self._threads = stack, threads
        if threads is not None and device.startswith("cuda"):
            message = f"value must be left out with '{device}', got {threads}: threads are for "
            raise InputError(message + "the processor. Use --device cpu.", key="--threads")
        self._cluster = None
        self._devices: tuple[str, ...] = (device,)
        if scheduler is None:
            self._devices = tuple(choose_backend(name).name for name in devices_of(device))
            is_cpu = self._devices[0] == "cpu"
            natural = max(_n_cores() // (threads or 1), 1) if is_cpu else len(self._devices)
            self.n_workers = workers or natural
        else:
            # Only here: most sweeps need no Dask.
            from ctc.distributed.cluster import open_workers  # noqa: PLC0415

            self._cluster = stack.enter_context(
                open_workers(scheduler, workers, device=device, threads=threads)
            )
            self.n_workers = self._cluster.n_workers

    @property
    def device(self) -> str:
        """What the patients are followed on, in words."""
        where = "" if self._cluster is None else f" on {self._cluster.description}"
        return ", ".join(dict.fromkeys(self._devices)) + where

    def results(
        self, plan: Plan, follow: Follow, blocks: Sequence[Block], *, folder: Path
    ) -> Iterator[Result]:
        """Start to follow blocks; what was started ends with the stack."""
        if self._cluster is not None:
            job = Job(plan, follow, self._devices, self._threads or 1, folder)
            return self._to_end(self._cluster.each(Job.rows, job, items=blocks))
        n_workers = min(self.n_workers, len(blocks))
        threads = self._threads or max(_n_cores() // n_workers, 1)
        job = Job(plan, follow, self._devices, threads, folder)
        if n_workers == 1:
            return self._to_end(follow_here(job, blocks))
        return self._to_end(follow_in_processes(job, blocks, n_workers=n_workers))

    def _to_end(self, results: Generator[Result, None, None]) -> Iterator[Result]:
        return self._stack.enter_context(closing(results))


def _n_cores() -> int:
    return len(os.sched_getaffinity(0))
