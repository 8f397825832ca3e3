"""What must be there after a kill: what a command counted as kept, and what it began with."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ctc.errors import CtcError
from ctc.record.checkpoint import read_checkpoint
from ctc.record.files import RunFiles

FRAMES, EPOCHS, CHECKPOINT, BLOCK = (
    "frames.counted",
    "epoch.counted",
    "checkpoint.placed",
    "block.placed",
)
_POINTS = (FRAMES, EPOCHS, CHECKPOINT, BLOCK)


class Board:
    """Passages of the points after which something is kept, in memory that outlives a kill."""

    def __init__(self) -> None:
        self._numbers = struct.Struct(f"{len(_POINTS)}q")
        self._memory = mmap.mmap(-1, self._numbers.size)

    def note(self, point: str) -> None:
        """Count a passage; called in the process that is killed."""
        if point in _POINTS:
            counts = self.read()
            counts[point] += 1
            self._numbers.pack_into(self._memory, 0, *counts.values())

    def read(self) -> dict[str, int]:
        """Return the passages so far."""
        return dict(zip(_POINTS, self._numbers.unpack_from(self._memory), strict=True))


@dataclass(frozen=True)
class Promise:
    """What a command must leave at least.

    Attributes
    ----------
    epochs, frames : int
        That a run holds.
    has_checkpoint : bool
        Whether a run that is not finished has one.
    blocks : frozenset of str
        Names of files of rows that were there before.
    n_blocks : int
        That a sweep holds.
    """

    epochs: int = 0
    frames: int = 0
    has_checkpoint: bool = False
    blocks: frozenset[str] = field(default_factory=frozenset)
    n_blocks: int = 0


def before(folder: Path, words: tuple[str, ...], *, run: str, sweep: str) -> Promise:
    """Return what a command finds and must not lose: nothing, where it may begin anew."""
    if "--overwrite" in words:
        return Promise()
    names = frozenset(path.name for path in (folder / sweep / "blocks").glob("*.h5"))
    kept = Promise(blocks=names, n_blocks=len(names))
    if words[0] != "resume":
        return kept
    try:
        counts = read_checkpoint(RunFiles.of(folder / run)).counts
    except CtcError:  # which is told when the folder is judged
        return kept
    return Promise(counts["epochs"], counts["frames"], has_checkpoint=True)


def after(start: Promise, passed: Mapping[str, int]) -> Promise:
    """Return what must be there when a command was killed after so many passages."""
    return Promise(
        start.epochs + passed[EPOCHS],
        start.frames + passed[FRAMES],
        start.has_checkpoint or passed[CHECKPOINT] > 0,
        start.blocks,
        start.n_blocks + passed[BLOCK],
    )


def broken_of_run(promise: Promise, n_epochs: int, n_frames: int) -> list[str]:
    """Return what a run lacks."""
    found = []
    if n_epochs < promise.epochs:
        found.append(f"{promise.epochs} epochs were counted, the run holds {n_epochs}")
    if n_frames < promise.frames:
        found.append(f"{promise.frames} frames were counted, the run holds {n_frames}")
    return found


def broken_of_sweep(promise: Promise, names: frozenset[str]) -> list[str]:
    """Return what a sweep lacks."""
    found = [f"block {name} is gone" for name in sorted(promise.blocks - names)]
    if len(names) < promise.n_blocks:
        found.append(f"{promise.n_blocks} blocks were placed, the sweep holds {len(names)}")
    return found
