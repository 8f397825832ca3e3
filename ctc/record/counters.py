"""The one record that says how much of a run file is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.columns import Column
from ctc.record.failure import DAMAGE
from ctc.record.files import RunFiles
from ctc.record.layout import COUNTER_DTYPE, COUNTER_FIELDS, LOGS, RunStatus
from ctc.record.opening import open_for_reading
from ctc.record.packing import gzip_library
from ctc.record.row_log import NOTHING, LogPosition
from ctc.record.unpacking import read_rows

_COUNTERS = "counters"
_CHECK = "check"


@dataclass(frozen=True)
class RecordPosition:
    """How far a run is recorded; a checkpoint holds it, and a resumed run goes on from it.

    Attributes
    ----------
    frames, epochs : int
        Complete frames and epochs.
    events, lesions, litters, examinations, findings, treatments, milestones, effects : int
        Complete rows of each of `layout.LOGS`.
    """

    frames: int
    epochs: int
    events: int
    lesions: int
    litters: int = 0
    examinations: int = 0
    findings: int = 0
    treatments: int = 0
    milestones: int = 0
    effects: int = 0

    def as_counts(self) -> dict[str, int]:
        """Return the position by name."""
        return asdict(self)

    @classmethod
    def of_counts(cls, counts: Mapping[str, int]) -> Self:
        """Return the position that `as_counts` gave; other names are left out."""
        return cls(**{name: int(counts.get(name, 0)) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Counters:
    """The stored record: what is complete, where the tails of the logs lie, and the status."""

    frames: int = 0
    epochs: int = 0
    events: LogPosition = NOTHING
    lesions: LogPosition = NOTHING
    litters: LogPosition = NOTHING
    examinations: LogPosition = NOTHING
    findings: LogPosition = NOTHING
    treatments: LogPosition = NOTHING
    milestones: LogPosition = NOTHING
    effects: LogPosition = NOTHING
    status: RunStatus = RunStatus.RUNNING

    @property
    def position(self) -> RecordPosition:
        """What is complete."""
        rows = {log: getattr(self, log).rows for log in LOGS}
        return RecordPosition(frames=self.frames, epochs=self.epochs, **rows)

    def cut_to(self, position: RecordPosition) -> Counters:
        """Return the record with only that much complete, of a run that goes on."""
        return Counters(
            frames=position.frames,
            epochs=position.epochs,
            **{log: getattr(self, log).cut_to(getattr(position, log)) for log in LOGS},
        )


def create_counters(file: h5py.File) -> None:
    """Create the record in a new run file: nothing is complete."""
    # A chunked array of one: a contiguous scalar cannot be followed by another process, and one
    # chunk reaches the file in one write, so that the counts always fit together.
    dataset = file.create_dataset(
        _COUNTERS, shape=(1,), maxshape=(None,), chunks=(1,), dtype=COUNTER_DTYPE
    )
    for field in COUNTER_FIELDS:
        dataset.attrs[field.name] = np.bytes_(field.meaning)
    CounterStore(file).write(Counters())


class CounterStore:
    """Writer of the record in an open run file."""

    def __init__(self, file: h5py.File) -> None:
        self._column = Column(file[_COUNTERS])

    def write(self, counters: Counters) -> None:
        """Store the record."""
        values = {"frames": counters.frames, "epochs": counters.epochs}
        values["status"] = int(counters.status)
        for log in LOGS:
            position: LogPosition = getattr(counters, log)
            values[log], values[f"{log}_tail"] = position.rows, position.tail
            values[f"{log}_slot"] = position.slot
        # A run that an older version began goes on with the counts that it has.
        row = np.zeros(1, dtype=self._column.dtype)
        for name in self._column.dtype.names or ():
            row[name] = values.get(name, 0)
        if _CHECK in row.dtype.names:
            row[_CHECK] = _sum(row)
        self._column.put(0, row)


def stored_counters(files: RunFiles) -> Counters:
    """Return the record of a run file; InputError where there is none to be read."""
    with open_for_reading(files) as file:
        try:
            return read_counters(file)
        except DAMAGE as error:
            message = f"run must be whole, its counters could not be read ({error}). Copy it again."
            raise InputError(message, file=str(files.run)) from error


def read_counters(file: h5py.File) -> Counters:
    """Return the record as it is in the file now."""
    dataset = file[_COUNTERS]
    dataset.refresh()
    stored = read_rows(dataset)
    if stored.shape != (1,) or stored.dtype.names is None:
        message = f"counters must be one record, got {stored.dtype} of shape {stored.shape}"
        raise ValueError(message)
    if _CHECK in stored.dtype.names and stored[_CHECK][0] != _sum(stored):
        message = "counters must be what was stored, got others"
        raise ValueError(message)
    # An older file lacks the logs that came later: nothing of them is complete.
    row = {name: int(stored[name][0]) for name in stored.dtype.names}
    logs = {
        log: LogPosition(row[log], row[f"{log}_tail"], row[f"{log}_slot"])
        for log in LOGS
        if log in row
    }
    status = RunStatus(row["status"])
    return Counters(frames=row["frames"], epochs=row["epochs"], status=status, **logs)


def require_resumable(place: str, found: Counters, wanted: RecordPosition) -> None:
    """Raise InputError unless a file that says this can go on from a position."""
    if found.status is RunStatus.FINISHED:
        message = "run must not be finished, got a finished one."
        raise InputError(message, file=place)
    for name, count in wanted.as_counts().items():
        held = found.position.as_counts()[name]
        if held < count:
            message = f"run must hold the {count} {name} of its checkpoint, got {held}."
            message += " The two do not belong together."
            raise InputError(message, file=place)


def _sum(row: npt.NDArray[Any]) -> int:
    """Return the CRC-32 of a record without the place of that."""
    plain = row.copy()
    plain[_CHECK] = 0
    found: int = gzip_library.crc32(plain.view(np.uint8))
    return found
