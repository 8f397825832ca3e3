"""Runs in turn, their clocks, and how a cost grows."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ctc.checks import FloatArray

T = TypeVar("T")


@dataclass(frozen=True)
class Taken:
    """What something took.

    Attributes
    ----------
    wall, processor : float [s]
        By the clock on the wall; of all threads of this process.
    """

    wall: float
    processor: float

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.wall + other.wall, self.processor + other.processor)


class Lap:
    """Both clocks from now on."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def taken(self) -> Taken:
        """Return what has gone by."""
        return Taken(time.perf_counter() - self._began[0], time.process_time() - self._began[1])


def time_once(job: Callable[[], object]) -> Taken:
    """Run a job and return what it took."""
    lap = Lap()
    job()
    return lap.taken()


def in_turn(contenders: Mapping[str, Callable[[], T]], n_runs: int) -> dict[str, list[T]]:
    """Run contenders one after another, again and again: ours, peer, ours, peer, ...

    What slows a machine down for a while slows neighbours alike, so ratios of neighbours are
    steadier than ratios of medians.

    Parameters
    ----------
    contenders : mapping of str to callable
        By name, in order.
    n_runs : int
        Rounds.

    Returns
    -------
    dict of str to list
        What each returned, round by round.
    """
    found: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(n_runs):
        for name, job in contenders.items():
            found[name].append(job())
    return found


def exponent(sizes: FloatArray, costs: FloatArray) -> float:
    """Return b of cost = a size^b by least squares of the logarithms.

    Parameters
    ----------
    sizes, costs : (n,) float64
        Both > 0; two different sizes at least.

    Raises
    ------
    ValueError
        If there are fewer than two different sizes.
    """
    if np.unique(sizes).size < 2:
        message = f"an exponent must have two different sizes, got {np.unique(sizes).size}"
        raise ValueError(message)
    x, y = np.log(sizes), np.log(costs)
    x = x - x.mean()
    return float((x * (y - y.mean())).sum() / (x * x).sum())


def child_processor_time() -> float:
    """Return the processor time [s] of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
