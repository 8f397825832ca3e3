"""Compiles ``native.cpp`` against the headers of the kernels and calls it."""

from __future__ import annotations

import atexit
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.errors import MissingDeviceError

_HERE = Path(__file__).resolve().parent
_KERNELS = _HERE.parents[1] / "kernels"
# As kernels/host/CMakeLists.txt builds a variant.
_FLAGS = (
    *("-std=c++17", "-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"),
    *("-Werror", "-ffp-contract=off", "-fno-fast-math", "-fno-math-errno", "-pthread"),
)

Words = npt.NDArray[np.uint32]


@functools.cache
def _library() -> ctypes.CDLL:
    compiler = shutil.which(os.environ.get("CXX", "c++")) or shutil.which("g++")
    if compiler is None:
        message = "no C++ compiler was found (c++, g++ or the one named by CXX): install g++"
        raise MissingDeviceError(message)
    folder = Path(tempfile.mkdtemp(prefix="ctc-randomness-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    built = folder / "native.so"
    source = str(_HERE / "native.cpp")
    subprocess.run([compiler, *_FLAGS, f"-I{_KERNELS}", source, "-o", str(built)], check=True)
    return ctypes.CDLL(str(built))


def philox_words(
    ids: npt.ArrayLike,
    streams: npt.ArrayLike,
    draws: npt.ArrayLike,
    seeds: npt.ArrayLike,
    *,
    rounds: int = 10,
) -> Words:
    """Return the four words of each counter and key, (n, 4) uint32, by ``core/philox.h``.

    Parameters
    ----------
    ids, streams, draws, seeds : (n,) or number
        Counter (cell id, stream, draw) and key; broadcast to one length.
    rounds : int
        Ten are those of the kernels; fewer are a generator that is not good enough.
    """
    dtypes = (np.uint64, np.uint32, np.uint32, np.uint64)
    given = [
        np.asarray(x, dtype=dtype)
        for x, dtype in zip((ids, streams, draws, seeds), dtypes, strict=True)
    ]
    arrays = [np.ascontiguousarray(x).reshape(-1) for x in np.broadcast_arrays(*given)]
    out = np.empty((arrays[0].size, 4), dtype=np.uint32)
    _library().random_words(
        *(ctypes.c_void_p(x.ctypes.data) for x in arrays),
        *(ctypes.c_uint64(arrays[0].size), ctypes.c_uint32(rounds)),
        ctypes.c_void_p(out.ctypes.data),
    )
    return out


@dataclass(frozen=True)
class LogarithmErrors:
    """What the logarithm showed over a range of floats.

    Attributes
    ----------
    largest : float
        Error in units in the last place of the exact value; NaN where a logarithm was one.
    at : float
        Where it was found.
    falls : int
        Arguments whose logarithm does not reach that of the float before them.
    count : int
        Floats that were tried, counted one by one.
    """

    largest: float
    at: float
    falls: int
    count: int


def logarithm_errors(
    first: float, last: float, *, threads: int, spoilt: float = 0.0
) -> LogarithmErrors:
    """Try every float32 from ``first`` (2^-126 or more) to ``last``, both included.

    The logarithm of ``spoilt`` is taken for NaN, for proof that it would be found.
    """
    begin, end, odd = (int(np.float32(x).view(np.uint32)) for x in (first, last, spoilt))
    largest, at = ctypes.c_double(), ctypes.c_uint32()
    falls, count = ctypes.c_uint64(), ctypes.c_uint64()
    _library().logarithm_errors(
        *(ctypes.c_uint32(x) for x in (begin, end + 1, odd, threads)),
        *(ctypes.byref(x) for x in (largest, at, falls, count)),
    )
    where = float(np.uint32(at.value).view(np.float32))
    return LogarithmErrors(largest.value, where, falls.value, count.value)
