"""DaskShards: the shards of a run in the workers of a Dask cluster, one in each."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy.typing as npt

from ctc.backends.source import kernel_hash
from ctc.distributed.losses import Silence, in_words, is_of_dask
from ctc.distributed.remote_shard import RemoteShard, without_host_part
from ctc.errors import CtcError, WorkerLostError
from ctc.simulation.setting import Setting
from ctc.simulation.shard import Harvest
from ctc.simulation.shards import Shards

# How often a worker that is at work is looked after [s].
_LOOK = 2.0


class DaskShards(Shards):
    """One shard in each of some workers; the setting is sent once.

    Parameters
    ----------
    client : distributed.Client
        Of the cluster.
    workers : sequence of str
        Addresses.
    setting : Setting
        Of the run.
    device : str
        As `choose_backend`, for every worker.
    threads : int or None
        Of the cpu backend of a worker.
    are_neighbours : bool
        Whether all workers see the same GPUs, so that each is to take another one.
    chunk : int, optional
        Cells a launch.

    Raises
    ------
    InputError, MissingDeviceError
        If a worker has another ctc, or lacks the device.
    WorkerLostError
        If one is gone.
    """

    are_of_this_process = False

    def __init__(
        self,
        client: Any,
        workers: Sequence[str],
        setting: Setting,
        *,
        device: str,
        threads: int | None,
        are_neighbours: bool,
        chunk: int | None = None,
    ) -> None:
        self._client = client
        self._workers = list(workers)
        sent = client.scatter(without_host_part(setting), broadcast=True, hash=False)
        futures = [
            client.submit(
                RemoteShard,
                sent,
                device=device,
                number=number if are_neighbours else -1,
                threads=threads,
                chunk=chunk,
                actor=True,
                workers=[worker],
                allow_other_workers=False,
                pure=False,
            )
            for number, worker in enumerate(self._workers)
        ]
        self._actors = [self._result(number, future) for number, future in enumerate(futures)]
        self._devices = self._ask("start", kernel_hash())

    @property
    def description(self) -> str:
        """Workers and their devices in words."""
        counts = Counter(self._devices)
        named = " + ".join(f"{n} x {name}" if n > 1 else name for name, n in counts.items())
        return f"{len(self._workers)} Dask worker{'s' if len(self._workers) > 1 else ''}: {named}"

    @property
    def n_shards(self) -> int:
        """How many there are."""
        return len(self._workers)

    def processes(self) -> list[int]:
        """Return the process number of each worker."""
        found: list[int] = self._ask("process")
        return found

    def keep_events_above(self, count: int) -> None:
        """Leave the events of an epoch in a worker until they are read if there are more."""
        self._ask("keep_events_above", count)

    def on_each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call a method of every shard, all at once, each with arguments of its own."""
        results = self._ask_each("call", [(method, *own) for own in arguments])
        if method != "follow":
            return results
        return [self._with_events(number, result) for number, result in enumerate(results)]

    def on_one(self, method: str, *arguments: Any) -> Any:
        """Call a method of the first shard."""
        return self._ask_one(0, "call", method, *arguments)

    def close(self) -> None:
        """Let go of the shards; the workers stay."""
        self._actors = []

    def n_events(self, number: int) -> int:
        """Begin to read the events of a shard; returns how many it kept for itself."""
        return int(self._ask_one(number, "n_events"))

    def next_events(self, number: int) -> npt.NDArray[Any] | None:
        """Return the next block of events of a shard, None behind the last."""
        block: npt.NDArray[Any] | None = self._ask_one(number, "next_events")
        return block

    def _ask(self, method: str, *arguments: Any) -> list[Any]:
        """Call a method of every actor, all at once, with the same arguments."""
        return self._ask_each(method, [arguments] * self.n_shards)

    def _ask_each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        pending = [self._begun(number, method, *own) for number, own in enumerate(arguments)]
        return [self._result(number, future) for number, future in enumerate(pending)]

    def _ask_one(self, number: int, method: str, *arguments: Any) -> Any:
        return self._result(number, self._begun(number, method, *arguments))

    def _with_events(self, number: int, harvest: Harvest) -> Harvest:
        """Add those events that stayed in the worker."""
        count = self.n_events(number)
        if count:
            harvest.events.append(RemoteEvents(self, number, count))
        return harvest

    def _begun(self, number: int, method: str, *arguments: Any) -> Any:
        """Begin a call; Dask refuses it once it knows that the worker is gone."""
        with self._losses(number):
            return getattr(self._actors[number], method)(*arguments)

    def _result(self, number: int, future: Any) -> Any:
        """Return the result of a future; looks after its worker meanwhile.

        Dask waits for ever for an actor whose worker has died.
        """
        silence = Silence(self._workers[number])
        while True:
            with self._losses(number):
                with contextlib.suppress(TimeoutError):
                    return future.result(timeout=_LOOK)
                if future.done():  # just now, or with an error of that class
                    return future.result()
            silence.note(self._last_sign(self._workers[number]))

    @contextlib.contextmanager
    def _losses(self, number: int) -> Iterator[None]:
        """Tell what Dask raises for a lost worker, which is not one class, as one error."""
        worker = self._workers[number]
        try:
            yield
        except CtcError:
            raise
        except Exception as error:
            self._last_sign(worker)
            if is_of_dask(error):
                raise WorkerLostError(worker, in_words(error)) from error
            raise

    def _last_sign(self, worker: str) -> float:
        """Return when the scheduler last heard of a worker, by its clock."""
        try:
            present = self._client.scheduler_info(n_workers=-1)["workers"]
        except Exception as error:
            raise WorkerLostError(worker, "the scheduler does not answer") from error
        if self._client.status != "running":  # what it knows is of before
            raise WorkerLostError(worker, "the scheduler does not answer")
        if worker not in present:
            raise WorkerLostError(worker, "its process ended or its machine is out of reach")
        return float(present[worker]["last_seen"])


class RemoteEvents:
    """Events that stayed in a worker; see `ctc.simulation.event_runs.EventSource`."""

    def __init__(self, shards: DaskShards, number: int, size: int) -> None:
        self._shards = shards
        self._number = number
        self.size = size

    def unordered(self) -> list[npt.NDArray[Any]]:
        """Return all of them."""
        return list(self._blocks())

    def streams(self) -> list[Callable[[int], Iterator[npt.NDArray[Any]]]]:
        """Return what yields them in order, one run, in the worker's blocks."""
        return [lambda _rows: self._blocks()]

    def _blocks(self) -> Iterator[npt.NDArray[Any]]:
        self._shards.n_events(self._number)
        while (block := self._shards.next_events(self._number)) is not None:
            yield block
