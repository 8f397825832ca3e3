"""An append-only table, packed, that is whole on disk after every commit.

Full chunks are packed once and never touched again. The rows that do not fill a chunk yet (the
tail) lie unpacked in one of two slots, so that a commit neither packs a chunk again (a file that
others follow cannot use the freed space) nor writes over a tail that the last commit points to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.record.chunks import create_growing, describe
from ctc.record.columns import Column
from ctc.record.layout import Compression, Field, dtype_of
from ctc.record.packing import Packers
from ctc.record.unpacking import read_rows

_TAIL_GROUP = "tail"


@dataclass(frozen=True)
class LogPosition:
    """How much of a log is complete.

    Attributes
    ----------
    rows : int
        Complete rows.
    tail : int
        Of those, the rows that lie in the tail.
    slot : int
        Which slot the tail lies in, 0 or 1.
    """

    rows: int = 0
    tail: int = 0
    slot: int = 0

    @property
    def packed(self) -> int:
        """Rows that lie in full chunks."""
        return self.rows - self.tail

    def cut_to(self, rows: int) -> LogPosition:
        """Return the position with only so many rows complete."""
        return LogPosition(rows, max(rows - self.packed, 0), self.slot)


NOTHING = LogPosition()


class RowLog:
    """Writer of one append-only table.

    Parameters
    ----------
    group : h5py.Group
        A group made by `create_log`.
    fields : tuple of Field
        The columns of the table.
    position : LogPosition
        Where to go on; what lies beyond is written over.
    """

    def __init__(
        self, group: h5py.Group, fields: tuple[Field, ...], *, position: LogPosition
    ) -> None:
        # A run that an older version began goes on with the columns that it has.
        stored = [field for field in fields if field.name in group]
        self._names = [field.name for field in stored]
        self._dtype = dtype_of(fields)
        self._columns = [Column(group[field.name], dtype=field.dtype) for field in stored]
        tail = group[_TAIL_GROUP]
        self._slots = [Column(tail[field.name], dtype=field.dtype) for field in stored]
        self._packers = Packers()
        self._chunk_rows = self._columns[0].chunk_rows
        self._packed_rows = position.rows - position.rows % self._chunk_rows
        self._tail = read_log(
            group, fields, position=position, start=self._packed_rows, stop=position.rows
        )
        self._slot = position.slot
        self._committed_rows = position.rows
        # Rows of the tail that lie in the slot; none yet where the slot must change.
        self._slot_rows = -1

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows; they count after the next `commit`."""
        if rows.dtype != self._dtype:
            message = f"rows must be of dtype {self._dtype}, got {rows.dtype}"
            raise TypeError(message)
        if rows.size == 0:
            return
        # The tail becomes a chunk with the first rows; the other chunks are packed where they lie.
        n_first = self._chunk_rows - self._tail.size
        self._tail = np.concatenate([self._tail, rows[:n_first]])
        if self._tail.size < self._chunk_rows:
            return
        rows = rows[n_first:]
        n_full = rows.size // self._chunk_rows
        blocks = [self._tail, *np.split(rows[: n_full * self._chunk_rows], max(n_full, 1))]
        self._write_packed([block for block in blocks if block.size])
        self._slot_rows = -1
        self._tail = rows[n_full * self._chunk_rows :].copy()

    def commit(self) -> LogPosition:
        """Write the tail and return the position that makes all rows count."""
        if self._slot_rows < 0:
            self._slot ^= 1
            self._slot_rows = 0
        new = self._tail[self._slot_rows :]
        if new.size:
            start = self._slot * self._chunk_rows + self._slot_rows
            for name, slot in zip(self._names, self._slots, strict=True):
                slot.put(start, new[name])
            self._slot_rows = self._tail.size
        self._committed_rows = self._packed_rows + self._tail.size
        return LogPosition(self._committed_rows, self._tail.size, self._slot)

    def finish(self) -> LogPosition:
        """Move the tail into the columns, for tools that know nothing of tails.

        Rows that were added after the last commit do not count.
        """
        n_rows = self._committed_rows
        tail = self._tail[: max(n_rows - self._packed_rows, 0)]
        if tail.size:
            for name, column in zip(self._names, self._columns, strict=True):
                column.extend(n_rows)
                column.put_chunk(self._packed_rows, column.packing(tail[name])())
        return LogPosition(n_rows, 0, self._slot)

    def _write_packed(self, blocks: list[npt.NDArray[Any]]) -> None:
        """Write full chunks."""
        end = self._packed_rows + len(blocks) * self._chunk_rows
        chunks, jobs = [], []
        for name, column in zip(self._names, self._columns, strict=True):
            column.extend(end)
            for number, block in enumerate(blocks):
                chunks.append((column, self._packed_rows + number * self._chunk_rows))
                jobs.append(column.packing(block[name]))
        size = sum(block.nbytes for block in blocks)
        packed = self._packers.in_order(jobs, size=size)
        for (column, start), data in zip(chunks, packed, strict=True):
            column.put_chunk(start, data)
        self._packed_rows = end


def create_log(
    group: h5py.Group, fields: tuple[Field, ...], *, chunk_rows: int, compression: Compression
) -> None:
    """Create the empty columns and slots of a table."""
    slots = group.create_group(_TAIL_GROUP)
    for field in fields:
        create_growing(group, field, rows=chunk_rows, compression=compression)
        slot = slots.create_dataset(
            field.name, shape=(2 * chunk_rows,), chunks=(chunk_rows,), dtype=field.dtype
        )
        describe(slot, field)


def read_log(
    group: h5py.Group,
    fields: tuple[Field, ...],
    *,
    position: LogPosition,
    start: int,
    stop: int,
) -> npt.NDArray[Any]:
    """Return rows of a table, structured.

    Parameters
    ----------
    group : h5py.Group
        A group made by `create_log`.
    fields : tuple of Field
        The columns to read, in the order wanted.
    position : LogPosition
        How much of it is complete.
    start, stop : int
        First row and the row after the last, 0 <= start <= stop <= position.rows.

    Returns
    -------
    (stop - start,) structured array
        One field a column.
    """
    rows = np.zeros(stop - start, dtype=dtype_of(fields))
    middle = min(max(position.packed, start), stop)
    for field in fields:
        if field.name not in group:
            # A file of an older format: what came later is zero, and all lesions stem from sources.
            if field.name == "parent":
                clone = (Field("clone", "<u2", "", ""),)
                found = read_log(group, clone, position=position, start=start, stop=stop)
                rows[field.name] = -1 - found["clone"].astype(np.int64)
            continue
        if middle > start:
            rows[field.name][: middle - start] = read_rows(group[field.name], start, middle)
        if stop > middle:
            slot = group[_TAIL_GROUP][field.name]
            first = position.slot * slot.chunks[0] - position.packed
            rows[field.name][middle - start :] = read_rows(slot, first + middle, first + stop)
    return rows
