"""Values as HDF5's shuffle and gzip filters store them, packed by several threads.

Some byte planes are noise, such as the low bytes of coordinates: deflate finds nothing in them and
takes its time. They go into the stream as stored blocks, which every inflate reads.
"""

from __future__ import annotations

import itertools
import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.host_filter import WIDTHS, shuffled

gzip_library: Any
try:
    from isal import isal_zlib as gzip_library
except ImportError:  # slower by 8-16 times, the same format on disk
    import zlib as gzip_library

LEVEL = 1
# Planes that are worth a look for noise, what is looked at, and what noise packs to at best.
_LONG_PLANE, _SAMPLE, _NOISE = 32768, 2048, 0.97
_RAW_DEFLATE = -15
_ZLIB_HEADER, _LAST_BLOCK = b"\x78\x01", b"\x03\x00"
_MOST_STORED = 65535  # bytes of a stored block
_MOST_THREADS = 4
_WORTH_A_THREAD = 1 << 19  # bytes


def pack(array: npt.NDArray[Any], *, shape: Sequence[int] | None = None) -> bytes:
    """Return the bytes that HDF5's shuffle and gzip filters would store for a chunk.

    Parameters
    ----------
    array : (n, ...) array
        The first rows of the chunk; the rest is zeros.
    shape : sequence of int, optional
        Of the chunk; that of the array when left out.
    """
    n_places = math.prod(array.shape if shape is None else shape)
    items = array if array.ndim == 1 else np.ascontiguousarray(array).reshape(-1)
    planes = _planes(items, n_places)
    is_noise = [False] * len(planes)
    if n_places >= _LONG_PLANE and items.size > _NOISE * n_places:
        is_noise = [_is_noise(plane) for plane in planes]
    if not any(is_noise):
        packed: bytes = gzip_library.compress(planes, LEVEL)
        return packed
    pieces: list[Any] = [_ZLIB_HEADER]
    for stored, group in itertools.groupby(range(len(planes)), key=is_noise.__getitem__):
        numbers = list(group)
        run = planes[numbers[0] : numbers[-1] + 1].reshape(-1)
        pieces += _stored_blocks(run) if stored else _deflated_blocks(run)
    pieces += [_LAST_BLOCK, gzip_library.adler32(planes).to_bytes(4, "big")]
    return b"".join(pieces)


def _planes(items: npt.NDArray[Any], n_places: int) -> npt.NDArray[np.uint8]:
    if items.dtype.itemsize in WIDTHS:
        return shuffled(items, n_places)
    full = np.zeros(n_places, dtype=items.dtype)
    full[: items.size] = items
    return np.ascontiguousarray(full.view(np.uint8).reshape(n_places, -1).T)


def _is_noise(plane: npt.NDArray[np.uint8]) -> bool:
    sample = plane[plane.size // 2 :][:_SAMPLE]
    return len(gzip_library.compress(sample, LEVEL)) > _NOISE * sample.size


def _stored_blocks(run: npt.NDArray[np.uint8]) -> Iterator[Any]:
    for start in range(0, run.size, _MOST_STORED):
        block = run[start : start + _MOST_STORED]
        size = block.size
        yield b"\0" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
        yield block.data


def _deflated_blocks(run: npt.NDArray[np.uint8]) -> Iterator[Any]:
    # With a window of its own: it knows nothing of stored bytes before it. It ends at a whole byte.
    stream = gzip_library.compressobj(LEVEL, gzip_library.DEFLATED, _RAW_DEFLATE)
    yield stream.compress(run)
    yield stream.flush(gzip_library.Z_SYNC_FLUSH)


class Packers:
    """Threads that pack for the one that writes; they start with the first large job."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def in_order(self, jobs: Sequence[Callable[[], Any]], *, size: int) -> Iterator[Any]:
        """Yield what the jobs return, in their order.

        Parameters
        ----------
        jobs : sequence of callable
            Independent of one another.
        size : int
            Bytes that they read in all; a little is done at once.
        """
        if size < _WORTH_A_THREAD or len(jobs) < 2:
            for job in jobs:
                yield job()
            return
        if self._pool is None:
            n_threads = min(len(os.sched_getaffinity(0)), _MOST_THREADS)
            self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix="ctc-pack")
        waiting: deque[Future[Any]] = deque(self._pool.submit(job) for job in jobs)
        try:
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
