"""Kernels on an NVIDIA GPU: load, launch, fault read-back; the only importer of CuPy."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctc.backends.kernels import kernels, raise_fault
from ctc.backends.nvrtc import compile_kernels, nvrtc_version
from ctc.backends.records import NO_FAULT
from ctc.backends.source import kernel_hash
from ctc.errors import CtcError, MissingDeviceError
from ctc.resources import cache_folder

_INSTALL = "Install CuPy for your CUDA version: pip install 'ctc[cuda13]' (or 'ctc[cuda12]')."
_BLOCK = 128


class CudaBackend:
    """Kernels on one GPU; see `ctc.backends.base.Backend`.

    Parameters
    ----------
    number : int
        Which GPU, as CUDA counts them.
    """

    max_hops = 16384

    def __init__(self, number: int = 0) -> None:
        if importlib.util.find_spec("cupy") is None:
            message = f"device 'cuda' needs CuPy, which is not installed. {_INSTALL}"
            raise MissingDeviceError(message)
        import cupy  # noqa: PLC0415 - a base install has no CuPy

        try:
            count = cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            message = (
                f"device 'cuda' needs an NVIDIA GPU with its driver ({error}). Use --device cpu."
            )
            raise MissingDeviceError(message) from None
        if number >= count:
            message = f"device must be one of cuda:0 .. cuda:{count - 1}, got 'cuda:{number}'"
            raise MissingDeviceError(message)
        self.xp = cupy
        self._device = cupy.cuda.Device(number)
        self._device.use()
        self._stream = cupy.cuda.Stream(non_blocking=True)
        self._stream.use()
        properties = cupy.cuda.runtime.getDeviceProperties(number)
        self._n_blocks = int(properties["multiProcessorCount"]) * 16
        self.name = f"cuda:{number}"
        self.description = f"cuda:{number} ({properties['name'].decode()})"
        self._module = cupy.RawModule(path=str(_cubin(int(self._device.compute_capability))))
        self._functions = {name: self._module.get_function(name) for name in kernels()}

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> None:
        """Run an entry point over its ``count`` items; raises DeviceFaultError on a fault."""
        specification = kernels()[kernel]
        values = dict(arguments)
        has_fault = any(a.name == "first_fault" for a in specification.arguments)
        if has_fault:
            values["first_fault"] = self.xp.full(1, NO_FAULT, dtype=self.xp.uint64)
        bound = specification.bind(values)
        count = int(values["count"])
        if count > 0:
            grid = min((count + _BLOCK - 1) // _BLOCK, self._n_blocks)
            self._functions[kernel]((grid,), (_BLOCK,), tuple(bound), stream=self._stream)
        if has_fault:
            raise_fault(kernel, int(values["first_fault"].get(stream=self._stream)[0]))

    def to_device(self, array: Any) -> Any:
        """Return a copy in this GPU's memory (records travel as bytes)."""
        return self.xp.asarray(array.view("u1") if array.dtype.names else array)

    def to_host(self, array: Any) -> Any:
        """Return a copy in host memory, once all launches before it are done."""
        return array.get(stream=self._stream)


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
        os.replace(temporary, path)
    return path


def _cache_folder() -> Path:
    folder = cache_folder("kernels")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"kernel cache {folder} must be writable ({error}). Set CTC_CACHE to a folder."
        raise CtcError(message) from None
    return folder
