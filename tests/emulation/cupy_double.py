"""A stand-in for the part of CuPy that the cuda backend uses, over emulated warps.

Kernels are put off: they run when something waits for them, in the order of their stream. So a copy
that does not wait for its launch reads what was there before, as it may on a GPU.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from ctc.backends.source import device_source
from tests.emulation.backend import emulated_library, run_emulated

N_DEVICES = 2


class NoDeviceError(RuntimeError):
    """What CuPy raises for a wrong call of the runtime."""


class Stream:
    """Work in order, done up to some point."""

    current: Stream | None = None

    def __init__(self, *, non_blocking: bool = False) -> None:
        assert non_blocking
        self.device = Device.current
        self.work: list[Callable[[], None]] = []
        self.n_done = 0

    def use(self) -> None:
        assert self.device == Device.current, "a stream is used while another GPU is current"
        Stream.current = self

    def run(self, until: int | None = None) -> None:
        until = len(self.work) if until is None else until
        while self.n_done < until:
            self.n_done += 1
            self.work[self.n_done - 1]()

    def wait_event(self, event: Event) -> None:
        self.work.append(event.wait)


class Event:
    """A place in the work of a stream."""

    def __init__(self, *, disable_timing: bool = False) -> None:
        assert disable_timing

    def record(self, stream: Stream) -> None:
        self.stream, self.place = stream, len(stream.work)

    def wait(self) -> None:
        self.stream.run(self.place)


class Device:
    """One of the GPUs."""

    current = 0
    compute_capability = "90"

    def __init__(self, number: int) -> None:
        self.number = number

    def use(self) -> None:
        Device.current = self.number
        Stream.current = None


class DeviceArray(np.ndarray):
    """Memory of a GPU: whatever reads or writes it waits for the current stream."""

    def get(self, stream: Stream, out: Any = None) -> Any:
        stream.run()
        copy = np.empty(self.shape, self.dtype) if out is None else out
        copy[...] = self.view(np.ndarray)
        return copy

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        wait()
        options["out"] = tuple(plain(o) for o in options["out"]) if "out" in options else None
        return held(getattr(ufunc, method)(*map(plain, inputs), **options))

    def __array_function__(self, function: Any, types: Any, given: Any, options: Any) -> Any:
        message = f"numpy.{function.__name__} was called with an array of a GPU"
        raise TypeError(message)

    def __setitem__(self, key: Any, value: Any) -> None:
        wait()
        self.view(np.ndarray)[plain(key)] = plain(value)

    def __getitem__(self, key: Any) -> Any:
        wait_for_values = isinstance(key, np.ndarray)
        if wait_for_values:
            wait()
        return held(self.view(np.ndarray)[plain(key)])

    def sum(self, *args: Any, **options: Any) -> Any:
        wait()
        return self.view(np.ndarray).sum(*args, **options)


def wait() -> None:
    if Stream.current is not None:
        Stream.current.run()


def plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, DeviceArray) else value


def held(value: Any) -> Any:
    return value.view(DeviceArray) if isinstance(value, np.ndarray) else value


def eager(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy that waits for the stream and gives memory of the GPU."""

    def call(*args: Any, **options: Any) -> Any:
        assert Stream.current is not None, "no stream is current"
        wait()
        return held(function(*map(plain, args), **options))

    return call


class RawModule:
    """A cubin: of it only its name is looked at."""

    def __init__(self, *, path: str) -> None:
        assert "_sm90_" in path

    def get_function(self, name: str) -> RawKernel:
        return RawKernel(name)


class RawKernel:
    """One entry point."""

    num_regs, shared_size_bytes = 64, 2048
    kernel = SimpleNamespace(ptr=4096)
    launches: ClassVar[list[tuple[str, int, int]]] = []

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(
        self, grid: tuple[int], block: tuple[int], args: tuple[Any, ...], *, stream: Stream
    ) -> None:
        assert stream is Stream.current
        RawKernel.launches.append((self.name, grid[0], block[0]))
        held_args = [plain(value) for value in args]

        def run() -> None:
            library = emulated_library(device_source())
            seed = len(RawKernel.launches)
            run_emulated(library, self.name, (grid[0], block[0], seed), held_args)

        stream.work.append(run)


def cupy_double() -> tuple[Any, Any]:
    """Return stand-ins for the modules ``cupy`` and ``cupyx``."""
    properties = {"name": b"emulated", "multiProcessorCount": 2}
    cuda = SimpleNamespace(
        Device=Device,
        Stream=Stream,
        Event=Event,
        driver=SimpleNamespace(occupancyMaxActiveBlocksPerMultiprocessor=lambda *_: 1),
        runtime=SimpleNamespace(
            getDeviceCount=lambda: N_DEVICES,
            getDeviceProperties=lambda _: properties,
            CUDARuntimeError=NoDeviceError,
        ),
    )
    names = ("zeros", "ones", "full", "bincount", "flatnonzero", "copyto", "arange")
    functions = {name: eager(getattr(np, name)) for name in names}
    copy = eager(lambda array: aligned_copy(np.ascontiguousarray(array)))
    cupy = SimpleNamespace(
        cuda=cuda,
        RawModule=RawModule,
        asarray=copy,
        uint8=np.uint8,
        uint64=np.uint64,
        **functions,
    )
    return cupy, SimpleNamespace(empty_pinned=np.empty)


def aligned_copy(array: Any) -> Any:
    """Return a copy at a multiple of 64 bytes, as all memory of a GPU begins."""
    room = np.empty(array.nbytes + 64, dtype=np.uint8)
    start = -ctypes.c_size_t(room.ctypes.data).value % 64
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
