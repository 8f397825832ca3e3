"""What an epoch brought, as rows of the run file; made in the thread that writes."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import IntArray
from ctc.errors import InputError
from ctc.record.layout import LESION_DTYPE, NO_FOUNDER, PRIMARY_IDENTITY
from ctc.simulation.epoch_result import EpochResult
from ctc.simulation.genealogy import source_parent
from ctc.simulation.primaries import Primary
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import EntrySites
from ctc.states import GONE, CellState, DeathCause, EventKind, LesionState, TreatmentKind

TALLIES = ("first_pass_arrivals", "first_pass_arrested", "passages")
_MOST_CELLS = 2.0**63
_FIRST_ARRIVALS, _FIRST_ARRESTS, _LATER_ARRIVALS, _LATER_ARRESTS = range(4)


class EpochRows:
    """Lesions, series and tallies of an epoch.

    Everything is worked out when it is asked for, from what the epoch itself holds, so that the
    simulation may have gone on.

    Parameters
    ----------
    setting : Setting
        Of the simulation.
    epoch : EpochResult
        What to write down.
    named : (n_vessels,) integer
        The segment by which the passages of each named vessel are known, or -1.
    wall_time : float [s]
        That the run took so far.
    """

    def __init__(
        self, setting: Setting, epoch: EpochResult, *, named: IntArray, wall_time: float
    ) -> None:
        self._setting = setting
        self._epoch = epoch
        self._named = named
        self._wall_time = wall_time

    @property
    def _is_last(self) -> bool:
        return self._epoch.is_last

    def lesion_log(self) -> npt.NDArray[Any]:
        """Return what the log of lesions gets, (n,) `LESION_DTYPE`.

        Lesions that were founded, lost, woke, found or treated, all of them at the end of the
        run, and primary tumours.
        """
        told = np.union1d(self._epoch.founded["lesion"], self._epoch.changed)
        for log in ("findings", "treatments"):
            target = self._targets(log)
            told = np.union1d(told, target[target >= 0])
        told = told.astype(np.int64)
        primaries = self._primary_rows()
        if self._is_last:
            return np.concatenate([primaries, self._lesions])
        return np.concatenate([self._lesions[told], primaries])

    def series_and_tallies(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return one value of every series, and the tallies.

        Raises
        ------
        CtcError
            If cells were lost on the way: a bug.
        """
        return self._series(), tallies(self._epoch.books.organ_sums, self._epoch.passages)

    @cached_property
    def _lesions(self) -> npt.NDArray[Any]:
        """All lesions as they are at the end, (n,) `LESION_DTYPE`."""
        lesions, time = self._epoch.books.lesions, self._epoch.end
        rows = np.zeros(lesions.rows.size, dtype=LESION_DTYPE)
        for name in ("lesion", "segment", "cell", "founded", "clone", "parent", "route"):
            rows[name] = lesions.rows[name]
        organ = lesions.rows["organ"]
        rows["organ"] = np.where(organ == self._setting.hops.n_organs - 1, -1, organ)
        rows["time"], rows["cells"] = time, lesions.cells(time)
        rows["state"] = lesions.states(time)
        return rows

    def _targets(self, log: str) -> npt.NDArray[np.int64]:
        """Return the targets in a log of the clinic in this epoch."""
        rows = self._epoch.clinic.get(log)
        none: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        return none if rows is None else rows["target"]

    def _state_of_primary(self, source: int, cells: int) -> LesionState:
        """Return how a primary tumour stands, by what was done to it in this epoch."""
        if cells:
            return LesionState.GROWING
        rows = self._epoch.clinic.get("treatments")
        if rows is not None:
            own = rows[(rows["target"] == source_parent(source)) & (rows["cells_after"] < 1.0)]
            if own.size:
                is_taken = bool((own["kind"] == TreatmentKind.SURGERY).any())
                return LesionState.RESECTED if is_taken else LesionState.ERADICATED
        return LesionState.LOST

    def _primary_rows(self) -> npt.NDArray[Any]:
        """Return rows of the placed primary tumours: the first, each new size, and the last.

        Of one that a treatment has taken out, that of the epoch in which it did is the last.
        """
        time, number = self._epoch.end, self._epoch.number
        before = self._setting.epochs[number - 1] if number else None
        rows = []
        n_tumours = 0
        treated = self._targets("treatments")
        for index, source in enumerate(self._epoch.books.sources):
            primary = source.primary
            if primary is None:
                continue
            identity = PRIMARY_IDENTITY - n_tumours
            n_tumours += 1
            if primary.segment < 0:
                continue
            cells = primary.cells(time)
            is_known = before is not None and _size_class(primary.cells(before)) == _size_class(
                cells
            )
            is_treated = source_parent(index) in treated
            is_gone = not cells and not is_treated and self._was_taken_out(index, primary)
            if is_gone or (is_known and not is_treated and not self._is_last):
                continue
            row = np.zeros(1, dtype=LESION_DTYPE)
            row["time"], row["lesion"], row["cell"] = time, identity, NO_FOUNDER
            row["organ"], row["segment"] = primary.organ, primary.segment
            row["clone"], row["cells"], row["parent"] = index, cells, source_parent(index)
            row["state"] = self._state_of_primary(index, cells)
            rows.append(row)
        return np.concatenate([np.zeros(0, dtype=LESION_DTYPE), *rows])

    def _was_taken_out(self, source: int, primary: Primary) -> bool:
        """Whether a treatment took a tumour out, of which the scenario knows nothing."""
        planned = self._setting.sources[source].primary
        return planned is not None and primary.tumour.stop != planned.tumour.stop

    def _series(self) -> dict[str, Any]:
        epoch, books = self._epoch, self._epoch.books
        ledger, sums = books.ledger, books.organ_sums
        in_organ = epoch.counts[:, :-1]
        lesions = self._lesions
        in_an_organ = lesions[lesions["organ"] >= 0]
        lesion_cells = np.zeros(self._setting.hops.n_organs - 1, dtype=np.uint64)
        np.add.at(lesion_cells, in_an_organ["organ"], in_an_organ["cells"])
        about = np.bincount(in_an_organ["organ"], weights=in_an_organ["cells"], minlength=1)
        _require_sum("lesions in an organ", float(about.max()), key="tissue.lesion_capacity")
        organ, state = in_an_organ["organ"], in_an_organ["state"]
        at_rest = in_organ[[CellState.ARRESTED, CellState.EXTRAVASATED, CellState.DORMANT]]
        return {
            "time": epoch.end,
            "shed": ledger.n_shed,
            "hops": books.hops,
            "cells_by_state": ledger.by_state(epoch.counts.sum(axis=1)),
            "died_by_cause": ledger.by_cause[: len(DeathCause)],
            "arrivals": (sums[:, _FIRST_ARRIVALS] + sums[:, _LATER_ARRIVALS])[:-1],
            "arrested": in_organ[CellState.ARRESTED],
            "extravasated": in_organ[CellState.EXTRAVASATED],
            "dormant": in_organ[CellState.DORMANT],
            "colonies": ledger.by_kind[EventKind.COLONY, :-1],
            "died": ledger.by_kind[EventKind.DIED, :-1],
            "cells": at_rest.sum(axis=0).astype(np.uint64) + lesion_cells,
            "vessel_passages": np.where(self._named >= 0, epoch.passages[self._named], 0),
            "lesions": self._by_organ(organ[~np.isin(state, GONE)]),
            "lesions_in_balance": self._by_organ(organ[state == LesionState.IN_BALANCE]),
            "lesions_lost": self._by_organ(organ[state == LesionState.LOST]),
            "lesions_resected": self._by_organ(organ[state == LesionState.RESECTED]),
            "lesions_eradicated": self._by_organ(organ[state == LesionState.ERADICATED]),
            **self._tumour_series(epoch.end),
            "wall_time": self._wall_time,
        }

    def _by_organ(self, organ: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
        """Return how many of these lesions are in each organ."""
        return np.bincount(organ, minlength=self._setting.hops.n_organs - 1)

    def _tumour_series(self, time: int) -> dict[str, npt.NDArray[Any]]:
        n_organs = self._setting.hops.n_organs - 1
        cells = np.zeros(n_organs, dtype=np.uint64)
        front = np.zeros(n_organs)
        reached: dict[int, set[int]] = {}
        for source in self._epoch.books.sources:
            primary = source.primary
            if primary is None or primary.organ < 0 or not primary.is_there(time):
                continue
            total = int(cells[primary.organ]) + primary.cells(time)
            _require_sum("tumours in an organ", total, key="source")
            cells[primary.organ] = total
            front[primary.organ] = max(front[primary.organ], primary.front_radius(time))
            # Two fronts may have reached the same venule.
            records = _reached(primary, source.sites, time).tolist()
            reached.setdefault(primary.organ, set()).update(records)
        vessels = np.array([len(reached.get(i, ())) for i in range(n_organs)], dtype=np.uint64)
        return {"tumour_cells": cells, "front_radius": front, "vessels_reached": vessels}


def _reached(primary: Primary, sites: EntrySites, time: int) -> npt.NDArray[np.uint32]:
    """Return the records of venules that a tumour sheds into at a time [ns]."""
    if primary.venules is not None:
        return primary.venules.record[: primary.n_reached(time)]
    return sites.record if primary.has_vessels(time) else sites.record[:0]


def _require_sum(what: str, cells: float, *, key: str) -> None:
    """Raise InputError where so many cells would not fit the 64 bits of a series."""
    if cells > _MOST_CELLS:
        message = f"cells of {what} must be at most {_MOST_CELLS:g}, got {cells:g}. Lower it."
        raise InputError(message, key=key)


def _size_class(cells: int) -> int:
    """Return a number that is the same for sizes within an eighth of a power of two."""
    shift = max(cells.bit_length() - 4, 0)
    return (shift << 4) + (cells >> shift)


def tallies(
    organ_sums: npt.NDArray[np.uint64], passages: npt.NDArray[np.uint64]
) -> dict[str, npt.NDArray[np.uint64]]:
    """Return `TALLIES` by name: first-bed arrivals and arrests by organ, passages by segment."""
    sums = organ_sums[:-1]
    columns = (sums[:, _FIRST_ARRIVALS], sums[:, _FIRST_ARRESTS], passages)
    return dict(zip(TALLIES, columns, strict=True))
