"""A row of the validation table: its figures, its curves, and how a figure is judged.

A row compares runs of ctc with published data or a closed form. Each row can be measured with its
law and, to show that the row is able to fail, without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from ctc.checks import FloatArray

Basis = Literal["fitted", "predicted", "identity"]
Style = Literal["line", "points", "bars"]
Scale = Literal["linear", "log"]
BASES: tuple[Basis, ...] = ("fitted", "predicted", "identity")


class RowSkipped(Exception):  # noqa: N818 - a skip is not an error
    """A row cannot be measured here; the text says what it lacks and how to give it that."""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    name : str
        What is compared, as "liver cascade: out of the vessel in 3 d".
    target : float or (low, high)
        The published value, or the band that it lies in.
    tolerance : str
        In the words of the published row: "factor 1.5", "20 %", "inside the band", "sign".
    got : float
        What ctc gives, in the unit of the target.
    standard_error : float or None
        Of `got`; None only where `got` is solved exactly.
    n : int
        Sample behind it, 0 where solved exactly.
    basis : str
        ``fitted``: a number of ours was chosen for it; ``predicted``: none was; ``identity``: it
        follows from a law of conservation.
    is_met : bool
        Whether `got` lies within the tolerance.
    unit : str
        Of target and figure; empty for a ratio.
    reason : str
        Why the shipped figure misses its target, in whole sentences; empty where it is to meet it.
    known : (low, high) or None
        Between what figures the reason was found to hold; elsewhere a miss is a new one.

    Raises
    ------
    ValueError
        If basis, n, target or standard error are none, if no standard error comes with a sample,
        or a reason without the figures that it is known for.
    """

    name: str
    target: float | tuple[float, float]
    tolerance: str
    got: float
    standard_error: float | None
    n: int
    basis: Basis
    is_met: bool
    unit: str = ""
    reason: str = ""
    known: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if bool(self.reason) != (self.known is not None):
            message = f"reason must come with the figures it is known for at {self.name}"
            raise ValueError(message)
        if self.basis not in BASES:
            message = f"basis must be one of {', '.join(BASES)}, got {self.basis} at {self.name}"
            raise ValueError(message)
        if isinstance(self.target, tuple) and not self.target[0] < self.target[1]:
            message = f"target must be a band (low, high), got {self.target} at {self.name}"
            raise ValueError(message)
        if self.n < 0 or (self.n > 0) != (self.standard_error is not None):
            message = (
                f"standard_error must come with a sample and with nothing else, got "
                f"{self.standard_error} with n = {self.n} at {self.name}"
            )
            raise ValueError(message)
        if self.standard_error is not None and not self.standard_error >= 0.0:
            message = f"standard_error must be >= 0, got {self.standard_error} at {self.name}"
            raise ValueError(message)

    @property
    def is_expected(self) -> bool:
        """Whether it is met, or missed with a reason."""
        return self.is_met or (self.known is not None and inside(self.got, *self.known))


@dataclass(frozen=True)
class Panel:
    """One pair of axes of a row's picture; curves of equal panels are drawn together.

    Attributes
    ----------
    title, x_label, y_label : str
        Labels name the unit.
    x_scale, y_scale : str
        ``linear`` or ``log``.
    """

    title: str
    x_label: str
    y_label: str
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"


@dataclass(frozen=True)
class Curve:
    """Something to draw; its name in the legend is its key in `Outcome.curves`.

    Attributes
    ----------
    panel : Panel
        Where it is drawn.
    x : (n,) float64, or n names
        Abscissae, or categories.
    y : (n,) float64
        Ordinates.
    error : (n,) float64 or None
        Standard errors of `y`.
    style : str
        ``line``, ``points`` or ``bars``.
    is_published : bool
        Drawn as data that ctc is compared with, else as found by ctc.
    """

    panel: Panel
    x: FloatArray | tuple[str, ...]
    y: FloatArray
    error: FloatArray | None = None
    style: Style = "line"
    is_published: bool = False

    def __post_init__(self) -> None:
        sizes = {len(self.x), len(self.y), len(self.y if self.error is None else self.error)}
        if len(sizes) != 1:
            message = f"x, y and error must be equally long, got {sorted(sizes)} in {self.panel}"
            raise ValueError(message)


@dataclass(frozen=True)
class Sheet:
    """A table that stands below the row: what is reported beside its figures, and not judged.

    Attributes
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Heads, with units.
    rows : tuple of tuple
        Names and numbers, as many as heads.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]

    def __post_init__(self) -> None:
        if {len(row) for row in self.rows} != {len(self.columns)}:
            message = f"rows must have {len(self.columns)} entries as the head of {self.title}"
            raise ValueError(message)


@dataclass(frozen=True)
class Outcome:
    """What a row came to.

    Attributes
    ----------
    figures : tuple of Figure
        Lines of the table, at least one.
    curves : mapping of str to Curve
        What the picture of the row shows, by the name in the legend.
    notes : tuple of str
        Sentences that belong below the row.
    sheets : tuple of Sheet
        What stands beside the row without being judged, as the figures of baselines.
    """

    figures: tuple[Figure, ...]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()

    @property
    def is_expected(self) -> bool:
        """Whether every figure is met or missed with a reason."""
        return all(figure.is_expected for figure in self.figures)

    @property
    def is_red(self) -> bool:
        """Whether a figure is missed that the shipped row is to meet: what an ablation must do."""
        return not self.is_expected


class Row(Protocol):
    """A row of the table; each is a frozen dataclass whose fields say how large it is run."""

    @property
    def number(self) -> int:
        """Number of the row."""

    @property
    def name(self) -> str:
        """What ``--only`` and ``--ablate`` take."""

    @property
    def body(self) -> str:
        """Which body and parameter set."""

    @property
    def source(self) -> str:
        """Citation of the target."""

    @property
    def law(self) -> str:
        """What an ablation takes away, in words."""

    def measure(self, *, ablated: bool) -> Outcome:
        """Measure the row, with its law or without it; raises `RowSkipped` where it cannot."""


def within_factor(got: float, target: float, factor: float) -> bool:
    """Whether `got` lies within a factor of a target, both > 0."""
    return target / factor <= got <= target * factor


def within_share(got: float, target: float, share: float) -> bool:
    """Whether `got` lies within a share of the target, 0.2 for 20 %."""
    return abs(got - target) <= share * abs(target)


def within_points(got: float, target: float, points: float) -> bool:
    """Whether `got` lies within so many points (of per cent, say) of a target."""
    return abs(got - target) <= points


def inside(got: float, low: float, high: float) -> bool:
    """Whether `got` lies in the closed band."""
    return low <= got <= high


def relative_error(*counts: float) -> float:
    """Relative standard error of a product or quotient of independent counts, each > 0."""
    return float(np.sqrt(sum(1.0 / count for count in counts)))
