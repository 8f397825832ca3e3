"""What Linux tells of a process: memory, threads, open files, processor time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Look:
    """A process at one moment.

    Attributes
    ----------
    resident, proportional : int
        Memory in RAM [bytes]; pages that are shared count as a part in the second.
    swapped : int
        Memory that was moved out of it [bytes].
    threads, handles : int
        Threads, and open files of every kind.
    processor : float
        Processor time so far [s].
    """

    resident: int
    proportional: int
    swapped: int
    threads: int
    handles: int
    processor: float


def look_at(process: int) -> Look | None:
    """Return how a process is, or nothing if it has ended."""
    folder = Path("/proc") / str(process)
    try:
        rollup = _kibibytes((folder / "smaps_rollup").read_text(encoding="ascii"))
        # The name of a program may hold anything, also spaces and brackets.
        fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        handles = len(os.listdir(folder / "fd"))
    except OSError:
        return None
    if "Rss" not in rollup:  # it has ended, and nobody has asked how
        return None
    return Look(
        resident=rollup["Rss"],
        proportional=rollup["Pss"],
        swapped=rollup.get("Swap", 0),
        threads=int(fields[17]),
        handles=handles,
        processor=(int(fields[11]) + int(fields[12])) / _TICKS,
    )


def _kibibytes(text: str) -> dict[str, int]:
    lines = (line.split() for line in text.splitlines())
    return {words[0][:-1]: 1024 * int(words[1]) for words in lines if words[-1] == "kB"}
