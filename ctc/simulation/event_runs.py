"""Events of one epoch, kept in sorted runs so that memory does not grow with their number."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from ctc.backends.host_growth import default_threads
from ctc.backends.records import EVENT
from ctc.errors import OutputError
from ctc.simulation.events import in_order, no_events

Events = npt.NDArray[Any]

# Events that stay in memory: 64 MiB, and as much again twice while they are sorted.
EVENTS_IN_MEMORY = 1 << 21
# Events that are handed on at once where there are more.
_BLOCK = 1 << 18
_FEWEST_ROWS = 1024


class EventSource(Protocol):
    """Events of one shard in one epoch."""

    @property
    def size(self) -> int:
        """How many."""
        ...

    def unordered(self) -> list[Events]:
        """Return all of them, in any order."""
        ...

    def streams(self) -> list[Callable[[int], Iterator[Events]]]:
        """Return what yields them in order, in several sorted runs, so many rows at once."""
        ...


class EventRuns:
    """Events in any order -> sorted runs: the newest in memory, older ones in a nameless file.

    Parameters
    ----------
    folder : Path, optional
        Where the file goes, which vanishes with this object or the process; the system's folder
        for temporary files when left out.
    in_memory : int
        Events beyond which they go to the file.
    """

    def __init__(self, folder: Path | None = None, *, in_memory: int = EVENTS_IN_MEMORY) -> None:
        self._folder = folder
        self._in_memory = in_memory
        self._newest: list[Events] = []
        self._n_newest = 0
        self._file: IO[bytes] | None = None
        self._runs: list[int] = []

    @property
    def size(self) -> int:
        """How many events there are."""
        return sum(self._runs) + self._n_newest

    def add(self, *blocks: Events) -> None:
        """Take in blocks of events, (n,) EVENT each, in any order.

        Raises
        ------
        OutputError
            If there are too many for memory and the file has no room either.
        """
        for events in blocks:
            if events.size:
                self._newest.append(events)
                self._n_newest += events.size
            if self._n_newest > self._in_memory:
                self._put_aside()

    def unordered(self) -> list[Events]:
        """Return all events, in any order."""
        return [*(_all_of(stream) for stream in self._stored()), *self._newest]

    def streams(self) -> list[Callable[[int], Iterator[Events]]]:
        """Return what yields each sorted run, so many rows at once."""
        newest = in_order(*self._newest)
        self._newest = [newest]
        return [*self._stored(), lambda rows: _pieces(newest, rows)]

    def _put_aside(self) -> None:
        events = in_order(*self._newest)
        self._newest.clear()
        self._n_newest = 0
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - kept open
                weakref.finalize(self, self._file.close)
            self._file.write(events.view(np.uint8).data)
            self._file.flush()
        except OSError as error:
            place = self._folder or tempfile.gettempdir()
            message = (
                f"{place}: events of an epoch could not be put aside ({error.strerror}). Free "
                "some space, or shorten run.epoch."
            )
            raise OutputError(message) from error
        self._runs.append(events.size)

    def _stored(self) -> list[Callable[[int], Iterator[Events]]]:
        first = np.cumsum([0, *self._runs]).tolist()
        return [
            _reader(self._file, start, count)
            for start, count in zip(first, self._runs, strict=False)
            if self._file is not None
        ]


class EventPiece:
    """Some events of an epoch, put in order by the thread that first asks for that.

    Parameters
    ----------
    parts : sequence of (n,) EVENT
        The events, in any order; nobody may change them any more.
    is_ordered : bool
        Whether there is one part, in order.
    """

    def __init__(self, parts: Sequence[Events], *, is_ordered: bool = False) -> None:
        self._parts = list(parts)
        self._is_ordered = is_ordered
        self._one_at_a_time = threading.Lock()

    def in_any_order(self) -> list[Events]:
        """Return the events as they lie."""
        return self._parts

    def in_order(self) -> Events:
        """Return the events, (n,) EVENT, in order; they are sorted once.

        By half of the cores: cells of the next epoch are followed meanwhile.
        """
        with self._one_at_a_time:
            if not self._is_ordered:
                threads = max(default_threads() // 2, 1)
                self._parts = [in_order(*self._parts, threads=threads)]
                self._is_ordered = True
            return self._parts[0]


class OrderedEvents:
    """Events of all shards in one epoch, in the order that everybody sees.

    Parameters
    ----------
    sources : sequence of EventSource
        Of the shards, and of what the host draws.
    in_memory : int
        Events up to which they are sorted at once.
    """

    def __init__(
        self, sources: Sequence[EventSource], *, in_memory: int = EVENTS_IN_MEMORY
    ) -> None:
        self._sources = list(sources)
        self._in_memory = in_memory
        self._whole: EventPiece | None = None
        self.size = sum(source.size for source in sources)

    def pieces(self) -> Iterator[EventPiece]:
        """Yield them piece after piece, each behind those before; as often as asked.

        What fits in memory is one piece, and is not sorted until somebody asks for that.
        """
        if self._whole is None and self.size <= self._in_memory:
            parts = [part for source in self._sources for part in source.unordered()]
            self._whole = EventPiece(parts)
            self._sources = []
        if self._whole is not None:
            yield self._whole
            return
        streams = [stream for source in self._sources for stream in source.streams()]
        rows = max(self._in_memory // (2 * len(streams)), _FEWEST_ROWS)
        for block in merged(streams, rows=rows):
            yield EventPiece([block], is_ordered=True)

    def blocks(self) -> Iterator[Events]:
        """Yield them block after block, (n,) EVENT each; as often as asked."""
        for piece in self.pieces():
            yield piece.in_order()

    def whole(self) -> Events:
        """Return all of them, (n,) EVENT, in memory."""
        pieces = list(self.pieces())
        if self._whole is None:
            together = np.concatenate([piece.in_order() for piece in pieces])
            self._whole = EventPiece([together], is_ordered=True)
        return self._whole.in_order()


def merged(
    streams: Sequence[Callable[[int], Iterator[Events]]], *, rows: int, block: int = _BLOCK
) -> Iterator[Events]:
    """Merge sorted streams of events into blocks in order, of at least `block` rows but the last.

    All that is earlier than the earliest of the last events read of each stream is at hand. So the
    stream that is read least far is read on, and what is then known to be complete goes out.

    Parameters
    ----------
    streams : sequence of callables
        Each yields a sorted run, so many rows at once.
    rows : int
        Rows to read at once.
    """
    readers = [_Head(stream(rows)) for stream in streams]
    ready: list[Events] = []
    n_ready = 0
    while any(not head.is_at_end for head in readers):
        behind = min((head for head in readers if not head.is_at_end), key=lambda head: head.last)
        behind.read_on()
        bound = min((head.last for head in readers if not head.is_at_end), default=None)
        for head in readers:
            part = head.take_before(bound)
            ready.append(part)
            n_ready += part.size
        if n_ready >= block or bound is None:
            yield in_order(*ready)
            ready.clear()
            n_ready = 0


class _Head:
    """What has been read of a stream and not been handed on."""

    def __init__(self, stream: Iterator[Events]) -> None:
        self._stream = stream
        self._events = no_events()
        self._time = np.zeros(0, dtype=np.int64)
        self.is_at_end = False
        self.last = np.iinfo(np.int64).min
        self.read_on()

    def read_on(self) -> None:
        """Read the next rows."""
        more = next(self._stream, None)
        if more is None or not more.size:
            self.is_at_end = True
            return
        self._events = np.concatenate([self._events, more]) if self._events.size else more
        self._time = np.ascontiguousarray(self._events["time"])
        self.last = int(self._time[-1])

    def take_before(self, bound: int | None) -> Events:
        """Take out all events before a time [ns]; all that are left without one."""
        count = self._time.size if bound is None else int(np.searchsorted(self._time, bound))
        taken, self._events = self._events[:count], self._events[count:]
        self._time = self._time[count:]
        return taken


def _reader(file: IO[bytes] | None, start: int, count: int) -> Callable[[int], Iterator[Events]]:
    """Return what yields a run of a file: ``count`` events from the event ``start`` on."""
    assert file is not None

    def read(rows: int) -> Iterator[Events]:
        for first in range(start, start + count, rows):
            n = min(rows, start + count - first)
            data = os.pread(file.fileno(), n * EVENT.itemsize, first * EVENT.itemsize)
            yield np.frombuffer(data, dtype=EVENT)

    return read


def _pieces(events: Events, rows: int) -> Iterator[Events]:
    for first in range(0, events.size, rows):
        yield events[first : first + rows]


def _all_of(stream: Callable[[int], Iterator[Events]]) -> Events:
    return np.concatenate([no_events(), *stream(EVENTS_IN_MEMORY)])
