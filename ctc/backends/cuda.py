"""Kernels on an NVIDIA GPU: load, launch, fault read-back; the only importer of CuPy."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ctc.backends.kernels import kernels, raise_fault
from ctc.backends.nvrtc import compile_kernels, nvrtc_version
from ctc.backends.occupancy import resident_blocks
from ctc.backends.records import NO_FAULT
from ctc.backends.source import kernel_hash
from ctc.durable import put_in_place
from ctc.errors import CtcError, InputError, MissingDeviceError
from ctc.resources import cache_folder

_INSTALL = "Install CuPy for your CUDA version: pip install 'ctc[cuda13]' (or 'ctc[cuda12]')."
THREADS = 128  # of a block, at most: ctc_advance keeps so many cells in shared memory
_WARP = 32
# A cell makes 1e6 hops a second or so: a launch takes its cells, over lanes, times 8 ms at most.
_MAX_HOPS = 8192


class CudaBackend:
    """Kernels on one GPU; see `ctc.backends.base.Backend`.

    Every call makes its GPU and its stream the current ones of the thread, so that several backends
    can be used in one process. Launches run in one stream; what a launch left is copied in another,
    to pinned memory, while the next launch runs.

    Parameters
    ----------
    number : int
        Which GPU, as CUDA counts them.
    max_hops : int
        Hops that one launch may make a cell; no result depends on it.
    block : int
        Threads a block; no result depends on it.
    blocks_per_multiprocessor : int, optional
        Blocks at once; as many as there is room for when left out. No result depends on it.

    Raises
    ------
    MissingDeviceError
        If there is no CuPy or no such GPU; says what to install.
    InputError
        If a block cannot have so many threads.
    """

    # 31 for each lane of an H200, so that few lanes idle at the end; two launches hold 400 MB.
    cells_a_launch = 1 << 22
    n_under_way = 2

    def __init__(
        self,
        number: int = 0,
        *,
        max_hops: int = _MAX_HOPS,
        block: int = THREADS,
        blocks_per_multiprocessor: int | None = None,
    ) -> None:
        if block not in range(_WARP, THREADS + 1, _WARP):
            message = f"block must be a multiple of {_WARP} up to {THREADS} threads, got {block}"
            raise InputError(message)
        count = count_devices()
        import cupy  # noqa: PLC0415 - a base install has no CuPy
        import cupyx  # noqa: PLC0415

        if number >= count:
            message = f"device must be one of cuda:0 .. cuda:{count - 1}, got 'cuda:{number}'"
            raise MissingDeviceError(message)
        self._cupy = cupy
        self._empty_pinned = cupyx.empty_pinned
        self._device = cupy.cuda.Device(number)
        self._device.use()
        self._stream = cupy.cuda.Stream(non_blocking=True)
        self._copies = cupy.cuda.Stream(non_blocking=True)
        self._stream.use()
        properties = cupy.cuda.runtime.getDeviceProperties(number)
        self.name = f"cuda:{number}"
        self.description = f"cuda:{number} ({properties['name'].decode()})"
        self._target = int(self._device.compute_capability)
        self._module = cupy.RawModule(path=str(_cubin(self._target)))
        self._functions = {name: self._module.get_function(name) for name in kernels()}
        n_multiprocessors = int(properties["multiProcessorCount"])
        self.max_hops = max_hops
        self._block = block
        self._most_blocks = {
            name: n_multiprocessors * (blocks_per_multiprocessor or self._resident_blocks(function))
            for name, function in self._functions.items()
        }

    @property
    def xp(self) -> Any:
        """CuPy, with this GPU and its stream as the current ones."""
        self._enter()
        return self._cupy

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point over its ``count`` items; see `ctc.backends.base.Backend`."""
        self._enter()
        specification = kernels()[kernel]
        values = dict(arguments)
        has_fault = specification.has_fault and "first_fault" not in values
        if has_fault:
            values["first_fault"] = self.to_device(np.array([NO_FAULT], dtype=np.uint64))
        bound = specification.bind(values)
        count = int(values["count"])
        if count > 0:
            n_blocks = min(-(-count // self._block), self._most_blocks[kernel])
            run = self._functions[kernel]
            run((n_blocks,), (self._block,), tuple(bound), stream=self._stream)
        done = self._cupy.cuda.Event(disable_timing=True)
        done.record(self._stream)
        if has_fault:
            raise_fault(kernel, int(self.to_host(values["first_fault"], after=done)[0]))
        return done

    def to_device(self, array: Any) -> Any:
        """Return a copy in this GPU's memory (records travel as bytes)."""
        return self.xp.asarray(array.view("u1") if array.dtype.names else array)

    def to_host(self, array: Any, *, after: Any = None) -> Any:
        """Return a copy in host memory: after a launch, by its mark, or after all of them."""
        self._enter()
        if after is None:
            return array.get(stream=self._stream)
        self._copies.wait_event(after)
        return array.get(
            stream=self._copies, out=self._empty_pinned(array.shape, dtype=array.dtype)
        )

    def _enter(self) -> None:
        """Make this GPU and its stream the current ones of this thread."""
        self._device.use()
        self._stream.use()

    def _resident_blocks(self, function: Any) -> int:
        """Return the blocks of a kernel that a multiprocessor holds at once."""
        query = getattr(self._cupy.cuda.driver, "occupancyMaxActiveBlocksPerMultiprocessor", None)
        if query is None:
            return resident_blocks(
                self._target,
                self._block,
                registers=function.num_regs,
                shared=function.shared_size_bytes,
            )
        return max(1, int(query(function.kernel.ptr, self._block, 0)))


def count_devices() -> int:
    """Return how many GPUs there are, one at least.

    Raises
    ------
    MissingDeviceError
        If there is none, or no CuPy; says what to install.
    """
    if importlib.util.find_spec("cupy") is None:
        message = f"device 'cuda' needs CuPy, which is not installed. {_INSTALL}"
        raise MissingDeviceError(message)
    import cupy  # noqa: PLC0415 - a base install has no CuPy

    try:
        return int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError as error:
        message = f"device 'cuda' needs an NVIDIA GPU with its driver ({error}). Use --device cpu."
        raise MissingDeviceError(message) from None


def _cubin(target: int) -> Path:
    """Return the compiled kernels of a target, from the cache or freshly compiled."""
    major, minor = nvrtc_version()
    folder = _cache_folder()
    path = folder / f"kernels_{kernel_hash()[:32]}_sm{target}_nvrtc{major}.{minor}.cubin"
    if not path.is_file():
        compiled = compile_kernels(target)
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".cubin")
        with os.fdopen(handle, "wb") as file:
            file.write(compiled.cubin)
        put_in_place(Path(temporary), path, what="output")
    return path


def _cache_folder() -> Path:
    folder = cache_folder("kernels")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"kernel cache {folder} must be writable ({error}). Set CTC_CACHE to a folder."
        raise CtcError(message) from None
    return folder
