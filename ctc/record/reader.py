"""Run: everything that a run file holds, read when asked for.

Finished files, files that are still being written and files of killed processes are all read
alike. What counts is what the counters say; arrays may be longer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.record.chunks import load_texts
from ctc.record.counters import read_counters
from ctc.record.files import is_locked
from ctc.record.following import (
    fresh,
    is_followed,
    read_settled_tallies,
    refresh_group,
)
from ctc.record.frames import FRAME_GROUP, VTK_GROUP, Frame, frame_digest
from ctc.record.header import RunEnd, RunHeader, read_end, read_header
from ctc.record.labelled import labelled
from ctc.record.layout import CELL_FIELDS, SELECTION_ATTRIBUTE, RunStatus
from ctc.record.opening import open_for_reading
from ctc.record.provenance import Provenance
from ctc.record.run_rows import RunRows
from ctc.record.series import SERIES_GROUP, read_series
from ctc.record.summary import summarise
from ctc.record.sums import require_header, require_vessels
from ctc.record.unpacking import read_rows
from ctc.record.vessels import read_flow, read_network
from ctc.vessels.network import VesselNetwork

__all__ = ["Frame", "Run", "open_run"]


class Run(RunRows):
    """One run file, opened for reading; made by `open_run`.

    Counts are those of the moment it was opened, or of the last `refresh`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._frame_tables: dict[str, npt.NDArray[Any]] = {}
        self._has_its_vessels = False  # once they were compared
        try:
            with self._reading("header"):
                require_header(self._file)
            self.refresh()
        except InputError:
            self._file.close()
            raise

    def refresh(self) -> bool:
        """Look how far the run is now; return whether anything has changed."""
        with self._reading("counters"):
            counters = read_counters(self._file)
            if is_followed(self._file) and counters.status not in (
                RunStatus.RUNNING,
                self._counters.status,
            ):
                # The writer has ended: attributes, too, are seen anew by opening the file again.
                self._file.close()
                self._file = open_for_reading(self._files)
            has_changed: bool = counters != self._counters or not self._frame_tables
            if has_changed:
                self._counters = counters
                self._frame_tables = self._read_frame_tables(counters.frames)
        return has_changed

    @property
    def n_frames(self) -> int:
        """Number of complete frames."""
        return self._counters.frames

    @property
    def n_epochs(self) -> int:
        """Number of complete epochs."""
        return self._counters.epochs

    @property
    def n_epochs_by_now(self) -> int:
        """Number of complete epochs at this moment, as a writer may have gone on."""
        with self._reading("counters"):
            return read_counters(self._file).epochs

    @property
    def status(self) -> str:
        """``finished``, ``stopped``, ``running``, or ``killed`` where no process writes any more.

        A writer on another machine cannot be seen and is reported as killed.
        """
        is_live = is_locked(self._files)  # asked first: a writer marks the end, then lets go
        with self._reading("counters"):
            status = read_counters(self._file).status
        if status is RunStatus.RUNNING and not is_live:
            return "killed"
        return status.name.lower()

    @property
    def header(self) -> RunHeader:
        """Origin and scenario."""
        with self._reading("header"):
            return read_header(self._file)

    @property
    def provenance(self) -> Provenance:
        """Where the run comes from."""
        return self.header.provenance

    @property
    def end(self) -> RunEnd:
        """Digests, date and devices; empty digests unless the run is finished."""
        with self._reading("end"):
            return read_end(self._file)

    @property
    def scenario_text(self) -> str:
        """The scenario file, to the letter."""
        return self.header.scenario_text

    @property
    def selection(self) -> str:
        """What was selected from a run to make this file an extract of it; empty for a run."""
        with self._reading("selection"):
            text: str = np.bytes_(self._file.attrs.get(SELECTION_ATTRIBUTE, b"")).decode()
        return text

    def scenario(self) -> dict[str, Any]:
        """Return the scenario with every default filled in, in SI."""
        with self._reading("scenario"):
            resolved: dict[str, Any] = json.loads(self.header.scenario_json)
        return resolved

    @property
    def organ_names(self) -> tuple[str, ...]:
        """What organ indices mean."""
        with self._reading("organ names"):
            return load_texts(self._file[SERIES_GROUP], "names")

    @property
    def vessel_names(self) -> tuple[str, ...]:
        """Named vessels, in the order of `series` by vessel."""
        with self._reading("vessel names"):
            return load_texts(self._file["vessels"], "vessel_names")

    @property
    def frame_times(self) -> npt.NDArray[np.int64]:
        """Times of the frames, (n_frames,) int64 [ns]."""
        return self._frame_tables["time"]

    @property
    def frame_extents(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """First row and number of rows of each frame in the stored columns, (n_frames,) int64."""
        return self._frame_tables["start"], self._frame_tables["count"]

    def frame(self, index: int) -> Frame:
        """Return one frame.

        Parameters
        ----------
        index : int
            0 .. n_frames-1, or negative to count from the end.

        Raises
        ------
        IndexError
            If there is no such frame.
        InputError
            If the file is damaged there.
        """
        number = range(self.n_frames)[index]
        columns = {field.name: self.frame_column(number, field.name) for field in CELL_FIELDS}
        frame = Frame(time=int(self._frame_tables["time"][number]), **columns)
        stored: str = self._frame_tables["digest"][number].tobytes().hex()
        with self._reading(f"frame {number}"):
            if stored != frame_digest(frame.time, vars(frame)):
                message = "cells are not those that were stored"
                raise ValueError(message)
        return frame

    def frame_column(self, index: int, name: str) -> npt.NDArray[Any]:
        """Return one column of one frame: ``frame(index).name``, without reading the others."""
        number = range(self.n_frames)[index]
        start = int(self._frame_tables["start"][number])
        stop = start + int(self._frame_tables["count"][number])
        with self._reading(f"frame {number}"):
            column: npt.NDArray[Any] = read_rows(
                fresh(_column(self._file[VTK_GROUP], name)), start, stop
            )
            if len(column) != stop - start:
                message = f"{name} ends after {len(column)} of {stop - start} cells"
                raise ValueError(message)
            self._bounds.check(name, column, table=f"frame {number}")
        return column

    @property
    def frame_digests(self) -> npt.NDArray[np.uint8]:
        """SHA-256 of each frame as it was written, (n_frames, 32) uint8."""
        return self._frame_tables["digest"]

    def frames(self) -> Iterator[Frame]:
        """Go through all frames in order."""
        return (self.frame(index) for index in range(self.n_frames))

    def damaged_frames(self) -> list[int]:
        """Return the frames whose content is not what was written."""
        return [index for index in range(self.n_frames) if not self._is_whole(index)]

    def series(self, start: int = 0) -> dict[str, npt.NDArray[Any]]:
        """Return every series by name, (n_epochs - start, ...): see `layout.SERIES_FIELDS`.

        Parameters
        ----------
        start : int
            First epoch, 0 .. n_epochs.

        Raises
        ------
        IndexError
            If there are not so many.
        InputError
            If the file is damaged there.
        """
        if not 0 <= start <= self.n_epochs:
            message = f"start must lie within 0 .. {self.n_epochs}, got {start}"
            raise IndexError(message)
        with self._reading("series"):
            refresh_group(self._file, SERIES_GROUP)
            return read_series(self._file, start, self.n_epochs)

    def tallies(self) -> dict[str, npt.NDArray[Any]]:
        """Return the tallies by name, at the end of the last epoch; see `layout.TALLY_FIELDS`.

        Those of a run that goes on just now are empty until its next epoch.
        """
        with self._reading("tallies"):
            return read_settled_tallies(self._file)

    def network(self) -> VesselNetwork:
        """Return the vessels."""
        with self._reading("vessels"):
            network = read_network(self._file)
            if not self._has_its_vessels:
                self._require_vessels(network, read_flow(self._file))
        return network

    def flow(self) -> FlowField:
        """Return the flow in the vessels."""
        with self._reading("flow"):
            flow = read_flow(self._file)
            if not self._has_its_vessels:
                self._require_vessels(read_network(self._file), flow)
        return flow

    def summary(self) -> dict[str, Any]:
        """Return the results in brief: the keys of ``ctc inspect --json``."""
        with self._reading("results"):
            return {
                "path": str(self.path),
                "status": self.status,
                "n_frames": self.n_frames,
                "n_epochs": self.n_epochs,
                "n_events": self.n_events,
                **summarise(
                    self.header,
                    self.end,
                    organ_names=self.organ_names,
                    series=self.series(),
                    tallies=self.tallies(),
                    lesions=self.lesions(),
                ),
            }

    def to_xarray(self) -> Any:
        """Return the run as an ``xarray.Dataset``, in SI; see `ctc.record.labelled`.

        Cells, events and lesions are read when they are used, so while the run is open.

        Raises
        ------
        InputError
            If xarray is not installed; says how to.
        """
        return labelled(self)

    def _require_vessels(self, network: VesselNetwork, flow: FlowField) -> None:
        """Raise ValueError unless they are those that were stored; older files pass."""
        require_vessels(self._file, network, flow)
        self._has_its_vessels = True

    def _is_whole(self, index: int) -> bool:
        try:
            self.frame(index)
        except InputError:
            return False
        return True

    def _read_frame_tables(self, n_frames: int) -> dict[str, npt.NDArray[Any]]:
        steps, frames = self._file[VTK_GROUP], self._file[FRAME_GROUP]
        datasets = {
            "start": steps["Steps/PointOffsets"],
            "count": steps["NumberOfPoints"],
            "time": frames["time"],
            "digest": frames["digest"],
        }
        tables = {
            name: read_rows(fresh(dataset), 0, n_frames) for name, dataset in datasets.items()
        }
        for name, table in tables.items():
            wanted = (n_frames, 32) if name == "digest" else (n_frames,)
            if table.shape != wanted or table.dtype.kind not in "iu":
                message = f"{name} must be integers of shape {wanted}, got {table.dtype} "
                raise ValueError(message + str(table.shape))
        if (tables["start"] < 0).any() or (tables["count"] < 0).any():
            message = "rows of frames must be >= 0"
            raise ValueError(message)
        return tables


def open_run(path: str | os.PathLike[str]) -> Run:
    """Open a run file for reading.

    Parameters
    ----------
    path : path
        ``RUN.vtkhdf`` (the ending may be left out), finished, running or killed.

    Returns
    -------
    Run
        To be closed, or used in a ``with`` block.

    Raises
    ------
    InputError
        If it is no run file, truncated, or of a newer format.
    """
    return Run(path)


def _column(group: h5py.Group, name: str) -> h5py.Dataset:
    return group["Points"] if name == "position" else group["PointData"][name]
