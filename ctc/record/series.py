"""What is recorded at the end of every epoch: one row of each series, and the tallies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, near_name
from ctc.record.chunks import describe, room, store_text
from ctc.record.columns import Column
from ctc.record.layout import SERIES_FIELDS, TALLIES, Field
from ctc.record.sums import read_sums, require_series, sum_of_columns
from ctc.record.unpacking import read_rows

SERIES_GROUP = "organs"
TALLY_GROUP = "tallies"
_CHUNK_ROWS = 64
_SLOT_EPOCH = "slot_epoch"
_NAMES = {field.name for field in SERIES_FIELDS}

Arrays = Mapping[str, npt.ArrayLike]
Columns = Mapping[str, npt.NDArray[Any]]


class SeriesStore:
    """Writer of the series of an open run file; `create_series` made its group."""

    def __init__(self, file: h5py.File) -> None:
        group = file[SERIES_GROUP]
        self._columns = {
            f.name: Column(group[f.name], dtype=f.dtype) for f in SERIES_FIELDS if f.name in group
        }

    def check(self, row: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Return the values of one epoch, copied in the stored dtypes.

        Raises ValueError if a series is missing, unknown, or of another shape. Those that a file
        of an older format lacks are left out.
        """
        if set(row) != _NAMES:
            odd = sorted(set(row) ^ _NAMES)
            message = f"series must be exactly those of the layout, check {odd}"
            raise ValueError(message)
        return {
            name: _checked(name, row[name], column.tail, column.dtype)
            for name, column in self._columns.items()
        }

    def write(self, epoch: int, row: Columns) -> None:
        """Write the values of one epoch, as `check` returned them."""
        for name, column in self._columns.items():
            column.put_row(epoch, row[name])


class TallyStore:
    """Writer of the tallies of an open run file; `create_tallies` made its group.

    Each tally has two slots, written in turn, so that a kill during an epoch leaves the last one.
    """

    def __init__(self, file: h5py.File) -> None:
        group = file[TALLY_GROUP]
        self._slot_epoch = Column(group[_SLOT_EPOCH], dtype="<i8")
        self._columns = {
            name: Column(group[name], dtype=TALLIES[name].dtype)
            for name in group
            if name != _SLOT_EPOCH
        }

    def check(self, tallies: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Return the tallies, copied in the stored dtypes; ValueError if they do not fit."""
        if set(tallies) != set(self._columns):
            message = f"tallies must be exactly {sorted(self._columns)}, got {sorted(tallies)}"
            raise ValueError(message)
        return {
            name: _checked(name, tallies[name], column.tail, column.dtype)
            for name, column in self._columns.items()
        }

    def write(self, n_epochs: int, tallies: Columns) -> None:
        """Write the tallies as they are after so many epochs."""
        slot = n_epochs % 2
        for name, column in self._columns.items():
            column.put_row(slot, tallies[name])
        self._slot_epoch.put_row(slot, n_epochs)


def create_series(file: h5py.File, *, organ_names: Sequence[str], lengths: dict[str, int]) -> None:
    """Create the empty series of a new run file, one row an epoch, and the organ names."""
    group = file.create_group(SERIES_GROUP)
    store_text(group, "names", organ_names)
    for field in SERIES_FIELDS:
        shape = field.shape(lengths)
        dataset = group.create_dataset(
            field.name,
            shape=(0, *shape),
            maxshape=(None, *room(shape)),
            chunks=(_CHUNK_ROWS, *(max(n, 1) for n in shape)),
            dtype=field.dtype,
        )
        describe(dataset, field)


def create_tallies(file: h5py.File, names: Sequence[str], *, lengths: dict[str, int]) -> None:
    """Create the tallies that a run keeps, all zero."""
    group = file.create_group(TALLY_GROUP)
    for name in names:
        if name not in TALLIES:
            message = f"tally '{name}' is not known. {near_name(name, TALLIES)}"
            raise InputError(message)
        field: Field = TALLIES[name]
        shape = field.shape(lengths)
        dataset = group.create_dataset(
            name,
            shape=(2, *shape),
            maxshape=(2, *room(shape)),
            chunks=(1, *(max(n, 1) for n in shape)),
            dtype=field.dtype,
        )
        describe(dataset, field)
    group.create_dataset(_SLOT_EPOCH, data=np.array([0, -1]), chunks=(2,), dtype="<i8")


def read_series(file: h5py.File, start: int, stop: int) -> dict[str, npt.NDArray[Any]]:
    """Return rows of every series that the file has, start .. stop-1, 0 <= start <= stop."""
    group = file[SERIES_GROUP]
    n_organs = group["names"].shape[0]
    found = {
        field.name: read_rows(group[field.name], start, stop)
        for field in SERIES_FIELDS
        if field.name in group
    }
    for name, values in found.items():
        if values.shape[:1] != (stop - start,):
            message = f"{name} must have {stop} rows at least, got shape {group[name].shape}"
            raise ValueError(message)
    sums = read_sums(file, stop)
    if sums is not None:
        require_series(found, sums, first_epoch=start)
    for field in SERIES_FIELDS:
        if field.name not in found and field.axes == ("organ",):  # a file of an older format
            found[field.name] = np.zeros((stop - start, n_organs), dtype=field.dtype)
    return found


def read_tallies(file: h5py.File, n_epochs: int) -> dict[str, npt.NDArray[Any]] | None:
    """Return the tallies after so many epochs, or None if they are written over just now."""
    group = file[TALLY_GROUP]
    slot = n_epochs % 2
    if int(read_rows(group[_SLOT_EPOCH])[slot]) != n_epochs:
        return None
    found = {name: read_rows(group[name])[slot] for name in group if name != _SLOT_EPOCH}
    sums = read_sums(file, n_epochs) if n_epochs else None
    if sums is not None and sum_of_columns(found) != sums["tallies"][-1]:
        if file.swmr_mode:
            return None
        message = "tallies must be what was stored, got others"
        raise ValueError(message)
    return found


def _checked(
    name: str, values: npt.ArrayLike, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    given = np.asarray(values)
    is_whole = given.dtype.kind in "iu" or dtype.kind == "f"
    if given.shape != shape or not is_whole or given.dtype.kind not in "iuf":
        message = f"{name} must be {dtype.str} of shape {shape}, got {given.dtype} {given.shape}"
        raise ValueError(message)
    if dtype.kind == "u" and given.size and given.min() < 0:
        message = f"{name} must be >= 0, got {given.min()}"
        raise ValueError(message)
    return given.astype(dtype)
