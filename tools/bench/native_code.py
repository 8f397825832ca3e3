"""C++ entries of the benchmark, compiled when they are asked for from the kernels' own headers."""

from __future__ import annotations

import atexit
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ctc.backends.cpu import cpu_variants
from tools.bench.rows import RowSkipped

_FOLDER = Path(__file__).resolve().parent / "native"
_KERNELS = Path(__file__).resolve().parents[2] / "kernels"
# As kernels/host/CMakeLists.txt builds its variants.
_FLAGS = (
    *("-std=c++17", "-O3", "-shared", "-fPIC", "-fvisibility=hidden"),
    *("-Wall", "-Wextra", "-Werror", "-Wdouble-promotion"),
    *("-ffp-contract=off", "-fno-fast-math", "-fno-math-errno", "-fno-strict-aliasing"),
    *("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"),
    *("-Wno-psabi", "-Wno-maybe-uninitialized", "-Wno-uninitialized"),
)
_LANES = {"pack4": 4, "avx2": 8, "avx512": 16}
_MACHINE = {
    "pack4": (),
    "avx2": ("-mavx2",),
    "avx512": (
        *("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"),
        "-mprefer-vector-width=512",
    ),
}


def packed_variants() -> tuple[str, ...]:
    """Return the instruction sets of packs that run on this machine, widest first."""
    return tuple(name for name in cpu_variants() if name in _LANES)


@functools.cache
def native_library(source: str, variant: str) -> ctypes.CDLL:
    """Compile and load one file of ``native/`` for one instruction set, once a process.

    Raises
    ------
    RowSkipped
        If there is no C++ compiler, or it fails; the text holds what it says.
    """
    compiler = shutil.which(os.environ.get("CXX", "c++")) or shutil.which("g++")
    if compiler is None:
        message = "no C++ compiler was found (c++, g++ or the one named by CXX): install g++"
        raise RowSkipped(message)
    target = _build_folder() / f"{Path(source).stem}_{variant}.so"
    command = [compiler, *_FLAGS, *_MACHINE[variant], f"-I{_KERNELS}"]
    command += [f"-DCTC_VARIANT={variant}", f"-DCTC_LANES={_LANES[variant]}"]
    done = subprocess.run(
        [*command, str(_FOLDER / source), "-o", str(target)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        message = f"{source} could not be compiled for {variant}: {done.stderr.strip()[-2000:]}"
        raise RowSkipped(message)
    return ctypes.CDLL(str(target))


def build_natives(source: str, variants: tuple[str, ...]) -> None:
    """Compile one file for several instruction sets at once."""
    with ThreadPoolExecutor(max_workers=len(variants)) as pool:
        list(pool.map(lambda variant: native_library(source, variant), variants))


def call(function: Any, *arguments: Any) -> None:
    """Call an entry: arrays by address, whole numbers as 64 bits; other threads may run."""
    function.restype = None
    function(
        *(
            ctypes.c_void_p(each.ctypes.data) if hasattr(each, "ctypes") else ctypes.c_uint64(each)
            for each in arguments
        )
    )


@functools.cache
def _build_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ctc-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
