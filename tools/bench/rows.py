"""A row of the benchmark table: its figures, their goals, and what a peer gives beside them.

A row runs one workload by us and by a peer in turn. A figure is a median; its ratio says how many
times better ours is, whichever way the unit counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from ctc.checks import FloatArray


class RowSkipped(Exception):  # noqa: N818 - a skip is not an error
    """A row cannot be measured here; the text says what it lacks and how to give it that."""


@dataclass(frozen=True)
class Conditions:
    """How a table is measured.

    Attributes
    ----------
    is_quick : bool
        Smaller problems and fewer runs.
    device : str
        A GPU to measure beside the processor, by name; empty for none.
    hedos : Path or None
        A checkout of HEDOS.
    tables : Path or None
        Tables of the published network.
    """

    is_quick: bool = False
    device: str = ""
    hedos: Path | None = None
    tables: Path | None = None

    def runs(self, full: int = 7) -> int:
        """Return how often each contender runs: `full`, or 5 at least."""
        return 5 if self.is_quick else full

    def of_whole(self, goal: Goal | None) -> Goal | None:
        """Return a goal of a problem that is smaller if quick: none then, for it was not set."""
        return None if self.is_quick else goal


@dataclass(frozen=True)
class Goal:
    """What a figure is to come to, both ends included.

    Attributes
    ----------
    low, high : float
        Ends; infinite where there is none.
    is_of_ratio : bool
        Whether the ratio to the peer is judged instead of our figure.
    """

    low: float = -math.inf
    high: float = math.inf
    is_of_ratio: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.high or (math.isinf(self.low) and math.isinf(self.high)):
            message = f"a goal must have an end, and low <= high, got {self.low} .. {self.high}"
            raise ValueError(message)

    def is_met(self, value: float) -> bool:
        """Whether a value lies between the ends; NaN never does."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Peer:
    """What another program gives on the same workload.

    Attributes
    ----------
    name : str
        Which, with its version where it is known.
    value : float
        In the unit of our figure.
    origin : str
        Where and when the figure was taken; empty if here and now, in turn with ours.
    """

    name: str
    value: float
    origin: str = ""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    name : str
        What is measured.
    unit : str
        Of ours and peer.
    ours : float
        Median of the runs.
    best : float
        The best of them.
    n_runs : int
        How many, at least 1.
    spread : float
        Half the distance of the quartiles over the median.
    peer : Peer or None
        Where there is one.
    ratio : float or None
        How many times better ours is: median of the ratios of runs that stood side by side, or
        of the medians where the peer was not run here.
    goal : Goal or None
        Where there is one.
    is_less_better : bool
        Whether the figure is a cost.
    """

    name: str
    unit: str
    ours: float
    best: float
    n_runs: int
    spread: float
    peer: Peer | None = None
    ratio: float | None = None
    goal: Goal | None = None
    is_less_better: bool = False

    def __post_init__(self) -> None:
        if self.n_runs < 1 or not self.spread >= 0.0:
            got = f"{self.n_runs}, {self.spread} at {self.name}"
            message = f"n_runs must be > 0 and spread >= 0, got {got}"
            raise ValueError(message)
        if (self.peer is None) != (self.ratio is None):
            message = f"a ratio must come with a peer, and only so, at {self.name}"
            raise ValueError(message)
        if self.goal is not None and self.goal.is_of_ratio and self.ratio is None:
            message = f"a goal of the ratio must come with one, at {self.name}"
            raise ValueError(message)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or none to judge.

        A ratio to a peer that did not run here compares machines too.
        """
        if self.goal is None or (self.goal.is_of_ratio and self.peer and self.peer.origin):
            return None
        value = self.ratio if self.goal.is_of_ratio else self.ours
        return value is not None and self.goal.is_met(value)


def figure_of(
    name: str,
    unit: str,
    *,
    ours: FloatArray,
    peer: FloatArray | Peer | None = None,
    peer_name: str = "",
    goal: Goal | None = None,
    is_less_better: bool = False,
) -> Figure:
    """Make a figure of the runs of ours and of a peer.

    Parameters
    ----------
    name, unit : str
        As in `Figure`.
    ours : (n_runs,) float64
        In the unit, > 0, in the order of the runs.
    peer : (n_runs,) float64, or Peer
        The runs that stood beside them, in the same order; or a figure from elsewhere.
    peer_name : str
        Of a peer that was run.
    goal, is_less_better : Goal, bool
        As in `Figure`.

    Raises
    ------
    ValueError
        If there is no run, or the peer ran another number of times.
    """
    if ours.size == 0 or (isinstance(peer, np.ndarray) and peer.size != ours.size):
        message = f"ours and peer must have run equally often, and at all, at {name}"
        raise ValueError(message)
    beside, ratio = None, None
    if isinstance(peer, Peer):
        beside = peer
        ratio = _better(np.array([np.median(ours)]), np.array([peer.value]), is_less_better)
    elif peer is not None:
        beside = Peer(peer_name, float(np.median(peer)))
        ratio = _better(ours, peer, is_less_better)
    return Figure(
        name=name,
        unit=unit,
        ours=float(np.median(ours)),
        best=float(ours.min() if is_less_better else ours.max()),
        n_runs=int(ours.size),
        spread=spread(ours),
        peer=beside,
        ratio=ratio,
        goal=goal,
        is_less_better=is_less_better,
    )


def _better(ours: FloatArray, peer: FloatArray, is_less_better: bool) -> float:
    ratios = peer / ours if is_less_better else ours / peer
    return float(np.median(ratios))


def spread(values: FloatArray) -> float:
    """Half the distance between the quartiles over the median, (n,) float64 > 0."""
    low, middle, high = np.percentile(values, [25.0, 50.0, 75.0])
    return float(0.5 * (high - low) / middle)


@dataclass(frozen=True)
class Outcome:
    """What a row came to.

    Attributes
    ----------
    figures : tuple of Figure
        Lines of the table, at least one.
    notes : tuple of str
        Sentences that belong below the table.
    shares : mapping of str to float
        Parts of a whole by name, where the row takes one apart; they add up to 1.
    """

    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)


class Row(Protocol):
    """A row of the table; each is a frozen dataclass without state."""

    @property
    def name(self) -> str:
        """What ``--only`` takes."""

    @property
    def what(self) -> str:
        """The workload, in a few words."""

    def measure(self, conditions: Conditions) -> Outcome:
        """Measure the row; raises `RowSkipped` where it cannot."""
