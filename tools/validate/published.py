"""Published figures that runs are compared with; each table carries its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ctc.analysis.organ_matrix import OrganMatrix

DATA = Path(__file__).resolve().parents[2] / "tests" / "validation" / "data"
_ABOUT = ("origin", "certainty", "source")


@dataclass(frozen=True)
class PublishedSpeed:
    """How fast another program walks the same network.

    Attributes
    ----------
    cells_per_second : tuple of float [1/s]
        Slowest and fastest of the settings tried.
    source : str
        Which program, how measured.
    """

    cells_per_second: tuple[float, float]
    source: str


CTC_MODEL_SPEED = PublishedSpeed(
    cells_per_second=(19.0, 27.0),
    source="CTC-model (Font-Clos, Zapperi and La Porta 2020), its class Tracer on its main network "
    "of 20,634 nodes, one cell at a time, on 2 cores of an AMD EPYC: 200 cells in 10.4 s at an "
    "attach chance of 0.01 a segment, in 7.4 s at 0.001",
)


def published_matrix() -> OrganMatrix:
    """Return the organ-to-organ matrix of Font-Clos, Zapperi and La Porta 2020.

    Shares of the cells of 10,000 tracers an organ, left and right added up; rows and columns in
    the order of its columns.
    """
    path = DATA / "fontclos2020_flow_model_matrix.csv"
    with path.open(encoding="utf-8", newline="") as text:
        rows = {row["origin"]: row for row in csv.DictReader(text)}
    names = [name for name in next(iter(rows.values())) if name not in _ABOUT]
    shares = np.array([[float(rows[origin][name]) for name in names] for origin in names])
    plain = tuple(name.replace("_", " ") for name in names)
    return OrganMatrix(plain, plain, shares)


@dataclass(frozen=True)
class PublishedFigure:
    """One measured figure.

    Attributes
    ----------
    quantity, system : str
        What was measured, and in whom.
    value, low, high : float or None
        The figure and its range, in `unit`; what the source does not give is None.
    unit, certainty, source : str
        S: seen in the source, K: from memory, D: derived from such figures.
    """

    quantity: str
    system: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    certainty: str
    source: str

    @property
    def target(self) -> float:
        """The value; a ValueError where there is only a range."""
        if self.value is None:
            message = f"{self.quantity} must have a value, got a range"
            raise ValueError(message)
        return self.value

    @property
    def band(self) -> tuple[float, float]:
        """The range; a ValueError where there is none."""
        if self.low is None or self.high is None:
            message = f"{self.quantity} must have a range, got none"
            raise ValueError(message)
        return self.low, self.high


def published_figures(subject: str) -> dict[str, PublishedFigure]:
    """Return the figures of ``tests/validation/data/<subject>.csv`` by quantity.

    Raises
    ------
    ValueError
        If a quantity stands there twice.
    """
    found: dict[str, PublishedFigure] = {}
    with (DATA / f"{subject}.csv").open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if row["quantity"] in found:
                message = f"quantity must be unique in {subject}.csv, got {row['quantity']} twice"
                raise ValueError(message)
            value, low, high = (_number(row[key]) for key in ("value", "low", "high"))
            found[row["quantity"]] = PublishedFigure(
                row["quantity"],
                row["system"],
                value,
                low,
                high,
                row["unit"],
                row["certainty"],
                row["source"],
            )
    return found


def _number(text: str) -> float | None:
    return float(text) if text else None
