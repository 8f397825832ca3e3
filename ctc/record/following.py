"""Reading what a writer may change meanwhile: datasets seen anew, tables that stood still."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.counters import read_counters
from ctc.record.layout import Field, RunStatus
from ctc.record.row_log import read_log
from ctc.record.series import TALLY_GROUP, read_tallies
from ctc.record.sums import has_sums

_MOST_TRIES = 100


def is_followed(file: h5py.File) -> bool:
    """Return whether another process may be writing a file."""
    return bool(file.swmr_mode)


def fresh(dataset: h5py.Dataset) -> h5py.Dataset:
    """Return a dataset as long as it is now."""
    if is_followed(dataset.file):
        dataset.refresh()
    return dataset


def refresh_group(file: h5py.File, name: str) -> None:
    """See all datasets of a group as they are now."""
    if is_followed(file):
        for item in map(file[name].get, file[name]):
            # Only what can grow or change is chunked, and only that can be refreshed.
            if isinstance(item, h5py.Dataset) and item.chunks:
                item.refresh()


def read_settled_log(
    file: h5py.File, name: str, *, fields: tuple[Field, ...], start: int, stop: int
) -> npt.NDArray[Any]:
    """Return rows of the ``events`` or ``lesions`` that a writer did not touch meanwhile.

    Parameters
    ----------
    file : h5py.File
        A run file.
    name : str
        Of the log.
    fields : tuple of Field
        The columns to read, in the order wanted.
    start, stop : int
        First row and the row after the last; those that are not complete are left out.

    Raises
    ------
    InputError
        If the writer was faster every time.
    """
    for _ in range(_MOST_TRIES):
        # While we read, a writer may fill the tail, pack it, and use its slot again.
        before = getattr(read_counters(file), name)
        refresh_group(file, name)
        refresh_group(file, f"{name}/tail")
        end = min(stop, before.rows)
        rows = read_log(file[name], fields, position=before, start=min(start, end), stop=end)
        after = getattr(read_counters(file), name)
        if (before.slot, before.packed) == (after.slot, after.packed):
            return rows
    message = f"{name} must stand still while they are read, changed {_MOST_TRIES} times. "
    raise InputError(message + "Try again.")


def read_settled_tallies(file: h5py.File) -> dict[str, npt.NDArray[np.uint64]]:
    """Return the tallies at the end of the last epoch; empty while a run that goes on has none."""
    for _ in range(_MOST_TRIES):
        refresh_group(file, TALLY_GROUP)
        counters = read_counters(file)
        before = counters.epochs
        found = read_tallies(file, before)
        if found is not None and before == read_counters(file).epochs:
            return found
        if not is_followed(file):
            if before and counters.status is RunStatus.FINISHED and has_sums(file):
                message = f"tallies must be those after {before} epochs, got others"
                raise ValueError(message)
            break
    return {}
