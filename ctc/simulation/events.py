"""Events in the order that everybody sees: by time, then cell, then number."""

from __future__ import annotations

import hashlib
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
