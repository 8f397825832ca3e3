"""Ways through the program that must all come to one digest."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ctc.backends.base import Backend
from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.backends.cuda import CudaBackend
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting


@dataclass(frozen=True)
class Way:
    """A device, how it is used, and how the cells are cut up.

    Attributes
    ----------
    name : str
        For the table.
    make : callable
        Returns the backend.
    chunk, room : int, int or None
        Cells a launch; events a launch.
    """

    name: str
    make: Callable[[], Backend]
    chunk: int | None = None
    room: int | None = None

    def digest(self, setting: Setting) -> str:
        """Return the digest of a whole run on this way."""
        simulation = Simulation(setting, self.make(), chunk=self.chunk, event_capacity=self.room)
        for _ in simulation.epochs():
            pass
        return simulation.digest()


@dataclass(frozen=True)
class Shape:
    """How launches on a GPU are laid out: keywords of `CudaBackend`, as far as it has them."""

    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """In words."""
        return ", ".join(f"{key} {value}" for key, value in self.keywords.items()) or "as shipped"

    @property
    def is_known(self) -> bool:
        """Whether the backend takes these keywords."""
        return set(self.keywords) <= set(inspect.signature(CudaBackend).parameters)

    def make(self) -> Backend:
        """Return the backend."""
        return CudaBackend(**self.keywords)


def scanned_shapes() -> list[Shape]:
    """Return the layouts that are compared, of those that the backend knows."""
    scan: dict[str, tuple[int, ...]] = {
        "block": (32, 64, 96, 128),
        "blocks_per_multiprocessor": (2, 4, 8, 16, 32),
        "max_hops": (64, 1024, 1 << 14, 1 << 20),
    }
    return [
        shape
        for key, values in scan.items()
        for shape in (Shape({key: value}) for value in values)
        if shape.is_known
    ]


def reference_way() -> Way:
    """Return the plainest way: one cell after another, on one thread."""
    return Way("scalar, 1 thread", lambda: CpuBackend(threads=1, variant="scalar"))


def cpu_ways() -> list[Way]:
    """Return every instruction set on all cores in small pieces, and more threads than work."""
    cores = len(os.sched_getaffinity(0))
    ways = [
        Way(
            f"{variant}, {cores} threads, chunks of 701, room for 90",
            lambda variant=variant: CpuBackend(threads=cores, variant=variant),  # type: ignore[misc]
            701,
            90,
        )
        for variant in cpu_variants()
    ]
    ways.append(Way("7 threads", lambda: CpuBackend(threads=7)))
    ways.append(
        Way("5 hops a launch", lambda: CpuBackend(threads=2, variant="scalar", max_hops=5), 1500)
    )
    return ways


def gpu_ways() -> list[Way]:
    """Return the GPU as shipped, in small pieces with little room, and in unusual layouts."""
    unusual = ({"max_hops": 7}, {"block": 32}, {"block": 64}, {"blocks_per_multiprocessor": 1})
    shapes = [shape for shape in map(Shape, unusual) if shape.is_known]
    return [
        Way("cuda", CudaBackend),
        Way("cuda, chunks of 331, room for 50", CudaBackend, 331, 50),
        Way("cuda, room for 1000", CudaBackend, None, 1000),
        *[Way(f"cuda, {shape.name}", shape.make) for shape in shapes],
    ]
