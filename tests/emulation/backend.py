"""The kernels' device text run by emulated warps: a backend for tests, on any machine.

`EmulatedBackend` compiles what NVRTC compiles with a C++ compiler and runs the lanes of a grid as
fibers (``fibers.h``). A seed names one interleaving of lanes, warps and blocks; lanes that do not
meet where they must are a `LanesApartError`.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctc.backends.kernels import kernels, raise_fault
from ctc.backends.records import NO_FAULT
from ctc.backends.source import device_source
from ctc.errors import MissingDeviceError

_HERE = Path(__file__).resolve().parent
_FLAGS = (
    *("-std=c++17", "-O0", "-fPIC", "-shared", "-Wno-unknown-pragmas", "-U_FORTIFY_SOURCE"),
    *("-ffp-contract=off", "-fno-fast-math", "-fno-math-errno", "-fno-strict-aliasing"),
)
_INCLUDED = '#include "entry/all.h"'


class LanesApartError(AssertionError):
    """A lane waits for others in vain, or they meet at different calls."""


@dataclass(frozen=True)
class Shape:
    """A launch: blocks, threads a block (a multiple of 32), and which interleaving of them."""

    blocks: int = 2
    threads: int = 64
    seed: int = 1


class EmulatedBackend:
    """Kernels run by emulated warps; see `ctc.backends.base.Backend`.

    Parameters
    ----------
    shape : Shape
        Of every launch.
    max_hops : int
        Hops that one launch may make a cell.
    source : str, optional
        Text to run instead of the kernels'; for faults that are planted.
    """

    def __init__(
        self, shape: Shape | None = None, *, max_hops: int = 16384, source: str | None = None
    ) -> None:
        self.shape = shape or Shape()
        self.max_hops = max_hops
        self.cells_a_launch = 1 << 20
        self.n_under_way = 2  # as on a GPU: buffers are used in turn
        self.name = "emulated"
        self.description = f"emulated warps ({self.shape})"
        self.xp: Any = np
        self.n_launches = 0
        self._library = emulated_library(source or device_source())

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point over its ``count`` items; see `ctc.backends.base.Backend`."""
        specification = kernels()[kernel]
        values = dict(arguments)
        has_fault = specification.has_fault and "first_fault" not in values
        if has_fault:
            values["first_fault"] = np.array([NO_FAULT], dtype=np.uint64)
        bound = specification.bind(values)
        self.n_launches += 1
        if int(values["count"]) > 0:
            seed = self.shape.seed + (self.n_launches << 32)
            shape = (self.shape.blocks, self.shape.threads, seed)
            run_emulated(self._library, kernel, shape, bound)
        if has_fault:
            raise_fault(kernel, int(values["first_fault"][0]))

    def to_device(self, array: Any) -> Any:
        """Return a copy, so that the memory of host and device differ as they do on a GPU."""
        aligned = np.empty(array.nbytes + 64, dtype=np.uint8)
        start = -aligned.ctypes.data % 64
        copy = aligned[start : start + array.nbytes]
        copy[...] = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        return copy if array.dtype.names else copy.view(array.dtype).reshape(array.shape)

    def to_host(self, array: Any, *, after: Any = None) -> Any:
        """Return a copy."""
        return array.copy()


def run_emulated(
    library: ctypes.CDLL, kernel: str, shape: tuple[int, int, int], bound: list[Any]
) -> None:
    """Run a kernel in some blocks of some threads, interleaved by a seed, with its arguments."""
    stored = [_as_stored(value) for value in bound]
    addresses = (ctypes.c_void_p * len(stored))(*[one.ctypes.data for one in stored])
    if library.emulate(kernel.encode(), *shape, addresses) != 0:
        raise LanesApartError(library.emulation_report().decode())


def _as_stored(value: Any) -> Any:
    """Return what holds an argument as a kernel takes it: a scalar, or the address of an array."""
    if value.ndim == 0:
        return np.array(value)
    return np.array(value.ctypes.data, dtype=np.uint64)


@functools.cache
def emulated_library(source: str) -> ctypes.CDLL:
    """Build the emulator around a device text, once for each text."""
    compiler = shutil.which(os.environ.get("CXX", "g++")) or shutil.which("clang++")
    if compiler is None:
        message = "emulated warps need a C++ compiler. Install g++ or clang++."
        raise MissingDeviceError(message)
    own = {p.name: p.read_text(encoding="utf-8") for p in sorted(_HERE.glob("*.[hc]*"))}
    own["kernels.cpp"] = own["kernels.cpp"].replace(_INCLUDED, source)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in own.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        sources = [str(Path(folder, name)) for name in own if name.endswith(".cpp")]
        built = str(Path(folder, "emulation.so"))
        subprocess.run([compiler, *_FLAGS, *sources, "-o", built], check=True)
        library = ctypes.CDLL(built)  # stays loaded when its file is gone
    library.emulate.argtypes = [
        ctypes.c_char_p,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_ulonglong,
        ctypes.c_void_p,
    ]
    library.emulation_report.restype = ctypes.c_char_p
    return library
