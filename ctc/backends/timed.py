"""A backend that knows how long its kernels took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ctc.backends.base import Backend
from ctc.timings import Spent


class TimedBackend:
    """Another backend with a clock; see `ctc.backends.base.Backend`.

    Parameters
    ----------
    backend : Backend
        That does the work. A launch returns when its kernel has ended, because faults are read.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.spent = Spent()
        self.name = backend.name
        self.description = backend.description
        self.max_hops = backend.max_hops

    @property
    def xp(self) -> Any:
        """NumPy, or CuPy with the same functions."""
        return self._backend.xp

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> None:
        """Run an entry point over its ``count`` items; raises DeviceFaultError on a fault."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            self._backend.launch(kernel, arguments)
        finally:
            self.spent.wall += time.perf_counter() - wall
            self.spent.cpu += time.process_time() - cpu

    def to_device(self, array: Any) -> Any:
        """Return the array in this device's memory."""
        return self._backend.to_device(array)

    def to_host(self, array: Any) -> Any:
        """Return the array as NumPy's."""
        return self._backend.to_host(array)
