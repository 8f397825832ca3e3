"""A backend that adds up what its launches take, by kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctc.backends.base import Backend
from tools.bench.timing import Lap, Taken


class KernelClock:
    """A backend that adds up what its launches take.

    Parameters
    ----------
    backend : Backend
        Which does the work.
    """

    def __init__(self, backend: Backend) -> None:
        self.taken: dict[str, Taken] = {}
        self.inner: Any = backend

    def __getattr__(self, name: str) -> Any:
        """Return what the backend itself offers."""
        return getattr(self.inner, name)

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Launch and wait for the end."""
        wait(self.inner)
        lap = Lap()
        mark = self.inner.launch(kernel, arguments)
        wait(self.inner)
        self.taken[kernel] = self.taken.get(kernel, Taken(0.0, 0.0)) + lap.taken()
        return mark

    def of(self, kernel: str) -> Taken:
        """Return what one kernel has taken so far."""
        return self.taken.get(kernel, Taken(0.0, 0.0))


def wait(backend: Backend) -> None:
    """Wait until a GPU has done all that it was asked for."""
    cuda = getattr(backend.xp, "cuda", None)
    if cuda is not None:
        cuda.get_current_stream().synchronize()
