"""Which tables the cells of each patient obey: patients that obey the same ones share launches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of
from ctc.errors import CtcError
from ctc.simulation.patient import Patient
from ctc.simulation.shard import Change
from ctc.simulation.tables import Tables


class Regimes:
    """Tables by number, and the number of each patient; 0 is what shards begin with.

    Rows of size classes, of kinds of cells among them, mean the same in all of them, as cells keep
    theirs.

    Parameters
    ----------
    first : Tables
        Of regime 0.
    """

    def __init__(self, first: Tables) -> None:
        self._number_of = {_content(first): 0}
        self._tables = {0: first}
        # Of tables that were looked at before, by object: treatments come back to the same ones.
        self._known: dict[int, tuple[Tables, int]] = {id(first): (first, 0)}
        self._present = np.zeros(0, dtype=np.int64)

    def of(self, tables: Tables) -> int:
        """Return the number of a regime; equal tables have the same.

        Raises
        ------
        CtcError
            If its kinds of cells are others: a bug.
        """
        known = self._known.get(id(tables))
        if known is not None and known[0] is tables:
            return known[1]
        if not np.array_equal(tables.sizes["clocks"], self._tables[0].sizes["clocks"]):
            message = (
                "tables of patients who are followed together must have the same kinds of cells, "
                "got others. This is a bug in ctc; please report it."
            )
            raise CtcError(message)
        number = self._number_of.setdefault(_content(tables), len(self._number_of))
        self._tables.setdefault(number, tables)
        self._known[id(tables)] = tables, number
        return number

    def change(self, patients: Sequence[Patient]) -> Change | None:
        """Return what is otherwise than at the last call; None if nothing is."""
        n_before = len(self._tables)
        regime = np.repeat(
            [self.of(patient.tables) for patient in patients],
            [patient.n_clones for patient in patients],
        ).astype(np.int64)
        if not self._present.size:
            self._present = np.zeros_like(regime)
        new = {number: self._tables[number] for number in range(n_before, len(self._tables))}
        if not new and np.array_equal(regime, self._present):
            return None
        self._present = regime
        return Change(new, regime)

    def whole(self) -> Change:
        """Return everything, for shards that know nothing yet but regime 0."""
        return Change(dict(self._tables), self._present)


def _content(tables: Tables) -> str:
    fields: list[tuple[str, npt.NDArray[Any]]] = [
        (name, np.atleast_1d(np.asarray(value))) for name, value in vars(tables).items()
    ]
    return digest_of(fields)
