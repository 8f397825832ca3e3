"""SweepTable: what a sweep came to, one row for each patient and arm; reads files only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, near_name
from ctc.record.sweep_files import TableColumn, read_table

TABLE_NAME = "sweep.h5"


@dataclass(frozen=True)
class SweepTable:
    """The table of a sweep, in order of patient and arm.

    Attributes
    ----------
    path : Path
        The file.
    columns : tuple of TableColumn
        In order: ``patient`` and ``arm``, what was varied, what became of them.
    attributes : dict of str to str
        ``digest``, ``title``, ``question``, ``design``, ``version``, ``seed`` and so on.
    texts : dict of str to str
        ``sweep``: SWEEP.toml to the letter; ``plan``: distributions and arms as JSON.
    further : dict of str to tuple of TableColumn
        Other tables, such as ``sensitivity``.
    """

    path: Path
    columns: tuple[TableColumn, ...]
    attributes: dict[str, str]
    texts: dict[str, str]
    further: dict[str, tuple[TableColumn, ...]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the table, the same however it was made."""
        return self.attributes["digest"]

    @property
    def n_rows(self) -> int:
        """Rows: patients times arms."""
        return int(self.columns[0].values.size)

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms, in the order of the codes of column ``arm``."""
        return self.described("arm").labels

    @property
    def varied(self) -> tuple[str, ...]:
        """Keys that differ between patients."""
        return tuple(column.name for column in self.columns if column.role == "varied")

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Columns of what became of the patients."""
        return tuple(column.name for column in self.columns if column.role == "outcome")

    def described(self, name: str) -> TableColumn:
        """Return a column with its unit and meaning; InputError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        known = [column.name for column in self.columns]
        message = f"column must be one of the table's, got '{name}'. {near_name(name, known)}"
        raise InputError(message, file=str(self.path))

    def column(self, name: str, *, arm: int | str | None = None) -> npt.NDArray[Any]:
        """Return the values of a column in SI, of one arm in order of patients, or of all rows."""
        values = self.described(name).values
        if arm is None:
            return values
        return values[self.of_arm(arm)]

    def of_arm(self, arm: int | str) -> npt.NDArray[np.bool_]:
        """Return which rows are of an arm, (n_rows,) bool."""
        if isinstance(arm, str):
            if arm not in self.arms:
                message = f"arm must be one of the table's, got '{arm}'. "
                raise InputError(message + near_name(arm, self.arms), file=str(self.path))
            arm = self.arms.index(arm)
        found: npt.NDArray[np.bool_] = self.described("arm").values == arm
        return found


def open_table(path: Path) -> SweepTable:
    """Read the table of a sweep.

    Parameters
    ----------
    path : Path
        ``FOLDER/sweep.h5``, or the folder.

    Raises
    ------
    InputError
        If it is missing, no such file, or damaged.
    """
    path = Path(path)
    file = path / TABLE_NAME if path.is_dir() else path
    attributes, tables, texts = read_table(file)
    columns = tables.pop("table")
    return SweepTable(file, columns, attributes, texts, tables)
