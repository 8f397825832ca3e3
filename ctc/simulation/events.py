"""Events in the order that everybody sees: by time, then cell, then number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ctc.backends.host_events import sort_events
from ctc.backends.records import EVENT

START_OF_CHAIN = "0" * 64


def in_order(*blocks: npt.NDArray[Any], threads: int | None = None) -> npt.NDArray[Any]:
    """Return the events of all blocks, (n,) EVENT each, sorted by (time, cell, number)."""
    return sort_events(blocks, threads=threads)


def joined(blocks: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return blocks of events, (n,) EVENT each, as one; empties the list to free their memory."""
    whole = np.concatenate([no_events(), *blocks]) if len(blocks) != 1 else blocks[0]
    blocks.clear()
    return whole


class EventChain:
    """The digest of all epochs so far, made in a thread of its own while the next one runs.

    Parameters
    ----------
    value : str
        Where to go on.
    """

    def __init__(self, value: str = START_OF_CHAIN) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ctc-digest")
        self.restart(value)

    def restart(self, value: str) -> None:
        """Go on from another digest."""
        self._epoch: _Digest | None = None
        self._fed: Future[None] | None = None
        self._next: Future[str] | None = None
        self._value = value

    def feed(self, events: Callable[[], npt.NDArray[Any]]) -> None:
        """Add events of the epoch that `add` will end; nobody may change them any more.

        Waits for those before, so that memory never holds more than are fed at once.

        Parameters
        ----------
        events : callable
            Returns them in order; called in the thread of the digest.
        """
        digest = self._open_epoch()
        if self._fed is not None:
            self._fed.result()
        self._fed = self._worker.submit(_feed, digest, events)

    def add(self, *blocks: npt.NDArray[Any]) -> None:
        """Add the last arrays of an epoch, which are small, and wait for nothing before them."""
        self._next = self._worker.submit(_end, self._open_epoch(), self._fed, blocks)
        self._epoch = self._fed = None

    def _open_epoch(self) -> _Digest:
        """Return the digest of the present epoch; waits for the epoch before when it begins."""
        if self._epoch is None:
            self._epoch = hashlib.sha256(bytes.fromhex(self.value))
        return self._epoch

    @property
    def value(self) -> str:
        """The digest, 64 hexadecimal digits, of all epochs that ended; waits for the last.

        What went wrong with its events is raised here.
        """
        if self._next is not None:
            self._value, self._next = self._next.result(), None
        return self._value


class _Digest(Protocol):
    """What hashlib gives."""

    def update(self, data: memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


def _feed(digest: _Digest, events: Callable[[], npt.NDArray[Any]]) -> None:
    _update(digest, [events()])


def _end(digest: _Digest, fed: Future[None] | None, blocks: Iterable[npt.NDArray[Any]]) -> str:
    """Return the digest of an epoch; raises what went wrong with its last events."""
    if fed is not None:
        fed.result()
    _update(digest, blocks)
    return digest.hexdigest()


def _update(digest: _Digest, blocks: Iterable[npt.NDArray[Any]]) -> None:
    for block in blocks:
        digest.update(np.ascontiguousarray(block).view(np.uint8).data)


def chain_digest(previous: str, *blocks: npt.NDArray[Any]) -> str:
    """Return SHA-256 of a digest and the bytes of arrays: the digest of all epochs so far."""
    digest = hashlib.sha256(bytes.fromhex(previous))
    _update(digest, blocks)
    return digest.hexdigest()


def no_events() -> npt.NDArray[Any]:
    """Return (0,) EVENT."""
    return np.zeros(0, dtype=EVENT)
