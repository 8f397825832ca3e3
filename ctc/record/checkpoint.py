"""Checkpoints: the whole state of a run in one file, written so that one always survives."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of, little_endian
from ctc.durable import put_in_place, synchronise
from ctc.errors import InputError, OutputError
from ctc.fault_points import pass_point
from ctc.record.failure import DAMAGE, failure_reason
from ctc.record.files import RunFiles
from ctc.record.header import check_format, write_format
from ctc.record.layout import CHECKPOINT_FORMAT_NAME, CHECKPOINT_VERSION
from ctc.record.opening import open_file
from ctc.record.unpacking import read_rows
from ctc.record.whole_hdf5 import whole_hdf5

_STATE = "state"
_COUNTS = "counts"
_CHECKSUM = "checksum"

Value = npt.NDArray[Any] | np.generic | int | float | bool | str

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """A state to go on from.

    Attributes
    ----------
    state : mapping of str to array or plain number or text
        What the simulation gave.
    counts : mapping of str to int
        How far the run file was: see `RecordPosition.of_counts`.
    path : Path
        The file that it came from.
    """

    state: Mapping[str, Any]
    counts: Mapping[str, int]
    path: Path


def write_checkpoint(
    files: RunFiles, state: Mapping[str, Value | Callable[[], Value]], *, counts: Mapping[str, int]
) -> None:
    """Replace the checkpoint of a run; the one before it is kept.

    The new file is complete and on the disk before it takes the name, so at every moment, power
    loss included, at least one whole checkpoint exists.

    Parameters
    ----------
    files : RunFiles
        Of the run.
    state : mapping of str to array or plain number or text
        Arrays of numbers or booleans in any shape, or what gives one: those are held one at a time,
        and what they raise passes as it is.
    counts : mapping of str to int
        `RecordPosition.as_counts` of the run file, and other counts.

    Raises
    ------
    OutputError
        If it could not be written; the one before it is untouched.
    TypeError
        If a value is neither a number nor an array of numbers nor text.
    """
    fresh = _fresh(files)
    try:
        pass_point("checkpoint.begun")
        fresh.unlink(missing_ok=True)
        with whole_hdf5(fresh) as file:
            write_format(file, name=CHECKPOINT_FORMAT_NAME, version=CHECKPOINT_VERSION)
            group = file.create_group(_STATE)
            checksum = _checksum(_stored(group, state), counts)
            count_group = file.create_group(_COUNTS)
            for name, count in counts.items():
                count_group.attrs[name] = np.int64(count)
            file.attrs[_CHECKSUM] = np.bytes_(checksum)
        synchronise(fresh)
        if files.checkpoint.exists():
            os.replace(files.checkpoint, files.previous_checkpoint)
            pass_point("checkpoint.rotated")
        put_in_place(fresh, files.checkpoint, what="checkpoint")
    except Exception as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        if isinstance(error, _NotGivenError):
            raise error.reason from None
        if not isinstance(error, (OSError, RuntimeError)):  # HDF5 reports a full disk as either
            raise
        message = f"{files.checkpoint}: checkpoint could not be written ({failure_reason(error)})."
        message += " Free some space; the checkpoint before it is kept."
        raise OutputError(message) from error


class _NotGivenError(Exception):
    """A value was not there to be written, which is no fault of the disk."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


def remove_checkpoints(files: RunFiles) -> None:
    """Remove all checkpoints of a finished run, also one that was being written at a kill."""
    for path in _all(files):
        if not path.is_dir():  # which no run of ours made
            path.unlink(missing_ok=True)
    pass_point("run.tidied")


def has_checkpoints(files: RunFiles) -> bool:
    """Return whether a run has any checkpoint, also one that was being written at a kill."""
    return any(path.is_file() for path in _all(files))


