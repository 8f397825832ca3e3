"""A way gone to its end: what a run came to on it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import ctc
from ctc.backends.base import Backend
from ctc.backends.cpu import CpuBackend
from ctc.backends.cuda import CudaBackend
from ctc.errors import CtcError, StoppedEarly
from ctc.record.reader import open_run
from ctc.simulation import launches
from ctc.simulation.epochs import Simulation
from ctc.simulation.shards import LocalShards
from ctc.summary import RunSummary
from tools.same_bits.cases import Case
from tools.same_bits.sweep_cases import SweepCase, digest_of_rows
from tools.same_bits.ways import DASK, EACH, MEMORY, PLAIN, SHORT, TWO, Way

_VARIANT = "CTC_CPU_VARIANT"
_N_WORKERS = 2

AnyCase = Case | SweepCase


@dataclass(frozen=True)
class Digests:
    """What a run came to.

    Attributes
    ----------
    network : str
        Of its vessels with their flow.
    state : str
        Of cells, events, lesions and sums; of rows of patients.
    record : str or None
        Of what was stored, where that was as the short form has it.
    n_shed, hops : int
        Cells shed and segments entered, of runs; for people, as both are in the digest.
    has_own_network : bool
        Whether the vessels were made on that way, and not taken from the case.
    """

    network: str
    state: str
    record: str | None = None
    n_shed: int = 0
    hops: int = 0
    has_own_network: bool = False

    @property
    def count(self) -> int:
        """How many were found on that way."""
        return 1 + self.has_own_network + (self.record is not None)

    def agrees(self, other: Digests) -> bool:
        """Whether all that both know is the same."""
        records = {self.record, other.record} - {None}
        return (self.network, self.state) == (other.network, other.state) and len(records) <= 1


class Follow(Protocol):
    """Follows a case on a way; a test puts a stand-in with a fault in its place."""

    def __call__(self, case: Any, way: Way) -> Digests:
        """Return what it came to."""
        ...


class Follower:
    """Goes ways; use it in a ``with`` block, which ends the processes that it starts.

    Parameters
    ----------
    elsewhere : callable, optional
        Follows a case by name where NumPy has no vector code; without it this process does.
    """

    def __init__(self, elsewhere: Callable[[str, Way], Digests] | None = None) -> None:
        self._elsewhere = elsewhere
        self._stack = ExitStack()
        self._client: Any = None

    def __enter__(self) -> Follower:
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, case: AnyCase, way: Way) -> Digests:
        """Return what a case comes to on a way."""
        if way.numpy == PLAIN and self._elsewhere is not None:
            return self._elsewhere(case.name, way)
        if isinstance(case, SweepCase):
            return self._sweep(case, way)
        return in_memory(case, way) if way.course == MEMORY else self._through_files(case, way)

    def _sweep(self, case: SweepCase, way: Way) -> Digests:
        if way.course == MEMORY:
            rows = case.rows(way, self._folder)
        else:
            crew: dict[str, Any] = {"workers": 2 if way.place == TWO else 1}
            if way.place == DASK:
                crew = {"scheduler": self._workers().cluster.scheduler_address}
            with self._as_asked(way):
                rows = case.rows_of_files(way, self._folder, crew=crew)
        n_shed = int(rows["shed"].sum())
        return Digests(case.network_hash, digest_of_rows(rows), n_shed=n_shed)

    def _through_files(self, case: Case, way: Way) -> Digests:
        path = self._folder / "run.vtkhdf"
        begin = partial(ctc.run, case.recording(way.recording), path, overwrite=True)
        n_epochs = 1 if way.course == EACH else way.stop
        summary = self._part(begin, way, n_epochs=n_epochs)
        ways = (way, Way(course=way.course))
        n_parts = 1
        while summary is None:
            n_epochs = 1 if way.course == EACH else None
            summary = self._part(partial(ctc.resume, path), ways[n_parts % 2], n_epochs=n_epochs)
            n_parts += 1
        assert summary.digest is not None
        with open_run(path) as run:
            require_parts(way, n_parts, n_epochs=run.n_epochs)
        record = summary.record_digest if way.recording == SHORT else None
        return Digests(
            summary.network_hash,
            summary.digest,
            record,
            n_shed=summary.n_shed,
            hops=summary.hops,
            has_own_network=True,
        )

    def _part(
        self, work: Callable[..., RunSummary], way: Way, *, n_epochs: int | None
    ) -> RunSummary | None:
        """Return what a run came to, or None where it was stopped."""
        options: dict[str, Any] = {"device": way.device, "chunk": way.chunk or None}
        if way.device == "cpu":
            options["threads"] = way.threads
        if way.place == TWO:
            options["shards"] = 2
        with self._as_asked(way):
            if way.place == DASK:
                options["scheduler"] = self._workers().cluster.scheduler_address
            try:
                return work(**options, max_epochs=n_epochs)
            except StoppedEarly:
                return None

    @contextlib.contextmanager
    def _as_asked(self, way: Way) -> Iterator[None]:
        """Bring about what no option asks for, here and in the workers."""
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, {_VARIANT: way.variant}))
            if way.room:
                stack.enter_context(patch.object(launches, "EVENTS_A_LAUNCH", way.room))
            if way.place == DASK:
                self._workers().run(_adopt, way.variant, launches.EVENTS_A_LAUNCH)
            yield

    def _workers(self) -> Any:
        """Return a client of two workers, which stay for the runs that follow."""
        if self._client is None:
            from distributed import Client, LocalCluster  # noqa: PLC0415 - slow to import, optional

            cluster = LocalCluster(
                n_workers=_N_WORKERS,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
            )
            self._client = self._stack.enter_context(Client(self._stack.enter_context(cluster)))
        return self._client


def require_parts(way: Way, n_parts: int, *, n_epochs: int) -> None:
    """Raise CtcError unless a run was stopped as often as its way says.

    Parameters
    ----------
    way : Way
        Through files.
    n_parts : int
        How many commands it took.
    n_epochs : int
        Of the finished run, which is shorter than planned where the patient died.
    """
    wanted = n_epochs if way.course == EACH else 1
    if way.stop is not None and n_epochs > way.stop:
        wanted = 2
    if n_parts != wanted:
        message = f"a run of {n_epochs} epochs must take {wanted} parts on this way, took {n_parts}"
        raise CtcError(message)


def in_memory(case: Case, way: Way) -> Digests:
    """Return what a case comes to on a way without files."""
    setting = case.prepared.setting
    shards = LocalShards(
        setting,
        [partial(backend_of, way)] * (2 if way.place == TWO else 1),
        chunk=way.chunk or None,
        event_capacity=way.room or None,
    )
    try:
        simulation = Simulation(setting, shards)
        for _ in simulation.epochs():
            pass
        return Digests(
            case.network_hash,
            simulation.digest(),
            n_shed=simulation.ledger.n_shed,
            hops=simulation.hops,
        )
    finally:
        shards.close()


def backend_of(way: Way) -> Backend:
    """Return the backend of a way."""
    limit = {"max_hops": way.hops} if way.hops else {}
    if way.device == "cuda":
        return CudaBackend(**limit)
    return CpuBackend(threads=way.threads, variant=way.variant, **limit)


def _adopt(variant: str, room: int) -> None:
    """In a worker: let backends that are made from now on be of a variant, with such room."""
    os.environ[_VARIANT] = variant
    launches.EVENTS_A_LAUNCH = room
