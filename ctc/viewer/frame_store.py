"""Frames read when asked for, kept while there is room, the next ones read ahead in a thread."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ctc.record.reader import Frame, Run
from ctc.viewer.drawables import FloatArray32

MOST_BYTES = 128_000_000


class FrameStore:
    """Frames of a run.

    All reading of the file happens under `lock`: others that read the same run take it too.

    Parameters
    ----------
    run : Run
        Open.
    n_prefetch : int
        Frames read ahead, >= 0; with 0 there is no thread.
    most_bytes : int
        Of kept frames; the one asked for last is kept in any case.
    """

    def __init__(self, run: Run, *, n_prefetch: int = 2, most_bytes: int = MOST_BYTES) -> None:
        self.lock = threading.RLock()
        self._run = run
        self._n_prefetch = n_prefetch
        self._most_bytes = most_bytes
        self._kept: OrderedDict[int, Frame] = OrderedDict()
        self._kept_lock = threading.Lock()
        self._wanted: queue.SimpleQueue[tuple[int, ...] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last = -1

    def frame(self, index: int) -> Frame:
        """Return one frame, 0 .. n_frames-1, and have those that follow read ahead.

        Raises
        ------
        IndexError
            If there is no such frame.
        InputError
            If the file is damaged there.
        """
        frame = self._look_up(index)
        if frame is None:
            frame = self._read(index)
        # Backwards where the last step went back.
        step = -1 if 0 <= index < self._last else 1
        if index != self._last:
            self._last = index
            self._ask_for([index + step * (k + 1) for k in range(self._n_prefetch)])
        return frame

    def place_of(self, index: int, cell: int) -> FloatArray32 | None:
        """Return where a cell is in a frame, (3,) float32 [m], or nothing if it is not in it.

        Keeps nothing, reads no more columns than needed and nothing ahead.
        """
        frame = self._look_up(index)
        if frame is not None:
            row = row_of(frame.id, cell)
            return frame.position[row] if row >= 0 else None
        with self.lock:
            row = row_of(self._run.frame_column(index, "id"), cell)
            if row < 0:
                return None
            position: FloatArray32 = self._run.frame_column(index, "position")[row]
            return position

    @property
    def kept(self) -> tuple[int, ...]:
        """Which frames are in memory."""
        with self._kept_lock:
            return tuple(sorted(self._kept))

    def allocated_bytes(self) -> int:
        """Return what the kept frames take."""
        with self._kept_lock:
            return sum(frame_bytes(frame) for frame in self._kept.values())

    def close(self) -> None:
        """End the thread; the run stays open."""
        if self._thread is not None:
            self._wanted.put(None)
            self._thread.join()
            self._thread = None

    def _look_up(self, index: int) -> Frame | None:
        with self._kept_lock:
            frame = self._kept.get(index)
            if frame is not None:
                self._kept.move_to_end(index)
            return frame

    def _read(self, index: int) -> Frame:
        with self.lock:
            frame = self._look_up(index)  # the thread may have read it meanwhile
            if frame is None:
                frame = self._run.frame(index)
                self._keep(index, frame)
            return frame

    def _keep(self, index: int, frame: Frame) -> None:
        with self._kept_lock:
            self._kept[index] = frame
            total = sum(frame_bytes(each) for each in self._kept.values())
            while total > self._most_bytes and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                total -= frame_bytes(dropped)

    def _ask_for(self, indices: Sequence[int]) -> None:
        wanted = tuple(index for index in indices if 0 <= index < self._run.n_frames)
        if not wanted:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_ahead, daemon=True)
            self._thread.start()
        self._wanted.put(wanted)

    def _read_ahead(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            for index in wanted:
                if not self._wanted.empty():
                    break  # asked for others since
                if self._has_room() and self._look_up(index) is None:
                    try:
                        self._read(index)
                    except Exception:  # who asks for this frame gets the error
                        break

    def _has_room(self) -> bool:
        """Whether one more frame as large as the largest kept one fits beside the others."""
        with self._kept_lock:
            largest = max((frame_bytes(frame) for frame in self._kept.values()), default=0)
            return 2 * largest <= self._most_bytes


def row_of(identities: npt.NDArray[np.uint64], cell: int) -> int:
    """Return the row of a cell among rising identities, -1 where it is none of them."""
    row = int(np.searchsorted(identities, np.uint64(cell)))
    return row if row < identities.size and int(identities[row]) == cell else -1


def frame_bytes(frame: Frame) -> int:
    """Return what the arrays of a frame take."""
    return sum(array.nbytes for name, array in vars(frame).items() if name != "time")
