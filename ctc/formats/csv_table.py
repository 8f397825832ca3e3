"""One CSV table with a heading: columns by name, units from the ends of names."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError, near_name
from ctc.formats.length_unit import LengthUnit, parse_unit
from ctc.input_files import at_line, read_text

_UNIT_ENDING = re.compile(r"(.+)_(m|cm|mm|um|nm)")


@dataclass(frozen=True)
class CsvTable:
    """A table as texts.

    Attributes
    ----------
    path : Path
        Of the file.
    columns : dict of str to list of str
        By name without its unit.
    units : dict of str to LengthUnit
        Of the columns whose names end in one, such as ``x_mm``.
    lines : list of int
        Line of every row.
    """

    path: Path
    columns: dict[str, list[str]]
    units: dict[str, LengthUnit]
    lines: list[int]

    @property
    def n_rows(self) -> int:
        """Number of rows below the heading."""
        return len(self.lines)

    def find(self, *names: str, what: str) -> str:
        """Return the first of these columns that is there.

        Raises
        ------
        InputError
            If there is none.
        """
        for name in names:
            if name in self.columns:
                return name
        message = f"table must have a column '{names[0]}' ({what}), got none. "
        raise at_line(self.path, 1, message + near_name(names[0], list(self.columns)))

    def lengths(self, name: str, *, unit: LengthUnit) -> FloatArray:
        """Return a column of lengths in m, in the unit of its name or else in this one."""
        unit = self.units.get(name, unit)
        values = [unit.read_text(text) for text in self.columns[name]]
        return self._finite(name, np.array(values, dtype=np.float64))

    def numbers(self, name: str) -> FloatArray:
        """Return a column of plain numbers; ``nan`` and ``inf`` are allowed."""
        values = np.empty(self.n_rows)
        for i, text in enumerate(self.columns[name]):
            try:
                values[i] = float(text)
            except ValueError:
                raise self._wrong(name, i, "a number") from None
        return values

    def whole(self, name: str, i: int) -> int:
        """Return one value as a whole number."""
        try:
            return int(self.columns[name][i])
        except ValueError:
            raise self._wrong(name, i, "a whole number") from None

    def chosen(
        self, name: str, known: tuple[str, ...], *, is_optional: bool
    ) -> npt.NDArray[np.int64]:
        """Return a column of names as indices into the known ones; -1 for an empty one."""
        index = {each: i for i, each in enumerate(known)}
        if is_optional:
            index[""] = -1
        values = np.empty(self.n_rows, dtype=np.int64)
        for i, written in enumerate(self.columns[name]):
            text = written if written in index else written.strip()
            if text not in index:
                message = f"{name} must be a known one, got '{text[:40]}'. "
                raise at_line(self.path, self.lines[i], message + near_name(text, known))
            values[i] = index[text]
        return values

    def _finite(self, name: str, values: FloatArray) -> FloatArray:
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise self._wrong(name, int(bad[0]), "a finite number")
        return values

    def _wrong(self, name: str, i: int, rule: str) -> InputError:
        message = f"{name} must be {rule}, got '{self.columns[name][i][:30]}'. Correct it."
        return at_line(self.path, self.lines[i], message)


def read_csv_table(path: Path) -> CsvTable:
    """Read a table.

    Raises
    ------
    InputError
        If it cannot be read, has no heading, names a column twice, or a row is cut short.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                message = f"row must have {len(header)} values, got {len(row)}. "
                raise at_line(path, reader.line_num, message + "The file may be cut short.")
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        message = f"table must be values between commas ({error}). Correct the line."
        raise at_line(path, reader.line_num, message) from None
    columns: dict[str, list[str]] = {}
    units: dict[str, LengthUnit] = {}
    for i, name in enumerate(header):
        found = _UNIT_ENDING.fullmatch(name)
        base = found[1] if found else name
        if base in columns:
            raise at_line(path, 1, f"columns must be unique, got '{base}' twice. Drop one.")
        columns[base] = [row[i] for row in rows]
        if found:
            units[base] = parse_unit(found[2])
    return CsvTable(path, columns, units, lines)


def number_text(value: float) -> str:
    """Return a number as the shortest text that gives the same bits."""
    return repr(float(value)) if math.isfinite(value) else str(float(value))