def read_checkpoint(
    files: RunFiles, *, expected: Mapping[str, npt.DTypeLike] | None = None
) -> Checkpoint:
    """Read the newest whole checkpoint of a run.

    Parameters
    ----------
    files : RunFiles
        Of the run.
    expected : mapping of str to dtype, optional
        Exactly the names that the state must have, with the dtype of each array.

    Returns
    -------
    Checkpoint
        Numbers and texts come back as plain Python values. Where the newest file is missing or
        damaged it is the one before it, and a warning is logged.

    Raises
    ------
    InputError
        If there is no whole checkpoint, it is of a newer format, or it does not hold exactly
        what was expected.
    """
    problems = []
    for path in (files.checkpoint, files.previous_checkpoint):
        if not path.exists():
            problems.append(f"'{path}' does not exist")
            continue
        try:
            found = _read(path)
        except (*DAMAGE, MemoryError) as error:
            if isinstance(error, InputError) and error.key == "format_version":
                raise
            problems.append(f"'{path}' is damaged ({error})")
            continue
        if problems:
            _LOG.warning("%s: going on from '%s'", "; ".join(problems), path)
        if expected is not None:
            _check_expected(found, expected)
        return found
    message = f"run must have a whole checkpoint, got none: {'; '.join(problems)}. "
    if not files.checkpoint.exists() and not files.previous_checkpoint.exists():
        message = "run must have a checkpoint, got none: it ended before the first was written. "
    message += "Start it anew with ctc run --overwrite."
    raise InputError(message, file=str(files.run))


def _all(files: RunFiles) -> tuple[Path, ...]:
    return files.checkpoint, files.previous_checkpoint, _fresh(files)


def _fresh(files: RunFiles) -> Path:
    return files.checkpoint.with_name(f".{files.checkpoint.name}.new")


def _read(path: Path) -> Checkpoint:
    with open_file(path) as file:
        check_format(file, path, name=CHECKPOINT_FORMAT_NAME, version=CHECKPOINT_VERSION)
        arrays = {name: read_rows(file[_STATE][name]) for name in file[_STATE]}
        counts = {name: int(count) for name, count in dict(file[_COUNTS].attrs).items()}
        by_name = sorted(arrays.items(), key=itemgetter(0))
        if file.attrs[_CHECKSUM] != _checksum(by_name, counts).encode():
            message = "checksum must be that of the content, got another"
            raise InputError(message, file=str(path))
    state = {name: _plain(array) for name, array in arrays.items()}
    return Checkpoint(state=state, counts=counts, path=path)


def _check_expected(found: Checkpoint, expected: Mapping[str, npt.DTypeLike]) -> None:
    place = str(found.path)
    odd = sorted(set(found.state) ^ set(expected))
    if odd:
        message = f"checkpoint must hold exactly the state of this program, check {odd}."
        message += " Resume with the version that wrote it."
        raise InputError(message, file=place)
    for name, dtype in expected.items():
        value = found.state[name]
        if isinstance(value, np.ndarray) and value.dtype != np.dtype(dtype):
            message = f"{name} must be of dtype {np.dtype(dtype)}, got {value.dtype}."
            message += " Resume with the version that wrote it."
            raise InputError(message, file=place)


def _stored(
    group: h5py.Group, state: Mapping[str, Value | Callable[[], Value]]
) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Store one value after another, in the order of their names, and yield each."""
    for name in sorted(state):
        array = _array(name, _given(state[name]))
        group.create_dataset(name, data=array)
        pass_point("checkpoint.stored")
        yield name, array


def _given(value: Value | Callable[[], Value]) -> Value:
    try:
        return value() if callable(value) else value
    except Exception as error:
        raise _NotGivenError(error) from error


def _checksum(arrays: Iterable[tuple[str, npt.NDArray[Any]]], counts: Mapping[str, int]) -> str:
    """Return the SHA-256 of arrays in the order of their names, and of counts."""
    numbers = [(f"{_COUNTS}/{name}", np.int64(counts[name])) for name in sorted(counts)]
    return digest_of(chain(arrays, numbers))


def _array(name: str, value: Value) -> npt.NDArray[Any]:
    # A text ends in a mark, so that none is empty, which HDF5 cannot store.
    array = np.array(value.encode() + b"$") if isinstance(value, str) else little_endian(value)
    if array.dtype.kind not in "biufS":
        message = f"{name} must be numbers or a text, got dtype {array.dtype}"
        raise TypeError(message)
    return array


def _plain(array: npt.NDArray[Any]) -> Any:
    if array.dtype.kind == "S":
        return bytes(array[()])[:-1].decode()
    return array.item() if array.ndim == 0 else array
