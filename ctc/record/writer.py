"""RunWriter: the run file, whole on disk after every frame and every epoch."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from ctc.durable import put_in_place, synchronise
from ctc.errors import OutputError
from ctc.fault_points import pass_point
from ctc.flow.field import FlowField
from ctc.record.background import BackgroundWriter
from ctc.record.counters import (
    Counters,
    CounterStore,
    RecordPosition,
    create_counters,
    require_resumable,
    stored_counters,
)
from ctc.record.failure import close_quietly, damage_told, let_go, output_errors
from ctc.record.files import RunFiles, RunLock, check_output
from ctc.record.frames import Cells, FrameStore, check_cells, create_frames, rounded
from ctc.record.header import RunHeader, add_resume, write_end, write_header
from ctc.record.intrusion import RunWatch
from ctc.record.layout import Compression, RunStatus, axis_lengths
from ctc.record.left_open import close_after_kill, open_to_go_on
from ctc.record.opening import LIBRARY_VERSION, WHOLE_IN_PAGES, open_for_reading
from ctc.record.provenance import utc_now
from ctc.record.row_logs import RowLogs, create_logs
from ctc.record.series import (
    Arrays,
    Columns,
    SeriesStore,
    TallyStore,
    create_series,
    create_tallies,
)
from ctc.record.sums import SumStore, create_sums
from ctc.record.vessels import write_vessels
from ctc.vessels.network import VesselNetwork


class RunWriter:
    """Writes one run file; made by `RunWriter.create` or `RunWriter.reopen`.

    All writing happens in one background thread, in the order of the calls, and what goes wrong
    there is raised by the next call. Frames count at once; rows of logs (events, lesions, findings
    ...), series and tallies count when their epoch is appended, all together. The process may be
    killed at any moment: what counted stays readable.

    Use it in a ``with`` block: leaving it without `close` marks the run as stopped.
    """

    def __init__(
        self,
        files: RunFiles,
        file: h5py.File,
        *,
        lock: RunLock,
        start: Counters,
        position_tolerance: float,
    ) -> None:
        self._files = files
        self._file = file
        self._lock = lock
        self._counters = start
        self._counter_store = CounterStore(file)
        self._frames = FrameStore(file, n_frames=start.frames)
        self._series = SeriesStore(file)
        self._tallies = TallyStore(file)
        self._logs = RowLogs(file, start)
        self._sums = SumStore(file)
        self._position_tolerance = position_tolerance
        self._is_open = True
        self._background = BackgroundWriter()
        self._watch = RunWatch(files, file, lock)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        header: RunHeader,
        network: VesselNetwork,
        flow: FlowField,
        n_tracked: int,
        tallies: Sequence[str] = (),
        compression: Compression = Compression.GZIP,
        position_tolerance: float = 0.0,
        overwrite: bool = False,
    ) -> Self:
        """Begin a new run file.

        Parameters
        ----------
        path : path
            ``RUN.vtkhdf``.
        header : RunHeader
            Origin and scenario.
        network, flow : VesselNetwork, FlowField
            Stored whole.
        n_tracked : int
            Most cells that a frame may hold, >= 0.
        tallies : sequence of str
            Which of `layout.TALLIES` every epoch will bring.
        compression : Compression
            How columns are packed.
        position_tolerance : float [m]
            How far a stored coordinate may lie from the true one; 0 stores it as it is.
        overwrite : bool
            Whether an older run, with its checkpoints, may go; once the new file stands.

        Raises
        ------
        InputError
            As `check_output`.
        OutputError
            If the file cannot be written.
        """
        files = check_output(path, overwrite)
        with output_errors(files.run), contextlib.ExitStack() as undo:
            lock = RunLock(files)
            undo.callback(lock.release)
            pass_point("run.begun")
            fresh = files.run.with_name(f".{files.run.name}.new")
            fresh.unlink(missing_ok=True)
            undo.callback(fresh.unlink, missing_ok=True)
            file = h5py.File(fresh, "x", libver=LIBRARY_VERSION, **WHOLE_IN_PAGES)
            undo.callback(close_quietly, file)
            write_header(file, header)
            write_vessels(file, network, flow=flow, compression=compression)
            create_frames(file, n_tracked=n_tracked, compression=compression)
            lengths = axis_lengths(
                len(network.organ_names), len(network.vessel_names), n_segments=network.n_segments
            )
            create_series(file, organ_names=network.organ_names, lengths=lengths)
            create_tallies(file, tallies, lengths=lengths)
            create_logs(file, compression)
            create_counters(file)
            create_sums(file, header, network=network, flow=flow)
            # From here on others may read, and nothing can be created any more.
            file.swmr_mode = True
            for old in files.derived:
                old.unlink(missing_ok=True)
            put_in_place(fresh, files.run, what="run")
            undo.pop_all()
        return cls(files, file, lock=lock, start=Counters(), position_tolerance=position_tolerance)

    @classmethod
    def reopen(
        cls,
        path: str | os.PathLike[str],
        *,
        position: RecordPosition | None = None,
        tallies: Arrays | None = None,
        device: str | None = None,
        position_tolerance: float = 0.0,
    ) -> Self:
        """Go on with a run that was stopped or killed.

        Parameters
        ----------
        path : path
            ``RUN.vtkhdf``.
        position : RecordPosition, optional
            From the checkpoint; what the file holds beyond it no longer counts and is written
            over. Without one, all that is complete counts.
        tallies : mapping of str to array, optional
            As they were at that position; without them there may be none until the next epoch.
        device : str, optional
            What the kernels run on from here; noted in the file.
        position_tolerance : float [m]
            As in `create`.

        Raises
        ------
        InputError
            If it is no run file, is finished, in use, or holds less than the position says.
        OutputError
            If it cannot be written.
        """
        files = RunFiles.of(path)
        open_for_reading(files).close()
        with output_errors(files.run), contextlib.ExitStack() as undo:
            lock = RunLock(files)
            undo.callback(lock.release)
            found = stored_counters(files)
            require_resumable(str(files.run), found, position or found.position)
            close_after_kill(files.run)
            pass_point("run.unmarked")
            file = open_to_go_on(files.run)
            undo.callback(close_quietly, file)
            start = found.cut_to(position or found.position)
            with damage_told(files.run):
                writer = cls(
                    files, file, lock=lock, start=start, position_tolerance=position_tolerance
                )
            undo.pop_all()
            undo.callback(writer._abandon)
            writer._submit(lambda: writer._begin_again(device, tallies))
            writer.position()
            undo.pop_all()
        return writer

    def write_frame(self, time: int, cells: Cells) -> None:
        """Record where the tracked cells are.

        Parameters
        ----------
        time : int [ns]
            From the start of the run.
        cells : mapping of str to array
            The columns of `layout.CELL_FIELDS`, in their dtypes, in rising order of id; they
            are copied, and may be changed after the call.
        """
        self.take_frames([(time, {name: np.array(cells[name]) for name in cells})])

    def take_frames(self, frames: Sequence[tuple[int, Cells]]) -> None:
        """Record frames as `write_frame` does; they count together, and nobody changes them."""
        checked = [(int(time), check_cells(cells)) for time, cells in frames]
        self._frames.check([(time, cells["id"].size) for time, cells in checked])
        self._submit(lambda: self._store_frames(checked))

    def has_log(self, log: str) -> bool:
        """Whether the file has one of `layout.LOGS`; one that an older version began lacks some."""
        return self._logs.has(log)

    def append_rows(self, log: str, rows: npt.NDArray[Any]) -> None:
        """Add rows to one of `layout.LOGS`, (n,) of its dtype; they count with the next epoch."""
        self._logs.check(log, rows)
        if rows.size:
            own = rows.copy()
            self._submit(lambda: self._logs.append(log, own))

    def take_rows(self, log: str, make: Callable[[], npt.NDArray[Any]]) -> None:
        """Add rows to one of `layout.LOGS`, which the thread that writes makes."""
        self._submit(lambda: self._logs.append(log, make()))

    def append_epoch(self, series: Arrays, *, tallies: Arrays | None = None) -> None:
        """End an epoch: its row of every series, its tallies, and all that was added before.

        Parameters
        ----------
        series : mapping of str to number or array
            One value of every `layout.SERIES_FIELDS`.
        tallies : mapping of str to array, optional
            The tallies named at creation.
        """
        checked = self._checked(series, tallies or {})
        self._submit(lambda: self._store_epoch(*checked))

    def take_epoch(self, make: Callable[[], tuple[Arrays, Arrays]]) -> None:
        """End an epoch as `append_epoch` does; the thread that writes makes series and tallies."""
        self._submit(lambda: self._store_epoch(*self._checked(*make())))

    def position(self) -> RecordPosition:
        """Wait until all is on the disk (through power loss too) and return how much that is."""
        self._submit(self._synchronise)
        with output_errors(self._files.run):
            self._background.wait()
        return self._counters.position

    def record_digest(self) -> str:
        """Return the SHA-256 over all frames so far, in order."""
        with output_errors(self._files.run):
            self._background.wait()
        return self._frames.digest()

    def close(self, *, digest: str = "", status: RunStatus = RunStatus.FINISHED) -> None:
        """End the file.

        Parameters
        ----------
        digest : str
            SHA-256 of the results of a finished run.
        status : RunStatus
            FINISHED, or STOPPED for a run that will go on from its checkpoint.

        Raises
        ------
        OutputError
            If something could not be written; what counted before stays readable.
        """
        if not self._is_open:
            return
        try:
            self._submit(lambda: self._finish(digest, status))
            with output_errors(self._files.run):
                self._background.wait()
        finally:
            self._abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # An error under way says more than what it does to the file.
        with contextlib.suppress(*() if error is None else (OutputError,)):
            self.close(status=RunStatus.STOPPED)

    def _checked(self, series: Arrays, tallies: Arrays) -> tuple[Columns, Columns]:
        return self._series.check(series), self._tallies.check(tallies)

    def _submit(self, job: Callable[[], None]) -> None:
        with output_errors(self._files.run):
            self._background.submit(lambda: self._do(job))

    def _do(self, job: Callable[[], None]) -> None:
        self._watch.check()
        job()
        if self._file:
            self._watch.note()

    def _store_frames(self, frames: Sequence[tuple[int, Cells]]) -> None:
        # What is pointed to, then the counts that readers trust; the file may be cut off between.
        for time, columns in frames:
            self._frames.write(time, rounded(columns, self._position_tolerance))
        self._frames.write_tables()
        self._file.flush()
        pass_point("frames.stored")
        self._set(replace(self._counters, frames=self._frames.n_frames))
        pass_point("frames.counted")

    def _store_epoch(self, row: Columns, tallies: Columns) -> None:
        n_epochs = self._counters.epochs + 1
        logs: dict[str, Any] = self._logs.commit()
        self._series.write(n_epochs - 1, row)
        self._tallies.write(n_epochs, tallies)
        self._sums.write(n_epochs - 1, row, tallies, self._logs.take_sums(logs))
        self._file.flush()
        pass_point("epoch.stored")
        self._set(replace(self._counters, epochs=n_epochs, **logs))
        pass_point("epoch.counted")

    def _begin_again(self, device: str | None, tallies: Arrays | None) -> None:
        # The tails move to the other slot before anything is written over.
        logs: dict[str, Any] = self._logs.commit()
        if tallies is not None:
            self._tallies.write(self._counters.epochs, self._tallies.check(tallies))
        self._file.flush()
        self._set(replace(self._counters, status=RunStatus.RUNNING, **logs))
        write_end(self._file)
        if device is not None:
            add_resume(self._file, device)
        self._file.flush()
        pass_point("run.again")

    def _finish(self, digest: str, status: RunStatus) -> None:
        logs: dict[str, Any] = self._logs.finish()
        if status is RunStatus.FINISHED:
            frames = self._frames.digest()
            write_end(self._file, digest=digest, record_digest=frames, finished=utc_now())
        self._file.flush()
        self._set(replace(self._counters, status=status, **logs))
        self._synchronise()
        pass_point("run.ended")
        self._file.close()
        synchronise(self._files.run)  # closing wrote once more
        pass_point("run.closed")

    def _set(self, counters: Counters) -> None:
        self._frames.write_count()
        self._counter_store.write(counters)
        self._file.flush()
        self._counters = counters

    def _synchronise(self) -> None:
        self._file.flush()
        os.fsync(self._file.id.get_vfd_handle())

    def _abandon(self) -> None:
        self._is_open = False
        self._background.stop()
        if self._background.has_failed:
            let_go(self._file)
        close_quietly(self._file)
        self._lock.release()
