"""Rows of the tables that place a species' shapes and trunks in space."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass

from ctc.body.plan import BodyPlan
from ctc.errors import InputError
from ctc.resources import resource_folder
from ctc.scenario.parameters import BASES

_MILLIMETRE = 1e-3


@dataclass(frozen=True)
class Row:
    """One row; lengths come out in metres, scaled to the body.

    Attributes
    ----------
    file, line : str, int
        Where it stands, for messages.
    cells : dict of str to str
        Text by column; lengths in mm of the body that the table is drawn for.
    scale : float
        Length of this body over that of the table's.
    is_mirrored : bool
        True for the right-hand copy of a row that is written for the left.
    offset : (float, float, float) [m]
        Added to the places in it once they are scaled and mirrored; not to lengths.
    """

    file: str
    line: int
    cells: dict[str, str]
    scale: float
    is_mirrored: bool = False
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def text(self, column: str) -> str:
        """Return a cell as text; the names in a mirrored row say right for left."""
        text = self.cells[column]
        return mirrored_name(text) if self.is_mirrored and column != "of" else text

    def number(self, column: str) -> float:
        """Return a cell as a finite number."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            message = f"{column} must be a finite number, got '{self.cells[column]}'."
            raise self.error(message)
        return value

    def length(self, column: str) -> float:
        """Return a cell in millimetres as metres of this body."""
        return self.number(column) * _MILLIMETRE * self.scale

    def vector(self, x: str, y: str, z: str) -> tuple[float, float, float]:
        """Return three cells in millimetres as metres of this body."""
        return self.length(x), self.length(y), self.length(z)

    def place(self, x: str, y: str, z: str) -> tuple[float, float, float]:
        """Return three cells in millimetres as a place in this body [m]."""
        return self._placed(self.vector(x, y, z))

    def direction(self, x: str, y: str, z: str) -> tuple[float, float, float]:
        """Return three cells as a direction in this body, of any length."""
        along, back, up = self.vector(x, y, z)
        return (-along if self.is_mirrored else along), back, up

    def points(self, column: str) -> list[tuple[float, float, float]]:
        """Return a cell of points ``x y z | x y z`` in millimetres as metres of this body."""
        found = []
        for part in self.cells[column].split("|"):
            if not part.strip():
                continue
            try:
                x, y, z = (float(word) * _MILLIMETRE * self.scale for word in part.split())
            except ValueError:
                message = f"{column} must be points 'x y z | x y z', got '{part.strip()}'."
                raise self.error(message) from None
            found.append(self._placed((x, y, z)))
        return found

    def _placed(self, point: tuple[float, float, float]) -> tuple[float, float, float]:
        x, y, z = point
        return (
            (-x if self.is_mirrored else x) + self.offset[0],
            y + self.offset[1],
            z + self.offset[2],
        )

    def error(self, message: str) -> InputError:
        """Return the error that a wrong cell of this row deserves."""
        return InputError(message, file=self.file, key=f"line {self.line}")


def mirrored_name(name: str) -> str:
    """Return a name with right for left and left for right."""
    return " ".join({"left": "right", "right": "left"}.get(word, word) for word in name.split(" "))


def read_body_table(plan: BodyPlan, table: str) -> Iterator[Row]:
    """Yield the rows of ``bodies/<species>_<table>.csv`` that hold for one body.

    Parameters
    ----------
    plan : BodyPlan
        Whose layout to read: rows for other bodies of its species are left out, and lengths are
        scaled to this one.
    table : str
        ``territories``, ``trunks`` or ``ports``.

    Yields
    ------
    Row
        In the order of the file; a row to be mirrored is followed by its right-hand copy.

    Raises
    ------
    InputError
        If the table is missing, a row is too short or too long, or lacks its basis or source.
    """
    name = f"{plan.species}_{table}.csv"
    path = resource_folder("scenarios") / "parameters" / "bodies" / name
    if not path.is_file():
        message = f"table '{name}' must exist for body '{plan.name}'. Add it beside the body plans."
        raise InputError(message)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for cells in reader:
            if None in cells or None in cells.values():
                message = f"row must have {len(reader.fieldnames or ())} cells."
                raise InputError(message, file=name, key=f"line {reader.line_num}")
            row = Row(name, reader.line_num, cells, plan.shape_scale)
            if cells["basis"] not in BASES or not cells["source"].strip():
                message = f"row must have a source and a basis of {', '.join(BASES)}."
                raise row.error(message)
            if cells["body"] not in ("", plan.layout.body):
                continue
            yield row
            if cells["mirror"]:
                yield Row(name, reader.line_num, cells, plan.shape_scale, is_mirrored=True)
