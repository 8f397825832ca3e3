"""Compiles the kernel text with NVRTC, with or without a GPU in the machine.

Speaks to libnvrtc through ctypes: CuPy's own path asks for a device even where the target is given,
and adds options of its own (``-ftz=true``) that would change bits.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from ctc.backends.source import device_source
from ctc.errors import CtcError, MissingDeviceError

TARGETS = (75, 80, 90, 100, 120)
OPTIONS = ("--std=c++17", "--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false")
_HINT = "Install the CUDA runtime compiler: pip install nvidia-cuda-nvrtc."


@dataclass(frozen=True)
class CompiledKernels:
    """What NVRTC returned for one target.

    Attributes
    ----------
    target : int
        Compute capability times ten, such as 90.
    cubin : bytes
        The device code.
    log : str
        Messages of the compiler; empty when there was nothing to say.
    """

    target: int
    cubin: bytes
    log: str


def compile_kernels(target: int, *, options: tuple[str, ...] = ()) -> CompiledKernels:
    """Compile every entry point for one target.

    Parameters
    ----------
    target : int
        Compute capability times ten: 75, 80, 90, 100, 120.
    options : tuple of str, optional
        More options for NVRTC, such as ``--ptxas-options=-v``.

    Raises
    ------
    MissingDeviceError
        If there is no NVRTC library on this machine.
    CtcError
        If the text does not compile; the log is in the message.
    """
    library = _library()
    program = ctypes.c_void_p()
    text = device_source().encode()
    _check(library.nvrtcCreateProgram(ctypes.byref(program), text, b"ctc.cu", 0, None, None))
    try:
        flags = [f"--gpu-architecture=sm_{target}", *OPTIONS, *options]
        array = (ctypes.c_char_p * len(flags))(*[flag.encode() for flag in flags])
        status = library.nvrtcCompileProgram(program, len(flags), array)
        log = _read(library.nvrtcGetProgramLogSize, library.nvrtcGetProgramLog, program)
        log_text = log.rstrip(b"\0").decode(errors="replace").strip()
        if status != 0:
            message = f"kernels did not compile for sm_{target}:\n{log_text}"
            raise CtcError(message)
        cubin = _read(library.nvrtcGetCUBINSize, library.nvrtcGetCUBIN, program)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))
    return CompiledKernels(target, cubin, log_text)


def nvrtc_version() -> tuple[int, int]:
    """Return the version of the NVRTC library, or raise MissingDeviceError."""
    major, minor = ctypes.c_int(), ctypes.c_int()
    _check(_library().nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)))
    return major.value, minor.value


def _check(status: int) -> None:
    if status != 0:
        message = f"NVRTC failed with status {status}"
        raise CtcError(message)


def _read(size_function, read_function, program: ctypes.c_void_p) -> bytes:  # type: ignore[no-untyped-def]
    size = ctypes.c_size_t()
    _check(size_function(program, ctypes.byref(size)))
    buffer = ctypes.create_string_buffer(size.value)
    _check(read_function(program, buffer))
    return buffer.raw


def _candidates() -> list[str]:
    found: list[str] = []
    spec = importlib.util.find_spec("nvidia")
    for root in spec.submodule_search_locations or [] if spec else []:
        found += sorted(str(p) for p in Path(root).glob("*/lib/libnvrtc.so.*"))
    for variable in ("CUDA_PATH", "CUDA_HOME"):
        if variable in os.environ:
            found += sorted(str(p) for p in Path(os.environ[variable]).glob("lib64/libnvrtc.so*"))
    found += sorted(str(p) for p in Path("/usr/local/cuda/lib64").glob("libnvrtc.so*"))
    found += [f"libnvrtc.so.{major}" for major in (13, 12)] + ["libnvrtc.so"]
    return [name for name in found if "builtins" not in name and ".alt." not in name]


@functools.cache
def _library() -> ctypes.CDLL:
    tried = _candidates()
    for name in tried:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    message = f"NVRTC was not found (looked for {len(tried)} names). {_HINT}"
    raise MissingDeviceError(message)
