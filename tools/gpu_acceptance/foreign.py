"""Other programs for GPUs: whether one is here, told apart from mistakes of ours; their arrays."""

from __future__ import annotations

import re
from typing import Any

# What CuPy and Numba raise where they find no device, driver or compiler that they can use, or too
# little memory. By name: neither need be installed.
_CUDA_ERRORS = frozenset(
    {
        *("CUDARuntimeError", "CUDADriverError", "OutOfMemoryError"),
        *("CudaAPIError", "CudaDriverError", "CudaRuntimeError", "CudaSupportError"),
        *("NvrtcSupportError", "NvvmSupportError"),
    }
)
# The same classes tell of a kernel that did wrong, which is no lack of a program.
_FAULT = re.compile(r"illegal|invalid|misaligned|launch.?fail", re.IGNORECASE)


def is_not_here(error: Exception) -> bool:
    """Return whether an error says that a program or its CUDA is not to be had here."""
    if isinstance(error, ImportError):
        return True
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & _CUDA_ERRORS) and not _FAULT.search(str(error))


def synchronise(xp: Any) -> None:
    """Wait until an array library has done all that it was asked for; NumPy has at once."""
    cuda = getattr(xp, "cuda", None)
    if cuda is not None:
        cuda.get_current_stream().synchronize()


def on_host(array: Any) -> Any:
    """Return an array of CuPy, Numba, Warp or NumPy as one of NumPy."""
    for way in ("get", "copy_to_host", "numpy"):
        if hasattr(array, way):
            return getattr(array, way)()
    return array
