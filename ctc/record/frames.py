"""The tracked cells, frame by frame, as the temporal PolyData that VTK reads.

Every frame begins on a chunk boundary, so that its chunks are written once and straight to the
file; `Steps/PointOffsets` says where. Vertex k of every frame is point k, so all frames share one
table of vertices.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.digest import digest_of, little_endian
from ctc.record.chunks import create_growing, describe, store_array
from ctc.record.columns import Column
from ctc.record.layout import (
    CELL_FIELDS,
    NANOSECONDS,
    Compression,
    Field,
    axis_lengths,
    frame_chunk_rows,
)
from ctc.record.packing import Packers

VTK_GROUP = "VTKHDF"
FRAME_GROUP = "frames"

# VTKHDF 2.0 wants all four kinds of cell, in this order; ours are all vertices.
_TOPOLOGIES = ("Vertices", "Lines", "Polygons", "Strips")
_STEP_ROWS = 1024  # rows a chunk of the per-frame tables
_FRAME_FIELDS = (
    Field("time", "<i8", "ns", "time of the frame, from the start of the run"),
    Field("digest", "|u1", "", "SHA-256 of the frame as stored"),
)
_FRAME_TAILS: tuple[tuple[int, ...], ...] = ((), (32,))
_AXES = axis_lengths()

Cells = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Frame:
    """The tracked cells at one moment; the columns are those of `layout.CELL_FIELDS`.

    Attributes
    ----------
    time : int [ns]
        From the start of the run.
    position : (n, 3) float32 [m]
        Centres of the cells.
    id : (n,) uint64
        Rising.
    state : (n,) uint8
        `CellState`.
    organ : (n,) int16
        Index into the organ names, -1 between organs.
    segment : (n,) uint32
        Index of the vessel segment.
    age : (n,) float32 [s]
        Since the cell was shed.
    size_class : (n,) uint16
        Index of the size class.
    """

    time: int
    position: npt.NDArray[np.float32]
    id: npt.NDArray[np.uint64]
    state: npt.NDArray[np.uint8]
    organ: npt.NDArray[np.int16]
    segment: npt.NDArray[np.uint32]
    age: npt.NDArray[np.float32]
    size_class: npt.NDArray[np.uint16]


class FrameStore:
    """Writer of frames into an open run file.

    Parameters
    ----------
    file : h5py.File
        Holds the groups that `create_frames` made.
    n_frames : int
        Frames that are complete; what lies beyond is written over.
    """

    def __init__(self, file: h5py.File, *, n_frames: int) -> None:
        group = file[VTK_GROUP]
        data = group["PointData"]
        self._columns = {
            field.name: Column(
                group["Points"] if field.name == "position" else data[field.name],
                dtype=field.dtype,
            )
            for field in CELL_FIELDS
        }
        self._packers = Packers()
        self._capacity = int(group["Vertices/Connectivity"].shape[0])
        self._rows = self._columns["position"].chunk_rows
        self._n_steps = h5py.h5a.open(group["Steps"].id, b"NSteps")
        self._tables = {
            name: Column(group[name], dtype=_table_dtype(name)) for name in _table_names()
        }
        self._frame_group = file[FRAME_GROUP]
        self._times, self._digests = (
            Column(self._frame_group[field.name], dtype=field.dtype, tail=tail)
            for field, tail in zip(_FRAME_FIELDS, _FRAME_TAILS, strict=True)
        )
        self.n_frames = n_frames
        self._last_time = int(self._frame_group["time"][n_frames - 1]) if n_frames else None
        self._next_row = 0
        # First row, cells, time and digest of the frames that `write` stored.
        self._pending: list[tuple[int, int, int, bytes]] = []
        if n_frames:
            used = int(group["Steps/PointOffsets"][n_frames - 1])
            held = int(group["NumberOfPoints"][n_frames - 1])
            self._next_row = used + self._padded(held)

    def check(self, frames: Sequence[tuple[int, int]]) -> None:
        """Raise ValueError unless frames of these times and sizes may come next."""
        for time, n_cells in frames:
            if n_cells > self._capacity:
                message = f"frame must hold at most {self._capacity} cells, got {n_cells}"
                raise ValueError(message)
            if self._last_time is not None and time <= self._last_time:
                message = f"time of a frame must be > {self._last_time} ns, got {time}"
                raise ValueError(message)
            self._last_time = time

    def write(self, time: int, cells: Cells) -> None:
        """Write the columns of the next frame; it counts after `write_tables`.

        Parameters
        ----------
        time : int [ns]
            From the start of the run.
        cells : mapping of str to array
            What `check_cells` returned.
        """
        n_points = int(cells["id"].size)
        start = self._next_row
        end = start + self._padded(n_points)
        # The longest job first.
        jobs: list[Callable[[], Any]] = [partial(frame_digest, time, cells)]
        chunks = []
        for name, column in self._columns.items():
            column.extend(end)
            for row in range(0, n_points, self._rows):
                chunks.append((column, start + row))
                jobs.append(column.packing(cells[name][row : row + self._rows]))
        size = sum(cells[name].nbytes for name in self._columns)
        results = self._packers.in_order(jobs, size=size)
        digest = bytes.fromhex(next(results))
        for (column, row), packed in zip(chunks, results, strict=True):
            column.put_chunk(row, packed)
        self._pending.append((start, n_points, time, digest))
        self._next_row = end

    def write_tables(self) -> None:
        """Write the rows in all tables of the frames that `write` stored."""
        index, count = self.n_frames, len(self._pending)
        starts, n_points, times, digests = zip(*self._pending, strict=True)
        start, points = np.array(starts), np.array(n_points)
        values: dict[str, npt.NDArray[Any]] = {
            "NumberOfPoints": points,
            "Vertices/NumberOfCells": points,
            "Vertices/NumberOfConnectivityIds": points,
            "Steps/Values": np.array(times) / NANOSECONDS,
            "Steps/PartOffsets": index + np.arange(count),
            "Steps/NumberOfParts": np.ones(count, dtype=np.int64),
            "Steps/PointOffsets": start,
        }
        for name, table in self._tables.items():
            rows = np.zeros((count, *table.tail), dtype=table.dtype)
            if name in values:
                rows[...] = values[name]
            elif name.startswith("Steps/PointDataOffsets"):
                rows[...] = start
            table.put_rows(index, rows)
        self._times.put_rows(index, np.array(times))
        raw = np.frombuffer(b"".join(digests), dtype=np.uint8)
        self._digests.put_rows(index, raw.reshape(count, -1))
        self._pending.clear()
        self.n_frames = index + count

    def write_count(self) -> None:
        """Tell VTK how many frames there are."""
        self._n_steps.write(np.array(self.n_frames, dtype=np.int64))

    def digest(self) -> str:
        """Return the SHA-256 over all complete frames, in order."""
        return record_digest(self._frame_group["digest"][: self.n_frames])

    def _padded(self, n_points: int) -> int:
        return math.ceil(n_points / self._rows) * self._rows


def create_frames(file: h5py.File, *, n_tracked: int, compression: Compression) -> None:
    """Create the empty groups that hold frames of at most `n_tracked` cells.

    Parameters
    ----------
    file : h5py.File
        A new run file.
    n_tracked : int
        Most cells that a frame may hold, >= 0.
    compression : Compression
        How the columns are packed.
    """
    group = file.create_group(VTK_GROUP)
    group.attrs["Type"] = np.bytes_("PolyData")
    group.attrs["Version"] = np.array([2, 0], dtype=np.int64)
    data = group.create_group("PointData")
    rows = frame_chunk_rows(n_tracked)
    for field in CELL_FIELDS:
        tail = field.shape(_AXES)
        if field.name == "position":
            points = Field("Points", field.dtype, field.unit, field.meaning)
            create_growing(group, points, rows=rows, compression=compression, tail=tail)
        else:
            create_growing(data, field, rows=rows, compression=compression, tail=tail)
    for topology in _TOPOLOGIES:
        here = group.create_group(topology)
        n_shared = n_tracked if topology == "Vertices" else 0
        shared = np.arange(n_shared + 1, dtype=np.int64)
        store_array(here, "Offsets", shared, compression=compression)
        store_array(here, "Connectivity", shared[:n_shared], compression=compression)
    group.create_group("Steps").attrs["NSteps"] = np.int64(0)
    for name in _table_names():
        is_wide = name in ("Steps/CellOffsets", "Steps/ConnectivityIdOffsets")
        tail = (len(_TOPOLOGIES),) if is_wide else ()
        group.create_dataset(
            name,
            shape=(0, *tail),
            maxshape=(None, *tail),
            chunks=(_STEP_ROWS, *tail),
            dtype=_table_dtype(name),
        )
    group["Steps/Values"].attrs["units"] = np.bytes_("s")
    frames = file.create_group(FRAME_GROUP)
    for field, tail in zip(_FRAME_FIELDS, _FRAME_TAILS, strict=True):
        dataset = frames.create_dataset(
            field.name,
            shape=(0, *tail),
            maxshape=(None, *tail),
            chunks=(_STEP_ROWS, *tail),
            dtype=field.dtype,
        )
        describe(dataset, field)


def check_cells(cells: Cells) -> dict[str, npt.NDArray[Any]]:
    """Return a frame's columns little-endian and contiguous, themselves where they are.

    Parameters
    ----------
    cells : mapping of str to array
        Exactly the columns of `CELL_FIELDS`, of their dtypes, in rising order of id.

    Returns
    -------
    dict of str to array
        In the order of `CELL_FIELDS`.

    Raises
    ------
    ValueError
        If a column is missing, unknown, of another dtype or length, or ids do not rise.
    """
    names = [field.name for field in CELL_FIELDS]
    if sorted(cells) != sorted(names):
        message = f"cells must have exactly the columns {names}, got {sorted(cells)}"
        raise ValueError(message)
    n_points = len(cells["id"])
    checked = {}
    for field in CELL_FIELDS:
        given = np.asarray(cells[field.name])
        shape = (n_points, *field.shape(_AXES))
        if given.shape != shape or given.dtype != np.dtype(field.dtype):
            message = (
                f"{field.name} must be {field.dtype} of shape {shape}, "
                f"got {given.dtype.str} of shape {given.shape}"
            )
            raise ValueError(message)
        checked[field.name] = little_endian(given)
    if (checked["id"][1:] <= checked["id"][:-1]).any():
        message = "id must rise from row to row of a frame"
        raise ValueError(message)
    return checked


def rounded(cells: Cells, position_tolerance: float) -> Cells:
    """Return a frame with coordinates that pack better.

    Parameters
    ----------
    cells : mapping of str to array
        What `check_cells` returned.
    position_tolerance : float [m]
        How far a stored coordinate may lie from the true one; 0 leaves them as they are.
    """
    if position_tolerance <= 0:
        return cells
    # A power of two times an integer: exact in binary, the same on every machine.
    step = np.float32(2.0 ** math.floor(math.log2(2 * position_tolerance)))
    return {**cells, "position": np.rint(cells["position"] / step) * step}


def frame_digest(time: int, cells: Cells) -> str:
    """Return the SHA-256 of one frame: its time and its columns in the order of the layout."""
    columns = [(field.name, cells[field.name]) for field in CELL_FIELDS]
    return digest_of([("time", np.int64(time)), *columns])


def record_digest(frame_digests: npt.NDArray[np.uint8]) -> str:
    """Return the SHA-256 over the digests of all frames in order, (n_frames, 32) uint8."""
    return hashlib.sha256(np.ascontiguousarray(frame_digests).tobytes()).hexdigest()


def _table_dtype(name: str) -> str:
    return "<f8" if name == "Steps/Values" else "<i8"


def _table_names() -> list[str]:
    steps = ["Values", "PartOffsets", "NumberOfParts", "PointOffsets"]
    steps += ["CellOffsets", "ConnectivityIdOffsets"]
    steps += [f"PointDataOffsets/{f.name}" for f in CELL_FIELDS if f.name != "position"]
    parts = [f"{t}/{what}" for t in _TOPOLOGIES for what in _PART_COUNTS]
    return ["NumberOfPoints", *parts, *(f"Steps/{name}" for name in steps)]


_PART_COUNTS = ("NumberOfCells", "NumberOfConnectivityIds")
