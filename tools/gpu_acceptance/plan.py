"""What is done, in order of worth, and how the time is shared out.

Standard library only: this is read before anything is installed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

# Kept back at the end, for the table and the files [s].
RESERVE = 5.0
# A step that does not end by itself is given so much more before it is ended [s].
GRACE = 5.0


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    name : str
        Module below ``steps`` that does it.
    asks : str
        What it answers.
    share : float [s]
        Most time that it gets.
    least : float [s]
        With less it is not begun.
    needs_gpu : bool
        Whether there is nothing to do without one.
    asks_gpu : bool
        Whether it puts work to one that is there.
    program : str
        What must be found on the path; empty for none.
    room : str
        Package that holds the module.
    """

    name: str
    asks: str
    share: float
    least: float = 5.0
    needs_gpu: bool = True
    asks_gpu: bool = True
    program: str = ""
    room: str = "tools.gpu_acceptance.steps"


STEPS = (
    Step("device", "what the machine is", 15.0, 2.0, needs_gpu=False, asks_gpu=False),
    Step("digests", "one digest on every way, on every scenario", 110.0, needs_gpu=False),
    Step("speed", "hops a second by network, cells and device", 80.0, needs_gpu=False),
    Step("resume", "begun on one device, ended on another", 30.0),
    Step("sanitizer", "memory, races, initialisation, barriers", 75.0, program="compute-sanitizer"),
    Step("counters", "hardware counters of ctc_advance", 45.0, program="ncu"),
    Step("tests", "the tests of equal bits, with the GPU required", 75.0, 10.0),
    Step("shapes", "launch shapes", 30.0),
    Step("peers", "other ways to program the GPU", 60.0),
    Step("year", "a day of a tumour of 1 g, and the year", math.inf, 15.0),
)


class Budget:
    """The time that is left.

    Parameters
    ----------
    minutes : float
        For everything, from now on.
    now : callable
        Returns seconds that only rise.
    """

    def __init__(self, minutes: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self.total = 60.0 * minutes

    @property
    def used(self) -> float:
        """Seconds since the beginning."""
        return self._now() - self._began

    @property
    def left(self) -> float:
        """Seconds that steps may still take; the reserve is not among them."""
        return self.total - self.used - RESERVE

    def allowance(self, step: Step) -> float | None:
        """Return the seconds that a step gets, or None where it no longer fits."""
        seconds = min(step.share, self.left - GRACE)
        return seconds if seconds >= step.least else None
