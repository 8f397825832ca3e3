"""A backend that knows how long its kernels took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ctc.backends.base import Backend
from ctc.timings import Spent


class TimedBackend:
    """Another backend with a clock; see `ctc.backends.base.Backend`.

    Parameters
    ----------
    backend : Backend
        That does the work. Where a launch only begins it, the time to wait for it counts.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.spent = Spent()
        self.name = backend.name
        self.description = backend.description
        self.max_hops = backend.max_hops
        self.cells_a_launch = backend.cells_a_launch
        self.n_under_way = backend.n_under_way

    @property
    def xp(self) -> Any:
        """NumPy, or CuPy with the same functions."""
        return self._backend.xp

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point over its ``count`` items; see `ctc.backends.base.Backend`."""
        with self._counted():
            return self._backend.launch(kernel, arguments)

    def to_device(self, array: Any) -> Any:
        """Return the array in this device's memory."""
        return self._backend.to_device(array)

    def to_host(self, array: Any, *, after: Any = None) -> Any:
        """Return the array as NumPy's."""
        if after is None:
            return self._backend.to_host(array)
        with self._counted():
            return self._backend.to_host(array, after=after)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.spent += Spent(time.perf_counter() - wall, time.process_time() - cpu)
