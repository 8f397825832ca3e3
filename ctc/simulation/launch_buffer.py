"""What one launch writes besides cells: events and counts, read back together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.kernels import kernels, raise_fault
from ctc.backends.records import EVENT, N_ORGAN_TALLIES, N_TALLIES, NO_FAULT

_HOPS, _UNFINISHED, _TAKEN = range(N_TALLIES)


@dataclass(frozen=True)
class LaunchResult:
    """What a launch left.

    Attributes
    ----------
    hops : int
        Segments entered.
    is_unfinished : bool
        Whether its cells must be launched again.
    organs : (n_organs, 4) uint64
        Bed arrivals and arrests.
    events : (n,) EVENT
        In any order.
    """

    hops: int
    is_unfinished: bool
    organs: npt.NDArray[np.uint64]
    events: npt.NDArray[Any]


class LaunchBuffer:
    """Room for the events and counts of one launch at a time.

    The counts lie side by side in one array, so that one copy brings all of them back.

    Parameters
    ----------
    backend : Backend
        Whose memory holds it.
    n_organs : int
        Rows of the sums by organ.
    """

    def __init__(self, backend: Backend, n_organs: int) -> None:
        self._backend = backend
        self._parts = {
            "first_fault": slice(0, 1),
            "event_count": slice(1, 2),
            "tally": slice(2, 2 + N_TALLIES),
            "organ_tally": slice(2 + N_TALLIES, 2 + N_TALLIES + n_organs * N_ORGAN_TALLIES),
        }
        start = np.zeros(self._parts["organ_tally"].stop, dtype=np.uint64)
        start[self._parts["first_fault"]] = NO_FAULT
        self._start = backend.to_device(start.copy())
        self._counts = backend.to_device(start)
        self._events: Any = None
        self._capacity = 0

    def clear(self, kernel: str, capacity: int) -> dict[str, Any]:
        """Return the arguments that a kernel writes here, cleared, with room for some events."""
        self._capacity = capacity
        size = capacity * EVENT.itemsize
        if self._events is None or self._events.size < size:
            self._events = self._backend.xp.zeros(size, dtype=np.uint8)
        self._backend.xp.copyto(self._counts, self._start)
        names = {argument.name for argument in kernels()[kernel].arguments}
        counts = {name: self._counts[at] for name, at in self._parts.items() if name in names}
        return counts | {"events": self._events, "event_capacity": capacity}

    def read(self, kernel: str, launch: Any) -> LaunchResult:
        """Wait for a launch, but for none after it, and return what it left.

        Raises
        ------
        DeviceFaultError
            If the kernel reported a fault.
        """
        counts = self._backend.to_host(self._counts, after=launch)
        part = {name: counts[at] for name, at in self._parts.items()}
        raise_fault(kernel, int(part["first_fault"][0]))
        n_written = min(int(part["event_count"][0]), self._capacity)
        taken = self._events[: n_written * EVENT.itemsize]
        return LaunchResult(
            hops=int(part["tally"][_HOPS]),
            is_unfinished=bool(part["tally"][_UNFINISHED]),
            organs=part["organ_tally"].reshape(-1, N_ORGAN_TALLIES).copy(),
            events=np.array(self._backend.to_host(taken, after=launch), copy=True).view(EVENT),
        )
