"""Events in the order that everybody sees: by time, then cell, then number."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_events import sort_events
from ctc.backends.records import EVENT

START_OF_CHAIN = "0" * 64


def in_order(*blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the events of all blocks, (n,) EVENT each, sorted by (time, cell, number)."""
    return sort_events(blocks)


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
        self._worker: ThreadPoolExecutor | None = None
        self.restart(value)

    def restart(self, value: str) -> None:
        """Go on from another digest."""
        self._next: Future[str] | None = None
        self._value = value

    def add(self, *blocks: npt.NDArray[Any]) -> None:
        """Add the arrays of an epoch, which nobody may change any more."""
        before = self.value
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="ctc-digest")
        self._next = self._worker.submit(chain_digest, before, *blocks)

    @property
    def value(self) -> str:
        """The digest, 64 hexadecimal digits; waits for what is being added."""
        if self._next is not None:
            self._value, self._next = self._next.result(), None
        return self._value


def chain_digest(previous: str, *blocks: npt.NDArray[Any]) -> str:
    """Return SHA-256 of a digest and the bytes of arrays: the digest of all epochs so far."""
    digest = hashlib.sha256(bytes.fromhex(previous))
    for block in blocks:
        little = np.ascontiguousarray(block)
        digest.update(little.view(np.uint8).data)
    return digest.hexdigest()


def no_events() -> npt.NDArray[Any]:
    """Return (0,) EVENT."""
    return np.zeros(0, dtype=EVENT)
