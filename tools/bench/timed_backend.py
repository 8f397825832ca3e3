"""A backend that adds up what its launches take, by kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ctc.backends.base import Backend
from tools.bench.timing import Stopwatch, Taken


class TimedBackend:
    """A backend that adds up what its launches take.

    Parameters
    ----------
    backend : Backend
        Which does the work.
    """

    def __init__(self, backend: Backend) -> None:
        self.taken: dict[str, Taken] = {}
        self.inner = backend

    def __getattr__(self, name: str) -> Any:
        """Return what the backend itself offers."""
        return getattr(self.inner, name)

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> None:
        """Launch, and wait for the fault word, which every kernel but the probe reads back."""
        watch = Stopwatch()
        self.inner.launch(kernel, arguments)
        self.taken[kernel] = self.taken.get(kernel, Taken(0.0, 0.0)) + watch.taken()

    def of(self, kernel: str) -> Taken:
        """Return what one kernel has taken so far."""
        return self.taken.get(kernel, Taken(0.0, 0.0))
