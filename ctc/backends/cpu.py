"""The host library: the kernels compiled by a C++ compiler, loaded with ctypes; no physics."""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ctc.backends.kernels import Kernel, kernels, raise_fault
from ctc.backends.records import NO_FAULT
from ctc.backends.source import kernel_hash
from ctc.errors import CtcError, InputError

_FEW_ITEMS = 64
CELLS_A_LAUNCH = 1 << 20
_ALIGNMENT = 64
_UNLIMITED = 2**62
_REBUILD = "Rebuild it: pip install -e '.[test]'"


class CpuBackend:
    """Kernels on this machine's cores; see `ctc.backends.base.Backend`.

    Parameters
    ----------
    threads : int, optional
        Worker threads; all cores that this process may use when left out.
    variant : str, optional
        Instruction set (``scalar``, ``pack4``, ``avx2``, ``avx512``); the widest that runs here
        when left out, or what the environment variable ``CTC_CPU_VARIANT`` names.
    max_hops : int
        Hops that one launch of the scalar variant may make a cell; no result depends on it.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        variant: str | None = None,
        max_hops: int = _UNLIMITED,
    ) -> None:
        self.name = "cpu"
        self.xp: Any = np
        self.max_hops = max_hops
        self.cells_a_launch = CELLS_A_LAUNCH
        self.n_under_way = 1
        self.threads = threads or len(os.sched_getaffinity(0))
        self._library = host_library()
        wanted = variant or os.environ.get("CTC_CPU_VARIANT") or cpu_variants()[0]
        if wanted not in cpu_variants():
            known = ", ".join(cpu_variants())
            message = f"CPU variant must be one that runs here ({known}), got '{wanted}'"
            raise InputError(message)
        self.variant = wanted
        self.description = f"cpu ({wanted}, {self.threads} threads)"

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point over its ``count`` items; see `ctc.backends.base.Backend`."""
        self._library.ctc_choose_variant(self.variant.encode())
        specification = kernels()[kernel]
        values = dict(arguments)
        has_fault = specification.has_fault and "first_fault" not in values
        if has_fault:
            values["first_fault"] = np.array([NO_FAULT], dtype=np.uint64)
        bound = specification.bind(values)
        # A thread costs more to start than a few items take.
        n_threads = min(self.threads, int(values["count"]) // _FEW_ITEMS + 1)
        _function(kernel)(*[_address(value) for value in bound], n_threads)
        if has_fault:
            raise_fault(kernel, int(values["first_fault"][0]))
        return None

    def to_device(self, array: Any) -> Any:
        """Return the array contiguous and aligned to 64 bytes, itself where it is already."""
        source = np.ascontiguousarray(array)
        if source.ctypes.data % _ALIGNMENT == 0:
            return source
        room = np.empty(source.nbytes + _ALIGNMENT, dtype=np.uint8)
        offset = -room.ctypes.data % _ALIGNMENT
        aligned = room[offset : offset + source.nbytes].view(source.dtype).reshape(source.shape)
        aligned[...] = source
        return aligned

    def to_host(self, array: Any, *, after: Any = None) -> Any:
        """Return the array itself."""
        return array


def _address(value: Any) -> Any:
    return value.ctypes.data if isinstance(value, np.ndarray) else value.item()


@functools.cache
def _function(kernel: str) -> Any:
    function = getattr(host_library(), kernel)
    function.restype = None
    function.argtypes = [*_argument_types(kernels()[kernel]), ctypes.c_uint32]
    return function


def _argument_types(kernel: Kernel) -> list[Any]:
    return [
        ctypes.c_void_p if a.length is not None else np.ctypeslib.as_ctypes_type(a.dtype)
        for a in kernel.arguments
    ]


@functools.cache
def host_library() -> ctypes.CDLL:
    """Load the host library, once.

    Raises
    ------
    CtcError
        If it is missing, or was built from other kernel text than is on disk; names the command
        that rebuilds it.
    """
    path = _library_path()
    library = ctypes.CDLL(str(path))
    library.ctc_source_hash.restype = ctypes.c_char_p
    library.ctc_variants.restype = ctypes.c_char_p
    library.ctc_poisson.restype = ctypes.c_uint64
    library.ctc_bond_lifetime.restype = ctypes.c_double
    library.ctc_real_value.restype = ctypes.c_double
    library.ctc_real_value.argtypes = [ctypes.c_uint, ctypes.c_double, ctypes.c_double]
    library.ctc_poisson.argtypes = [ctypes.c_double, ctypes.c_uint64]
    built_from = library.ctc_source_hash().decode()
    if built_from != kernel_hash():
        message = (
            f"the host library {path} was built from other kernel text "
            f"({built_from[:12]}, on disk {kernel_hash()[:12]}). {_REBUILD}"
        )
        raise CtcError(message)
    return library


def cpu_variants() -> tuple[str, ...]:
    """Return the instruction sets of the library that run on this machine, widest first."""
    return tuple(host_library().ctc_variants().decode().split())


def _library_path() -> Path:
    if "CTC_HOST_LIBRARY" in os.environ:
        return Path(os.environ["CTC_HOST_LIBRARY"])
    from importlib.metadata import PackageNotFoundError, files  # noqa: PLC0415

    places = [Path(__file__).resolve().parent.parent / "libctc_host.so"]
    try:
        for entry in files("ctc") or []:
            if entry.name == "libctc_host.so":
                places.append(Path(str(entry.locate())))
    except PackageNotFoundError:
        pass
    for place in places:
        if place.is_file():
            return place
    message = f"the host library was not found (looked at {places[0]}). {_REBUILD}"
    raise CtcError(message)
