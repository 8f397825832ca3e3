"""Where the time of a run goes: wall and processor time by phase."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

# In the order of a run. "settle" is all of an epoch but the kernels; shards run theirs at once.
PHASES = {
    "prepare": "body, vessels, flow, tables",
    "open": "run file and vessels written",
    "kernels": "kernels (where they took longest)",
    "settle": "the rest of the epochs",
    "record": "handing epochs to the writer",
    "end": "end of the file, summary",
}
_STAT = Path("/proc/self/stat")
_START_FIELD = 19  # of those behind the name of the program: clock ticks after the machine began


@dataclass(frozen=True)
class Spent:
    """Time spent.

    Attributes
    ----------
    wall : float [s]
        By the clock.
    cpu : float or None [s]
        Of all threads of the process; those that write and pack work beside every phase. None
        where it cannot be told from that of other work.
    """

    wall: float = 0.0
    cpu: float | None = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Return both together."""
        cpu = None if self.cpu is None or other.cpu is None else self.cpu + other.cpu
        return Spent(self.wall + other.wall, cpu)

    def __neg__(self) -> Spent:
        """Return what takes it away."""
        return Spent(-self.wall, None if self.cpu is None else -self.cpu)


class Stopwatch:
    """Adds up time by phase; every moment belongs to one phase."""

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}
        self.first_epoch: float | None = None
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self, phase: str) -> None:
        """Give the time since the last lap to a phase."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._add(phase, Spent(wall - self._wall, cpu - self._cpu))
        self._wall, self._cpu = wall, cpu

    def part(self, phase: str, *, of: str, spent: Spent, is_of_this_process: bool = True) -> None:
        """Say that a part of one phase belongs to another.

        Processor time of other processes was never counted in this one.
        """
        self._add(of, -(spent if is_of_this_process else replace(spent, cpu=0.0)))
        self._add(phase, spent)

    def _add(self, phase: str, spent: Spent) -> None:
        self.spent[phase] = self.spent.get(phase, Spent()) + spent

    def note_epoch(self) -> None:
        """Note that an epoch is done: the first says how long a user waits to see one."""
        if self.first_epoch is None:
            self.first_epoch = seconds_since_start()

    def as_mapping(self) -> dict[str, dict[str, float]]:
        """Return the seconds by phase, ``wall`` and, where it is known, ``cpu``, as plain values.

        ``first_epoch`` is no phase: wall time from the start of the process to the end of the
        first epoch, where the system tells it.
        """
        found = {
            phase: {
                name: value for name, value in vars(self.spent[phase]).items() if value is not None
            }
            for phase in PHASES
            if phase in self.spent
        }
        if self.first_epoch is not None:
            found["first_epoch"] = {"wall": self.first_epoch}
        return found


def seconds_since_start() -> float | None:
    """Return the wall time since this process began [s], to 0.01 s; None if unknown."""
    try:
        fields = _STAT.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        began = int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, IndexError, AttributeError):
        return None
