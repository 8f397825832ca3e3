"""Who follows blocks: this process, or processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.cohort.folder import Block
from ctc.cohort.member import Follow, Member
from ctc.cohort.plan import Plan
from ctc.errors import CtcError, WorkerLostError

# Blocks that wait beside those that are followed, for each process.
_AHEAD = 1
REMEDY = (
    "What is done is kept: the same command goes on. Fewer --workers, or a smaller sweep.block, "
    "need less memory."
)

Result = tuple[Block, npt.NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """What a worker must know to follow any block.

    Attributes
    ----------
    plan : Plan
        Of the sweep.
    follow : Follow
        A function of a module.
    devices : tuple of str
        One for each worker, in turn.
    threads : int
        Of the cpu backend of each.
    folder : Path
        For what is too much for memory; the system's own where a worker has it not.
    """

    plan: Plan
    follow: Follow
    devices: tuple[str, ...]
    threads: int
    folder: Path

    def rows(self, block: Block, *, worker: int = 0) -> npt.NDArray[Any]:
        """Follow a block and return its rows, in order of patients."""
        members = [
            Member(patient, block.arm, self.plan.scenario(patient, block.arm))
            for patient in range(block.first, block.first + block.count)
        ]
        folder = self.folder if self.folder.is_dir() else Path(tempfile.gettempdir())
        rows = self.follow(
            members,
            backend_name=self.devices[worker % len(self.devices)],
            threads=self.threads,
            folder=folder,
        )
        _check_rows(rows, members)
        return rows


def _check_rows(rows: npt.NDArray[Any], members: Sequence[Member]) -> None:
    """Raise CtcError unless rows are those of the members, in their order."""
    is_right = rows.shape == (len(members),) and all(
        np.array_equal(rows[name], [getattr(member, name) for member in members])
        for name in ("patient", "arm")
    )
    if not is_right:
        message = (
            f"a block of {len(members)} patients must give their rows in order, got others. "
            "Please report this bug in ctc."
        )
        raise CtcError(message)


def follow_here(job: Job, blocks: Sequence[Block]) -> Generator[Result, None, None]:
    """Follow blocks one after another in this process."""
    for block in blocks:
        yield block, job.rows(block)


def follow_in_processes(
    job: Job, blocks: Sequence[Block], *, n_workers: int
) -> Generator[Result, None, None]:
    """Follow blocks in processes of this machine; each is given when it is done, in any order.

    The processes end with this one, however it ends, and when the caller stops early.

    Raises
    ------
    WorkerLostError
        If a process dies; blocks that it had not given back are to be followed again.
    """
    context = multiprocessing.get_context("spawn")
    numbers = context.Queue()
    for number in range(n_workers):
        numbers.put(number)
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        n_workers, mp_context=context, initializer=_begin, initargs=(job, numbers)
    )
    todo = iter(blocks)
    waiting: dict[Future[npt.NDArray[Any]], Block] = {}
    try:
        while True:
            while (
                len(waiting) < n_workers * (1 + _AHEAD) and (block := next(todo, None)) is not None
            ):
                waiting[pool.submit(_follow, block)] = block
            if not waiting:
                break
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
        pool.shutdown()
    except BrokenProcessPool:
        worker, why = "of this machine", "it was killed, or memory did not suffice"
        raise WorkerLostError(worker, why, remedy=REMEDY) from None
    finally:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


# What a worker process keeps between blocks: set once, when it starts.
_state: dict[str, Any] = {}


def _begin(job: Job, numbers: Any) -> None:
    # Ctrl-C reaches all processes of a terminal; it is for the one that keeps the blocks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _state["job"], _state["number"] = job, numbers.get()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _follow(block: Block) -> npt.NDArray[Any]:
    job: Job = _state["job"]
    return job.rows(block, worker=_state["number"])
