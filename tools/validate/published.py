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
